/** A lost WebSocket loses nothing, and nobody but its page gets a session back. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import {
  linkWhen,
  openLink,
  pageSocket,
  startWire,
  Talker,
  type Wire,
} from "../../support/wire.ts";

const MIB = 1024 * 1024;

describe("resume", () => {
  let wire: Wire;
  let cutter: Cutter;
  let link: Link;
  let far: Server;
  let accepted: Promise<Socket>;

  beforeEach(async () => {
    wire = await startWire(["--max-sessions-per-address", "20"]);
    cutter = await startCutter(wire.port);
    link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
    far = createServer({ allowHalfOpen: true });
    far.listen(0, "127.0.0.1");
    await once(far, "listening");
    accepted = once(far, "connection").then(([socket]) => socket as Socket);
  });

  afterEach(async () => {
    link.stop();
    await cutter.close();
    await wire.stop();
    far.close();
  });

  const port = () => (far.address() as AddressInfo).port;
  const resumed = (count: number) =>
    linkWhen(link, (l) => l.status.phase === "live" && l.status.resumes >= count);

  it("carries 64 MiB each way at once through at least 200 cuts, and both hashes are equal", async () => {
    const total = 64 * MIB;
    const block = randomBytes(MIB);
    const expected = createHash("sha256");
    for (let i = 0; i < 64; i++) expected.update(block);
    const hash = expected.digest("hex");

    const down = createHash("sha256");
    const talker = new Talker(link, port(), { onData: (bytes) => down.update(bytes) });
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    // Each WebSocket dies after 200 to 600 KiB, wherever in a frame that is: 64 MiB twice need far more than 200.
    cutter.cutAfter = () => 200 * 1024 + Math.floor(Math.random() * 400 * 1024);
    cutter.cut();

    const up = createHash("sha256");
    let uploaded = 0;
    socket.on("data", (data) => {
      uploaded += data.length;
      up.update(data);
    });
    const upload = once(socket, "end");
    for (let i = 0; i < 64; i++) {
      socket.write(block);
      talker.channel.send(block);
    }
    socket.end();
    talker.channel.shutdown();
    await Promise.all([upload, talker.when((t) => t.ended)]);

    expect(cutter.cuts).toBeGreaterThanOrEqual(200);
    expect([uploaded, talker.receivedBytes]).toEqual([total, total]);
    expect([up.digest("hex"), down.digest("hex")]).toEqual([hash, hash]);
    expect(talker.of("closed")).toHaveLength(1);
  }, 240_000);

  it("tells the conversation that the link was lost and is back, and keeps the same TCP connection", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    cutter.cut();
    await resumed(1);
    socket.write("still here");
    await talker.when((t) => t.text === "still here");
    expect(talker.of("state").map(({ link: l }) => l)).toEqual(["lost", "resumed"]);
    expect(talker.of("open")).toHaveLength(1);
    socket.destroy();
  });

  it("delivers what was typed while the link was down", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    cutter.cut();
    await linkWhen(link, (l) => l.status.phase === "lost");
    talker.send("typed in the dark");
    expect(talker.of("data")).toEqual([]);
    const [data] = await once(socket, "data");
    expect(data.toString()).toBe("typed in the dark");
    await talker.when((t) => t.of("data").length === 1);
    socket.destroy();
  });

  it("delivers an end and a reset that happened while the link was down", async () => {
    const ending = new Talker(link, port());
    const first = await accepted;
    const second = once(far, "connection").then(([s]) => s as Socket);
    const breaking = new Talker(link, port());
    await Promise.all([ending, breaking].map((t) => t.when((x) => x.of("open").length === 1)));
    cutter.cut();
    first.end("the tail");
    (await second).resetAndDestroy();
    await ending.when((t) => t.of("eof").length === 1);
    await breaking.when((t) => t.of("reset").length === 1);
    expect(ending.text).toBe("the tail");
    first.destroy();
  });

  it("closes the sockets after the grace period and tells the page, which never dials again by itself", async () => {
    link.stop();
    await wire.stop();
    wire = await startWire(["--resume-grace", "50ms"]);
    let refuse = false;
    const sockets: { terminate(): void }[] = [];
    link = new Link({
      url: wire.url,
      open: (url, protocol) =>
        pageSocket(refuse ? "http://evil.test" : wire.origin, (ws) => sockets.push(ws))(
          url,
          protocol,
        ),
    });
    link.start();
    await linkWhen(link, (l) => l.status.phase === "live");
    let connections = 0;
    far.on("connection", () => connections++);
    const talker = new Talker(link, port());
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    refuse = true;
    for (const ws of sockets) ws.terminate();
    // The gateway lets go by itself; only then may the page come back.
    await once(socket.resume(), "end");
    refuse = false;
    await talker.when((t) => t.ended);
    expect(talker.of("error")).toMatchObject([{ code: "SESSION_EXPIRED" }]);
    await linkWhen(link, (l) => l.status.phase === "live");
    expect(connections).toBe(1);
    expect(await wire.level("wireside_channels")).toBe(0);
    socket.destroy();
  });

  it("closes the sockets of a page that says goodbye at once, whatever the grace period", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    link.stop();
    await once(socket.resume(), "end");
    expect(await wire.level("wireside_sessions")).toBe(0);
    socket.destroy();
  });
});
