/** What a page is told of a connection besides its bytes: the calls of the server's program. */
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness, type WitnessOwner } from "../../../server/gateway/witness.ts";
import { createObserver, type Observer, type Pair } from "../../../server/observe.ts";
import { createKernel } from "../../../server/sockets/kernel.ts";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { FrameType } from "../../../shared/frames.ts";
import type { FarCall, GatewayMessage } from "../../../shared/protocol.ts";
import type { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { eventually } from "../../support/eventually.ts";
import { RawPage } from "../../support/raw-page.ts";
import { connectTcp, listenTcp, type TestServer } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const ANSWER = "accepted";

const pairOf = (socket: Socket): Pair => ({
  local: { host: socket.localAddress ?? "", port: socket.localPort ?? 0 },
  remote: { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
});

/** A server that says what it does: reads, answers each read, ends when the client has. */
function publish(socket: Socket, observer: Observer): void {
  const pair = pairOf(socket);
  observer.publish(pair, "accept");
  socket.on("data", (data) => {
    observer.publish(pair, "recv", data.length);
    socket.write(ANSWER);
    observer.publish(pair, "send", ANSWER.length);
  });
  socket.on("end", () => {
    observer.publish(pair, "recv", 0);
    socket.end();
    observer.publish(pair, "shutdown");
  });
  socket.on("close", () => observer.publish(pair, "close"));
}

/** What was done at the far end, in short. */
function farCalls(events: readonly ConversationEvent[]): string[] {
  return events
    .filter(({ side, kind }) => side === "far" && kind !== "kernel")
    .map((event) => {
      if (event.kind === "data") return `${event.direction} ${event.offset}+${event.length}`;
      return event.kind === "eof" ? `eof ${event.direction}` : event.kind;
    });
}

/** Throws where the page read what the server had not sent yet. */
function expectSentBeforeRead(events: readonly ConversationEvent[]): void {
  let sent = 0;
  for (const event of events) {
    if (event.kind !== "data" || event.direction !== "in") continue;
    if (event.side === "far") sent = event.offset + event.length;
    else expect(event.offset + event.length).toBeLessThanOrEqual(sent);
  }
}

describe("a page whose server says what it does", () => {
  let wire: Wire;
  let cutter: Cutter;
  let link: Link;
  let far: TestServer;

  beforeEach(async () => {
    wire = await startWire(["--max-sessions-per-address", "20"]);
    cutter = await startCutter(wire.port);
    link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
    far = await listenTcp();
    far.server.on("connection", (socket) => publish(socket, wire.observer));
  });

  afterEach(async () => {
    link.stop();
    await cutter.close();
    await far.close();
    await wire.stop();
  });

  it("is told each call in its place, and close(2) after the connection is over", async () => {
    const talker = new Talker(link, far.port);
    await talker.when((t) => t.of("open").length === 2);
    talker.send("Wake up, Neo");
    await talker.when((t) => t.text === ANSWER);
    talker.channel.close();
    await talker.when((t) => t.events.some((e) => e.side === "far" && e.kind === "closed"));
    expect(farCalls(talker.events)).toEqual([
      "open",
      "out 0+12",
      "in 0+8",
      "eof out",
      "eof in",
      "closed",
    ]);
    expectSentBeforeRead(talker.events);
    const kinds = talker.events.filter(({ side }) => side === "near").map(({ kind }) => kind);
    expect(kinds.slice(0, 5)).toEqual(["opening", "attempt", "open", "data", "data"]);
    const times = talker.events.map(({ at }) => at);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it("is told each call once and in order, however often the link is cut", async () => {
    const talker = new Talker(link, far.port);
    await talker.when((t) => t.of("open").length === 2);
    const rounds = 120;
    for (let round = 1; round <= rounds; round++) {
      talker.send("ping");
      // In one round the answer is waited for, in the next the link is cut while it is under way.
      if (round % 2 === 0) {
        cutter.cut();
        await linkWhen(link, (l) => l.status.phase === "live");
      }
      await talker.when((t) => t.receivedBytes === round * ANSWER.length);
    }
    expect(cutter.cuts).toBeGreaterThanOrEqual(rounds / 2);
    const expected = ["open"];
    for (let round = 0; round < rounds; round++) {
      expected.push(`out ${round * 4}+4`, `in ${round * 8}+8`);
    }
    await talker.when((t) => farCalls(t.events).length === expected.length);
    expect(farCalls(talker.events)).toEqual(expected);
    expectSentBeforeRead(talker.events);
  });

  it("gets very many calls at once added up, with nothing missing from the sum", async () => {
    const talker = new Talker(link, far.port);
    const socket = await far.accepted();
    await talker.when((t) => t.of("open").length === 2);
    const calls = 5000;
    const pair = pairOf(socket);
    for (let i = 0; i < calls; i++) {
      wire.observer.publish(pair, "recv", 16);
      wire.observer.publish(pair, "send", 8);
    }
    const told = (direction: "out" | "in") =>
      talker.of("data").filter((e) => e.side === "far" && e.direction === direction);
    const sum = (direction: "out" | "in", of: (e: { length: number; calls?: number }) => number) =>
      told(direction).reduce((total, event) => total + of(event), 0);
    await talker.when(() => sum("in", (e) => e.length) === calls * 8);
    expect(sum("out", (e) => e.length)).toBe(calls * 16);
    expect(sum("out", (e) => e.calls ?? 1)).toBe(calls);
    expect(sum("in", (e) => e.calls ?? 1)).toBe(calls);
    expect(told("out").length).toBeLessThan(calls / 10);
    let end = 0;
    for (const { offset, length } of told("out")) {
      expect(offset).toBe(end);
      end = offset + length;
    }
  });

  it("that was away for very many calls gets their sum, with none missing", async () => {
    const talker = new Talker(link, far.port);
    const socket = await far.accepted();
    await talker.when((t) => t.of("open").length === 2);
    const pair = pairOf(socket);
    cutter.unplugged = true;
    cutter.cut();
    await linkWhen(link, (l) => l.status.phase === "lost");
    const calls = 6000;
    for (let i = 0; i < calls; i++) wire.observer.publish(pair, i % 2 === 0 ? "recv" : "send", 4);
    cutter.unplugged = false;
    link.retry();
    const told = () => talker.of("data").filter((e) => e.side === "far");
    const made = () => told().reduce((sum, { calls: together = 1 }) => sum + together, 0);
    await talker.when(() => made() === calls);
    expect(told().reduce((sum, { length }) => sum + length, 0)).toBe(calls * 4);
    expect(told().length).toBeLessThan(200);
  });

  it("that was away while calls came one by one gets their sum as well", async () => {
    const talker = new Talker(link, far.port);
    const socket = await far.accepted();
    await talker.when((t) => t.of("open").length === 2);
    const pair = pairOf(socket);
    cutter.unplugged = true;
    cutter.cut();
    await linkWhen(link, (l) => l.status.phase === "lost");
    await eventually(
      () => wire.level("wireside_sessions_detached"),
      (n) => n === 1,
    );
    const calls = 6000;
    for (let i = 0; i < calls; i++) {
      wire.observer.publish(pair, i % 2 === 0 ? "recv" : "send", 4);
      // What was called in one turn of the event loop is told at its end.
      await Promise.resolve();
    }
    cutter.unplugged = false;
    link.retry();
    const told = () => talker.of("data").filter((e) => e.side === "far");
    const made = () => told().reduce((sum, { calls: together = 1 }) => sum + together, 0);
    await eventually(made, (n) => n === calls);
    expect(told().length).toBeLessThan(200);
  });

  it("that lost the last calls of a connection that is over gets them when it is back", async () => {
    const { page, welcome } = await RawPage.attached(wire);
    await page.open(1, far.port);
    page.frame(FrameType.eof, 1, 0);
    const { seq } = await page.binary(({ type }) => type === FrameType.eof);
    page.frame(FrameType.ack, 1, seq + 1, Buffer.alloc(4));
    const isClose = ({ call }: FarCall) => call === "close";
    const { calls } = await page.text("far", (it) => it.calls.some(isClose));
    const { sid, token, epoch } = welcome;
    page.cut();
    const resume = { ...{ sid, token, epoch }, channels: [], seen: [{ ch: 1, far: 1 }] };
    const { page: again } = await RawPage.attached(wire, resume);
    await again.text("far", (it) => it.calls.some(isClose));
    const texts = again.answers.flatMap((answer) => ("text" in answer ? [answer.text] : []));
    const told = texts.flatMap((text) => (text.type === "far" ? text.calls : []));
    expect(told.map(({ n }) => n)).toEqual([2, 3, 4]);
    expect(told.at(-1)).toEqual(calls.at(-1));
    again.cut();
  });

  it("hears nothing of anybody else's connection to the same server", async () => {
    const other = await openLink(wire);
    const mine = new Talker(link, far.port);
    const theirs = new Talker(other, far.port);
    await mine.when((t) => t.of("open").length === 2);
    await theirs.when((t) => t.of("open").length === 2);
    theirs.send("a secret of 23 bytes, yes");
    await theirs.when((t) => t.text === ANSWER);
    mine.send("ping");
    await mine.when((t) => t.text === ANSWER);
    expect(farCalls(mine.events)).toEqual(["open", "out 0+4", "in 0+8"]);
    other.stop();
  });
});

describe("a witness", () => {
  const near = { host: "127.0.0.1", port: 40_000 };
  const server = { host: "127.0.0.1", port: 8000 };
  const dialled: Pair = { local: near, remote: server };
  const accepted: Pair = { local: server, remote: near };
  const channel = { id: 1, readOffset: 0, sentOffset: 0, ackedOffset: 0 };
  let said: GatewayMessage[];
  let observer: Observer;
  /** Its session, with a page that is there and reads. */
  let owner: WitnessOwner & { behind: boolean; isGone: boolean };

  beforeEach(() => {
    said = [];
    observer = createObserver();
    owner = {
      attached: true,
      behind: false,
      isGone: false,
      clockAt: () => 0,
      send: (message) => void said.push(message),
      gone: () => {
        owner.isGone = true;
      },
    };
  });

  it("tells nothing of an earlier connection between the same two ports", () => {
    const witness = new Witness(channel, owner, { observer, kernel: null });
    observer.publish(accepted, "accept");
    observer.publish(accepted, "recv", 23);
    witness.attempted(dialled);
    witness.opened(dialled);
    observer.publish(accepted, "accept");
    witness.flush();
    witness.stop();
    expect(said).toEqual([{ type: "far", ch: 1, calls: [{ n: 1, at: 0, call: "accept" }] }]);
  });

  it("tells of an accept that came before the page was back, while it still connects", () => {
    const witness = new Witness(channel, owner, { observer, kernel: null });
    witness.attempted(dialled);
    observer.publish(accepted, "accept");
    witness.attempted(dialled);
    witness.opened(dialled);
    witness.flush();
    witness.stop();
    expect(said).toEqual([{ type: "far", ch: 1, calls: [{ n: 1, at: 0, call: "accept" }] }]);
  });

  it("tells the last calls again to a page that comes back without them", async () => {
    const witness = new Witness(channel, owner, { observer, kernel: null });
    witness.attempted(dialled);
    witness.opened(dialled);
    observer.publish(accepted, "accept");
    witness.channelOver();
    observer.publish(accepted, "close");
    // Calls are told at the end of a turn of the event loop.
    await Promise.resolve();
    expect(owner.isGone).toBe(false);
    witness.resume(1);
    witness.flush();
    witness.stop();
    expect(said.at(-1)).toEqual({ type: "far", ch: 1, calls: [{ n: 2, at: 0, call: "close" }] });
  });

  it("keeps the last 1024 calls for a page that acknowledges nothing, and numbers them", async () => {
    const witness = new Witness(channel, owner, { observer, kernel: null });
    witness.attempted(dialled);
    witness.opened(dialled);
    observer.publish(accepted, "accept");
    const calls = 5000;
    for (let n = 2; n <= calls; n++) {
      observer.publish(accepted, "recv", 16);
      await Promise.resolve();
    }
    const told = () => said.flatMap((it) => (it.type === "far" ? it.calls.map(({ n }) => n) : []));
    expect(told()).toEqual(Array.from({ length: calls }, (_, i) => i + 1));
    said = [];
    witness.resume(0);
    witness.flush();
    witness.stop();
    expect(told()).toEqual(Array.from({ length: 1024 }, (_, i) => calls - 1023 + i));
  });

  it("keeps the kernel's words until the page reads again, and then says the newest", async () => {
    const kernel = createKernel();
    if (!kernel) throw new Error("there is no table of sockets here");
    const far = await listenTcp();
    const { socket } = await connectTcp(far.port);
    const other = await far.accepted();
    const witness = new Witness(channel, owner, { observer, kernel });
    owner.behind = true;
    witness.look(true);
    witness.opened(pairOf(socket));
    await eventually(
      () => kernel.readings,
      (readings) => readings > 2,
    );
    expect(said).toEqual([]);
    other.end();
    owner.behind = false;
    const state = () => said.findLast((it) => it.type === "kernel")?.near?.state;
    await eventually(state, (now) => now === "CLOSE_WAIT");
    witness.stop();
    socket.destroy();
    await far.close();
  });
});
