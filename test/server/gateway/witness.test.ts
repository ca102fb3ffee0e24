/** What a page is told of a connection besides its bytes: the calls of the server's program. */
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Witness } from "../../../server/gateway/witness.ts";
import { createObserver, type Observer, type Pair } from "../../../server/observe.ts";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import type { GatewayMessage } from "../../../shared/protocol.ts";
import type { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
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

it("is told nothing of an earlier connection between the same two ports", () => {
  const observer = createObserver();
  const near = { host: "127.0.0.1", port: 40_000 };
  const server = { host: "127.0.0.1", port: 8000 };
  const said: GatewayMessage[] = [];
  const owner = { clockAt: () => 0, send: (it: GatewayMessage) => void said.push(it), gone() {} };
  const channel = { id: 1, readOffset: 0, sentOffset: 0, ackedOffset: 0 };
  const witness = new Witness(channel, owner, { observer, kernel: null });
  observer.publish({ local: server, remote: near }, "accept");
  observer.publish({ local: server, remote: near }, "recv", 23);
  witness.attempted({ local: near, remote: server });
  witness.opened({ local: near, remote: server });
  observer.publish({ local: server, remote: near }, "accept");
  witness.flush();
  witness.stop();
  expect(said).toEqual([{ type: "far", ch: 1, calls: [{ n: 1, at: 0, call: "accept" }] }]);
});
