/** A gateway that is told to stop delivers what is on its way, says so, and ends. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type WebSocketClient from "ws";
import { Link } from "../../../web/link.ts";
import type { LinkPhase } from "../../../web/model/carrier.ts";
import { eventually } from "../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateway.ts";
import { ask, level } from "../../support/levels.ts";
import { knock, RawPage } from "../../support/raw-page.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { linkWhen, pageSocket, Talker } from "../../support/wire.ts";

const MIB = 1024 * 1024;
const RESTART = 1012;

describe("after SIGTERM a gateway process", () => {
  let gateway: GatewayProcess;
  let far: TestServer;
  let link: Link | null = null;
  /** Close codes of the link's WebSockets, and its phases. */
  let codes: number[] = [];
  let phases: LinkPhase[] = [];
  let sockets: WebSocketClient[] = [];
  /** False: as a page whose network is gone. */
  let online = true;

  beforeEach(async () => {
    far = await listenTcp();
    [codes, phases, sockets, online, link] = [[], [], [], true, null];
  });

  afterEach(async () => {
    link?.stop();
    await gateway.stop("SIGKILL");
    await far.close();
  });

  const place = () => ({
    url: `${gateway.url.replace("http", "ws")}wire`,
    origin: new URL(gateway.url).origin,
  });

  async function start(...flags: string[]): Promise<void> {
    gateway = await startGatewayProcess(flags);
  }

  async function newLink(): Promise<Link> {
    const { url, origin } = place();
    const follow = (ws: WebSocketClient) => {
      sockets.push(ws);
      ws.on("close", (code) => codes.push(code));
    };
    const made = new Link({
      url,
      open: (to, protocol) =>
        pageSocket(online ? origin : "http://away.test", follow)(to, protocol),
    });
    link = made;
    made.subscribe(() => phases.at(-1) !== made.status.phase && phases.push(made.status.phase));
    made.start();
    await linkWhen(made, (l) => l.status.phase === "live");
    return made;
  }

  async function conversation(options = {}): Promise<{ talker: Talker; socket: Socket }> {
    const talker = new Talker(link ?? (await newLink()), far.port, options);
    const socket = await far.accepted();
    await talker.when((t) => t.of("open").length === 1);
    return { talker, socket };
  }

  /** The process may be seen to end before its last words are read. */
  const closeCode = () =>
    eventually(
      () => codes[0],
      (code) => code !== undefined,
    );

  const isDraining = () =>
    eventually(
      async () => (await ask(`${gateway.url}readyz`)).status,
      (status) => status === 503,
    );

  it("delivers 16 MiB each way that were on their way, closes with 1012 and exits with 0", async () => {
    await start();
    const block = randomBytes(MIB);
    const expected = createHash("sha256");
    const [up, down] = [createHash("sha256"), createHash("sha256")];
    const { talker, socket } = await conversation({
      onData: (bytes: Uint8Array) => down.update(bytes),
    });
    let uploaded = 0;
    socket.on("data", (data) => {
      up.update(data);
      uploaded += data.length;
    });
    for (let i = 0; i < 16; i++) {
      expected.update(block);
      socket.write(block);
      talker.channel.send(block);
    }
    // The far end says its last word only when it has heard the page's.
    socket.on("end", () => socket.end());
    await talker.when((t) => t.receivedBytes > MIB);
    await eventually(
      () => uploaded,
      (n) => n > MIB,
    );
    gateway.child.kill("SIGTERM");
    await talker.when((t) => t.ended);
    expect(await gateway.exited).toBe(0);
    const hash = expected.digest("hex");
    expect([talker.receivedBytes, uploaded]).toEqual([16 * MIB, 16 * MIB]);
    expect([down.digest("hex"), up.digest("hex")]).toEqual([hash, hash]);
    expect(talker.of("closed")).toHaveLength(1);
    expect(talker.of("error")).toEqual([]);
    expect(await closeCode()).toBe(RESTART);
    expect(phases.slice(0, 3)).toEqual(["live", "draining", "lost"]);
  });

  it("exits at once with 0 when nobody is there, and when nobody says anything", async () => {
    await start();
    expect(await gateway.stop("SIGTERM")).toBe(0);
    await start();
    await newLink();
    expect(await gateway.stop("SIGTERM")).toBe(0);
    expect(await closeCode()).toBe(RESTART);
  });

  it("lets a page that was away take its bytes and give its own", async () => {
    await start();
    const { talker, socket } = await conversation();
    online = false;
    sockets[0]?.terminate();
    await eventually(
      () => level(gateway, "wireside_sessions_detached"),
      (n) => n === 1,
    );
    socket.write("kept for you");
    talker.send("typed in the dark");
    await eventually(
      () => level(gateway, "wireside_buffered_bytes"),
      (n) => n > 0,
    );
    gateway.child.kill("SIGTERM");
    await isDraining();
    let received = "";
    socket.on("data", (data) => (received += data));
    const ended = once(socket, "end");
    online = true;
    link?.retry();
    await ended;
    expect(received).toBe("typed in the dark");
    socket.end("goodbye");
    await talker.when((t) => t.ended);
    expect(talker.text).toBe("kept for yougoodbye");
    expect(talker.of("closed")).toHaveLength(1);
    expect(await gateway.exited).toBe(0);
  });

  it("opens nothing new", async () => {
    await start();
    const { page } = await RawPage.attached(place());
    await page.open(1, far.port);
    const waiting = await RawPage.connect(place());
    gateway.child.kill("SIGTERM");
    expect((await page.text("drain")).deadlineMs).toBe(25_000);
    page.say({ type: "open", ch: 3, address: `tcp://127.0.0.1:${far.port}` });
    expect(await page.text("refused")).toMatchObject({ ch: 3, code: "DRAINING" });
    waiting.hello();
    expect(await waiting.text("refused")).toMatchObject({ code: "DRAINING" });
    expect((await waiting.closed).code).toBe(1013);
    page.say({ type: "ping", n: 7 });
    expect((await page.text("pong")).n).toBe(7);
    expect((await ask(`${gateway.url}healthz`)).status).toBe(200);
  });

  it("lets in who may be a page that comes back, and waits no longer than --shutdown-timeout for it", async () => {
    await start("--shutdown-timeout", "2s");
    const { page } = await RawPage.attached(place());
    await page.open(1, far.port);
    page.cut();
    await eventually(
      () => level(gateway, "wireside_sessions_detached"),
      (n) => n === 1,
    );
    gateway.child.kill("SIGTERM");
    const toldAt = performance.now();
    await isDraining();
    expect(await knock(place().origin, "/wire")).toBe(101);
    expect(await gateway.exited).toBe(0);
    // Without the flag it would be 25 s.
    expect(performance.now() - toldAt).toBeLessThan(20_000);
  });

  it("cuts a far end that never ends at --shutdown-timeout, and exits with 0 all the same", async () => {
    await start("--shutdown-timeout", "400ms");
    const { talker, socket } = await conversation();
    const gone = once(socket.resume(), "close");
    socket.on("error", () => {});
    const before = performance.now();
    gateway.child.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);
    expect(performance.now() - before).toBeGreaterThanOrEqual(399);
    expect(await closeCode()).toBe(RESTART);
    expect(talker.of("eof").map(({ direction }) => direction)).toEqual(["out"]);
    expect(gateway.output()).toContain("shutdown deadline reached");
    socket.end();
    await gone;
  });

  it("exits at once with 143 when it is told a second time", async () => {
    await start();
    const { socket } = await conversation();
    socket.on("error", () => {});
    gateway.child.kill("SIGTERM");
    await linkWhen(link as Link, (l) => l.status.phase === "draining");
    // For a quarter of a second it counts as the same wish; until then it is said again.
    const telling = setInterval(() => gateway.child.kill("SIGTERM"), 50);
    expect(await gateway.exited).toBe(143);
    clearInterval(telling);
  });
});
