/** Where a page may listen, and what it is told where it may or can not. Needs python3. */
import { Server } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { formatEndpoint, parseAddress } from "../../../shared/address.ts";
import { FrameType } from "../../../shared/frames.ts";
import type { Holder, Welcome } from "../../../shared/protocol.ts";
import type { Link } from "../../../web/link.ts";
import type { ListenFailure } from "../../../web/model/carrier.ts";
import { startGateway } from "../../support/gateway.ts";
import { Host } from "../../support/listening.ts";
import { Program } from "../../support/programs.ts";
import { RawPage } from "../../support/raw-page.ts";
import { closedPort, connectTcp, listenTcp } from "../../support/tcp.ts";
import { openLink, startWire, type Wire } from "../../support/wire.ts";

let wire: Wire;
let link: Link;

async function start(...flags: string[]): Promise<void> {
  wire = await startWire(flags);
  link = await openLink(wire);
}

afterEach(async () => {
  link?.stop();
  await wire?.stop();
});

function listen(text: string): Host {
  const parsed = parseAddress(text, "listen");
  if (!parsed.ok) throw new Error(parsed.problem);
  return new Host(link, { address: parsed.address });
}

/** Not left by an earlier connection from the same port, which the kernel gives out again. */
const isThere = ({ state }: Holder): boolean => state !== "TIME_WAIT";

/** Why it does not listen there. */
async function refused(text: string): Promise<ListenFailure> {
  const host = listen(text);
  await host.when(({ isOver, local }) => isOver || local !== null);
  if (!host.failure) throw new Error(`it listens on ${JSON.stringify(host.local)}`);
  return host.failure;
}

/** Why it does not, where nothing may be bound to find that out. */
async function forbidden(text: string): Promise<ListenFailure> {
  const bind = vi.spyOn(Server.prototype, "listen");
  try {
    const failure = await refused(text);
    expect(bind).not.toHaveBeenCalled();
    return failure;
  } finally {
    bind.mockRestore();
  }
}

describe("a gateway on loopback", () => {
  beforeEach(() => start());

  test("says where pages may listen", () => {
    expect(link.status.serving).toEqual({
      hosts: ["127.0.0.1", "::1"],
      ports: { first: 1024, last: 65_535 },
      maxListeners: 4,
    });
  });

  test.each([
    ["tcp://127.0.0.1:0", "127.0.0.1"],
    ["tcp://127.0.0.2:0", "127.0.0.2"],
    ["tcp://localhost:0", "127.0.0.1"],
    ["tcp6://localhost:0", "::1"],
    ["tcp://[::1]:0", "::1"],
    ["tcp://[::ffff:127.0.0.1]:0", "127.0.0.1"],
  ])("listens on %s, which is %s", async (text, host) => {
    const { local, port } = await listen(text).listening();
    expect(local?.host).toBe(host);
    expect(port).toBeGreaterThanOrEqual(1024);
    const visitor = await connectTcp(port, host);
    visitor.socket.destroy();
  });

  test.each([
    ["every address", "tcp://0.0.0.0:9000"],
    ["every IPv6 address", "tcp://[::]:9000"],
    ["an address of other machines", "tcp://192.0.2.7:9000"],
    ["an address inside another", "tcp://[::ffff:192.0.2.7]:9000"],
    ["every address, inside another", "tcp://[::ffff:0.0.0.0]:9000"],
  ])("binds nothing for %s, and names the flag that would allow it", async (_what, text) => {
    const { code, detail } = await forbidden(text);
    expect(code).toBe("LISTEN_NOT_ALLOWED");
    expect(detail).toContain("--listen-host");
  });

  test("binds nothing for a name, which might be another address tomorrow", async () => {
    expect((await forbidden("tcp://example.com:9000")).code).toBe("BAD_ADDRESS");
  });

  test("does not lend its own port on another address of this machine", async () => {
    const { code, detail } = await forbidden(`tcp://127.0.0.9:${wire.port}`);
    expect([code, detail]).toEqual([
      "LISTEN_NOT_ALLOWED",
      `Port ${wire.port} belongs to the gateway itself.`,
    ]);
  });

  test.each(["127.0.0.1", "::1"])(
    "says who listens on %s where somebody does already",
    async (ip) => {
      const other = await listenTcp(ip, await closedPort());
      const visitor = await connectTcp(other.port, ip);
      // The same port elsewhere is in nobody's way here.
      const elsewhere = await listenTcp(ip === "::1" ? "127.0.0.1" : "::1", other.port);
      const { code, holders } = await refused(
        `tcp://${formatEndpoint({ host: ip, port: other.port })}`,
      );
      expect(code).toBe("EADDRINUSE");
      const local = { host: ip, port: other.port };
      const remote = { host: ip, port: visitor.socket.localPort };
      expect(holders.filter(isThere)).toEqual([
        { state: "LISTEN", local, timeWaitMs: null },
        { state: "ESTABLISHED", local, remote, timeWaitMs: null },
      ]);
      visitor.socket.destroy();
      await other.close();
      await elsewhere.close();
    },
  );

  test("shows the TIME_WAIT that a server without SO_REUSEADDR left because it hung up first", async () => {
    const server = new Program("python3", [
      "-c",
      [
        "import socket",
        "s = socket.socket()",
        's.bind(("127.0.0.1", 0))',
        "s.listen()",
        "print(s.getsockname()[1], flush=True)",
        "c, _ = s.accept()",
        "c.recv(1024)",
        "c.close()",
        "s.close()",
      ].join("\n"),
    ]);
    const [, text] = await server.prints(/^(\d+)\n/);
    const port = Number(text);
    const client = await connectTcp(port);
    const remote = { host: "127.0.0.1", port: client.socket.localPort };
    client.send("close");
    await client.rest();
    client.socket.end();
    await server.ended;
    const { code, holders } = await refused(`tcp://127.0.0.1:${port}`);
    expect(code).toBe("EADDRINUSE");
    expect(holders).toEqual([
      {
        state: "TIME_WAIT",
        local: { host: "127.0.0.1", port },
        remote,
        timeWaitMs: expect.any(Number),
      },
    ]);
    expect(holders[0]?.timeWaitMs).toBeGreaterThan(50_000);
    expect(holders[0]?.timeWaitMs).toBeLessThanOrEqual(60_000);
  });

  test("is not kept out by a TIME_WAIT of its own", async () => {
    const host = await listen("tcp://127.0.0.1:0").listening();
    host.listener.accept();
    const visitor = await connectTcp(host.port);
    const talker = await host.guest(0);
    talker.channel.shutdown();
    await visitor.rest();
    visitor.socket.end();
    await talker.when(({ ended }) => ended);
    host.listener.stop();
    await host.when(({ isOver }) => isOver);
    expect((await listen(`tcp://127.0.0.1:${host.port}`).listening()).port).toBe(host.port);
  });

  test("has --max-listeners 4 for a page, and room again when one has stopped", async () => {
    const hosts = [];
    for (let i = 0; i < 4; i++) hosts.push(await listen("tcp://127.0.0.1:0").listening());
    expect(await refused("tcp://127.0.0.1:0")).toEqual({
      code: "TOO_MANY_LISTENERS",
      detail: "4",
      holders: [],
    });
    hosts[0]?.listener.stop();
    await listen("tcp://127.0.0.1:0").listening();
    expect(await wire.level("wireside_listeners")).toBe(4);
  });

  test("lets nobody below 1024 who could: that is --listen-ports to say", async () => {
    // As root the kernel would let us, so nothing is asked of it.
    if (process.geteuid?.() !== 0) return;
    expect((await forbidden("tcp://127.0.0.1:80")).code).toBe("LISTEN_NOT_ALLOWED");
  });

  test("gives the kernel's own EACCES below 1024 where the kernel says no", async () => {
    const uid = process.geteuid?.() ?? 0;
    // Of this process alone, for the length of one bind(2): whoever is nobody has no capabilities.
    if (uid === 0) process.seteuid?.(65_534);
    try {
      const { code, holders } = await refused("tcp://127.0.0.1:80");
      expect([code, holders]).toEqual(["EACCES", []]);
    } finally {
      if (uid === 0) process.seteuid?.(0);
    }
  });
});

describe("where pages may listen", () => {
  test("--listen-host opens one more address, and every one of this machine's for 0.0.0.0", async () => {
    await start("--listen-host", "0.0.0.0");
    expect(link.status.serving?.hosts).toEqual(
      expect.arrayContaining(["127.0.0.1", "::1", "0.0.0.0"]),
    );
    const { port } = await listen("tcp://0.0.0.0:0").listening();
    const visitor = await connectTcp(port, "127.0.0.5");
    visitor.socket.destroy();
    expect((await forbidden("tcp://[::]:9000")).code).toBe("LISTEN_NOT_ALLOWED");
  });

  test("an address that --listen-host names and no card of this machine has is not available", async () => {
    await start("--listen-host", "192.0.2.7");
    expect((await refused("tcp://192.0.2.7:9000")).code).toBe("EADDRNOTAVAIL");
  });

  test("--listen-ports is the range, of any free port as well", async () => {
    const port = await closedPort();
    await start("--listen-ports", `${port}-${port}`);
    expect((await listen("tcp://127.0.0.1:0").listening()).port).toBe(port);
    const { code, detail } = await forbidden(`tcp://127.0.0.1:${port + 1}`);
    expect([code, detail]).toEqual([
      "LISTEN_NOT_ALLOWED",
      `It listens on ports from ${port} to ${port}; --listen-ports says which.`,
    ]);
    expect((await refused("tcp://127.0.0.1:0")).code).toBe("EADDRINUSE");
  });

  test("--max-listeners 0 lets none listen", async () => {
    await start("--max-listeners", "0");
    expect(link.status.serving).toBeNull();
    expect((await forbidden("tcp://127.0.0.1:0")).code).toBe("TOO_MANY_LISTENERS");
  });
});

describe("a gateway that others can reach", () => {
  let gateway: Awaited<ReturnType<typeof startGateway>>;
  const code = "correct-horse";

  /** A program with the code; nobody else comes in. */
  async function program(...flags: string[]): Promise<{ page: RawPage; welcome: Welcome }> {
    gateway ??= await startGateway(["--trust-proxy", "--access-code", code, ...flags]);
    const origin = `http://127.0.0.1:${gateway.port}`;
    const place = { origin, url: `ws://127.0.0.1:${gateway.port}/wire` };
    const headers = { Authorization: `Bearer ${code}`, Origin: null };
    const page = await RawPage.connect(place, headers);
    page.hello();
    return { page, welcome: await page.text("welcome") };
  }

  const listening = { type: "listen", ch: 1, backlog: 5, atOnce: true };

  afterEach(async () => {
    await gateway.close();
    gateway = undefined as never;
  });

  test("lets nobody listen until --listen-host says where", async () => {
    const { page, welcome } = await program();
    expect(welcome.serving).toBeUndefined();
    page.say({ ...listening, address: "tcp://127.0.0.1:0" });
    const { code, detail } = await page.text("refused");
    expect(code).toBe("LISTEN_NOT_ALLOWED");
    expect(detail).toContain("--listen-host");
  });

  test("does not lend a lesson server's port on another address of this machine", async () => {
    const { page } = await program("--listen-host", "127.0.0.1");
    page.say({ ...listening, address: `tcp://127.0.0.9:${gateway.lessonPort}` });
    expect((await page.text("refused")).code).toBe("LISTEN_NOT_ALLOWED");
    // On its own address the kernel has the word.
    page.say({ ...listening, ch: 3, address: `tcp://127.0.0.1:${gateway.lessonPort}` });
    expect((await page.text("refused", ({ ch }) => ch === 3)).code).toBe("EADDRINUSE");
  });

  test("lets one page talk to another that listens, and to nothing else on loopback", async () => {
    const { page: server, welcome } = await program("--listen-host", "127.0.0.1");
    expect(welcome.serving?.hosts).toEqual(["127.0.0.1", "::1"]);
    server.say({ ...listening, address: "tcp://127.0.0.1:0" });
    const { local } = await server.text("listening");
    const { page: client } = await program();
    await client.open(1, local.port);
    client.data(1, 0, "hello");
    const { ch } = await server.text("accepted");
    await server.binary(({ channel, payload }) => channel === ch && `${payload}`.length > 0);
    server.say({ type: "close", ch: 1 });
    await server.text("state", (state) => state.ch === 1 && state.state === "closed");
    client.say({ type: "open", ch: 3, address: `tcp://127.0.0.1:${local.port}` });
    expect((await client.binary(({ channel }) => channel === 3)).type).toBe(FrameType.rst);
  });

  test("does not say who talks with a port that is in use", async () => {
    const other = await listenTcp();
    const visitor = await connectTcp(other.port);
    const { page } = await program("--listen-host", "127.0.0.1");
    page.say({ ...listening, address: `tcp://127.0.0.1:${other.port}` });
    const { holders } = await page.text("refused");
    const local = { host: "127.0.0.1", port: other.port };
    expect(holders?.filter(isThere)).toEqual([
      { state: "LISTEN", local, timeWaitMs: null },
      { state: "ESTABLISHED", local, timeWaitMs: null },
    ]);
    visitor.socket.destroy();
    await other.close();
  });
});
