/** The recorder of the gateway tells of every conversation what the page itself is told of it. */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ConversationEvent, initialState, next } from "../../../shared/conversation.ts";
import { FrameType } from "../../../shared/frames.ts";
import type { Link } from "../../../web/link.ts";
import { read } from "../../../web/model/recording/jsonl-reader.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { eventually } from "../../support/eventually.ts";
import { type FollowedConversation, Follower, fileOf } from "../../support/followed.ts";
import { Host } from "../../support/listening.ts";
import { RawPage } from "../../support/raw-page.ts";
import { type FarServer, listenStream } from "../../support/streams.ts";
import { closedPort, connectTcp, listenTcp, type TestServer } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const LIMITS = ["--max-sessions-per-address", "20", "--open-rate", "1000/s"];

let wire: Wire;
let cutter: Cutter;
let link: Link;
let far: TestServer;
let follower: Follower;
const streams: FarServer[] = [];

async function start(flags: readonly string[] = [], options: { looks?: boolean } = {}) {
  wire = await startWire([...LIMITS, ...flags]);
  follower = new Follower(options);
  wire.gateway.recorder.add(follower);
  cutter = await startCutter(wire.port);
  link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
}

beforeEach(async () => {
  far = await listenTcp();
});

afterEach(async () => {
  link.stop();
  await cutter.close();
  await far.close();
  await wire.stop();
  for (const stream of streams.splice(0)) await stream.close();
});

/** Everything of one end but the link's ups and downs, of which each has its own view. */
const own = (events: readonly ConversationEvent[], side: "near" | "far" = "near") =>
  events
    .filter((event) => event.side === side && event.kind !== "state" && event.kind !== "kernel")
    .map(({ at: _, ...event }) =>
      event.kind === "data" ? { ...event, bytes: Buffer.from(event.bytes).toString("hex") } : event,
    );

/** The conversation that began last. */
function newest(): FollowedConversation {
  const last = follower.conversations.at(-1);
  if (!last) throw new Error("nobody began");
  return last;
}

/** The gateway's events are those of the page, and a file made of them can be read. */
async function expectSame(talker: Talker, of: FollowedConversation = newest()): Promise<void> {
  await eventually(
    () => [own(talker.events).length, own(talker.events, "far").length],
    ([near, farCalls]) =>
      near === own(of.events).length && farCalls === own(of.events, "far").length,
  );
  expect(own(of.events)).toEqual(own(talker.events));
  expect(own(of.events, "far")).toEqual(own(talker.events, "far"));
  const { problem, recording } = read(fileOf(of));
  expect(problem).toBeNull();
  expect(own(recording.events)).toEqual(own(talker.events));
}

async function dialled(): Promise<[Talker, Socket]> {
  const talker = new Talker(link, far.port);
  const socket = await far.accepted();
  socket.on("error", () => {});
  await talker.when((t) => t.of("open").length > 0);
  return [talker, socket];
}

describe("a follower of a gateway is told what the page is told", () => {
  test("of the tutorial's conversation", async () => {
    await start();
    const [talker, socket] = await dialled();
    talker.send("Wake up, Neo");
    await once(socket, "data");
    socket.write("accepted");
    await talker.when((t) => t.text === "accepted");
    socket.end("closed");
    await talker.when((t) => t.of("eof").length === 1);
    talker.channel.close();
    await talker.when((t) => t.ended);
    await expectSame(talker);
    const { recorded, events } = newest();
    expect(events.map(({ kind }) => kind)).toEqual([
      "opening",
      "attempt",
      "open",
      "data",
      "data",
      "data",
      "eof",
      "eof",
      "closed",
    ]);
    expect(recorded).toMatchObject({
      role: "client",
      ch: 1,
      address: { scheme: "tcp", host: "127.0.0.1", port: far.port },
    });
    expect(Math.abs(Date.now() - recorded.startedAt)).toBeLessThan(60_000);
    link.stop();
    await eventually(
      () => newest().isOver,
      (isOver) => isOver,
    );
  });

  test("of a half-closed one that goes on", async () => {
    await start();
    const [talker, socket] = await dialled();
    socket.resume();
    talker.send("all I have");
    talker.channel.shutdown();
    await once(socket, "end");
    socket.write("thank you");
    await talker.when((t) => t.text === "thank you");
    socket.end();
    await talker.when((t) => t.ended);
    await expectSame(talker);
  });

  test("of one that is reset by the far end, and of one that the page gives up", async () => {
    await start();
    const [talker, socket] = await dialled();
    socket.write("bye");
    await talker.when((t) => t.text === "bye");
    socket.resetAndDestroy();
    await talker.when((t) => t.ended);
    await expectSame(talker);
    const [second] = await dialled();
    second.send("never mind");
    await second.when((t) => t.of("data").length === 1);
    second.channel.abort();
    await expectSame(second);
    expect(newest().events.at(-1)).toMatchObject({ kind: "reset", code: "CANCELLED" });
  });

  test("of one that is let go of while the far end still talks", async () => {
    await start();
    const [talker, socket] = await dialled();
    socket.resume();
    talker.send("that is all");
    talker.channel.close();
    await talker.when((t) => t.ended);
    await expectSame(talker);
  });

  test("of one that was refused, and of one there was no room for", async () => {
    await start(["--max-channels", "1"]);
    const refused = new Talker(link, await closedPort());
    await refused.when((t) => t.ended);
    await expectSame(refused);
    await dialled();
    const tooMany = new Talker(link, far.port);
    await tooMany.when((t) => t.ended);
    await expectSame(tooMany);
    expect(newest()).toMatchObject({ isOver: true });
  });

  test("of a visitor of a listening page", async () => {
    await start();
    const host = await new Host(link, { atOnce: true }).listening();
    const visitor = await connectTcp(host.port);
    const talker = await host.guest(0);
    visitor.send("Wake up, Neo");
    await talker.when((t) => t.text === "Wake up, Neo");
    talker.send("accepted");
    await visitor.bytes(8);
    visitor.socket.end();
    await talker.when((t) => t.of("eof").length === 1);
    talker.channel.close();
    await talker.when((t) => t.ended);
    await expectSame(talker);
    expect(newest().recorded).toMatchObject({
      role: "server",
      ch: 2,
      address: { scheme: "tcp", host: "127.0.0.1", port: host.port },
    });
  });

  test("of both ends when two pages of the gateway talk with each other", async () => {
    await start();
    const host = await new Host(link, { atOnce: true }).listening();
    const client = new Talker(link, host.port);
    const server = await host.guest(0);
    await client.when((t) => t.of("open").length === 2);
    client.send("hello");
    await server.when((t) => t.text === "hello");
    server.send("and to you");
    await client.when((t) => t.text === "and to you");
    client.channel.close();
    await server.when((t) => t.of("eof").length === 1);
    server.channel.close();
    await server.when((t) => t.ended);
    await client.when((t) => t.ended);
    const [first, second] = follower.conversations;
    if (!first || !second) throw new Error("two conversations");
    await expectSame(client, first);
    await expectSame(server, second);
    expect(own(first.events, "far").length).toBeGreaterThan(3);
  });

  test("of TLS, trusted and not", async () => {
    const stream = await listenStream("tls");
    streams.push(stream);
    await start(stream.flags);
    const talker = new Talker(link, stream.address);
    await talker.when((t) => t.of("tls").length === 1);
    talker.send("inside");
    await talker.when((t) => t.of("data").length > 0);
    talker.channel.close();
    await talker.when((t) => t.ended);
    await expectSame(talker);
    link.stop();
    await cutter.close();
    await wire.stop();
    await start();
    const refused = new Talker(link, stream.address);
    await refused.when((t) => t.ended);
    await expectSame(refused);
    expect(own(newest().events).map(({ kind }) => kind)).toEqual([
      "opening",
      "attempt",
      "tls",
      "error",
    ]);
  });

  test("of UDP, with what came to nothing", async () => {
    await start();
    const peer = createSocket("udp4");
    peer.bind(0, "127.0.0.1");
    await once(peer, "listening");
    const { port } = peer.address();
    const talker = new Talker(link, { scheme: "udp", host: "127.0.0.1", port });
    await talker.when((t) => t.of("open").length === 1);
    talker.send("one");
    const [, from] = await once(peer, "message");
    peer.send("two", from.port, from.address);
    await talker.when((t) => t.text === "two");
    peer.send("", from.port, from.address);
    await talker.when((t) => t.of("dropped").length === 1);
    peer.close();
    talker.send("to nobody");
    await talker.when((t) => t.of("undelivered").length === 1);
    talker.channel.close();
    await talker.when((t) => t.ended);
    await expectSame(talker);
  });

  test("of UDP that is given up at once: nothing is reset, because there is nothing to reset", async () => {
    await start();
    const peer = createSocket("udp4");
    peer.bind(0, "127.0.0.1");
    await once(peer, "listening");
    const { port } = peer.address();
    const talker = new Talker(link, { scheme: "udp", host: "127.0.0.1", port });
    await talker.when((t) => t.of("open").length === 1);
    talker.send("one");
    await talker.when((t) => t.of("data").length === 1);
    talker.channel.abort();
    await talker.when((t) => t.ended);
    await expectSame(talker);
    expect(own(talker.events).map(({ kind }) => kind)).toEqual([
      ...["opening", "open", "data", "closed"],
    ]);
    peer.close();
  });

  test("of lab controls", async () => {
    await start();
    const [talker] = await dialled();
    talker.channel.configure({ noDelay: true, delayMs: 5 });
    await talker.when((t) => t.of("option").length === 1);
    talker.channel.configure({ delayMs: 5, pauseMs: 3 });
    await talker.when((t) => t.of("option").length === 2);
    await expectSame(talker);
  });
});

describe("a follower of a page that is cut off again and again", () => {
  test("gets every byte of both directions once, cut as the page sees it", async () => {
    await start();
    const [talker, socket] = await dialled();
    socket.pipe(socket);
    cutter.cutAfter = () => 1 + Math.floor(Math.random() * 200_000);
    cutter.cut();
    const sent = randomBytes(3 << 20);
    for (let at = 0; at < sent.length; ) {
      const length = 1 + Math.floor(Math.random() * 60_000);
      talker.channel.send(sent.subarray(at, at + length));
      at += length;
    }
    await talker.when((t) => t.receivedBytes === sent.length);
    cutter.cutAfter = null;
    await linkWhen(link, ({ status }) => status.phase === "live");
    await talker.when((t) => t.pending === 0);
    expect(cutter.cuts).toBeGreaterThan(5);
    await expectSame(talker);
    // A page that is back before its loss was noticed was not away.
    const links = newest().events.flatMap((event) => (event.kind === "state" ? [event.link] : []));
    expect(links.length).toBeGreaterThan(0);
    expect(links).toEqual(links.map((_, at) => (at % 2 === 0 ? "lost" : "resumed")));
  });

  test("gets them in the order in which the page learns of them once it is back", async () => {
    await start();
    const [talker, socket] = await dialled();
    const recorded = (pieces: number) =>
      eventually(
        () => newest().events.filter(({ kind }) => kind === "data").length,
        (now) => now === pieces,
      );
    cutter.deaf = true;
    socket.write("one");
    await recorded(1);
    talker.send("two");
    await recorded(2);
    socket.write("three");
    await recorded(3);
    talker.send("four");
    await recorded(4);
    cutter.deaf = false;
    cutter.cut();
    await talker.when((t) => t.text === "onethree" && t.pending === 0);
    await expectSame(talker);
    const told = talker.of("data").map(({ bytes }) => Buffer.from(bytes).toString());
    expect(told).toEqual(["one", "two", "three", "four"]);
  });
});

describe("a follower of a gateway", () => {
  test("that looks is told what the kernel says, also while nobody looks at the page", async () => {
    await start([], { looks: true });
    const [talker, socket] = await dialled();
    const states = (side: "near" | "far") =>
      newest().events.flatMap((event) =>
        event.kind === "kernel" && event.side === side ? [event.socket.state] : [],
      );
    await eventually(
      () => states("far").at(-1),
      (state) => state === "ESTABLISHED",
    );
    socket.end();
    await eventually(
      () => [states("near").at(-1), states("far").at(-1)].join(),
      (now) => now === "CLOSE_WAIT,FIN_WAIT2",
    );
    expect(talker.of("kernel")).toEqual([]);
    const state = newest().events.reduce(next, initialState);
    expect(state).toMatchObject({ near: "CLOSE_WAIT", far: "FIN_WAIT2" });
    expect(state.kernel.near).not.toBeNull();
    follower.looks = false;
    wire.gateway.recorder.looksChanged();
    const said = states("near").length;
    talker.channel.close();
    await talker.when((t) => t.ended);
    await expectSame(talker);
    expect(states("near").length).toBe(said);
  });

  test("who follows somebody else hears nothing, and one who stops hears nothing more", async () => {
    await start();
    const nobody = new Follower({ follows: () => false });
    const stop = wire.gateway.recorder.add(nobody);
    const second = new Follower();
    const stopSecond = wire.gateway.recorder.add(second);
    const [talker, socket] = await dialled();
    const before = second.conversations[0]?.events.length;
    expect(before).toBeGreaterThan(0);
    stopSecond();
    stop();
    socket.write("more");
    await talker.when((t) => t.text === "more");
    await expectSame(talker);
    expect(second.conversations[0]?.events.length).toBe(before);
    expect(nobody.conversations).toEqual([]);
  });

  test("sees very many waiting sends of single bytes gathered, with none missing", async () => {
    await start(["--max-channels", "4"]);
    const { page } = await RawPage.attached(wire);
    await page.open(1, far.port);
    const socket = await far.accepted();
    const total = 20_000;
    // As long as the far end reads nothing and the page sends much, small ones wait.
    page.frame(FrameType.data, 1, 0, Buffer.alloc(65_536, "-"));
    page.say({ type: "options", ch: 1, delayMs: 50 });
    await page.text("options");
    for (let at = 0; at < total; at++) page.data(1, 65_536 + at, "x");
    socket.resume();
    const near = () => newest().events.filter((e) => e.side === "near" && e.kind === "data");
    const sum = (of: (event: ConversationEvent & { kind: "data" }) => number) =>
      near().reduce((all, event) => all + (event.kind === "data" ? of(event) : 0), 0);
    page.say({ type: "options", ch: 1, delayMs: 0 });
    await eventually(
      () => sum(({ length }) => length),
      (length) => length === 65_536 + total,
    );
    expect(sum(({ calls = 1 }) => calls)).toBe(total + 1);
    expect(read(fileOf(newest())).problem).toBeNull();
    page.cut();
  });
});
