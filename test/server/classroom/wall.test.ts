/** The wall of one gateway: thin, in order, and with nothing twice. The clock is the test's. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Classroom } from "../../../server/classroom/types.ts";
import type { ClassAction } from "../../../shared/classroom.ts";
import { WALL_STEP_MS, type WallMark } from "../../../shared/classroom.ts";
import {
  enter,
  here,
  mark,
  Opened,
  openClass,
  Screen,
  said,
  teacherOf,
  watcherOf,
} from "../../support/classroom.ts";

const opened = new Opened();
let classroom: Classroom;
let neo: string;
let trinity: string;
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  vi.setSystemTime(1_700_000_000_000);
  classroom = await opened.add(openClass());
  neo = (await enter(classroom, "Neo")).id;
  trinity = (await enter(classroom, "Trinity")).id;
});
afterEach(async () => {
  await opened.close();
  vi.useRealTimers();
});

const steer = (action: ClassAction) => classroom.steer(teacherOf(classroom), action);
const step = (steps = 1) => vi.advanceTimersByTime(steps * WALL_STEP_MS);
const total = (marks: readonly WallMark[] = []) => marks.reduce((sum, { bytes }) => sum + bytes, 0);

test("a screen gets everybody first, in the order of their seats, here or not", () => {
  classroom.report(trinity, here({ open: 1, last: said("hi") }), [mark(Date.now())]);
  const screen = new Screen(classroom);
  step();
  expect(screen.heard).toHaveLength(1);
  expect(screen.heard[0]).toMatchObject({ whole: true, at: Date.now() - WALL_STEP_MS, gone: [] });
  expect(screen.heard[0]?.rows).toMatchObject([
    { id: neo, seat: 1, name: "Neo", here: false, open: 0, last: null, marks: [] },
    { id: trinity, seat: 2, name: "Trinity", here: true, open: 1, last: said("hi") },
  ]);
});

test("however much happens, a student has ten rows a second, and nothing of it is lost", () => {
  const screen = new Screen(classroom);
  step();
  screen.heard.length = 0;
  for (let ms = 0; ms < 2_000; ms++) {
    classroom.report(neo, here({ open: 1, last: said(String(ms)) }), [mark(Date.now(), 2)]);
    vi.advanceTimersByTime(1);
  }
  step(2);
  expect(screen.heard.length).toBeLessThanOrEqual(21);
  expect(screen.heard.length).toBeGreaterThanOrEqual(19);
  expect(screen.rows.get(neo)?.last).toEqual(said("1999"));
  const marks = screen.marks.get(neo) ?? [];
  expect(total(marks)).toBe(4_000);
  expect(marks.length).toBeLessThanOrEqual(42);
  const numbers = screen.heard.flatMap(({ rows }) => rows.map(({ n }) => n));
  expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
});

test("what is said again without a change tells nobody", () => {
  const screen = new Screen(classroom);
  classroom.report(neo, here(), []);
  step();
  classroom.report(neo, here(), []);
  step(3);
  expect(screen.heard).toHaveLength(1);
});

test("a second screen that comes later gets the last sixty seconds, and each mark once", () => {
  const first = new Screen(classroom);
  const from = Date.now();
  for (let second = 0; second < 90; second++) {
    classroom.report(neo, here(), [mark(Date.now())]);
    step(10);
  }
  classroom.report(neo, here(), [mark(Date.now(), 7)]);
  const second = new Screen(classroom, watcherOf(classroom));
  step();
  const marks = second.marks.get(neo) ?? [];
  expect(marks[0]?.at).toBeGreaterThan(from + 29_000);
  expect(total(marks.filter(({ bytes }) => bytes === 7))).toBe(7);
  expect(marks.length).toBeGreaterThan(55);
  step(5);
  expect(second.marks.get(neo)).toHaveLength(marks.length);
  expect(first.marks.get(neo)).toHaveLength(91);
});

test("names, freezes and numbers in place of names are seen at once on both kinds of screens", async () => {
  const screens = [new Screen(classroom), new Screen(classroom, watcherOf(classroom))];
  step();
  await steer({ do: "hide-names", on: true });
  await steer({ do: "freeze", on: true, student: neo });
  step();
  for (const { rows } of screens) {
    expect([...rows.values()].map(({ name, frozen }) => [name, frozen])).toEqual([
      ["", true],
      ["", false],
    ]);
  }
  await steer({ do: "hide-names", on: false });
  await steer({ do: "freeze", on: true });
  step();
  for (const { rows } of screens) {
    expect(rows.get(trinity)).toMatchObject({ name: "Trinity", frozen: true });
  }
});

test("who is removed is gone from the wall, and what comes of it later is not shown", async () => {
  const screen = new Screen(classroom);
  classroom.report(neo, here(), []);
  step();
  await steer({ do: "remove", student: neo });
  classroom.report(neo, here({ open: 3 }), [mark(Date.now())]);
  step();
  expect(screen.heard.at(-1)).toMatchObject({ whole: false, rows: [], gone: [neo] });
  step(3);
  expect(screen.rows.has(neo)).toBe(false);
});

test("clearing empties lines and traces; the next line is shown, the old one never again", async () => {
  const screen = new Screen(classroom);
  classroom.report(neo, here({ last: said("old") }), [mark(Date.now())]);
  step();
  await steer({ do: "clear" });
  step();
  expect(screen.heard.at(-1)).toMatchObject({ whole: true, rows: [{ id: neo, last: null }] });
  expect(screen.marks.get(neo)).toEqual([]);
  classroom.report(neo, here({ open: 1, last: said("old") }), []);
  step();
  expect(screen.rows.get(neo)).toMatchObject({ open: 1, last: null });
  classroom.report(neo, here({ open: 1, last: said("new") }), [mark(Date.now())]);
  step();
  expect(screen.rows.get(neo)?.last).toEqual(said("new"));
  expect(screen.rows.has(trinity)).toBe(false);
  classroom.report(trinity, here(), []);
  step();
  expect(screen.rows.get(trinity)).toMatchObject({ name: "Trinity", seat: 2, here: true });
});

test("a screen that has gone is told nothing, and a student is never told", async () => {
  const student = await enter(classroom, "Morpheus");
  const forged = new Screen(classroom, student.identity);
  const screen = new Screen(classroom);
  step();
  screen.stop();
  classroom.report(neo, here({ open: 1 }), []);
  step(3);
  expect(screen.heard).toHaveLength(1);
  expect(forged.heard).toEqual([]);
});
