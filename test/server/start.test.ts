/** Settings of the frame, each seen to do what it says in a gateway that runs. */
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { loadConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { type RunningServer, startServer } from "../../server/start.ts";
import { SUBPROTOCOL } from "../../shared/bounds.ts";
import { wireNumber } from "../../shared/errors.ts";
import { resetReason } from "../../shared/frames.ts";
import { LESSON_NAMES } from "../../shared/lessons.ts";
import { GatewayMessage, parseMessage, type Welcome } from "../../shared/protocol.ts";
import { ANY_PORTS } from "../support/gateway-process.ts";
import { ask } from "../support/http.ts";
import { ROOT } from "../support/imports.ts";
import { RawPage } from "../support/raw-page.ts";
import { closedPort, freePorts } from "../support/tcp.ts";

let stops: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

async function start(...flags: string[]) {
  const config = loadConfig([...ANY_PORTS, ...flags], {});
  let logged = "";
  const destination = {
    write(line: string) {
      logged += line;
    },
  };
  const log = createLog({ level: config.logLevel, format: config.logFormat, destination });
  const server = await startServer(config, { webRoot: ROOT, log });
  stops.push(server.close);
  return { ...server, logged: () => logged };
}

async function welcomeOf(
  server: RunningServer,
  headers: Record<string, string> = {},
): Promise<Welcome> {
  const { origin } = new URL(server.url);
  const ws = new WebSocket(`${server.url.replace("http", "ws")}wire`, SUBPROTOCOL, {
    headers: { origin, ...headers },
  });
  stops.push(() => ws.terminate());
  await once(ws, "open");
  ws.send('{"type":"hello","v":1}');
  const [data] = await once(ws, "message");
  const message = parseMessage(GatewayMessage, `${data}`);
  if (message.type !== "welcome") throw new Error(`got ${data}`);
  return message;
}

async function say(port: number, host: string, words: string): Promise<string> {
  const socket = connect(port, host);
  stops.push(() => socket.destroy());
  await once(socket, "connect");
  socket.end(words);
  return text(socket);
}

test("--host binds that address and no other", async () => {
  const free = await closedPort();
  const { url } = await start("--host", "::1", "--port", `${free}`);
  expect(url).toBe(`http://[::1]:${free}/`);
  expect((await ask(`${url}healthz`)).status).toBe(200);
  await expect(ask(`http://127.0.0.1:${free}/healthz`)).rejects.toThrow("ECONNREFUSED");
});

test("--lesson-host and --lesson-port say where the lesson server listens, and pages are told", async () => {
  const server = await start("--lesson-host", "127.0.0.2");
  expect(await say(server.lessonPort, "127.0.0.2", "close")).toBe("closed");
  const [lesson] = (await welcomeOf(server)).servers;
  expect(lesson).toMatchObject({ name: "accept", address: `tcp://127.0.0.2:${server.lessonPort}` });
});

test("the other lesson servers follow the first in the order of their names", async () => {
  const base = await freePorts(LESSON_NAMES.length);
  const { lessonPorts } = await start("--lesson-port", `${base}`);
  expect(lessonPorts).toEqual(Object.fromEntries(LESSON_NAMES.map((name, i) => [name, base + i])));
});

test("--lessons chooses which lesson servers run, and pages are offered those", async () => {
  const server = await start("--lessons", "chat,accept");
  const { accept, chat, ...others } = server.lessonPorts;
  expect(new Set(Object.values(others))).toEqual(new Set([0]));
  expect((await welcomeOf(server)).servers.map(({ name, address }) => [name, address])).toEqual([
    ["accept", `tcp://127.0.0.1:${accept}`],
    ["chat", `tcp://127.0.0.1:${chat}`],
  ]);
  expect((await welcomeOf(await start("--lessons", "none"))).servers).toEqual([]);
});

test("--lesson-once serves one client and then refuses; the server of small reads goes on", async () => {
  const { lessonPort, lessonPorts } = await start("--lesson-once");
  expect(await say(lessonPort, "127.0.0.1", "close")).toBe("closed");
  await expect(say(lessonPort, "127.0.0.1", "close")).rejects.toThrow("ECONNREFUSED");
  for (let i = 0; i < 2; i++) {
    expect(await say(lessonPorts.recv16, "127.0.0.1", "close")).toBe("closed");
  }
});

test("the server of small reads answers 23 bytes twice, and logs by its name what it read", async () => {
  const { lessonPorts, logged } = await start("--log-format", "json");
  const answer = await say(lessonPorts.recv16, "127.0.0.1", "Follow the white rabbit");
  expect(answer).toBe("acceptedaccepted");
  const lines = logged()
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const its = lines.filter(({ lesson }) => lesson === "recv16").map(({ msg }) => msg);
  expect(its[0]).toBe(`Listening on 127.0.0.1:${lessonPorts.recv16}`);
  expect(its.slice(2, 4)).toEqual(["Received: Follow the white", "Received:  rabbit"]);
});

/** A page that stays, and its welcome. */
async function attach({ url }: RunningServer, headers: Record<string, string> = {}) {
  const { origin } = new URL(url);
  const page = await RawPage.connect({ url: `${url.replace("http", "ws")}wire`, origin }, headers);
  stops.push(() => page.cut());
  page.hello();
  return { page, welcome: await page.text("welcome") };
}

test("pages are offered the lesson servers, then targets with a name, each with its address", async () => {
  const server = await start("--allow", "db=127.0.0.9:5432");
  const { welcome } = await attach(server);
  expect(welcome.servers.map(({ name, address }) => [name, address])).toEqual([
    ...LESSON_NAMES.map((name) => [name, `tcp://127.0.0.1:${server.lessonPorts[name]}`]),
    ["db", "tcp://127.0.0.9:5432"],
  ]);
});

test("a server that has stopped is offered no longer, and attached pages are told so", async () => {
  const server = await start("--lesson-once");
  const { page, welcome } = await attach(server);
  expect(welcome.servers.map(({ name }) => name)).toEqual(LESSON_NAMES);
  expect(await say(server.lessonPort, "127.0.0.1", "close")).toBe("closed");
  const { servers } = await page.text("servers");
  expect(servers).toEqual(welcome.servers.slice(1));
  // Who comes later reads the same in its welcome.
  const later = await attach(server);
  expect(later.welcome.servers).toEqual(servers);
});

test("where only lesson servers may be reached, each is while it listens", async () => {
  const server = await start("--access-code", "ABCD2345", "--trust-proxy", "--lesson-once");
  const { page } = await attach(server, { authorization: "Bearer ABCD2345" });
  await page.open(1, server.lessonPort);
  await page.open(3, server.lessonPorts.recv16);
  await page.text("servers");
  page.say({ type: "open", ch: 5, address: `tcp://127.0.0.1:${server.lessonPort}` });
  const end = await page.binary((frame) => frame.channel === 5);
  expect(resetReason(end)).toMatchObject({ code: wireNumber("NOT_ALLOWED") });
});

describe("names", () => {
  test("--allowed-host lets a request for that name in, and its page", async () => {
    const { url, port } = await start("--allowed-host", "class.test");
    const asked = { headers: { host: `class.test:${port}` } };
    expect((await ask(`${url}healthz`, asked)).status).toBe(200);
    expect((await ask(`${url}healthz`, { headers: { host: "other.test" } })).status).toBe(403);
  });

  test("--allowed-origin lets another site's page open a WebSocket", async () => {
    const server = await start("--allowed-origin", "https://embed.test");
    expect((await welcomeOf(server, { origin: "https://embed.test" })).type).toBe("welcome");
    const other = welcomeOf(server, { origin: "https://other.test" });
    await expect(other).rejects.toThrow("403");
  });

  test("--trust-proxy believes the proxy's word on scheme and client", async () => {
    const flags = ["--allowed-host", "class.test", "--access-code", "ABCD2345"];
    const headers = {
      host: "class.test",
      origin: "https://class.test",
      "content-type": "application/json",
      "x-forwarded-proto": "https",
      "x-forwarded-for": "192.0.2.7",
    };
    const request = { method: "POST", headers, body: '{"code":"ABCD2345"}' };
    const trusting = await start(...flags, "--trust-proxy");
    const answer = await ask(`${trusting.url}auth`, request);
    expect(answer.status).toBe(204);
    expect(answer.headers["set-cookie"]?.[0]).toContain("; Secure");
    expect(trusting.logged()).toContain('"address":"192.0.2.7"');
    const wary = await start(...flags);
    expect((await ask(`${wary.url}auth`, request)).status).toBe(403);
  });
});

describe("logs", () => {
  test("--log-level leaves out what is less important", async () => {
    expect((await start("--log-level", "info")).logged()).toContain("gateway ready");
    expect((await start("--log-level", "warn")).logged()).toBe("");
  });

  test("--log-format json is one object a line, pretty is for people", async () => {
    const json = (await start("--log-format", "json")).logged().trimEnd().split("\n");
    expect(json.map((line) => JSON.parse(line).msg)).toContain("gateway ready");
    expect((await start("--log-format", "pretty")).logged()).toMatch(
      /^\[.*\] INFO: .*gateway ready/m,
    );
  });
});

test("close() frees all ports, and may be called twice", async () => {
  const base = await freePorts(1 + LESSON_NAMES.length);
  const ports = ["--port", `${base}`, "--lesson-port", `${base + 1}`];
  const { close, port, lessonPorts } = await start(...ports);
  await Promise.all([close(), close()]);
  for (const freed of [port, ...Object.values(lessonPorts)]) {
    await expect(say(freed, "127.0.0.1", "x")).rejects.toThrow("ECONNREFUSED");
  }
});

test("a lesson port in use frees the ports again that were taken before it", async () => {
  const page = await freePorts(1 + LESSON_NAMES.length);
  const base = page + 1;
  const { close, lessonPorts } = await start("--lessons", "rude", "--lesson-port", `${base}`);
  const flags = ["--port", `${page}`, "--lesson-port", `${base}`];
  await expect(start(...flags)).rejects.toMatchObject({
    code: "CANNOT_START",
    message: expect.stringContaining(`:${lessonPorts.rude} is already in use`),
  });
  await close();
  const again = await start(...flags);
  expect([`${again.port}`, again.lessonPort]).toEqual([flags[1], base]);
});
