/** What a channel promises: every byte once, in order, each direction ending by itself. */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Link } from "../../../web/link.ts";
import { ownTime } from "../../support/own-time.ts";
import { openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const MIB = 1024 * 1024;

describe("a channel", () => {
  let wire: Wire;
  let link: Link;
  let far: Server;
  let accepted: Promise<Socket>;

  beforeEach(async () => {
    wire = await startWire();
    link = await openLink(wire);
    far = createServer({ allowHalfOpen: true });
    far.listen(0, "127.0.0.1");
    await once(far, "listening");
    accepted = once(far, "connection").then(([socket]) => socket as Socket);
  });

  afterEach(async () => {
    link.stop();
    await wire.stop();
    far.close();
  });

  const port = () => (far.address() as AddressInfo).port;

  it("shows the tutorial's conversation, byte for byte", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    socket.on("data", (data) => socket.write(data.toString() === "close" ? "closed" : "accepted"));
    await talker.when((t) => t.of("open").length === 1);
    talker.send("Wake up, Neo");
    await talker.when((t) => t.text === "accepted");
    expect(talker.events.map(({ kind }) => kind)).toEqual([
      "opening",
      "attempt",
      "open",
      "data",
      "data",
    ]);
    const [sent, received] = talker.of("data");
    expect(sent).toMatchObject({ direction: "out", offset: 0, length: 12 });
    expect(received).toMatchObject({ direction: "in", offset: 0, length: 8 });
    expect(talker.of("open")[0]?.remote).toEqual({ host: "127.0.0.1", port: port() });
    expect(talker.of("open")[0]?.local.port).toBe(socket.remotePort);
    socket.destroy();
  });

  it("delivers the tail: 1 MiB, `closed` and a FIN reach a page that reads slowly", async () => {
    let last = "";
    const talker = new Talker(link, port(), {
      reading: false,
      onData: (b) => (last = Buffer.from(b).toString()),
    });
    const socket = await accepted;
    socket.write(Buffer.alloc(MIB, "x"));
    socket.end("closed");
    while (talker.receivedBytes < MIB + 6) {
      const before = talker.receivedBytes;
      await talker.when((t) => t.receivedBytes > before);
      talker.consume();
    }
    await talker.when((t) => t.of("eof").length === 1);
    expect(talker.receivedBytes).toBe(MIB + 6);
    expect(last.endsWith("closed")).toBe(true);
    socket.destroy();
  });

  it("lives on in the other direction when the far end ends first", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    socket.end("bye");
    let received = 0;
    socket.on("data", (data) => (received += data.length));
    await talker.when((t) => t.of("eof").length === 1);
    talker.channel.send(new Uint8Array(MIB));
    talker.channel.shutdown();
    await once(socket, "end");
    expect(received).toBe(MIB);
    await talker.when((t) => t.ended);
    expect(talker.of("closed")).toMatchObject([{ by: "far" }]);
  });

  it("lives on in the other direction when this end ends first", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    talker.channel.shutdown();
    socket.resume();
    await once(socket, "end");
    socket.end(Buffer.alloc(MIB));
    await talker.when((t) => t.ended);
    expect(talker.receivedBytes).toBe(MIB);
    expect(talker.of("eof").map(({ direction }) => direction)).toEqual(["out", "in"]);
    expect(talker.of("closed")).toMatchObject([{ by: "near" }]);
  });

  it("ends cleanly when both ends end at once with 1 MiB under way each", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    let received = 0;
    socket.on("data", (data) => (received += data.length));
    await talker.when((t) => t.of("open").length === 1);
    socket.end(Buffer.alloc(MIB));
    talker.channel.send(new Uint8Array(MIB));
    talker.channel.shutdown();
    await Promise.all([once(socket, "close"), talker.when((t) => t.ended)]);
    expect(received).toBe(MIB);
    expect(talker.receivedBytes).toBe(MIB);
    expect(talker.of("closed")).toHaveLength(1);
  });

  it("shows a reset as a reset, within a second", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    const took = ownTime();
    socket.resetAndDestroy();
    await talker.when((t) => t.ended);
    expect(took()).toBeLessThan(1000);
    expect(talker.of("reset")).toMatchObject([{ direction: "in", code: "ECONNRESET" }]);
    expect(talker.of("eof")).toEqual([]);
  });

  it("resets the far end when the page gives up", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    const error = once(socket, "error");
    await talker.when((t) => t.of("open").length === 1);
    talker.channel.abort();
    expect((await error)[0]).toMatchObject({ code: "ECONNRESET" });
    expect(talker.of("reset")).toMatchObject([{ direction: "out", code: "CANCELLED" }]);
  });

  it("lets go of the socket like close(2): the far end reads the end, and cannot send any more", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    await talker.when((t) => t.of("open").length === 1);
    talker.send("last words");
    talker.channel.close();
    const chunks: Buffer[] = [];
    socket.on("data", (data) => chunks.push(data));
    await once(socket, "end");
    expect(Buffer.concat(chunks).toString()).toBe("last words");
    await talker.when((t) => t.ended);
    expect(talker.of("closed")).toMatchObject([{ by: "near" }]);
    const failed = once(socket, "error");
    // The first write is answered with RST; one of the next meets it.
    const sendOn = (): unknown =>
      socket.write("too late", (error) => error || setImmediate(sendOn));
    sendOn();
    expect((await failed)[0]).toMatchObject({ code: expect.stringMatching(/ECONNRESET|EPIPE/) });
  });

  it("explains a refused connection", async () => {
    const refusing = port();
    far.close();
    const talker = new Talker(link, refusing);
    await talker.when((t) => t.ended);
    expect(talker.of("error")).toMatchObject([{ code: "ECONNREFUSED" }]);
    // connect(2) was called, so there was a socket with a port of its own, and a SYN.
    expect(talker.events.map(({ kind }) => kind)).toEqual(["opening", "attempt", "error"]);
    expect(talker.of("attempt")[0]?.local).toMatchObject({ host: "127.0.0.1" });
    expect(talker.of("attempt")[0]?.local.port).toBeGreaterThan(0);
    expect(talker.of("open")).toEqual([]);
  });

  it("bounds the gateway's memory for a page that stops reading, and loses nothing", async () => {
    const talker = new Talker(link, port(), { reading: false });
    const socket = await accepted;
    const written = socket.write(Buffer.alloc(8 * MIB));
    expect(written).toBe(false);
    await talker.when((t) => t.receivedBytes > wire.config.windowBytes - 64 * 1024);
    expect(await wire.level("wireside_buffered_bytes")).toBeLessThanOrEqual(
      wire.config.windowBytes,
    );
    expect(talker.receivedBytes).toBeLessThanOrEqual(wire.config.windowBytes);
    talker.reading = true;
    talker.consume();
    await talker.when((t) => t.receivedBytes === 8 * MIB);
    socket.destroy();
  });

  it("lets a one-byte dribble through in both directions", async () => {
    const talker = new Talker(link, port());
    const socket = await accepted;
    socket.setNoDelay(true);
    let back = "";
    socket.on("data", (data) => (back += data));
    await talker.when((t) => t.of("open").length === 1);
    const text = "The Matrix has you...";
    for (const char of text) {
      const before = talker.receivedBytes;
      socket.write(char);
      talker.send(char);
      await talker.when((t) => t.receivedBytes > before);
    }
    await talker.when((t) => t.channel.pendingBytes === 0);
    expect(talker.text).toBe(text);
    socket.end();
    talker.channel.shutdown();
    await once(socket, "end");
    expect(back).toBe(text);
    expect(talker.of("data").filter(({ direction }) => direction === "out")).toHaveLength(
      text.length,
    );
  });

  it("gives up on a half-closed connection that stays silent", async () => {
    link.stop();
    await wire.stop();
    wire = await startWire(["--half-close-timeout", "100ms"]);
    link = await openLink(wire);
    const talker = new Talker(link, port());
    await talker.when((t) => t.of("open").length === 1);
    talker.channel.shutdown();
    await talker.when((t) => t.ended);
    expect(talker.of("error")).toMatchObject([{ code: "HALF_CLOSE_TIMEOUT" }]);
    expect(await accepted).toBeInstanceOf(Socket);
  });
});
