/** A page that is loaded anew gets its session back: the same sockets, and nothing lost. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { eventLine } from "../../../shared/recording-write.ts";
import { eventually, settled } from "../../support/eventually.ts";
import { LoadedPage } from "../../support/loaded-page.ts";
import { RawPage } from "../../support/raw-page.ts";
import { connectTcp, listenTcp, type TestServer } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, type Wire } from "../../support/wire.ts";

let wire: Wire;
let far: TestServer;
let page: LoadedPage;

beforeEach(async () => {
  wire = await startWire(["--max-sessions-per-address", "20"], undefined, { returns: () => true });
  far = await listenTcp();
  page = await LoadedPage.load(wire);
});

afterEach(async () => {
  page.link.stop();
  await far.close();
  await wire.stop();
});

async function dial(): Promise<Socket> {
  page.talk.connect(`tcp://127.0.0.1:${far.port}`);
  const socket = await far.accepted();
  socket.on("error", () => {});
  await page.when(({ conversation }) => conversation.state.phase === "open");
  return socket;
}

const lines = (events: readonly ConversationEvent[]) =>
  events.filter(({ kind }) => kind !== "state").map(eventLine);

describe("a page that is loaded anew", () => {
  test("has the conversation on the screen as it was, and goes on with it", async () => {
    const socket = await dial();
    page.talk.sendLine("Wake up, Neo");
    await once(socket, "data");
    socket.write("accepted");
    await page.when(({ text }) => text === "accepted");
    await page.when(({ talk }) => talk.pendingBytes === 0);
    const before = page.conversation;
    page = await page.reload();
    const after = page.conversation;
    expect(after).not.toBe(before);
    expect(lines(after.events).map(untimed)).toEqual(lines(before.events).map(untimed));
    expect(after.events.filter(({ kind }) => kind === "state")).toMatchObject([
      { link: "lost" },
      { link: "resumed" },
    ]);
    expect(after.state).toMatchObject({ phase: "open", local: before.state.local });
    expect(page.talk.addressText).toBe(`tcp://127.0.0.1:${far.port}`);
    expect(Math.abs(after.startedAt - before.startedAt)).toBeLessThan(1000);
    page.talk.sendLine("The Matrix has you");
    const [read] = await once(socket, "data");
    expect(`${read}`).toBe("The Matrix has you");
    socket.end("closed");
    await page.when(({ conversation }) => conversation.state.phase === "closed");
    expect(page.text).toBe("acceptedclosed");
    expect(await wire.level("wireside_sessions")).toBe(1);
  });

  test.each(["left", "crashed", "still there"] as const)(
    "loses no byte and no place in fifty reloads of a page that %s, busy both ways",
    async (how) => {
      const socket = await dial();
      const down = randomBytes(6 << 20);
      const up = randomBytes(6 << 20);
      const heard: Buffer[] = [];
      socket.on("data", (data: Buffer) => heard.push(data));
      // The page's kernel has everything before the far end has read it.
      const allHeard = once(socket, "end");
      socket.end(down);
      const seen = Buffer.alloc(down.length);
      let known = 0;
      const note = (event: ConversationEvent) => {
        if (event.kind !== "data" || event.side === "far" || event.direction === "out") return;
        // What this page is told begins where the one before had stopped, or earlier.
        expect(event.offset).toBeLessThanOrEqual(known);
        seen.set(event.bytes, event.offset);
        known = Math.max(known, event.offset + event.length);
      };
      const { local } = page.conversation.state;
      page.talk.settings.choose({ hangUpToo: false });
      for (let load = 0; load <= 50; load++) {
        const { conversation, talk } = page;
        expect(conversation.state.local).toEqual(local);
        for (const event of conversation.events) note(event);
        conversation.onEvent(note);
        const at = conversation.lengthOf("out") + talk.pendingBytes;
        if (load === 50) {
          talk.sendBytes(up.subarray(at));
          talk.shutdown();
          break;
        }
        talk.sendBytes(up.subarray(at, at + 1 + Math.floor(Math.random() * 200_000)));
        const goal = Math.min(down.length, known + Math.floor(Math.random() * 150_000));
        await page.when(() => known >= goal);
        page = await page.reload(how);
      }
      await page.when(({ conversation }) => conversation.state.phase === "closed");
      await allHeard;
      expect(known).toBe(down.length);
      expect(seen.equals(down)).toBe(true);
      expect(Buffer.concat(heard).equals(up)).toBe(true);
    },
    60_000,
  );

  test("knows what the far end has not taken yet, and sees it leave", async () => {
    const socket = await dial();
    socket.pause();
    const sent = randomBytes(24 << 20);
    page.talk.sendBytes(sent);
    // The kernels' buffers are full.
    await settled(() => page.conversation.state.sentBytes);
    page = await page.reload();
    const { talk, conversation } = page;
    const given = conversation.lengthOf("out") + talk.pendingBytes;
    expect(talk.pendingBytes).toBeGreaterThan(0);
    talk.shutdown();
    page = await page.reload();
    expect(page.talk.canSend).toBe(false);
    const heard: Buffer[] = [];
    socket.on("data", (data: Buffer) => heard.push(data));
    socket.resume();
    await once(socket, "end");
    expect(Buffer.concat(heard).equals(sent.subarray(0, given))).toBe(true);
    await page.when(({ conversation: { state } }) => state.outEnded !== null);
    expect(page.conversation.lengthOf("out")).toBe(given);
    expect(Buffer.from(page.conversation.bytes("out", given - 65_536, given))).toEqual(
      sent.subarray(given - 65_536, given),
    );
  });

  test("is half-closed as before, either way", async () => {
    page.talk.settings.choose({ hangUpToo: false });
    const socket = await dial();
    socket.end("that is all");
    await page.when(({ conversation }) => conversation.state.inEnded !== null);
    page = await page.reload();
    expect(page.conversation.state).toMatchObject({ phase: "open", near: "CLOSE_WAIT" });
    // With the manners of the tutorial's client it hangs up as soon as it knows.
    page.talk.settings.choose({ hangUpToo: true });
    page = await page.reload();
    await once(socket.resume(), "end");
    await page.when(({ conversation }) => conversation.state.phase === "closed");

    const second = await dial();
    page.talk.shutdown();
    await once(second.resume(), "end");
    page = await page.reload();
    expect(page.conversation.state).toMatchObject({ phase: "open", near: "FIN_WAIT2" });
    expect(page.talk.canSend).toBe(false);
    second.end("goodbye");
    await page.when(({ conversation }) => conversation.state.phase === "closed");
    expect(page.text).toBe("goodbye");
  });

  test("has the conversation that is over, if it was the newest", async () => {
    const socket = await dial();
    socket.end("bye");
    await page.when(({ conversation }) => conversation.state.phase === "closed");
    page = await page.reload();
    expect(page.text).toBe("bye");
    expect(page.conversation.state).toMatchObject({ phase: "closed", error: null });
    page = await page.reload("crashed");
    expect(page.text).toBe("bye");
    await dial();
    page = await page.reload();
    expect(page.desk.talks).toHaveLength(1);
    expect(page.conversation.state.phase).toBe("open");
  });

  test("sees the reset that came while it was away", async () => {
    const socket = await dial();
    page.link.leave();
    await eventually(
      () => wire.level("wireside_sessions_detached"),
      (n) => n === 1,
    );
    socket.resetAndDestroy();
    page = await page.reload();
    await page.when(({ conversation }) => conversation.state.phase === "closed");
    expect(page.conversation.state.reset).toMatchObject({ code: "ECONNRESET" });
    expect(await wire.level("wireside_channels")).toBe(0);
  });

  test("has all its conversations in tabs, and opens further ones beside them", async () => {
    const first = await dial();
    page.desk.add();
    const second = await dial();
    page = await page.reload();
    expect(page.desk.talks.map(({ live }) => live?.state.phase)).toEqual(["open", "open"]);
    page.desk.add();
    const third = await dial();
    for (const [at, socket] of [first, second, third].entries()) socket.write(`number ${at}`);
    await eventually(
      () => page.desk.talks.map(({ live }) => live?.lengthOf("in")),
      (lengths) => lengths.every((length) => length === 8),
    );
  });

  test("that was cut off before everything was told asks again", async () => {
    const socket = await dial();
    socket.write(Buffer.alloc(200_000, "x"));
    await page.when(({ conversation }) => conversation.lengthOf("in") === 200_000);
    page.link.leave();
    const half = await RawPage.connect(wire);
    half.say({ type: "hello", v: 1, back: true });
    expect((await half.text("welcome")).back).toBe(1);
    half.cut();
    page = await page.reload();
    expect(page.conversation.lengthOf("in")).toBe(200_000);
    expect(page.text).toBe("x".repeat(200_000));
  });

  test("goes on listening, with its door, its visitor and the ways of before", async () => {
    const { Serve } = await import("../../../web/model/serve.ts");
    const serve = page.desk.serveWith((...given) => new Serve(...given));
    serve.listen("127.0.0.1:0");
    const until = (holds: (of: LoadedPage) => boolean) => eventually(() => holds(page), Boolean);
    await until(({ desk }) => desk.serve?.phase === "listening");
    const port = serve.local?.port ?? 0;
    const visitor = await connectTcp(port);
    serve.accept();
    await until(({ desk }) => desk.serve?.visits.length === 1);
    visitor.send("knock, knock");
    await until((of) => of.serve.visits[0]?.bytes.read === 12);
    const waiting = await connectTcp(port);
    await until((of) => of.serve.door.waiting.length === 1);
    page = await page.reload();
    await until(({ desk }) => desk.serve?.phase === "listening" && desk.serve.visits.length === 1);
    await until((of) => of.serve.door.waiting.length === 1);
    const [visit] = page.serve.visits;
    expect(visit).toMatchObject({ bytes: { read: 12, sent: 0 }, guest: { n: 1 } });
    expect(visit?.guest.fd).toEqual(serve.visits[0]?.guest.fd);
    expect(page.serve.local).toEqual(serve.local);
    visit?.table.sendLine("who is there?");
    expect(await visitor.bytes(13)).toBe("who is there?");
    page.serve.accept();
    await until((of) => of.serve.visits.length === 2);
    waiting.send("me");
    await until((of) => of.serve.visits.some(({ bytes }) => bytes.read === 2));
    page.serve.stop();
    await until((of) => of.serve.phase === "idle");
    visitor.socket.destroy();
    waiting.socket.destroy();
  });
});

describe("canned answers of a page that is loaded anew", () => {
  const until = (holds: (of: LoadedPage) => boolean) => eventually(() => holds(page), Boolean);

  /** A page that accepts at once and gives everything back, with one visitor. */
  async function echoing() {
    const { Serve } = await import("../../../web/model/serve.ts");
    const serve = page.desk.serveWith((...given) => new Serve(...given));
    serve.answerAll("echo");
    serve.configure({ atOnce: true });
    serve.listen("127.0.0.1:0");
    await until(() => serve.phase === "listening");
    const visitor = await connectTcp(serve.local?.port ?? 0);
    visitor.send("before");
    expect(await visitor.bytes(6)).toBe("before");
    await until(() => serve.visits[0]?.table.pendingBytes === 0);
    return visitor;
  }

  test("are given to what came while there was no page, and to nothing twice", async () => {
    const visitor = await echoing();
    page.link.leave();
    await eventually(
      () => wire.level("wireside_sessions_detached"),
      (away) => away === 1,
    );
    visitor.send(" between");
    await eventually(
      () => wire.level("wireside_buffered_bytes"),
      (kept) => kept >= 8,
    );
    page = await page.reload("still there");
    await until(({ desk }) => desk.serve?.visits.length === 1);
    visitor.send(" after");
    expect(await visitor.bytes(20)).toBe("before between after");
    visitor.socket.destroy();
  });

  test("are given also where the page is loaded anew once more before it could give any", async () => {
    const visitor = await echoing();
    const away = () =>
      eventually(
        () => wire.level("wireside_sessions_detached"),
        (sessions) => sessions === 1,
      );
    page.link.leave();
    await away();
    visitor.send(" between");
    await eventually(
      () => wire.level("wireside_buffered_bytes"),
      (kept) => kept >= 8,
    );
    const brief = await RawPage.connect(wire);
    brief.say({ type: "hello", v: 1, back: true });
    await brief.text("history", ({ more }) => !more);
    brief.cut();
    await away();
    page = await page.reload("still there");
    expect(await visitor.bytes(14)).toBe("before between");
    visitor.socket.destroy();
  });

  test("are not given again by a page that takes over from one that had given them", async () => {
    const visitor = await echoing();
    page.link.leave();
    await eventually(
      () => wire.level("wireside_sessions_detached"),
      (away) => away === 1,
    );
    visitor.send(" between");
    await eventually(
      () => wire.level("wireside_buffered_bytes"),
      (kept) => kept >= 8,
    );
    page.link.retry();
    expect(await visitor.bytes(14)).toBe("before between");
    page = await page.reload("still there");
    await until(({ desk }) => desk.serve?.visits.length === 1);
    visitor.send(" after");
    expect(await visitor.bytes(20)).toBe("before between after");
    visitor.socket.destroy();
  });

  test("end with the visitor who hung up meanwhile", async () => {
    const visitor = await echoing();
    page.link.leave();
    await eventually(
      () => wire.level("wireside_sessions_detached"),
      (away) => away === 1,
    );
    const ended = once(visitor.socket, "end");
    visitor.socket.end(" and gone");
    page = await page.reload("still there");
    await ended;
    expect(await visitor.bytes(15)).toBe("before and gone");
  });
});

describe("a page that asks for a session of before", () => {
  test("gets a new one where there is none", async () => {
    const half = await RawPage.connect(wire);
    page.link.stop();
    await eventually(
      () => wire.level("wireside_sessions"),
      (n) => n === 0,
    );
    half.say({ type: "hello", v: 1, back: true });
    expect((await half.text("welcome")).back).toBeUndefined();
    half.cut();
  });

  test("gets a new one where the gateway gives none back, and leaves the other alone", async () => {
    const other = await startWire();
    const first = await openLink(other);
    const second = await RawPage.connect(other);
    second.say({ type: "hello", v: 1, back: true });
    expect((await second.text("welcome")).back).toBeUndefined();
    expect(first.status.phase).toBe("live");
    second.cut();
    first.stop();
    await other.stop();
  });

  test("takes it from the page that has it, which is told so", async () => {
    await dial();
    const first = page;
    page = await first.reload("still there");
    await linkWhen(first.link, ({ status }) => status.phase === "stopped");
    expect(first.link.status.failure?.detail).toContain("another window");
    expect(page.conversation.state.phase).toBe("open");
  });
});

const untimed = (line: string) => line.replace(/^\{"at":[\d.]+,/, "");
