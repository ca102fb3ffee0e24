/** One class on two gateways, in one process and over Redis: what is done at one is so at the other. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { MemoryHub } from "../../../server/classroom/bus-memory.ts";
import { joinRedis } from "../../../server/classroom/bus-redis.ts";
import type { ClassEffect, Classroom } from "../../../server/classroom/types.ts";
import type { ClassAction, Followed } from "../../../shared/classroom.ts";
import {
  ADDRESS,
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
import { Redis } from "../../support/redis.ts";

let redis: Redis;
beforeAll(async () => {
  redis = await Redis.start();
});
afterAll(() => redis.close());

let classes = 0;
const hubs = {
  memory: () => {
    const hub = new MemoryHub();
    return async () => hub.join();
  },
  Redis: () => {
    const classId = `class-${++classes}`;
    return () => joinRedis({ url: redis.url, classId });
  },
};

const equal = <T>(read: () => T, expected: T) =>
  eventually(read, (found) => JSON.stringify(found) === JSON.stringify(expected));
const steer = (classroom: Classroom, action: ClassAction) =>
  classroom.steer(teacherOf(classroom), action);
const join = (classroom: Classroom, name: string, pass?: string) =>
  classroom.join({
    code: classroom.code,
    name,
    address: ADDRESS,
    ...(pass === undefined ? {} : { pass }),
  });

describe.each(Object.entries(hubs))("two gateways over %s", (_name, hub) => {
  const opened = new Opened();
  let another: () => Promise<Classroom>;
  let a: Classroom;
  let b: Classroom;
  beforeEach(async () => {
    const bus = hub();
    another = async () => opened.add(openClass({ bus: await bus(), lostMs: 300 }));
    a = await another();
    b = await another();
    await equal(() => [a.others, b.others], [1, 1]);
  });
  afterEach(() => opened.close());

  test("are one class: the same code, the same links, each other's passes", async () => {
    const secrets = ({ code, teacherSecret, watchSecret, id }: Classroom) => ({
      code,
      teacherSecret,
      watchSecret,
      id,
    });
    expect(secrets(b)).toEqual(secrets(a));
    const { pass, identity } = await enter(a, "Neo");
    await equal(() => b.identify(pass), identity);
    expect(b.nameOf(identity.student?.id ?? "")).toBe("Neo");
    const back = await join(b, "whoever", pass);
    expect(back).toMatchObject({ ok: true, identity });
  });

  test("give no name and no seat twice, however many come at once", async () => {
    const names = Array.from({ length: 20 }, (_, index) => `Student ${index}`);
    const came = await Promise.all(names.flatMap((name) => [join(a, name), join(b, name)]));
    expect(came.filter(({ ok }) => ok)).toHaveLength(names.length);
    expect(came.filter((each) => !each.ok && each.problem === "name-taken")).toHaveLength(20);
    const screens = [a, b].map((classroom) => new Screen(classroom));
    for (const screen of screens) {
      // Who came in elsewhere may be heard of a moment after the others.
      const seats = () => [...screen.rows.values()].map(({ seat }) => seat);
      await equal(() => seats().sort((a, b) => a - b), range(1, 20));
    }
  });

  test("do what the teacher asks at either", async () => {
    const neo = await enter(a, "Neo");
    const trinity = await enter(b, "Trinity");
    const effects: ClassEffect[] = [];
    b.onEffect((effect) => effects.push(effect));
    await equal(() => b.stateFor(teacherOf(b)).students, 2);
    await equal(() => a.stateFor(teacherOf(a)).students, 2);

    await steer(a, { do: "lock", on: true });
    await equal(() => b.locked, true);
    expect(await join(b, "Cypher")).toEqual({ ok: false, problem: "locked" });
    await steer(a, { do: "freeze", on: true, student: trinity.id });
    await equal(() => b.isFrozen(trinity.id), true);
    await steer(b, { do: "note", text: "Hello" });
    await equal(() => a.stateFor(neo.identity).note?.text, "Hello");
    await steer(a, { do: "point", address: "tcp://127.0.0.1:8002", student: trinity.id });
    await equal(() => b.stateFor(trinity.identity).point, {
      n: 1,
      address: "tcp://127.0.0.1:8002",
    });
    await steer(a, { do: "allow", address: "127.0.0.1:9000", on: true });
    await equal(() => b.added, ["127.0.0.1:9000"]);
    await steer(a, { do: "hang-up", student: trinity.id });
    await steer(a, { do: "lesson", lesson: "echo", port: 0, on: true });
    await steer(a, { do: "remove", student: trinity.id });
    await steer(a, { do: "end" });
    await equal(() => b.ended, true);
    await equal(() => effects.length, 4);
    // What lasts and what is said once travel in their own order.
    expect(effects).toEqual(
      expect.arrayContaining([
        { do: "hang-up", student: trinity.id },
        { do: "lesson", lesson: "echo", port: 0, on: true },
        { do: "remove", student: trinity.id },
        { do: "end" },
      ]),
    );
    expect(b.identify(trinity.pass)).toBeNull();
    expect(b.identify(neo.pass)).toBeNull();
  });

  test("show each other's students on their walls, each mark once, within half a second", async () => {
    const { id } = await enter(a, "Neo");
    const screen = new Screen(b);
    await screen.sees(id, (row) => row?.name === "Neo");
    const delays: number[] = [];
    for (let line = 0; line < 20; line++) {
      const sentAt = performance.now();
      a.report(id, here({ open: 1, last: said(`line ${line}`) }), [mark(Date.now() + line, 3)]);
      await screen.sees(id, (row) => row?.last?.text === `line ${line}`);
      delays.push(performance.now() - sentAt);
    }
    delays.sort((x, y) => x - y);
    // The median: whatever else a machine does now and then, the wall has no part in it.
    expect(delays[10]).toBeLessThan(500);
    const sum = (screen.marks.get(id) ?? []).reduce((all, { bytes }) => all + bytes, 0);
    expect(sum).toBe(60);
  });

  test("tell a third one that comes later everything, and it makes a class of nobody new", async () => {
    const neo = await enter(a, "Neo");
    await steer(a, { do: "note", text: "Hello" });
    a.report(neo.id, here({ open: 1, last: said("hi") }), [mark(Date.now(), 9)]);
    a.serve([{ student: neo.id, host: "127.0.0.1", port: 9090, scheme: "tcp" }]);
    const c = await another();
    expect(c.code).toBe(a.code);
    expect(c.identify(neo.pass)).toEqual(neo.identity);
    expect(c.stateFor(neo.identity)).toEqual(a.stateFor(neo.identity));
    const screen = new Screen(c);
    await screen.sees(neo.id, (row) => row?.last?.text === "hi");
    await equal(() => screen.marks.get(neo.id)?.map(({ bytes }) => bytes), [9]);
    await equal(() => c.served.map(({ port, gateway }) => [port, gateway]), [[9090, a.gateway]]);
  });

  test("know who listens where, and where a session lives", async () => {
    const { id } = await enter(b, "Neo");
    await equal(() => a.nameOf(id), "Neo");
    const port = { student: id, host: "127.0.0.1", port: 9090, scheme: "tcp" as const };
    b.serve([port]);
    await equal(() => a.served, [{ ...port, gateway: b.gateway }]);
    b.sessions.here("s1", true);
    b.sessions.reachableAt("http://127.0.0.1:4000/");
    await eventually(
      () => a.sessions.find("s1"),
      (url) => url === "http://127.0.0.1:4000/",
    );
    expect(await b.sessions.find("s1")).toBeNull();
    expect(await a.sessions.find("s2")).toBeNull();
    b.sessions.here("s1", false);
    await eventually(
      () => a.sessions.find("s1"),
      (url) => url === null,
    );
  });

  test("hand on lines of chat, to all but the one that said it", async () => {
    const lines: Record<string, string[]> = { a: [], b: [] };
    a.chat.onLine((line) => lines.a?.push(line));
    const stop = b.chat.onLine((line) => lines.b?.push(line));
    for (const line of ["Neo: hi", "* Trinity came in.", "Neo: 🐇"]) a.chat.say(line);
    await equal(() => lines.b, ["Neo: hi", "* Trinity came in.", "Neo: 🐇"]);
    stop();
    b.chat.say("Trinity: back");
    await equal(() => lines.a, ["Trinity: back"]);
    expect(lines.b).toHaveLength(3);
  });

  test("give a conversation to who follows it elsewhere, while somebody does", async () => {
    const { id } = await enter(b, "Neo");
    const gives: ((lines: string[], whole?: boolean) => void)[] = [];
    let running = 0;
    b.feed((student, give) => {
      if (student !== id) return null;
      running++;
      const lines = (some: string[], whole = false) =>
        give({ type: "followed", student, key: "k1", whole, lines: some });
      gives.push(lines);
      lines(["first"], true);
      return () => running--;
    });
    a.feed(() => null);
    expect(running).toBe(0);
    const taken: string[] = [];
    const take = (name: string) => (followed: Followed) =>
      taken.push(`${name} ${followed.whole ? "whole " : ""}${followed.lines.join()}`);
    const stopA = a.follow(id, take("a"));
    await equal(() => taken, ["a whole first"]);
    gives.at(-1)?.(["second"]);
    gives.at(-1)?.(["third"]);
    await equal(() => taken.slice(1), ["a second", "a third"]);
    expect(running).toBe(1);

    taken.length = 0;
    const stopB = b.follow(id, take("b"));
    await eventually(
      () => [...taken].sort(),
      (found) => found.join() === "a whole first,b whole first",
    );
    stopA();
    stopB();
    await equal(() => running, 0);
  });

  test("find the conversation of a student who comes only after it was asked for", async () => {
    const { id } = await enter(b, "Neo");
    await equal(() => a.nameOf(id), "Neo");
    let isThere = false;
    b.feed((student, give) => {
      if (!isThere) return null;
      give({ type: "followed", student, key: "k1", whole: true, lines: ["first"] });
      return () => {};
    });
    const taken: string[] = [];
    a.follow(id, ({ lines }) => taken.push(...lines));
    isThere = true;
    b.report(id, here(), []);
    await eventually(
      () => {
        b.report(id, here({ open: taken.length }), []);
        return taken;
      },
      (found) => found.length > 0,
    );
    expect(taken).toEqual(["first"]);
  });

  test("show a student who changes gateways where it is, not where it was", async () => {
    const { id } = await enter(a, "Neo");
    const screen = new Screen(a);
    a.report(id, here({ last: said("at a") }), []);
    await screen.sees(id, (row) => row?.last?.text === "at a");
    b.report(id, here({ last: said("at b") }), []);
    await screen.sees(id, (row) => row?.last?.text === "at b");
    a.report(id, here({ here: false, last: said("at a") }), []);
    b.report(id, here({ open: 2, last: said("at b") }), []);
    const row = await screen.sees(id, (each) => each?.open === 2);
    expect(row).toMatchObject({ here: true, last: said("at b") });
  });

  test("show students of a gateway that has gone away first, then not, and again elsewhere", async () => {
    const { id, pass } = await enter(b, "Neo");
    const screen = new Screen(a);
    b.report(id, here({ open: 1 }), []);
    b.serve([{ student: id, host: "127.0.0.1", port: 9090, scheme: "tcp" }]);
    await screen.sees(id, (row) => row?.here === true);
    await b.close();
    await screen.sees(id, (row) => row === undefined);
    const shown = screen.heard.flatMap(({ rows }) => rows).filter((row) => row.id === id);
    expect(shown.at(-1)).toMatchObject({ here: false, open: 0 });
    expect(a.served).toEqual([]);
    expect(a.others).toBe(0);
    expect((await join(a, "", pass)).ok).toBe(true);
    a.report(id, here({ open: 0 }), []);
    await screen.sees(id, (row) => row?.here === true);
    expect(screen.rows.get(id)).toMatchObject({ name: "Neo", seat: 1 });
  });

  test("begin another class when the one before was ended and nobody is left in it", async () => {
    const { pass } = await enter(a, "Neo");
    const { code } = a;
    await steer(a, { do: "end" });
    await equal(() => b.ended, true);
    await a.close();
    const c = await another();
    expect(c.ended).toBe(true);
    await b.close();
    await c.close();
    const next = await another();
    expect(next.ended).toBe(false);
    expect(next.code).not.toBe(code);
    expect(next.identify(pass)).toBeNull();
    expect((await join(next, "Neo")).ok).toBe(true);
    expect(next.stateFor(teacherOf(next)).students).toBe(1);
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
