/** The two lists behind the ladder do what an array does, whatever is done to them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GapList } from "../../../web/model/ladder-gap.ts";
import { type Item, Message } from "../../../web/model/ladder-items.ts";
import { List } from "../../../web/model/ladder-list.ts";

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const what = fc.constantFrom("push", "insert", "remove", "change", "cut", "several", "fewer");
const steps = fc.array(fc.record({ what, place, times: fc.integer({ min: 1, max: 300 }) }), {
  minLength: 1,
  maxLength: 12,
});

let made = 0;
function item(): Item {
  const near = { side: "near", state: null, seen: false } as const;
  const before = { near, far: { ...near, side: "far" as const } };
  return new Message("out", made++, made, 0, { at: 0, idle: 0, before, turn: 0 });
}

describe("the list of rows", () => {
  test("knows each item's place and height, in whatever order they come and go", () => {
    const heights = new Map<Item, number>();
    const heightOf = (each: Item) => heights.get(each) ?? 10 + (each.key % 7);
    const check = (list: List, items: readonly Item[]) => {
      expect(list.length).toBe(items.length);
      let top = 0;
      for (const [i, each] of items.entries()) {
        expect(list.at(i)).toBe(each);
        expect(list.indexOf(each)).toBe(i);
        expect(list.top(i)).toBe(top);
        expect(list.indexAt(top)).toBe(i);
        top += heightOf(each);
        expect(list.indexAt(top - 1)).toBe(i);
      }
      expect(list.height).toBe(top);
      expect(list.indexAt(top + 5)).toBe(items.length - 1);
    };
    const run = fc.property(steps, (todo) => {
      const list = new List(heightOf);
      const items: Item[] = [];
      for (const { what, place, times } of todo) {
        for (let n = 0; n < times; n++) {
          const index = Math.floor(place * items.length);
          const there = items[index];
          const added = item();
          if (what === "push" || !there) {
            list.push(added);
            items.push(added);
          } else if (what === "insert") {
            list.insertAfter(there, added);
            items.splice(index + 1, 0, added);
          } else if (what === "remove") {
            list.remove(there);
            items.splice(index, 1);
            expect(list.indexOf(there)).toBe(-1);
          } else if (what === "change") {
            heights.set(there, 3 + (n % 40));
            list.changed(there);
          }
        }
        const index = Math.floor(place * items.length);
        const there = items[index];
        if (there && what === "cut") {
          list.removeFrom(there);
          items.splice(index);
        }
        if (there && what === "several") {
          const more = Array.from({ length: times }, item);
          list.insertAllAfter(there, more);
          items.splice(index + 1, 0, ...more);
        }
        if (there && what === "fewer") {
          const count = Math.min(times, items.length - index - 1);
          list.removeAfter(there, count);
          items.splice(index + 1, count);
        }
        check(list, items);
      }
    });
    fc.assert(run, { numRuns: 60 });
  });
});

describe("the list with a gap", () => {
  test("is an array to those who read it", () => {
    const run = fc.property(steps, (todo) => {
      const list = new GapList<number>();
      const items: number[] = [];
      for (const { what, place, times } of todo) {
        for (let n = 0; n < times; n++) {
          const index = Math.floor(place * items.length);
          if (what === "insert") {
            list.insert(index, made);
            items.splice(index, 0, made++);
          } else if (what === "remove" && items.length > 0) {
            list.remove(index);
            items.splice(index, 1);
          } else {
            list.push(made);
            items.push(made++);
          }
        }
        expect(list.length).toBe(items.length);
        expect(list.last).toBe(items.at(-1));
        expect(items.map((_, i) => list.at(i))).toEqual(items);
      }
    });
    fc.assert(run, { numRuns: 200 });
  });
});
