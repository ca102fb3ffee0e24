/** Rows of a hex dump: every byte once and in order, cut where calls ended, found without counting. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteRows, merged, offsetDigits } from "../../../web/model/bytes-rows.ts";
import { MOST_SCROLL_PX, ScrollMap } from "../../../web/model/bytes-scroll.ts";

const heights = { row: 30, border: 13, foot: 5 };

/** A range that is cut at some of its offsets. */
const cutRange = fc
  .tuple(fc.nat(1000), fc.integer({ min: 1, max: 300 }), fc.array(fc.nat(300)))
  .map(([start, length, cuts]) => ({
    range: { direction: "out" as const, start, end: start + length },
    borders: [...new Set(cuts.filter((it) => it > 0 && it < length))]
      .sort((a, b) => a - b)
      .map((it) => start + it),
  }));
const columns = fc.constantFrom(4, 8, 16);

describe("rows", () => {
  test("hold the range's bytes in order, each once, in the columns that are theirs", () => {
    fc.assert(
      fc.property(cutRange, columns, ({ range, borders }, width) => {
        const rows = new ByteRows(range, borders, width);
        let next = range.start;
        for (let index = 0; index < rows.count; index++) {
          const row = rows.row(index);
          expect(row.start).toBe(next);
          expect(row.end).toBeGreaterThan(row.start);
          expect(row.column).toBe((row.start - range.start) % width);
          expect(row.column + row.end - row.start).toBeLessThanOrEqual(width);
          next = row.end;
        }
        expect(next).toBe(range.end);
      }),
    );
  });

  test("end a segment exactly where a call ended, and nowhere else", () => {
    fc.assert(
      fc.property(cutRange, columns, ({ range, borders }, width) => {
        const rows = new ByteRows(range, borders, width);
        const ends: number[] = [];
        for (let index = 0; index < rows.count; index++) {
          const row = rows.row(index);
          if (row.last) ends.push(row.end);
        }
        expect(ends).toEqual([...borders, range.end]);
      }),
    );
  });

  test("are found by a byte's offset and by their height", () => {
    fc.assert(
      fc.property(cutRange, columns, ({ range, borders }, width) => {
        const rows = new ByteRows(range, borders, width);
        let top = 0;
        for (let index = 0; index < rows.count; index++) {
          const row = rows.row(index);
          for (let offset = row.start; offset < row.end; offset++)
            expect(rows.indexAt(offset)).toBe(index);
          expect(rows.top(index, heights)).toBe(top);
          expect(rows.rowAt(top, heights)).toBe(index);
          expect(rows.rowAt(top + heights.row - 1, heights)).toBe(index);
          top += heights.row + (row.last && row.end < range.end ? heights.border : 0);
        }
        expect(rows.height(heights)).toBe(top + heights.foot);
      }),
    );
  });

  test("of 64 MiB are numbered without being made", () => {
    const end = 64 * 1024 * 1024;
    const rows = new ByteRows({ direction: "in", start: 0, end }, [5], 8);
    expect(rows.count).toBe(end / 8 + 1);
    expect(rows.row(rows.count - 1)).toEqual({
      index: end / 8,
      start: end - 8,
      end,
      column: 0,
      last: true,
    });
    expect(rows.indexAt(end - 1)).toBe(end / 8);
  });

  test("of nothing are none", () => {
    expect(new ByteRows({ direction: "in", start: 0, end: 0 }, [], 8).count).toBe(0);
  });

  test("have offsets of four digits, and of more where they are needed", () => {
    expect(offsetDigits(0)).toBe(4);
    expect(offsetDigits(0x10000)).toBe(4);
    expect(offsetDigits(0x10001)).toBe(5);
    expect(offsetDigits(2 ** 32)).toBe(8);
  });

  test("are cut at the borders of both ends", () => {
    expect(merged([1, 5, 9], [5, 7])).toEqual([1, 5, 7, 9]);
    expect(merged([], [3])).toEqual([3]);
  });
});

describe("scrolling", () => {
  const large = new ScrollMap(8_388_608 * 30, 300);

  test("of few rows is the browser's own", () => {
    const map = new ScrollMap(900, 300);
    expect(map.elementHeight).toBe(900);
    expect(map.moved(0, 0, 450)).toBe(450);
    expect(map.scrollTop(450)).toBe(450);
  });

  test("of eight million rows fits every browser and reaches the first and the last", () => {
    expect(large.elementHeight).toBe(MOST_SCROLL_PX);
    expect(large.scrollTop(large.end)).toBe(MOST_SCROLL_PX - 300);
    expect(large.moved(1e6, 5000, 0)).toBe(0);
    expect(large.moved(1e6, 5000, MOST_SCROLL_PX - 300)).toBe(large.end);
  });

  test("moves by pixels with the wheel, and by shares with the bar", () => {
    expect(large.moved(1_000_000, 50_000, 50_100)).toBe(1_000_100);
    const half = (MOST_SCROLL_PX - 300) / 2;
    expect(large.moved(0, 0, half)).toBeCloseTo(large.end / 2);
  });
});
