/** Lab controls of a connection: what they do, as the far end and the kernel see it. */
import { execFileSync } from "node:child_process";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { eventually, settled } from "../../support/eventually.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { Host } from "../../support/listening.ts";
import { RawPage } from "../../support/raw-page.ts";
import { ssRow } from "../../support/ss.ts";
import { connectTcp, listenTcp, type TestServer } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const KIB = 1024;

let wire: Wire;
let cutter: Cutter;
let link: Link;
let far: TestServer;

beforeEach(async () => {
  wire = await startWire(["--max-channels", "1024", "--open-rate", "1000/s"]);
  cutter = await startCutter(wire.port);
  link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
  far = await listenTcp();
});

afterEach(async () => {
  link.stop();
  await cutter.close();
  await far.close();
  await wire.stop();
});

/** The gateway is stopped while some have not read everything. */
const ignore = () => {};

/** A page's conversation with a server outside the gateway, both ends of it. */
async function dialled(): Promise<[Talker, Socket]> {
  const talker = new Talker(link, far.port);
  const socket = await far.accepted();
  socket.on("error", ignore);
  await talker.when((t) => t.of("open").length === 1);
  return [talker, socket];
}

/** A page's conversation with a visitor. */
async function visited(): Promise<[Talker, Socket]> {
  const host = await new Host(link, { atOnce: true }).listening();
  const { socket } = await connectTcp(host.port);
  socket.on("error", ignore);
  return [await host.guest(0), socket];
}

/** Each read with its time, in milliseconds. */
function readsOf(socket: Socket): { text: string; at: number }[] {
  const reads: { text: string; at: number }[] = [];
  socket.on("data", (data: Buffer) => reads.push({ text: `${data}`, at: performance.now() }));
  return reads;
}

const optionsOf = (talker: Talker) => talker.of("option").map(({ options }) => options);
const endsOf = (talker: Talker) => {
  const [open] = talker.of("open");
  if (!open) throw new Error("not open");
  return [open.local, open.remote] as const;
};

test("stopped before the connection is made, reading does not begin with it", async () => {
  const talker = new Talker(link, far.port);
  talker.channel.configure({ reading: false });
  const socket = await far.accepted();
  socket.on("error", ignore);
  socket.write("greeting");
  await talker.when((t) => t.of("open").length === 1);
  const [local, remote] = endsOf(talker);
  await eventually(
    () => ssRow(local, remote)?.unread,
    (unread) => unread === 8,
  );
  expect(talker.text).toBe("");
  talker.channel.configure({ reading: true });
  await talker.when(({ text }) => text === "greeting");
});

describe.each([
  ["that it dialled", dialled],
  ["that it accepted", visited],
] as const)("lab controls of a connection %s", (_name, connected) => {
  test("stop reading: the kernel's queue fills with every byte, and read on empties it", async () => {
    const [talker, socket] = await connected();
    socket.write("before");
    await talker.when(({ text }) => text === "before");
    talker.channel.configure({ reading: false });
    await talker.when((t) => optionsOf(t).length === 1);
    socket.write(Buffer.alloc(100 * KIB, "x"));
    const [local, remote] = endsOf(talker);
    const unread = () => ssRow(local, remote)?.unread;
    await eventually(unread, (bytes) => bytes === 100 * KIB);
    expect(await settled(unread)).toBe(100 * KIB);
    expect(talker.receivedBytes).toBe("before".length);

    // More than the queue takes: then the far end's send queue fills as well.
    socket.write(Buffer.alloc(1024 * KIB, "y"));
    await eventually(
      () => ssRow(remote, local)?.unsent ?? 0,
      (unsent) => unsent > 0,
    );
    expect(talker.receivedBytes).toBe("before".length);
    talker.channel.configure({ reading: true });
    const total = "before".length + (100 + 1024) * KIB;
    await talker.when((t) => t.receivedBytes === total);
    expect(optionsOf(talker)).toEqual([{ reading: false }, { reading: true }]);
  });

  test("a pause comes between two sends, and none is joined with the next", async () => {
    const [talker, socket] = await connected();
    const reads = readsOf(socket);
    // A reader that gets no processor for so long would be handed two of them at once.
    const pauseMs = 250;
    talker.channel.configure({ pauseMs });
    for (const text of ["one", "two", "three", "four"]) talker.send(text);
    talker.channel.shutdown();
    await talker.when((t) => t.of("eof").length === 1);
    await eventually(
      () => reads.length,
      (count) => count === 4,
    );
    expect(reads.map(({ text }) => text)).toEqual(["one", "two", "three", "four"]);
    // A send may be seen late, and then the next soon after it: only the sum of the pauses is certain.
    const [began = 0] = talker.of("option").map(({ at }) => at * 1000);
    const times = talker.of("data").map(({ at }) => at * 1000);
    for (const [index, at] of times.entries()) {
      expect(at - began).toBeGreaterThanOrEqual(index * pauseMs - 2);
    }
  });

  test("a delay holds back each send and the end, in order, until it is taken off", async () => {
    const [talker, socket] = await connected();
    const reads = readsOf(socket);
    talker.channel.configure({ delayMs: 10_000 });
    await talker.when((t) => optionsOf(t).length === 1);
    const sentAt = performance.now();
    talker.send("late");
    talker.send("later");
    talker.channel.shutdown();
    // Whatever was said before the next answer has been heard by the gateway.
    talker.channel.configure({ delayMs: 150 });
    await talker.when((t) => t.of("eof").length === 1);
    await eventually(
      () => reads.map(({ text }) => text).join(""),
      (text) => text === "latelater",
    );
    expect((reads[0]?.at ?? 0) - sentAt).toBeGreaterThanOrEqual(150 - 2);
    expect(talker.pending).toBe(0);
  });

  test("close waits for what is delayed", async () => {
    const [talker, socket] = await connected();
    const reads = readsOf(socket);
    talker.channel.configure({ delayMs: 80 });
    talker.send("last words");
    talker.channel.close();
    await talker.when(({ ended }) => ended);
    await eventually(
      () => reads.length,
      (count) => count === 1,
    );
    expect(reads[0]?.text).toBe("last words");
  });

  test("are told again after a lost WebSocket, and what was asked for meanwhile is done", async () => {
    const [talker, socket] = await connected();
    talker.channel.configure({ noDelay: true });
    await talker.when((t) => optionsOf(t).length === 1);
    cutter.cut();
    await linkWhen(link, (l) => l.status.phase === "lost");
    talker.channel.configure({ reading: false });
    await linkWhen(link, (l) => l.status.phase === "live");
    await talker.when((t) => optionsOf(t).length === 2);
    expect(optionsOf(talker)).toEqual([{ noDelay: true }, { reading: false }]);
    socket.write("unheard");
    const [local, remote] = endsOf(talker);
    expect(await settled(() => ssRow(local, remote)?.unread)).toBe("unheard".length);
  });
});

describe("TCP_NODELAY", () => {
  /** How many segments with data the gateway's end has sent so far, in the kernel's count (ss -i). */
  function segments(port: number): number {
    const printed = execFileSync("ss", ["-tinH", "dst", `127.0.0.1:${port}`], { encoding: "utf8" });
    return Number(/data_segs_out:(\d+)/.exec(printed)?.[1] ?? 0);
  }

  /**
   * Sends five bytes one by one to a far end that answers, and whose kernel therefore delays its ACKs.
   * @returns in how many segments they left.
   */
  async function fiveSends(noDelay: boolean): Promise<number> {
    const [talker, socket] = await dialled();
    talker.channel.configure({ noDelay });
    let received = 0;
    socket.on("data", (data: Buffer) => {
      received += data.length;
      if (`${data}` === "?") socket.write("!");
    });
    const rounds = 8;
    for (let round = 1; round <= rounds; round++) {
      talker.send("?");
      await talker.when(({ receivedBytes }) => receivedBytes === round);
    }
    const before = segments(far.port);
    for (const text of "abcde") talker.send(text);
    await eventually(
      () => received,
      (bytes) => bytes === rounds + 5,
    );
    const sent = segments(far.port) - before;
    talker.channel.abort();
    await eventually(
      () => segments(far.port),
      (left) => left === 0,
    );
    return sent;
  }

  /**
   * The kernel may join what it has not handed to the network card yet, and a busy machine may be late with
   * the sends: what can be seen at all is seen within a few tries.
   */
  test("on: each send leaves as a segment of its own", async () => {
    await eventually(
      () => fiveSends(true),
      (count) => count === 5,
    );
  });

  test("off: what is sent before the first is acknowledged leaves together", async () => {
    await eventually(
      () => fiveSends(false),
      (count) => count === 2,
    );
  });
});

test("a hostile page that cuts its window into single bytes costs little more than the window", async () => {
  const { page } = await RawPage.attached(wire);
  await page.open(1, far.port);
  page.say({ type: "options", ch: 1, delayMs: 10_000 });
  await page.text("options");
  const count = 64 * KIB;
  collectGarbage();
  const before = process.memoryUsage();
  for (let seq = 0; seq < count; seq++) page.data(1, seq, "x");
  page.say({ type: "ping", n: 1 });
  await page.text("pong");
  collectGarbage();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  expect(grown).toBeLessThan(16 * 1024 * KIB);
  page.ws.close(1000);
  await page.closed;
});
