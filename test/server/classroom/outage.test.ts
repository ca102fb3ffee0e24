/** A class on two gateways while Redis is away, and when a gateway is: conversations go on, the wall catches up. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { joinRedis } from "../../../server/classroom/bus-redis.ts";
import type { Classroom } from "../../../server/classroom/types.ts";
import type { WallMark } from "../../../shared/classroom.ts";
import {
  ADDRESS,
  type Came,
  enter,
  here,
  mark,
  Opened,
  openClass,
  Screen,
  said,
  teacherOf,
} from "../../support/classroom.ts";
import { eventually } from "../../support/eventually.ts";
import { type Line, Redis } from "../../support/redis.ts";

const opened = new Opened();
const quick = { classId: "seven", expiryMs: 1_000, beatMs: 200 };
let redis: Redis;
let line: Line;
let a: Classroom;
let b: Classroom;
let neo: Came;
let screen: Screen;
const gateway = async (url: string) =>
  opened.add(openClass({ bus: await joinRedis({ ...quick, url }), lostMs: 300 }));
const online = (on: boolean) =>
  eventually(
    () => [a.online, b.online],
    (both) => both.every((each) => each === on),
  );
/** Of data only what was counted: marks that came together may have become one. */
const bytes = (marks: readonly WallMark[] = []) => marks.map((each) => each.bytes);

beforeEach(async () => {
  redis = await opened.add(Redis.start());
  line = await opened.add(redis.line());
  a = await gateway(redis.url);
  b = await gateway(line.url);
  neo = await enter(b, "Neo");
  b.report(neo.id, here({ open: 1, last: said("before") }), [mark(Date.now() - 5_000, 1)]);
  screen = new Screen(a);
  await screen.sees(neo.id, (row) => row?.last?.text === "before");
});
afterEach(() => opened.close());

test.each(["with data", "empty"] as const)(
  "the wall catches up, with nothing twice, when Redis was killed and is back %s",
  async (keep) => {
    await redis.kill(keep);
    await online(false);
    for (let n = 2; n <= 4; n++) {
      b.report(neo.id, here({ open: 1, last: said(`line ${n}`) }), [
        mark(Date.now() - 5_000 + 400 * n, n),
      ]);
    }
    const teacher = teacherOf(a);
    expect(await a.steer(teacher, { do: "freeze", on: true, student: neo.id })).toBeNull();
    expect(await a.steer(teacher, { do: "hang-up" })).toMatch(/this gateway only/);
    const trinity = await enter(b, "Trinity");
    expect(screen.rows.get(neo.id)?.here).toBe(true);
    await redis.start();
    await online(true);

    await screen.sees(neo.id, (row) => row?.last?.text === "line 4");
    await screen.sees(trinity.id, (row) => row?.name === "Trinity");
    await eventually(
      () => b.isFrozen(neo.id),
      (frozen) => frozen,
    );
    expect(bytes(screen.marks.get(neo.id))).toEqual([1, 2, 3, 4]);
    b.report(neo.id, here({ open: 1, last: said("after") }), [mark(Date.now(), 5)]);
    await screen.sees(neo.id, (row) => row?.last?.text === "after");
    expect(bytes(screen.marks.get(neo.id))).toEqual([1, 2, 3, 4, 5]);
    const later = new Screen(b);
    await later.sees(neo.id, (row) => row !== undefined);
    expect(bytes(later.marks.get(neo.id))).toEqual([1, 2, 3, 4, 5]);
    expect(a.identify(neo.pass)).toEqual(neo.identity);
  },
);

test("two names that became one on either side of an outage are told apart afterwards, alike", async () => {
  await redis.kill("empty");
  await online(false);
  const one = await enter(a, "Morpheus");
  const other = await enter(b, "Morpheus");
  await redis.start();
  await online(true);
  const names = (classroom: Classroom) =>
    [one.id, other.id].map((id) => classroom.nameOf(id) ?? "");
  await eventually(
    () => [names(a), names(b)],
    ([atA = [], atB = []]) =>
      atA.join() === atB.join() && [...atA].sort().join() === "Morpheus,Morpheus 2",
  );
  const seats = () => [one.id, other.id].map((id) => screen.rows.get(id)?.seat);
  await eventually(seats, ([first, second]) => first !== undefined && second !== undefined);
  expect(new Set(seats()).size).toBe(2);
});

test("a gateway that dies: its students are away, then gone, then back where they come to", async () => {
  line.cut();
  await screen.sees(neo.id, (row) => row?.here === false);
  await screen.sees(neo.id, (row) => row === undefined);
  expect(a.others).toBe(0);
  expect(a.stateFor(teacherOf(a)).students).toBe(0);
  const back = await a.join({ code: "", name: "", address: ADDRESS, pass: neo.pass });
  expect(back).toMatchObject({ ok: true, identity: neo.identity });
  a.report(neo.id, here(), []);
  await screen.sees(neo.id, (row) => row?.here === true && row.name === "Neo");
});

test("a gateway that was only cut off brings its students back with it", async () => {
  line.cut();
  await screen.sees(neo.id, (row) => row === undefined);
  expect(b.online).toBe(false);
  b.report(neo.id, here({ open: 1, last: said("alone") }), []);
  line.mend();
  await screen.sees(neo.id, (row) => row?.here === true && row.last?.text === "alone");
  expect(a.others).toBe(1);
});

test("who was on a gateway that stopped while this one was cut off is gone from its wall too", async () => {
  // While it is there, rows are told, however long the other is away.
  const third = await gateway(redis.url);
  const trinity = await enter(a, "Trinity");
  a.report(trinity.id, here(), []);
  const cutOff = new Screen(b);
  await cutOff.sees(trinity.id, (row) => row?.here === true);
  line.cut();
  await eventually(
    () => b.online,
    (on) => !on,
  );
  const told = async () => Number(await redis.ask("XLEN", "wireside:{seven}:wall"));
  const before = await told();
  a.report(trinity.id, here({ open: 1, last: said("last words") }), []);
  await eventually(told, (rows) => rows > before);
  await third.close();
  await a.close();
  line.mend();
  await cutOff.sees(trinity.id, (row) => row === undefined);
  expect(b.stateFor(teacherOf(b)).students).toBe(1);
});

test("nobody hangs up later because a teacher did when the others could not be reached", async () => {
  const hungUp = { a: 0, b: 0 };
  const heard: string[] = [];
  a.onEffect(() => hungUp.a++);
  b.onEffect(() => hungUp.b++);
  for (const each of [a, b]) each.chat.onLine((text) => heard.push(text));
  line.cut();
  // It has not noticed yet.
  expect(b.online).toBe(true);
  await b.steer(teacherOf(b), { do: "hang-up" });
  await eventually(
    () => b.online,
    (on) => !on,
  );
  await a.steer(teacherOf(a), { do: "hang-up" });
  a.chat.say("of a");
  b.chat.say("of b");
  line.mend();
  await eventually(
    () => heard.length,
    (lines) => lines === 2,
  );
  // Each did it once, when it was asked itself.
  expect(hungUp).toEqual({ a: 1, b: 1 });
  await a.steer(teacherOf(a), { do: "hang-up" });
  await eventually(
    () => hungUp.b,
    (times) => times === 2,
  );
});

test("a conversation that is followed across gateways begins anew after an outage", async () => {
  let give: (text: string, whole: boolean) => void = () => {};
  let told = ["first"];
  b.feed((student, take) => {
    give = (text, whole) =>
      take({ type: "followed", student, key: "k", whole, lines: whole ? told : [text] });
    give("", true);
    return () => {};
  });
  const taken: string[] = [];
  a.follow(neo.id, ({ whole, lines }) => {
    if (whole) taken.length = 0;
    taken.push(...lines);
  });
  await eventually(
    () => taken.join(),
    (all) => all === "first",
  );
  await redis.kill("with data");
  await online(false);
  told = ["first", "second"];
  give("second", false);
  await redis.start();
  await online(true);
  await eventually(
    () => taken.join(),
    (all) => all === "first,second",
  );
  // Whoever is told all of it anew by now is told this too.
  told = ["first", "second", "third"];
  give("third", false);
  await eventually(
    () => taken.join(),
    (all) => all === "first,second,third",
  );
});
