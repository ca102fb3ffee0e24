/** A class on one gateway: who comes in, what the teacher does, what each of them is told. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClassEffect, Classroom, Identity } from "../../../server/classroom/types.ts";
import type { ClassAction } from "../../../shared/classroom.ts";
import {
  ADDRESS,
  enter,
  here,
  Opened,
  openClass,
  teacherOf,
  watcherOf,
} from "../../support/classroom.ts";

const opened = new Opened();
let classroom: Classroom;
let teacher: Identity;
beforeEach(async () => {
  classroom = await opened.add(openClass());
  teacher = teacherOf(classroom);
});
afterEach(() => opened.close());

const steer = (action: ClassAction) => classroom.steer(teacher, action);
const join = (name: string, more: { code?: string; pass?: string } = {}) =>
  classroom.join({ code: classroom.code, name, address: ADDRESS, ...more });

describe("coming in", () => {
  test("a student types the code as it is spoken, and a name", async () => {
    const typed = classroom.board.toLowerCase().replace(" ", " - ");
    const joined = await join("  Trinity ", { code: typed });
    expect(joined).toMatchObject({ ok: true, identity: { role: "student" } });
    if (!joined.ok) return;
    expect(joined.identity.student?.name).toBe("Trinity");
    expect(classroom.identify(joined.pass)).toEqual(joined.identity);
  });

  test("a wrong code is refused, and so is a name that cannot be read", async () => {
    expect(await join("Neo", { code: "222222" })).toEqual({ ok: false, problem: "wrong-code" });
    expect(await join("\u202e")).toEqual({ ok: false, problem: "bad-name" });
  });

  test("a name that is taken, or looks as if it were, comes with one that is free", async () => {
    await enter(classroom, "Trinity");
    const taken = { ok: false, problem: "name-taken", suggestion: "trinity 2" };
    expect(await join("trinity")).toEqual(taken);
    await enter(classroom, "Trinity 2");
    const lookAlike = "Тrіnіty";
    expect(await join(lookAlike)).toMatchObject({ problem: "name-taken", suggestion: "Тrіnіty 3" });
  });

  test("two who type the same name at once get it once", async () => {
    const both = await Promise.all([join("Neo"), join("NEO")]);
    expect(both.map(({ ok }) => ok).sort()).toEqual([false, true]);
  });

  test("a pass brings the same student back, whatever is typed with it", async () => {
    const { pass, id } = await enter(classroom, "Neo");
    await steer({ do: "lock", on: true });
    const back = await join("Morpheus", { pass, code: "" });
    expect(back).toMatchObject({ ok: true, identity: { student: { id, name: "Neo" } } });
    expect(classroom.stateFor(teacher).students).toBe(1);
  });

  test("a locked class refuses who is new, an open one takes them again", async () => {
    await steer({ do: "lock", on: true });
    expect(classroom.locked).toBe(true);
    expect(await join("Neo")).toEqual({ ok: false, problem: "locked" });
    await steer({ do: "lock", on: false });
    expect((await join("Neo")).ok).toBe(true);
  });

  test("a full class refuses who is new, also of those who come at once", async () => {
    const small = await opened.add(openClass({ size: 2 }));
    const names = ["Neo", "Trinity", "Morpheus", "Cypher"];
    const came = await Promise.all(
      names.map((name) => small.join({ code: small.code, name, address: ADDRESS })),
    );
    expect(came.filter(({ ok }) => ok)).toHaveLength(2);
    expect(came[3]).toEqual({ ok: false, problem: "full" });
  });

  test("the secrets of the links let a teacher and a second screen in, and nobody else", () => {
    expect(teacher).toEqual({ role: "teacher", user: "teacher" });
    expect(watcherOf(classroom)).toEqual({ role: "watch", user: "watch" });
    const guess = classroom.teacherSecret.toLowerCase();
    expect(classroom.admit(guess, ADDRESS)).toEqual({ ok: false, retryAfterMs: 0 });
    expect(classroom.admit(classroom.code, ADDRESS).ok).toBe(false);
  });

  test("a pass of another class is nobody's here", async () => {
    const other = await opened.add(openClass());
    const { pass } = await enter(other, "Neo");
    expect(classroom.identify(pass)).toBeNull();
  });
});

describe("steering", () => {
  const ACTIONS: ClassAction[] = [
    { do: "lock", on: true },
    { do: "hide-names", on: true },
    { do: "clear" },
    { do: "point", address: "tcp://127.0.0.1:8002" },
    { do: "note", text: "Read what came back" },
    { do: "freeze", on: true },
    { do: "hang-up" },
    { do: "allow", address: "127.0.0.1:9000", on: true },
    { do: "lesson", lesson: "echo", port: 0, on: true },
    { do: "end" },
  ];

  test.each(ACTIONS)("$do is refused to a student and to a second screen", async (action) => {
    const { identity } = await enter(classroom, "Neo");
    const before = classroom.stateFor(teacher);
    const effects: ClassEffect[] = [];
    classroom.onEffect((effect) => effects.push(effect));
    for (const forger of [identity, watcherOf(classroom)]) {
      expect(await classroom.steer(forger, action)).toBe("Only the teacher can do that.");
    }
    expect(classroom.stateFor(teacher)).toEqual(before);
    expect(classroom.ended).toBe(false);
    expect(classroom.added).toEqual([]);
    expect(effects).toEqual([]);
  });

  test("a note to all and one to a student: the newer is seen, an empty one takes it away", async () => {
    const neo = await enter(classroom, "Neo");
    const trinity = await enter(classroom, "Trinity");
    const notes = () =>
      [neo, trinity].map(({ identity }) => classroom.stateFor(identity).note?.text);
    await steer({ do: "note", text: "Hello" });
    await steer({ do: "note", text: "Neo, look", student: neo.id });
    expect(notes()).toEqual(["Neo, look", "Hello"]);
    const first = classroom.stateFor(neo.identity).note?.n ?? 0;
    await steer({ do: "note", text: "All look" });
    expect(notes()).toEqual(["All look", "All look"]);
    expect(classroom.stateFor(neo.identity).note?.n).toBeGreaterThan(first);
    await steer({ do: "note", text: "" });
    expect(notes()).toEqual([undefined, undefined]);
  });

  test("everybody is pointed at an address as it is dialled; a wrong one gets a sentence", async () => {
    const { identity } = await enter(classroom, "Neo");
    expect(await steer({ do: "point", address: "127.0.0.1:8002" })).toBeNull();
    expect(classroom.stateFor(identity).point).toEqual({ n: 1, address: "tcp://127.0.0.1:8002" });
    expect(await steer({ do: "point", address: "nowhere" })).toMatch(/port is missing/);
    expect(classroom.stateFor(identity).point?.n).toBe(1);
  });

  test("freezing one and freezing all are two things", async () => {
    const neo = await enter(classroom, "Neo");
    const trinity = await enter(classroom, "Trinity");
    const frozen = () => [neo, trinity].map(({ id }) => classroom.isFrozen(id));
    await steer({ do: "freeze", on: true, student: neo.id });
    expect(frozen()).toEqual([true, false]);
    expect(classroom.frozen).toEqual([neo.id]);
    await steer({ do: "freeze", on: true });
    expect(frozen()).toEqual([true, true]);
    expect(classroom.stateFor(teacher).frozen).toBe(true);
    expect(await steer({ do: "freeze", on: false, student: neo.id })).toMatch(/Nobody may type/);
    await steer({ do: "freeze", on: false });
    expect(frozen()).toEqual([true, false]);
    await steer({ do: "freeze", on: false, student: neo.id });
    expect(frozen()).toEqual([false, false]);
  });

  test("targets are added in one spelling, taken away, and no more than sixteen", async () => {
    await steer({ do: "allow", address: "tcp://Example.org:80", on: true });
    await steer({ do: "allow", address: "example.org:80", on: true });
    await steer({ do: "allow", address: "[2001:DB8::1]:9000", on: true });
    expect(classroom.added).toEqual(["example.org:80", "[2001:db8::1]:9000"]);
    await steer({ do: "allow", address: "example.org:80", on: false });
    for (let port = 1; port <= 15; port++) {
      expect(await steer({ do: "allow", address: `127.0.0.1:${port}`, on: true })).toBeNull();
    }
    expect(await steer({ do: "allow", address: "127.0.0.1:99", on: true })).toMatch(/at most 16/);
    expect(await steer({ do: "allow", address: "127.0.0.1", on: true })).toMatch(/port is missing/);
    expect(classroom.added).toHaveLength(16);
  });

  test("who is removed has no pass and no name any more, and every gateway is told", async () => {
    const effects: ClassEffect[] = [];
    classroom.onEffect((effect) => effects.push(effect));
    const { id, pass } = await enter(classroom, "Neo");
    expect(await steer({ do: "remove", student: id })).toBeNull();
    expect(effects).toEqual([{ do: "remove", student: id }]);
    expect(classroom.identify(pass)).toBeNull();
    expect(classroom.nameOf(id)).toBeNull();
    expect(await steer({ do: "note", text: "x", student: id })).toMatch(/no longer in the class/);
    expect((await enter(classroom, "Neo")).id).not.toBe(id);
  });

  test("hanging up and lessons are for gateways to do", async () => {
    const effects: ClassEffect[] = [];
    classroom.onEffect((effect) => effects.push(effect));
    const { id } = await enter(classroom, "Neo");
    await steer({ do: "hang-up" });
    await steer({ do: "hang-up", student: id });
    await steer({ do: "lesson", lesson: "chat", port: 8100, on: true });
    expect(effects).toEqual([
      { do: "hang-up" },
      { do: "hang-up", student: id },
      { do: "lesson", lesson: "chat", port: 8100, on: true },
    ]);
  });

  test("clearing forgets who is away; a pass still brings them back, their name may be gone", async () => {
    const neo = await enter(classroom, "Neo");
    const trinity = await enter(classroom, "Trinity");
    classroom.report(neo.id, here(), []);
    await steer({ do: "clear" });
    expect(classroom.stateFor(teacher).students).toBe(1);
    await enter(classroom, "Trinity");
    const back = await join("", { pass: trinity.pass });
    expect(back).toMatchObject({
      ok: true,
      identity: { student: { id: trinity.id, name: "Trinity 2" } },
    });
    expect(classroom.stateFor(teacher).students).toBe(3);
  });

  test("an ended class lets nobody in and nobody do anything", async () => {
    const effects: ClassEffect[] = [];
    classroom.onEffect((effect) => effects.push(effect));
    const { pass } = await enter(classroom, "Neo");
    await steer({ do: "end" });
    expect(effects).toEqual([{ do: "end" }]);
    expect(classroom.ended).toBe(true);
    expect(classroom.identify(pass)).toBeNull();
    expect(await join("Trinity")).toEqual({ ok: false, problem: "ended" });
    expect(await join("Neo", { pass })).toEqual({ ok: false, problem: "ended" });
    expect(classroom.admit(classroom.teacherSecret, ADDRESS).ok).toBe(false);
    expect(await steer({ do: "lock", on: true })).toMatch(/over/);
  });
});

describe("being told", () => {
  test("changes are told once a turn, and only changes", async () => {
    let told = 0;
    const stop = classroom.onChange(() => told++);
    await steer({ do: "lock", on: true });
    await Promise.resolve();
    expect(told).toBe(1);
    await steer({ do: "lock", on: true });
    await Promise.resolve();
    expect(told).toBe(1);
    stop();
    await steer({ do: "lock", on: false });
    await Promise.resolve();
    expect(told).toBe(1);
  });

  test("a student is told of itself and of no secret", async () => {
    const { identity } = await enter(classroom, "Neo");
    const state = classroom.stateFor(identity);
    expect(state).toEqual({
      name: "Networks 7a",
      role: "student",
      student: identity.student,
      locked: false,
      namesHidden: false,
      frozen: false,
      keeps: false,
      students: 1,
    });
    const kept = await opened.add(openClass({ keeps: { forMs: 1000 } }));
    expect(kept.stateFor(teacher)).toMatchObject({ keeps: true, keepMs: 1000 });
  });

  test("students who listen are in the directory until they do not", async () => {
    const { id } = await enter(classroom, "Neo");
    const port = { student: id, host: "127.0.0.1", port: 9090, scheme: "tcp" as const };
    classroom.serve([port]);
    expect(classroom.served).toEqual([{ ...port, gateway: classroom.gateway }]);
    classroom.serve([]);
    expect(classroom.served).toEqual([]);
  });

  test("one gateway alone is online, has no others, and knows no session elsewhere", async () => {
    classroom.sessions.reachableAt("http://127.0.0.1:1/");
    classroom.sessions.here("s1", true);
    expect(classroom.online).toBe(true);
    expect(classroom.others).toBe(0);
    expect(await classroom.sessions.find("s1")).toBeNull();
  });
});
