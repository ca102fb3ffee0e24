/** What the wall is told of students who really talk, and the conversation of one of them whole. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Followed, TRACE_MS, type WallRow } from "../../../shared/classroom.ts";
import { FrameType } from "../../../shared/frames.ts";
import { readEvent, readHeader, Sequence } from "../../../shared/recording-lines.ts";
import {
  type ClassGateway,
  type ClassPerson,
  startClassGateway,
} from "../../support/class-gateway.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";

let gateway: ClassGateway;
let teacher: ClassPerson;
let neo: ClassPerson;
let far: TestServer;
beforeEach(async () => {
  far = await listenTcp();
  gateway = await startClassGateway(["--allow", `127.0.0.1:${far.port}`]);
  teacher = await gateway.teacher();
  neo = await gateway.student("Neo");
});
afterEach(async () => {
  await gateway.close();
  await far.close();
});

async function dial({ page }: ClassPerson, ch = 1) {
  page.say({ type: "open", ch, address: `tcp://127.0.0.1:${far.port}` });
  const socket = await far.accepted();
  socket.on("error", () => {});
  await page.text("state", (state) => state.ch === ch && state.state === "open");
  return socket;
}

const watch = ({ page }: ClassPerson, student: string | null = null) =>
  page.say({ type: "wall", on: true, student });

/** A row of that student that fits, once it is told. */
async function row(of: ClassPerson, fits: (row: WallRow) => boolean): Promise<WallRow> {
  const id = await of.id();
  let found: WallRow | undefined;
  await teacher.page.text("wall", ({ rows }) => {
    found = rows.find((it) => it.id === id && fits(it));
    return found !== undefined;
  });
  return found as WallRow;
}

describe("the wall", () => {
  test("begins whole, and shows who is there, whom it talks with, what was said last", async () => {
    watch(teacher);
    const { whole, rows } = await teacher.page.text("wall");
    expect([whole, rows.map(({ name }) => name)]).toEqual([true, ["Neo"]]);
    const socket = await dial(neo);
    neo.page.data(1, 0, "Wake up\u202e, Neo\r\n");
    await once(socket, "data");
    const sent = await row(neo, (it) => it.last?.direction === "out");
    expect(sent.last?.text).toBe("Wake up\\u202e, Neo");
    socket.write("accepted");
    const { here, open, now, last } = await row(neo, (it) => it.last?.direction === "in");
    expect([here, open, last]).toEqual([true, 1, { direction: "in", text: "accepted" }]);
    expect(now).toMatchObject({
      address: `tcp://127.0.0.1:${far.port}`,
      role: "client",
      phase: "open",
      state: "ESTABLISHED",
    });
  });

  test("has what happened as marks, with bytes and by the clock", async () => {
    watch(teacher);
    const socket = await dial(neo);
    neo.page.data(1, 0, "12345");
    await once(socket, "data");
    const { marks } = await row(neo, (it) => it.marks.some(({ kind }) => kind === "out"));
    const [mark] = marks.filter(({ kind }) => kind === "out");
    expect(mark?.bytes).toBe(5);
    expect(Math.abs((mark?.at ?? 0) - Date.now())).toBeLessThan(TRACE_MS);
    neo.page.say({ type: "open", ch: 3, address: "tcp://127.0.0.1:9" });
    await row(neo, (it) => it.marks.some(({ kind }) => kind === "refused"));
    socket.resetAndDestroy();
    const after = await row(neo, (it) => it.marks.some(({ kind }) => kind === "reset"));
    expect(after.open).toBe(0);
  });

  test("stays on a screen that does nothing else, for longer than other pages may be idle", async () => {
    const brief = await startClassGateway(["--idle-timeout", "600ms"]);
    const screen = await brief.watcher();
    watch(screen);
    await screen.page.text("wall");
    const idle = await brief.watcher();
    expect((await idle.page.text("refused")).detail).toContain("nothing happened");
    const late = await brief.watcher();
    expect((await late.page.text("refused")).detail).toContain("nothing happened");
    await brief.student("Trinity");
    await screen.page.text("wall", ({ rows }) => rows.some(({ name }) => name === "Trinity"));
    screen.page.say({ type: "wall", on: false, student: null });
    expect((await screen.page.text("refused")).detail).toContain("nothing happened");
    await brief.close();
  });

  test("sees who goes away and comes back", async () => {
    watch(teacher);
    await row(neo, ({ here }) => here);
    neo.page.cut();
    await row(neo, ({ here }) => !here);
    await gateway.enter(neo.cookie, neo.resume);
    await row(neo, ({ here, n }) => here && n > 1);
  });

  test("is sent on the same WebSocket only as long as it is wanted, and hides names", async () => {
    watch(teacher);
    await row(neo, ({ name }) => name === "Neo");
    await teacher.steer({ do: "hide-names", on: true });
    await row(neo, ({ name }) => name === "");
    teacher.page.say({ type: "wall", on: false, student: null });
    teacher.page.say({ type: "ping", n: 1 });
    await teacher.page.text("pong");
    const count = () =>
      teacher.page.answers.filter((it) => "text" in it && it.text.type === "wall").length;
    const before = count();
    const screen = await gateway.watcher();
    watch(screen);
    await dial(neo);
    const id = await neo.id();
    await screen.page.text("wall", ({ rows }) => rows.some((it) => it.id === id && it.open === 1));
    expect(count()).toBe(before);
  });
});

describe("a row", () => {
  const news = ({ marks }: WallRow) => marks.flatMap(({ news }) => (news ? [news] : []));

  test("has the last line of the conversation whose state it shows: the newest open, else the newest", async () => {
    watch(teacher, await neo.id());
    const first = await dial(neo);
    first.write("accepted\n");
    const old = await row(neo, ({ last }) => last?.text === "accepted");
    const second = await dial(neo, 3);
    const fresh = await row(neo, ({ now }) => now?.key !== old.now?.key && now?.phase === "open");
    expect([fresh.open, fresh.last]).toEqual([2, null]);
    // The older one goes on, and neither the row nor the large student goes back to it.
    first.write("still here");
    const after = await row(
      neo,
      ({ n, marks }) => n > fresh.n && marks.some(({ kind }) => kind === "in"),
    );
    expect([after.now?.key, after.last]).toEqual([fresh.now?.key, null]);
    await teacher.page.text("followed", ({ whole, key }) => whole && key === fresh.now?.key);
    second.resetAndDestroy();
    const back = await row(neo, ({ n, now }) => n > after.n && now?.key === old.now?.key);
    expect(back.last?.text).toBe("still here");
    await teacher.page.text("followed", ({ whole, key }) => whole && key === old.now?.key);
  });

  test("says who hung up first, once", async () => {
    watch(teacher);
    (await dial(neo)).end();
    const byServer = await row(neo, (it) => news(it).some(({ turn }) => turn === "over"));
    expect(news(byServer).at(-1)).toMatchObject({ turn: "over", by: "far", role: "client" });
    const socket = await dial(neo, 3);
    socket.resume();
    await teacher.steer({ do: "hang-up" });
    const byTeacher = await row(neo, (it) => news(it).some(({ by }) => by === "teacher"));
    expect(news(byTeacher).filter(({ by }) => by === "teacher")).toHaveLength(1);
  });

  test("shows where a student listens, and what a visitor says as received", async () => {
    watch(teacher);
    neo.page.say({ type: "listen", ch: 5, address: "tcp://127.0.0.1:0", backlog: 1, atOnce: true });
    const { listens } = await row(neo, (it) => it.listens !== undefined);
    const visitor = connect(listens?.[0] ?? 0, "127.0.0.1");
    visitor.write("Knock, knock\n");
    const served = await row(neo, ({ last }) => last !== null);
    expect(served.last).toEqual({ direction: "in", text: "Knock, knock" });
    expect([served.open, served.now?.role]).toEqual([1, "server"]);
    visitor.end();
    await row(neo, (it) => news(it).some(({ turn, by }) => turn === "over" && by === "far"));
    visitor.destroy();
  });
});

describe("one student's conversation", () => {
  /** Reads what was told since the last beginning, as a recording is read. */
  function read(parts: readonly Followed[]) {
    const from = parts.findLastIndex(({ whole }) => whole);
    const [first = "", ...lines] = parts.slice(from).flatMap((it) => it.lines);
    const { forgotten } = readHeader(first);
    const sequence = new Sequence(forgotten);
    return { forgotten, events: lines.map((line) => sequence.next(readEvent(line))) };
  }
  const parts = () =>
    teacher.page.answers.flatMap((it) =>
      "text" in it && it.text.type === "followed" ? [it.text] : [],
    );

  test("comes from its beginning, goes on, and is the one in which something happens", async () => {
    const socket = await dial(neo);
    neo.page.data(1, 0, "Wake up, Neo");
    await once(socket, "data");
    watch(teacher, await neo.id());
    await teacher.page.text("followed", ({ whole }) => whole);
    socket.write("accepted");
    await teacher.page.text("followed", ({ whole }) => !whole);
    await expect
      .poll(() =>
        read(parts()).events.flatMap((it) =>
          it.kind === "data" ? [`${Buffer.from(it.bytes)}`] : [],
        ),
      )
      .toEqual(["Wake up, Neo", "accepted"]);
    const { events, forgotten } = read(parts());
    expect([forgotten, events[0]?.kind]).toEqual([0, "opening"]);
    const key = parts()[0]?.key;
    const other = await dial(neo, 3);
    neo.page.data(3, 0, "hello");
    await once(other, "data");
    await teacher.page.text("followed", (it) => it.whole && it.key !== key);
  });

  test("stays a recording, and bounded, when much more is said than can be told", async () => {
    watch(teacher, await neo.id());
    const socket = await dial(neo);
    let read_ = 0;
    socket.on("data", (bytes) => {
      read_ += bytes.length;
    });
    for (let i = 0; i < 2000; i++) neo.page.frame(FrameType.data, 1, i * 100, Buffer.alloc(100));
    await expect.poll(() => read_).toBe(200_000);
    socket.write("the end");
    await expect
      .poll(() =>
        parts()
          .flatMap((it) => it.lines)
          .some((line) => line.includes(btoa("the end"))),
      )
      .toBe(true);
    for (const { lines } of parts()) {
      expect(lines.length).toBeLessThanOrEqual(200);
      expect(lines.join("").length).toBeLessThanOrEqual(70_000);
    }
    expect(read(parts()).events.at(-1)).toMatchObject({ kind: "data", length: 7 });
  });
});
