/** The page's link, where it could trouble its own gateway. */
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type ConversationEvent, initialState, next } from "../../shared/conversation.ts";
import { eventLine } from "../../shared/recording-write.ts";
import { Link } from "../../web/link.ts";
import { type ChannelHost, LinkChannel } from "../../web/link-channel.ts";
import { Settings } from "../../web/model/settings.ts";
import { Talk } from "../../web/model/talk.ts";
import { eventually } from "../support/eventually.ts";
import { closedPort, listenTcp, type TestServer } from "../support/tcp.ts";
import { linkWhen, openLink, pageSocket, startWire, Talker, type Wire } from "../support/wire.ts";

describe("a page that sends very many small pieces and closes", () => {
  let wire: Wire;
  let far: TestServer;
  let link: Link;

  beforeEach(async () => {
    wire = await startWire();
    far = await listenTcp();
    link = await openLink(wire);
  });

  afterEach(async () => {
    link.stop();
    await wire.stop();
    await far.close();
  });

  it("asks to close once, and is not taken for a flood", async () => {
    const talker = new Talker(link, far.port);
    const socket = await far.accepted();
    await talker.when((t) => t.of("open").length === 1);
    for (let i = 0; i < 2000; i++) talker.send("x");
    talker.channel.close();
    let received = 0;
    socket.on("data", (data) => (received += data.length));
    socket.on("end", () => socket.end());
    // The kernel has everything when the page is done; the far end reads it in its own time.
    await Promise.all([once(socket, "end"), talker.when((t) => t.ended)]);
    expect(received).toBe(2000);
    expect(talker.of("error")).toEqual([]);
    // What it asked is answered in order: once this one is open, everything before has been read.
    const next = new Talker(link, far.port);
    await next.when((t) => t.of("open").length === 1);
    expect([...talker.of("state"), ...next.of("state")]).toEqual([]);
    expect(link.status).toMatchObject({ phase: "live", resumes: 0 });
  });
});

describe("a page that sends in pieces", () => {
  it("makes each a send of its own, and has no more than 1024 of them on their way", async () => {
    const wire = await startWire();
    const far = await listenTcp();
    const link = await openLink(wire);
    const talker = new Talker(link, far.port);
    const socket = await far.accepted();
    await talker.when((t) => t.of("open").length === 1);
    talker.channel.send(new TextEncoder().encode("Wake up, Neo"), 5);
    await talker.when((t) => t.of("data").filter(({ side }) => side === "near").length === 3);
    const sent = talker.of("data").filter(({ side }) => side === "near");
    expect(sent.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([
      "Wake ",
      "up, N",
      "eo",
    ]);
    talker.channel.send(new Uint8Array(100_000), 1);
    expect(talker.channel.unsend()).toBe(100_000 - 1024);
    let received = 0;
    socket.on("data", (data) => (received += data.length));
    await eventually(
      () => received,
      (n) => n === 12 + 1024,
    );
    link.stop();
    await wire.stop();
    await far.close();
  });
});

describe("a page that resets busy connections", () => {
  it("is not taken for one that asks and does not read", async () => {
    const wire = await startWire(["--window", "1MiB"]);
    const far = await listenTcp();
    const link = await openLink(wire);
    for (let round = 0; round < 3; round++) {
      const talkers = Array.from(
        { length: 6 },
        () => new Talker(link, far.port, { reading: false }),
      );
      for (const _ of talkers)
        (await far.accepted()).on("error", () => {}).end(Buffer.alloc(4 << 20));
      await Promise.all(talkers.map((talker) => talker.when((t) => t.receivedBytes > 0)));
      for (const talker of talkers) talker.channel.abort();
    }
    const next = new Talker(link, far.port);
    await next.when((t) => t.of("open").length === 1);
    expect(link.status).toMatchObject({ phase: "live", resumes: 0 });
    link.stop();
    await wire.stop();
    await far.close();
  });
});

/** A host of one channel that sends nothing, and whose clock stands. */
function quietHost(): ChannelHost {
  return {
    ...{ sendFrame: () => true, sendMessage: () => true, finished: () => {} },
    ...{ windowBytes: 65_536, clock: () => 0 },
  };
}

describe("the times of a conversation", () => {
  it("are the same to the last bit when they have been written and read", () => {
    const address = { scheme: "tcp" as const, host: "127.0.0.1", port: 8000 };
    const ends = { local: { host: "127.0.0.1", port: 40_000 }, remote: address };
    for (let at = 0; at < 200_000; at += 50) {
      const events: ConversationEvent[] = [];
      const follow = (event: ConversationEvent) => events.push(event);
      const channel = new LinkChannel(1, address, quietHost(), follow, () => {});
      channel.begin();
      channel.state({ type: "state", ch: 1, at: 0, state: "connecting" });
      channel.state({ type: "state", ch: 1, at, state: "open", ...ends });
      const open = events.find(({ kind }) => kind === "open") as ConversationEvent;
      expect(open.at).toBeCloseTo(at / 100_000, 6);
      expect(JSON.parse(eventLine(open)).at).toBe(open.at);
    }
  });
});

describe("a page that gives a connection up", () => {
  it("does not believe what the kernel said before it knew of that", () => {
    const events: ConversationEvent[] = [];
    const address = { scheme: "tcp" as const, host: "127.0.0.1", port: 8000 };
    const channel = new LinkChannel(
      1,
      address,
      quietHost(),
      (event) => events.push(event),
      () => {},
    );
    channel.begin();
    const ends = { local: { host: "127.0.0.1", port: 40_000 }, remote: address };
    channel.state({ type: "state", ch: 1, at: 0, state: "open", ...ends });
    channel.abort();
    const kernel = { type: "kernel" as const, ch: 1, at: 0 };
    const socket = { unread: 0, unsent: 0, timeWaitMs: null };
    channel.kernel({ ...kernel, near: { ...socket, state: "ESTABLISHED" } });
    expect(events.reduce(next, initialState)).toMatchObject({ phase: "closed", near: "CLOSED" });
    const closed = { ...socket, state: "CLOSED" as const };
    channel.kernel({ ...kernel, near: closed, far: closed });
    const told = events.filter(({ kind }) => kind === "kernel").map(({ side }) => side);
    expect(told).toEqual(["near", "far"]);
  });
});

describe("a connection asked for before the gateway was reached", () => {
  it.each(["64KiB", "1MiB"])("keeps to a window of %s in both directions", async (window) => {
    const wire = await startWire(["--window", window]);
    const far = await listenTcp();
    const link = new Link({ url: wire.url, open: pageSocket(wire.origin) });
    const talker = new Talker(link, far.port);
    link.start();
    const socket = await far.accepted();
    const total = 3 * 1024 * 1024;
    let received = 0;
    socket.on("data", (data) => (received += data.length));
    socket.end(Buffer.alloc(total));
    talker.channel.send(new Uint8Array(total));
    talker.channel.shutdown();
    await talker.when((t) => t.ended);
    await eventually(
      async () => received,
      (n) => n === total,
    );
    expect(talker.receivedBytes).toBe(total);
    expect(talker.of("error")).toEqual([]);
    link.stop();
    await wire.stop();
    await far.close();
  });

  it("fails when the gateway cannot be reached, and shows no socket that is not there", async () => {
    const link = new Link({
      url: `ws://127.0.0.1:${await closedPort()}/wire`,
      open: pageSocket("http://127.0.0.1"),
    });
    link.start();
    await linkWhen(link, (l) => l.status.failure !== null);
    const talker = new Talker(link, 8000);
    expect(talker.of("error")).toMatchObject([{ code: "GATEWAY_UNREACHABLE" }]);
    link.stop();
  });
});

describe("a page that was too slow to say hello", () => {
  it("tries again, and is welcomed", async () => {
    const wire = await startWire(["--hello-timeout", "50ms"]);
    let slow = true;
    const link = new Link({
      url: wire.url,
      open: (url, protocol) => {
        const ws = pageSocket(wire.origin)(url, protocol);
        // A page whose main thread is busy hears that its WebSocket is open too late.
        if (slow) Object.defineProperty(ws, "send", { value: () => {} });
        slow = false;
        return ws;
      },
    });
    link.start();
    await linkWhen(link, (l) => l.status.phase === "live");
    expect(link.status.failure).toBeNull();
    link.stop();
    await wire.stop();
  });
});

describe("Talk", () => {
  it("owes an old conversation its acknowledgement after a new one has begun", async () => {
    const wire = await startWire();
    const far = await listenTcp();
    const link = await openLink(wire);
    const talk = new Talk(link, new Settings(null));
    const address = `tcp://127.0.0.1:${far.port}`;
    talk.connect(address);
    const first = talk.conversation;
    const socket = await far.accepted();
    socket.end("a tail that the screen has not shown yet");
    await talkWhen(talk, () => first?.state.phase === "closed");
    talk.connect(address);
    const next = await far.accepted();
    expect(await wire.level("wireside_channels")).toBe(2);
    if (first) talk.consumed(first, first.state.receivedBytes);
    await eventually(
      () => wire.level("wireside_channels"),
      (n) => n === 1,
    );
    next.destroy();
    link.stop();
    await wire.stop();
    await far.close();
  });

  it("takes no line while the gateway is stopping", async () => {
    const wire = await startWire(["--shutdown-timeout", "5s"]);
    const far = await listenTcp();
    const link = await openLink(wire);
    const talk = new Talk(link, new Settings(null));
    talk.connect(`tcp://127.0.0.1:${far.port}`);
    const socket = await far.accepted();
    socket.pause();
    await talkWhen(talk, () => talk.canSend);
    const drained = wire.gateway.drain();
    await linkWhen(link, (l) => l.status.phase === "draining");
    expect(talk.canSend).toBe(false);
    expect(talk.sendLine("too late")).toBe("direction-ended");
    socket.resume().end();
    await drained;
    link.stop();
    await wire.stop();
    await far.close();
  });
});

/** Resolves once `condition` holds for what Talk shows. */
function talkWhen(talk: Talk, condition: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!condition()) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = talk.subscribe(check);
    check();
  });
}
