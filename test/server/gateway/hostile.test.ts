/** What a hostile page can say: it loses its own WebSocket, and nobody else notices. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_CONTROL_BYTES } from "../../../shared/bounds.ts";
import { encodeFrame, FrameType } from "../../../shared/frames.ts";
import type { Link } from "../../../web/link.ts";
import { eventually } from "../../support/eventually.ts";
import { RawPage } from "../../support/raw-page.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const BAD_MESSAGE = 4400;
const FLOOD = 4429;
/** RFC 6455 section 7.4.1, answered by ws itself. */
const PROTOCOL_ERROR = 1002;
const INVALID_PAYLOAD = 1007;
const POLICY = 1008;
const TOO_BIG = 1009;

const hello = { type: "hello", v: 1 };
const open = { type: "open", ch: 1, address: "tcp://127.0.0.1:1" };
const resume = { sid: "x", token: "y", epoch: 1, channels: [] };
const header = (fields: Partial<Record<"type" | "channel" | "seq", number>>) =>
  encodeFrame({ type: FrameType.data, channel: 1, at: 0, seq: 0, ...fields } as never);
const withFlags = header({});
withFlags[1] = 1;

/** Said as the first message. */
const BEFORE_HELLO: [title: string, message: unknown][] = [
  ["what is not JSON", "wake up"],
  ["an unfinished object", '{"type":"hello","v":1'],
  ["an empty message", ""],
  ["null", "null"],
  ["an array", [hello]],
  ["a number", "1e999"],
  ["ten thousand brackets", "[".repeat(10_000)],
  ["an unknown type", { type: "shell", v: 1 }],
  ["no type", { v: 1 }],
  ["a type that is no text", { type: ["hello"], v: 1 }],
  ["another version", { type: "hello", v: 2 }],
  ["a version as text", { type: "hello", v: "1" }],
  ["an unknown key", { ...hello, admin: true }],
  ["__proto__", '{"type":"hello","v":1,"__proto__":{"polluted":true}}'],
  ["constructor", '{"type":"hello","v":1,"constructor":{"prototype":{"polluted":true}}}'],
  ["__proto__ as the type", '{"type":"__proto__"}'],
  ["a resume that is a list", { ...hello, resume: [] }],
  ["an unknown key in a resume", { ...hello, resume: { ...resume, x: 1 } }],
  ["__proto__ in a resume", '{"type":"hello","v":1,"resume":{"__proto__":{"polluted":1}}}'],
  ["an endless token", { ...hello, resume: { ...resume, token: "t".repeat(129) } }],
  ["an epoch below zero", { ...hello, resume: { ...resume, epoch: -1 } }],
  ["an epoch with a fraction", { ...hello, resume: { ...resume, epoch: 0.5 } }],
  ["channel 0 in a resume", { ...hello, resume: { ...resume, channels: [{ ch: 0, rx: 0 }] } }],
  [
    "an offset beyond 2^53",
    { ...hello, resume: { ...resume, channels: [{ ch: 1, rx: 2 ** 54 }] } },
  ],
  ["a text of 17 KiB", JSON.stringify({ ...hello, x: "x".repeat(17 * 1024) })],
  ["an open before hello", open],
  ["a ping before hello", { type: "ping", n: 1 }],
];

/** Said by a page with a session. */
const AFTER_HELLO: [title: string, message: unknown][] = [
  ["hello twice", hello],
  ["a channel beyond 65535", { ...open, ch: 65_536 }],
  ["channel 0", { ...open, ch: 0 }],
  ["an even channel, which is the gateway's to open", { ...open, ch: 2 }],
  ["a channel as text", { ...open, ch: "1" }],
  ["an address that is no text", { ...open, address: { host: "127.0.0.1" } }],
  ["an address of 301 characters", { ...open, address: `tcp://${"a".repeat(295)}` }],
  ["an open with an unknown key", { ...open, options: {} }],
  ["a close without a channel", { type: "close" }],
  ["a ping without a number", { type: "ping" }],
  ["a message that only the gateway may send", { type: "drain", deadlineMs: 1 }],
];

/** Binary messages of a page with a session; channel 1 is open unless the title says otherwise. */
const FRAMES: [title: string, bytes: Uint8Array][] = [
  ["an empty frame", new Uint8Array()],
  ["half a header", new Uint8Array(8)],
  ["type 0", header({ type: 0 })],
  ["type 5", header({ type: 5 })],
  ["flags", withFlags],
  ["channel 0", header({ channel: 0 })],
  ["DATA without bytes", header({})],
  ["an EOF with a payload", encodeFrame({ type: 3, channel: 1, at: 0, seq: 0 }, new Uint8Array(1))],
  ["an RST without a reason", header({ type: 4 })],
  ["an ACK without credit", header({ type: 2 })],
  [
    "an offset beyond 2^53",
    encodeFrame({ type: 1, channel: 1, at: 0, seq: 2 ** 53 }, Buffer.of(1)),
  ],
  ["a gap", encodeFrame({ type: 1, channel: 1, at: 0, seq: 1 }, Buffer.of(1))],
  ["an end after a gap", encodeFrame({ type: 3, channel: 1, at: 0, seq: 9 })],
  [
    "an ACK of what was never sent",
    encodeFrame({ type: 2, channel: 1, at: 0, seq: 1 }, new Uint8Array(4)),
  ],
  [
    "data on a channel never opened",
    encodeFrame({ type: 1, channel: 3, at: 0, seq: 0 }, Buffer.of(1)),
  ],
  [
    "an ACK on a channel never opened",
    encodeFrame({ type: 2, channel: 3, at: 0, seq: 0 }, new Uint8Array(4)),
  ],
];

describe("a hostile page", () => {
  let wire: Wire;
  let far: TestServer;
  let bystander: Link;
  let neighbour: Talker;
  let neighbourSocket: Socket;

  beforeEach(async () => {
    wire = await startWire();
    far = await listenTcp();
    bystander = await openLink(wire);
    neighbour = new Talker(bystander, far.port);
    neighbourSocket = await far.accepted();
    neighbourSocket.pipe(neighbourSocket);
  });

  afterEach(async () => {
    await neighbourTalksOn();
    bystander.stop();
    await wire.stop();
    await far.close();
  });

  /** The other session has noticed nothing: same WebSocket, same TCP connection, answers come. */
  async function neighbourTalksOn(): Promise<void> {
    const before = neighbour.receivedBytes;
    neighbour.send("Knock, knock, Neo.");
    await neighbour.when((t) => t.receivedBytes === before + 18);
    expect(bystander.status).toMatchObject({ phase: "live", resumes: 0, failure: null });
    expect(neighbour.of("state")).toEqual([]);
  }

  it.each(BEFORE_HELLO)("that says %s first is closed with 4400", async (_title, message) => {
    const page = await RawPage.connect(wire);
    page.say(message);
    const { code, reason } = await page.closed;
    expect(code).toBe(BAD_MESSAGE);
    expect(reason).toMatch(/^[\x20-\x7e]{1,123}$/);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    expect(await wire.level("wireside_messages_rejected_total")).toBe(1);
    expect(await wire.level("wireside_sessions")).toBe(1);
  });

  it.each(AFTER_HELLO)("that says %s is closed with 4400", async (_title, message) => {
    const { page } = await RawPage.attached(wire);
    page.say(message);
    expect((await page.closed).code).toBe(BAD_MESSAGE);
    expect(await wire.level("wireside_channels")).toBe(1);
  });

  it.each(FRAMES)("that sends %s is closed with 4400", async (_title, bytes) => {
    const { page } = await RawPage.attached(wire);
    await page.open(1, far.port);
    page.ws.send(bytes);
    expect((await page.closed).code).toBe(BAD_MESSAGE);
  });

  it("that sends a frame before hello is closed with 4400", async () => {
    const page = await RawPage.connect(wire);
    page.data(1, 0, "x");
    expect((await page.closed).code).toBe(BAD_MESSAGE);
  });

  it("that sends data before the connection is open is closed with 4400", async () => {
    const { page } = await RawPage.attached(wire);
    page.say({ type: "open", ch: 1, address: `tcp://127.0.0.1:${far.port}` });
    page.data(1, 0, "too early");
    expect((await page.closed).code).toBe(BAD_MESSAGE);
  });

  it("that sends data after its end is closed with 4400", async () => {
    const { page } = await RawPage.attached(wire);
    await page.open(1, far.port);
    page.frame(FrameType.eof, 1, 0);
    page.data(1, 1, "one more thing");
    expect((await page.closed).code).toBe(BAD_MESSAGE);
  });

  it("that sends beyond its credit is closed with 4400", async () => {
    const { page, welcome } = await RawPage.attached(wire);
    await page.open(1, far.port);
    // The far end never reads, so nothing is acknowledged once the kernel's queues are full.
    const piece = new Uint8Array(64 * 1024);
    (await far.accepted()).pause();
    for (
      let seq = 0;
      page.ws.readyState === page.ws.OPEN && seq < 64 * 2 ** 20;
      seq += piece.length
    ) {
      page.frame(FrameType.data, 1, seq, piece);
    }
    expect((await page.closed).code).toBe(BAD_MESSAGE);
    expect(welcome.limits.windowBytes).toBe(wire.config.windowBytes);
  });

  it("that sends more than a frame can be is closed with 1009 before it is read", async () => {
    const { page } = await RawPage.attached(wire);
    page.ws.send(new Uint8Array(16 + 64 * 1024 + 1));
    expect((await page.closed).code).toBe(TOO_BIG);
  });

  it("that sends a text of a megabyte is closed with 1009", async () => {
    const { page } = await RawPage.attached(wire);
    page.say("x".repeat(2 ** 20));
    expect((await page.closed).code).toBe(TOO_BIG);
  });

  it("that sends text which is not UTF-8 is closed with 1007", async () => {
    const { page } = await RawPage.attached(wire);
    page.ws.send(Buffer.from([0xff, 0xfe]), { binary: false });
    expect((await page.closed).code).toBe(INVALID_PAYLOAD);
  });

  it("that cuts a message into more than 64 fragments is closed with 1008", async () => {
    const { page } = await RawPage.attached(wire);
    for (let i = 0; i < 70; i++) page.ws.send(Buffer.of(1), { fin: false });
    expect((await page.closed).code).toBe(POLICY);
  });

  it("that breaks the WebSocket protocol is closed with 1002", async () => {
    const { page } = await RawPage.attached(wire);
    // An unmasked frame, which a client must not send (RFC 6455 section 5.1).
    (page.ws as unknown as { _socket: Socket })._socket.write(Buffer.of(0x82, 0x01, 0x00));
    expect((await page.closed).code).toBe(PROTOCOL_ERROR);
  });

  it("that floods with commands is closed with 4429", async () => {
    const { page } = await RawPage.attached(wire);
    for (let n = 0; n < 1000; n++) page.say({ type: "ping", n });
    expect((await page.closed).code).toBe(FLOOD);
    expect(page.answers.length).toBeLessThan(300);
  });

  it("that floods with WebSocket pings is closed with 4429", async () => {
    const { page } = await RawPage.attached(wire);
    let pongs = 0;
    page.ws.on("pong", () => {
      pongs++;
      page.ws.ping();
    });
    page.ws.ping();
    expect((await page.closed).code).toBe(FLOOD);
    expect(pongs).toBeLessThan(300);
  });

  it("that sends a thousand WebSocket pings at once is cut by ws", async () => {
    const { page } = await RawPage.attached(wire);
    for (let n = 0; n < 1000; n++) page.ws.ping(undefined, undefined, () => {});
    expect((await page.closed).code).toBe(1006);
  });

  it("that asks without end and never reads the answers is cut, and costs no memory", async () => {
    const { page } = await RawPage.attached(wire);
    await page.open(1, far.port);
    page.data(1, 0, "once");
    await page.binary((frame) => frame.type === FrameType.ack && frame.seq === 4);
    const { _socket: socket } = page.ws as unknown as { _socket: Socket };
    socket.pause();
    // Old data is answered with an ACK each time; nobody takes those away. Masked with zeros.
    const old = encodeFrame(
      { type: FrameType.data, channel: 1, at: 0, seq: 0 },
      Buffer.from("once"),
    );
    const message = Buffer.concat([Buffer.of(0x82, 0x80 | old.length, 0, 0, 0, 0), old]);
    const burst = Buffer.concat(Array.from({ length: 4000 }, () => message));
    const sendOn = (error?: Error | null): unknown => error || socket.write(burst, sendOn);
    const before = process.memoryUsage().rss;
    sendOn();
    await eventually(
      () => wire.level("wireside_sessions_detached"),
      (n) => n === 1,
      20_000,
    );
    page.cut();
    await page.closed;
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(64);
  });

  it("that never says hello is closed with 4408", async () => {
    await wire.stop();
    bystander.stop();
    wire = await startWire(["--hello-timeout", "500ms"]);
    bystander = await openLink(wire);
    neighbour = new Talker(bystander, far.port);
    const socket = await far.accepted();
    socket.pipe(socket);
    const page = await RawPage.connect(wire);
    expect((await page.closed).code).toBe(4408);
  });

  it("that asks for a session it does not have may say hello again for a new one", async () => {
    const page = await RawPage.connect(wire);
    page.hello({ sid: "made-up", token: "made-up", epoch: 3, channels: [{ ch: 1, rx: 5 }] });
    expect(await page.text("resume_failed")).toEqual({ type: "resume_failed", reason: "unknown" });
    page.hello();
    expect(await page.text("welcome")).toMatchObject({ epoch: 1, channels: [] });
    await page.open(1, far.port);
  });

  it("that has as many connections as can be may name them all as it comes back, and then says no more than others", async () => {
    const page = await RawPage.connect(wire);
    const ids = Array.from({ length: 1024 }, (_, i) => 2 * i + 1);
    const channels = ids.map((ch) => ({ ch, rx: 1_000_000_000 + ch }));
    const seen = [...ids, 2049].map((ch) => ({ ch, far: 100_000 }));
    page.hello({ sid: "made-up", token: "made-up", epoch: 3, channels, seen });
    await page.text("resume_failed");
    page.hello();
    await page.text("welcome");
    page.say(`{"type":"ping","n":1${" ".repeat(MAX_CONTROL_BYTES)}}`);
    expect((await page.closed).code).toBe(BAD_MESSAGE);
  });

  it("that does not speak WebSocket after the upgrade is closed, half-open or not", async () => {
    const raw = connect(wire.port, "127.0.0.1");
    raw.write(
      `GET /wire HTTP/1.1\r\nHost: 127.0.0.1:${wire.port}\r\nOrigin: ${wire.origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: wireside.v1\r\n\r\n`,
    );
    await once(raw, "data");
    raw.end("GET / HTTP/1.1\r\n\r\n");
    await once(raw.resume(), "close");
  });
});
