/** The built program as people run it: its words, its exit codes, signals, and too few descriptors. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { Agent } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { ensureBuilt } from "../../scripts/setup.mjs";
import { SUBPROTOCOL } from "../../shared/bounds.ts";
import { LESSON_NAMES } from "../../shared/lessons.ts";
import { eventually } from "../support/eventually.ts";
import {
  ANY_PORTS,
  type GatewayProcess,
  type ProcessOptions,
  plainEnvironment,
  startGatewayProcess,
} from "../support/gateway-process.ts";
import { ask } from "../support/http.ts";
import { ROOT } from "../support/imports.ts";
import { freePorts, listenTcp } from "../support/tcp.ts";

const MAIN = join(ROOT, "dist/server/main.js");
let stops: (() => unknown)[] = [];

beforeAll(() => ensureBuilt(), 120_000);
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

async function start(args: string[] = [], options: ProcessOptions = {}) {
  const gateway = await startGatewayProcess(args, options);
  stops.push(() => gateway.stop("SIGKILL"));
  return gateway;
}

/** Runs it to its end. */
async function run(args: string[], before: string[] = []) {
  const [program = "", ...rest] = [...before, process.execPath, MAIN, ...args];
  const child = spawn(program, rest, { cwd: ROOT, env: plainEnvironment() });
  stops.push(() => child.kill("SIGKILL"));
  const [[code], stdout, stderr] = await Promise.all([
    once(child, "close"),
    text(child.stdout),
    text(child.stderr),
  ]);
  return { code, stdout, stderr };
}

/** What people read of a log that is JSON here: the last line that is a sentence. */
const sentence = (stderr: string) => stderr.trimEnd().split("\n").at(-1);

describe("arguments", () => {
  test("--help prints every flag and ends well", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("--lesson-port NUMBER");
  });

  test("--version prints the package's version", async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    expect(await run(["--version"])).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  test("a bad flag is one sentence on standard error and exit code 2", async () => {
    const { code, stdout, stderr } = await run(["--prot", "1"]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe("wireside: There is no flag --prot: did you mean --port?\n");
  });

  test("a certificate that cannot be read is one sentence and exit code 1", async () => {
    const nowhere = join(ROOT, "no-such.pem");
    const { code, stderr } = await run([...ANY_PORTS, "--tls-cert", nowhere, "--tls-key", nowhere]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^wireside: The file of --tls-cert cannot be read: ENOENT.*\n$/);
  });
});

/** Ports from here on are everybody's. */
function firstOpenPort(): number {
  const file = "/proc/sys/net/ipv4/ip_unprivileged_port_start";
  return existsSync(file) ? Number(readFileSync(file, "utf8")) : 1024;
}

describe("a port that cannot be had", () => {
  test("because another program has it, is named with a way out", async () => {
    const other = await listenTcp();
    stops.push(other.close);
    const { code, stderr } = await run([...ANY_PORTS, "--port", `${other.port}`]);
    expect(code).toBe(1);
    expect(sentence(stderr)).toBe(
      `wireside: 127.0.0.1:${other.port} is already in use, so the page cannot listen there: stop the other program, or choose another port, for example --port ${other.port + 1}.`,
    );
  });

  test.each([
    ["accept", 0],
    ["chat", 2],
  ])("for a lesson server, is named as its own: %s", async (name, place) => {
    const other = await listenTcp();
    stops.push(other.close);
    // Only the one whose port is taken runs: whose the ports around it are is chance.
    const flags = ["--lessons", name, "--lesson-port", `${other.port - place}`];
    const { code, stderr } = await run([...ANY_PORTS, ...flags]);
    expect(code).toBe(1);
    expect(sentence(stderr)).toBe(
      `wireside: 127.0.0.1:${other.port} is already in use, so the lesson server ${name} cannot listen there: stop the other program, or choose another port, for example --lesson-port ${other.port + LESSON_NAMES.length}.`,
    );
  });

  test("because another gateway has them all, is named with those that may be had", async () => {
    const base = await freePorts(2 * LESSON_NAMES.length);
    const wanted = ["--lesson-port", `${base}`];
    await start(wanted);
    const { stderr } = await run([...ANY_PORTS, ...wanted]);
    const [, advice = ""] = / (--lesson-port \d+)\.$/.exec(sentence(stderr) ?? "") ?? [];
    const { lessonPorts } = await start(advice.split(" "));
    expect(Object.values(lessonPorts)).toEqual(
      LESSON_NAMES.map((_, i) => base + LESSON_NAMES.length + i),
    );
  });

  test("because the system reserves it, is named with one that it does not", async () => {
    if (firstOpenPort() <= 1) {
      // A container may reserve none (ip_sysctl(7), ip_unprivileged_port_start).
      expect((await start(["--port", "1"])).port).toBe(1);
      return;
    }
    // Root may listen anywhere; without this one capability it is as everybody else (capabilities(7)).
    const asAnybody =
      process.getuid?.() === 0
        ? ["setpriv", "--bounding-set=-net_bind_service", "--inh-caps=-net_bind_service"]
        : [];
    const { code, stderr } = await run([...ANY_PORTS, "--port", "1"], asAnybody);
    expect(code).toBe(1);
    expect(sentence(stderr)).toBe(
      "wireside: Port 1 is reserved for the system's administrator, so the page cannot listen there: choose one from 1024 on, for example --port 8080.",
    );
  });

  test("because the address is another machine's, is named with one of this", async () => {
    const { code, stderr } = await run([...ANY_PORTS, "--host", "192.0.2.1"]);
    expect(code).toBe(1);
    expect(sentence(stderr)).toBe(
      "wireside: 192.0.2.1 is not an address of this machine, so the page cannot listen there: choose another, for example --host 127.0.0.1.",
    );
  });
});

describe("a start", () => {
  test("prints the addresses of the page and of the lesson servers, and the page answers", async () => {
    const gateway = await start();
    const shown = gateway.output();
    expect(shown).toContain(`    ${gateway.url}\n`);
    const lessons = LESSON_NAMES.map((name) => `${name} ${gateway.lessonPorts[name]}`);
    expect(shown).toContain(`Lesson servers wait on 127.0.0.1: ${lessons.join(", ")}.\n`);
    expect(new Set(Object.values(gateway.lessonPorts)).size).toBe(LESSON_NAMES.length);
    expect((await ask(gateway.url)).status).toBe(200);
  });

  test("with an access code prints it for the person, in the address's fragment, and not in the log", async () => {
    const gateway = await start(["--access-code", "ABCD-2345", "--log-format", "json"]);
    const logged = gateway
      .output()
      .split("\n")
      .filter((line) => line.startsWith("{"));
    expect(gateway.output()).toContain(`    http://127.0.0.1:${gateway.port}/#t=ABCD-2345\n`);
    expect(gateway.output()).toContain("The access code is ABCD-2345.");
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.join("\n")).not.toContain("ABCD");
  });

  test("logs as it is told to", async () => {
    const gateway = await start(["--log-format", "pretty", "--log-level", "info"]);
    expect(gateway.output()).toMatch(/INFO.*gateway ready/);
  });
});

/** A page's WebSocket: says hello, and resolves with its welcome or with the status it got instead. */
function knock(gateway: GatewayProcess): Promise<{ ws: WebSocket; got: string | number }> {
  const { origin } = new URL(gateway.url);
  const ws = new WebSocket(`${origin.replace("http", "ws")}/wire`, SUBPROTOCOL, { origin });
  stops.push(() => ws.terminate());
  return new Promise((resolve) => {
    ws.on("open", () => ws.send('{"type":"hello","v":1}'));
    ws.on("message", (data) => resolve({ ws, got: JSON.parse(`${data}`).type }));
    ws.on("unexpected-response", (request, response) => {
      resolve({ ws, got: response.statusCode ?? 0 });
      request.destroy();
    });
    ws.on("error", (error: NodeJS.ErrnoException) => resolve({ ws, got: error.code ?? "error" }));
  });
}

/** A page in the middle of a conversation with somebody who never hangs up. */
async function converse(gateway: GatewayProcess): Promise<WebSocket> {
  const other = await listenTcp();
  stops.push(other.close);
  const { ws } = await knock(gateway);
  const address = `tcp://127.0.0.1:${other.port}`;
  ws.send(JSON.stringify({ type: "open", ch: 1, address }));
  await messageOf(ws, (message) => message.type === "state" && message.state === "open");
  return ws;
}

function messageOf(ws: WebSocket, wanted: (message: Record<string, unknown>) => boolean) {
  return new Promise<void>((resolve) => {
    ws.on("message", (data, isBinary) => {
      if (!isBinary && wanted(JSON.parse(`${data}`))) resolve();
    });
  });
}

/** For so long after a signal another one is the same wish: npm passes on what all have got already. */
const SAME_WISH_MS = 250;

describe("signals", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("%s ends it with exit code 0", async (signal) => {
    const gateway = await start();
    expect(await gateway.stop(signal)).toBe(0);
    expect(gateway.output()).toContain("stopped");
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)(
    "after SIGTERM, which waits for a conversation, %s ends it at once",
    async (signal, code) => {
      const gateway = await start(["--shutdown-timeout", "60s"]);
      const ws = await converse(gateway);
      const draining = messageOf(ws, (message) => message.type === "drain");
      gateway.child.kill("SIGTERM");
      await draining;
      // For a quarter of a second it counts as the same wish; until then it is said again.
      const pressing = setInterval(() => gateway.child.kill(signal), 50);
      expect(await gateway.exited).toBe(code);
      clearInterval(pressing);
    },
  );

  test("Ctrl-C waits at most a few seconds for a conversation, and one key pressed is one signal", async () => {
    // Where a machine delivers the second later than a key lasts, it is another key: then once more.
    let end = await pressOnce();
    while (end.code === 130 && end.afterMs >= SAME_WISH_MS) end = await pressOnce();
    expect(end.code).toBe(0);
    expect(end.afterMs).toBeLessThan(20_000);
  });

  /** Two signals for one key, in the middle of a conversation. */
  async function pressOnce() {
    const gateway = await start(["--shutdown-timeout", "60s"]);
    const ws = await converse(gateway);
    const draining = messageOf(ws, (message) => message.type === "drain");
    const startedAt = performance.now();
    gateway.child.kill("SIGINT");
    await draining;
    gateway.child.kill("SIGINT");
    return { code: await gateway.exited, afterMs: performance.now() - startedAt };
  }
});

describe("with 256 file descriptors", () => {
  const FEW: ProcessOptions = {
    command: ["bash", "-c", 'ulimit -n 256; exec "$0" "$@"', process.execPath, MAIN],
  };

  test("300 pages at once are served or told 503, and when they have gone there is room again", async () => {
    const gateway = await start([], FEW);
    const pages = await Promise.all(Array.from({ length: 300 }, () => knock(gateway)));
    const served = pages.filter(({ got }) => got === "welcome");
    expect(served.length).toBeGreaterThan(50);
    expect(pages.filter(({ got }) => got === 503).length).toBeGreaterThan(0);
    expect(gateway.child.exitCode).toBeNull();
    for (const { ws } of served) ws.close();
    await Promise.all(served.map(({ ws }) => once(ws, "close")));
    // The gateway hears of each hang-up in its own time.
    await eventually(
      async () => (await knock(gateway)).got,
      (got) => got === "welcome",
    );
  });

  test("300 browsers that keep their connection are answered 200 or 503, and then 200 again", async () => {
    const gateway = await start([], FEW);
    const url = `${new URL(gateway.url).origin}/healthz`;
    const agents = Array.from({ length: 300 }, () => new Agent({ keepAlive: true }));
    stops.push(() => {
      for (const agent of agents) agent.destroy();
    });
    const answers = await Promise.allSettled(agents.map((agent) => ask(url, { agent })));
    const statuses = answers.map((it) => (it.status === "fulfilled" ? it.value.status : 0));
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThan(50);
    expect(statuses.filter((status) => status === 503).length).toBeGreaterThan(0);
    for (const agent of agents) agent.destroy();
    // The gateway hears of each hang-up in its own time.
    await eventually(
      async () => (await ask(url)).status,
      (status) => status === 200,
    );
  });
});
