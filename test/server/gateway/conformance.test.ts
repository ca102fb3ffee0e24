/** The same promises over every kind of stream: TCP over IPv4 and IPv6, Unix sockets, TLS. */
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { rmSync } from "node:fs";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { settled } from "../../support/eventually.ts";
import { ownTime } from "../../support/own-time.ts";
import { type FarServer, listenStream } from "../../support/streams.ts";
import { openLink, startWire, Talker, type TalkerOptions, type Wire } from "../../support/wire.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Reads everything up to the end. */
async function all(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(stream, "end");
  return Buffer.concat(chunks);
}

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

describe.each(["tcp", "tcp6", "unix", "tls"] as const)("over %s", (kind) => {
  let far: FarServer;
  let wire: Wire;
  let cutter: Cutter;
  let link: Link;

  beforeEach(async () => {
    far = await listenStream(kind);
    wire = await startWire([...far.flags, "--max-sessions-per-address", "20"]);
    cutter = await startCutter(wire.port);
    link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
  });

  afterEach(async () => {
    link.stop();
    await cutter.close();
    await wire.stop();
    await far.close();
  });

  /** An open conversation, what the page has received of it, and its far end. */
  async function talk(options: TalkerOptions = {}) {
    const parts: Uint8Array[] = [];
    const onData = (bytes: Uint8Array) => parts.push(bytes.slice());
    const talker = new Talker(link, far.address, { ...options, onData });
    const end = await far.accepted();
    await talker.when((t) => t.of("open").length === 1);
    return { talker, end, stream: end.stream, received: () => Buffer.concat(parts) };
  }

  it("says from where to where it is open", async () => {
    const { talker } = await talk();
    const [open] = talker.of("open");
    const { host, port } = far.address;
    expect(open?.remote).toEqual({ host, port });
    if (kind === "unix") expect(open?.local).toEqual({ host: "", port: 0 });
    else expect(open?.local).toEqual({ host, port: expect.any(Number) });
  });

  it("brings every byte back as it was", async () => {
    const { talker, stream, received } = await talk();
    stream.pipe(stream);
    const sent = Buffer.concat([Uint8Array.from(Array(256).keys()), randomBytes(300 * KIB)]);
    talker.channel.send(sent);
    await talker.when((t) => t.receivedBytes === sent.length);
    expect(received().equals(sent)).toBe(true);
  });

  it("carries single bytes both ways, in order", async () => {
    const { talker, stream, received } = await talk();
    stream.pipe(stream);
    const sent = randomBytes(300);
    for (const [index] of sent.entries()) talker.channel.send(sent.subarray(index, index + 1));
    await talker.when((t) => t.receivedBytes === sent.length);
    expect(received().equals(sent)).toBe(true);
  });

  it("delivers the tail to a slow reader: a reply, 1 MiB, the end, and then it is closed", async () => {
    const { talker, stream, received } = await talk({ reading: false });
    const tail = Buffer.concat([Buffer.from("closed"), randomBytes(MIB)]);
    stream.resume();
    stream.end(tail);
    talker.channel.shutdown();
    while (talker.receivedBytes < tail.length) {
      const before = talker.receivedBytes;
      talker.consume();
      await talker.when((t) => t.receivedBytes > before);
    }
    talker.consume();
    await talker.when((t) => t.ended);
    expect(received().equals(tail)).toBe(true);
    expect(talker.of("closed")).toHaveLength(1);
    expect(talker.of("eof").map(({ direction }) => direction)).toContain("in");
  });

  it("lets the page end first, and still brings 1 MiB to it", async () => {
    const { talker, stream, received } = await talk();
    const answer = randomBytes(MIB);
    talker.send("that was all");
    talker.channel.shutdown();
    expect((await all(stream)).toString()).toBe("that was all");
    expect(talker.ended).toBe(false);
    stream.end(answer);
    await talker.when((t) => t.ended);
    expect(digest(received())).toBe(digest(answer));
    expect(talker.of("eof").map(({ direction }) => direction)).toEqual(["out", "in"]);
    expect(talker.of("closed")).toMatchObject([{ by: "near" }]);
  });

  it("lets the far end end first, and still takes 1 MiB from the page", async () => {
    const { talker, stream } = await talk();
    stream.end("that was all");
    await talker.when((t) => t.of("eof").length === 1);
    expect(talker.text).toBe("that was all");
    const sent = randomBytes(MIB);
    talker.channel.send(sent);
    talker.channel.shutdown();
    expect(digest(await all(stream))).toBe(digest(sent));
    await talker.when((t) => t.ended);
    expect(talker.of("closed")).toMatchObject([{ by: "far" }]);
  });

  it("survives both ends ending at once, with bytes on their way in each direction", async () => {
    const { talker, stream, received } = await talk();
    const [down, up] = [randomBytes(200 * KIB), randomBytes(200 * KIB)];
    const arrived = all(stream);
    stream.end(down);
    talker.channel.send(up);
    talker.channel.shutdown();
    expect(digest(await arrived)).toBe(digest(up));
    await talker.when((t) => t.ended);
    expect(digest(received())).toBe(digest(down));
    expect(talker.of("closed")).toHaveLength(1);
  });

  it("shows within a second that the far end broke off, as a reset and not as an end", async () => {
    const { talker, end, stream } = await talk();
    stream.write("in the middle of");
    await talker.when((t) => t.receivedBytes > 0);
    // More than a program reads ahead: of a Unix socket that is closed so the kernel makes a reset.
    talker.channel.send(randomBytes(128 * KIB));
    await talker.when((t) => t.of("data").some(({ direction }) => direction === "out"));
    const took = ownTime();
    end.reset();
    await talker.when((t) => t.ended);
    expect(took()).toBeLessThan(1000);
    expect(talker.of("reset")).toMatchObject([{ direction: "in", code: "ECONNRESET" }]);
    expect(talker.of("eof")).toEqual([]);
  });

  // A Unix socket has no RST: its peer says goodbye in one way.
  if (kind !== "unix") {
    it("shows a reset that comes together with bytes as one, and not as an end", async () => {
      const { talker, end, stream, received } = await talk();
      // Of TLS, the handshake is over for both then.
      talker.send("and?");
      await once(stream, "data");
      // The gateway finds both in one turn of the loop: it has the process that sends them.
      stream.write("half an ans", () => end.reset());
      await talker.when((t) => t.ended);
      expect(received().toString()).toBe("half an ans");
      expect(talker.of("reset")).toMatchObject([{ direction: "in", code: "ECONNRESET" }]);
      expect(talker.of("eof")).toEqual([]);
    });
  }

  it("lets the page give up, and the far end hears of it at once", async () => {
    const { talker, stream } = await talk();
    stream.resume();
    // A Unix socket has no other farewell than its end.
    const farewell = kind === "unix" ? "end" : "error";
    const over = new Promise((resolve) => stream.once(farewell, resolve));
    talker.channel.abort();
    await over;
    expect(talker.of("reset")).toMatchObject([{ direction: "out", code: "CANCELLED" }]);
  });

  it("loses nothing when the WebSocket is cut again and again, both directions busy", async () => {
    const { talker, stream } = await talk();
    const block = randomBytes(MIB);
    const total = 4;
    const expected = createHash("sha256");
    const [down, up] = [createHash("sha256"), createHash("sha256")];
    talker.events.length = 0;
    cutter.cutAfter = () => 200 * KIB + Math.floor(Math.random() * 300 * KIB);
    cutter.cut();
    stream.on("data", (bytes: Buffer) => up.update(bytes));
    const upload = once(stream, "end");
    for (let i = 0; i < total; i++) {
      expected.update(block);
      stream.write(block);
      talker.channel.send(block);
    }
    stream.end();
    talker.channel.shutdown();
    await Promise.all([upload, talker.when((t) => t.ended)]);
    for (const event of talker.of("data")) if (event.direction === "in") down.update(event.bytes);
    const hash = expected.digest("hex");
    expect([up.digest("hex"), down.digest("hex")]).toEqual([hash, hash]);
    expect(cutter.cuts).toBeGreaterThan(8);
    expect(talker.of("open")).toEqual([]);
  }, 30_000);

  it("says that nobody listens there", async () => {
    await far.stopListening();
    const talker = new Talker(link, far.address);
    await talker.when((t) => t.ended);
    // Node takes the file of a Unix socket away when it closes its server.
    const code = kind === "unix" ? "ENOENT" : "ECONNREFUSED";
    expect(talker.of("error")).toMatchObject([{ code }]);
    expect(talker.of("open")).toEqual([]);
  });

  it("keeps no more than the window of what a page does not read, and brings it later", async () => {
    const { talker, stream, received } = await talk({ reading: false });
    const flood = randomBytes(8 * MIB);
    stream.end(flood);
    const window = 256 * KIB;
    await talker.when((t) => t.receivedBytes > window - 64 * KIB);
    expect(stream.writableLength).toBeGreaterThan(0);
    // TLS has decrypted what came in one read of the kernel, and keeps the rest of it.
    const spare = kind === "tls" ? 64 * KIB : 0;
    expect(await wire.level("wireside_buffered_bytes")).toBeLessThanOrEqual(window + spare);
    talker.reading = true;
    talker.consume();
    await talker.when((t) => t.receivedBytes === flood.length);
    expect(digest(received())).toBe(digest(flood));
  });

  it("takes no more than the window from a page whose far end does not read", async () => {
    const { talker, stream } = await talk();
    const flood = randomBytes(16 * MIB);
    talker.channel.send(flood);
    const pending = () => talker.channel.pendingBytes;
    // Everybody's buffers are full once nothing moves any more.
    await settled(pending);
    expect(pending()).toBeGreaterThan(MIB);
    talker.channel.shutdown();
    expect(digest(await all(stream))).toBe(digest(flood));
  });
});

it("says of a Unix socket whose server was killed that nobody listens any more", async () => {
  const far = await listenStream("unix");
  const wire = await startWire(far.flags);
  const link = await openLink(wire);
  const path = far.address.host.replace("far.sock", "left.sock");
  const bind = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])";
  spawnSync("python3", ["-c", bind, path]);
  const talker = new Talker(link, { ...far.address, host: path });
  await talker.when((t) => t.ended);
  expect(talker.of("error")).toMatchObject([{ code: "ECONNREFUSED" }]);
  rmSync(path);
  link.stop();
  await wire.stop();
  await far.close();
});
