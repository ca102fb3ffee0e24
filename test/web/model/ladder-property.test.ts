/** What the ladder promises for every conversation, however its bytes were cut and when its events came. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Direction, Side } from "../../../shared/conversation.ts";
import { Conversation } from "../../../web/model/conversation.ts";
import { columnOf } from "../../../web/model/ends.ts";
import { Ladder } from "../../../web/model/ladder.ts";
import type { LadderRow } from "../../../web/model/ladder-shapes.ts";
import { Script, shapes } from "./ladder-scenes.ts";

const BETWEEN = [0, 0.0005, 0.01, 0.03, 0.4, 1.5];
const directions: Direction[] = ["out", "in"];
const sides: Side[] = ["near", "far"];

/** Both ends call as they like: far calls may be late, or ahead of what is known of the near end. */
const step = fc.record({
  wait: fc.constantFrom(...BETWEEN),
  times: fc.constantFrom(1, 1, 1, 2, 30),
  length: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 5000 })),
  what: fc.constantFrom(
    "send",
    "send",
    "read",
    "read",
    "farRecv",
    "farRecv",
    "farSend",
    "farSend",
    "link",
    "queue",
  ),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function play(steps: readonly Step[], farSeen: boolean): Script {
  const script = new Script().connected();
  let at = 0;
  for (const { wait, times, length, what } of steps) {
    for (let i = 0; i < times; i++) {
      at += wait / times;
      script.at(at);
      if (what === "send") script.send("x".repeat(length));
      else if (what === "read") script.read("y".repeat(length));
      else if (what === "link") script.link("lost");
      else if (farSeen && what === "farRecv") script.farRecv(length);
      else if (farSeen && what === "farSend") script.farSend(length);
      else if (farSeen) script.kernel("near", "ESTABLISHED", { unread: length });
    }
  }
  return script;
}

const scripts = fc
  .tuple(fc.array(step, { minLength: 1, maxLength: 50 }), fc.boolean())
  .map(([steps, farSeen]) => play(steps, farSeen));

function openAll(ladder: Ladder): void {
  for (let i = 0; i < ladder.length; i++) {
    const row = ladder.row(i);
    if (row?.opens === "closed") ladder.toggle(row);
  }
}

/** Rows as plain values, so that they can be compared. */
function plain(ladder: Ladder): object[] {
  return ladder.rows.map(({ key, top, height, first, last, shapes, spoken, range, opens }) => {
    return { key, top, height, first, last, shapes, spoken, range, opens };
  });
}

/** The ranges of an end's calls, from the events themselves. */
function callsIn(script: Script, side: Side, direction: Direction) {
  return script.events.flatMap((event, number) => {
    if (event.kind !== "data" || event.side !== side || event.direction !== direction) return [];
    return [{ number, start: event.offset, end: event.offset + event.length }];
  });
}

function check(script: Script, rows: readonly LadderRow[]): void {
  for (const direction of directions) {
    const near = callsIn(script, "near", direction);
    const far = callsIn(script, "far", direction);
    const receiver = direction === "out" ? far : near;
    const end = Math.max(near.at(-1)?.end ?? 0, far.at(-1)?.end ?? 0);
    const bands = rows
      .flatMap((row) => shapes(row, "band"))
      .filter((band) => band.direction === direction);
    let at = 0;
    for (const { range, from, to, arrives } of bands) {
      expect(range.start).toBe(at);
      expect(range.end).toBeGreaterThan(range.start);
      expect(from[1]).toBeGreaterThan(from[0]);
      expect(to[1] - to[0]).toBeCloseTo(from[1] - from[0], 6);
      expect(arrives).toBe(receiver.some((call) => call.start <= at && call.end > at));
      at = range.end;
    }
    expect(at).toBe(end);
    const borders = new Set(bands.map((band) => band.range.end));
    for (const call of [...near, ...far]) expect(borders.has(call.end)).toBe(true);
  }
}

function checkBlocks(script: Script, rows: readonly LadderRow[]): void {
  const blocks = rows.flatMap((row) => shapes(row, "block"));
  for (const side of sides) {
    for (const call of directions.flatMap((direction) => callsIn(script, side, direction))) {
      const parts = blocks.filter((block) => block.event === call.number);
      expect(parts.at(0)?.range.start).toBe(call.start);
      expect(parts.at(-1)?.range.end).toBe(call.end);
      parts.forEach((part, i) => {
        expect(part.column).toBe(columnOf("client", side));
        expect(part.goesOn).toEqual({ above: i > 0, below: i < parts.length - 1 });
        if (i > 0) expect(part.range.start).toBe(parts[i - 1]?.range.end);
      });
    }
  }
}

describe("the ladder, for every conversation,", () => {
  test("shows each byte in one band, and a border wherever a call of either end had one", () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const ladder = script.ladder();
        openAll(ladder);
        check(script, ladder.rows);
      }),
      { numRuns: 60 },
    );
  });

  test("shows each call whole, in one block or in parts that say that they go on", () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const ladder = script.ladder();
        openAll(ladder);
        checkBlocks(script, ladder.rows);
      }),
      { numRuns: 40 },
    );
  });

  test("has the same rows whether its events came one by one, in pieces or at once", () => {
    fc.assert(
      fc.property(scripts, fc.integer({ min: 1, max: 40 }), (script, piece) => {
        const conversation = new Conversation(0);
        const ladder = new Ladder(conversation);
        script.events.forEach((event, i) => {
          conversation.append(event);
          if (i % piece === 0) {
            ladder.update();
            // Rows that were looked at must not stay as they were.
            expect(ladder.rows.length).toBe(ladder.length);
          }
        });
        ladder.update();
        expect(plain(ladder)).toEqual(plain(new Ladder(conversation)));
      }),
      { numRuns: 40 },
    );
  });

  test("puts rows below each other without gap or overlap, their shapes inside, each with a key of its own", () => {
    fc.assert(
      fc.property(scripts, fc.boolean(), (script, opened) => {
        const ladder = script.ladder();
        if (opened) openAll(ladder);
        let top = 0;
        for (const [index, row] of ladder.rows.entries()) {
          expect(row.top).toBeCloseTo(top, 6);
          expect(row.height).toBeGreaterThan(0);
          expect(ladder.rowAt(row.top + row.height / 2)).toBe(index);
          expect(ladder.row(index)).toBe(row);
          for (const shape of row.shapes) expect(lowest(shape)).toBeLessThanOrEqual(row.height);
          top += row.height;
        }
        expect(ladder.height).toBeCloseTo(top, 6);
        const keys = new Set(ladder.rows.map((row) => row.key));
        expect(keys.size).toBe(ladder.length);
      }),
      { numRuns: 40 },
    );
  });

  test("has the same rows again after its bundles were opened, grew and were closed", () => {
    fc.assert(
      fc.property(scripts, fc.nat(), (script, cut) => {
        const conversation = new Conversation(0);
        const half = cut % script.events.length;
        for (const event of script.events.slice(0, half)) conversation.append(event);
        const ladder = new Ladder(conversation);
        openAll(ladder);
        for (const event of script.events.slice(half)) {
          conversation.append(event);
          ladder.update();
        }
        const opened = plain(ladder);
        const again = new Ladder(conversation);
        for (const row of ladder.rows) {
          if (row.opens !== "open") continue;
          const same = again.rows.find((each) => each.key === row.key);
          if (same) again.toggle(same);
        }
        expect(plain(again)).toEqual(opened);
        for (const row of ladder.rows) if (row.opens === "open") ladder.toggle(row);
        expect(plain(ladder)).toEqual(plain(new Ladder(conversation)));
      }),
      { numRuns: 40 },
    );
  });

  test("finds the row of every event and of every byte", () => {
    fc.assert(
      fc.property(scripts, fc.boolean(), (script, opened) => {
        const ladder = script.ladder();
        if (opened) openAll(ladder);
        script.events.forEach((event, number) => {
          const row = ladder.row(ladder.rowOfEvent(number));
          expect(row?.first).toBeLessThanOrEqual(number);
          if (event.kind !== "data") return;
          const { direction, offset } = event;
          const found = shapes(row, "block").some((block) => block.event === number);
          expect(found || row?.opens === "closed").toBe(true);
          const range = { direction, start: offset, end: offset + event.length };
          expect(ladder.rowOfRange(range)).toBe(ladder.rowOfEvent(number));
        });
      }),
      { numRuns: 40 },
    );
  });
});

function lowest(shape: LadderRow["shapes"][number]): number {
  switch (shape.kind) {
    case "life":
    case "block":
    case "bundle":
      return shape.bottom;
    case "band":
      return Math.max(shape.from[1], shape.to[1]);
    case "packet":
      return Math.max(shape.fromY, shape.toY);
    default:
      return shape.y;
  }
}
