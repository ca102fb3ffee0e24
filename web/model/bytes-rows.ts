/**
 * Bytes as rows of a hex dump: which bytes stand in which row, and how high up. Nothing is made for a
 * row before it is asked for, so that eight million of them cost no more than their borders.
 *
 * Columns belong to offsets from the range's start. Where a call ended inside a row, the row is cut
 * there: what follows goes on below, in the columns that are its own.
 */
import type { ByteRange } from "./selection.ts";

export interface Row {
  index: number;
  /** Offsets in the direction, from `start` up to and without `end`. */
  start: number;
  end: number;
  /** Column of the first byte. */
  column: number;
  /** A call ended with this row's last byte, or the range did. */
  last: boolean;
}

/** Heights, in whatever unit the caller draws in. */
export interface RowHeights {
  row: number;
  /** Between two segments: the border. */
  border: number;
  /** Below the last row. */
  foot: number;
}

/** Digits of an offset: 4, and more when the range needs them. */
export function offsetDigits(length: number): number {
  return Math.max(4, Math.max(0, length - 1).toString(16).length);
}

export class ByteRows {
  readonly range: ByteRange;
  readonly columns: number;
  /** Where each segment between two borders begins, and the end of the last. */
  readonly #edges: Float64Array;
  /** Rows before each segment, and all of them. */
  readonly #before: Float64Array;

  /** @param borders offsets inside the range where it is cut, ascending, none twice. */
  constructor(range: ByteRange, borders: readonly number[], columns: number) {
    this.range = range;
    this.columns = columns;
    this.#edges = new Float64Array(borders.length + 2);
    this.#edges[0] = range.start;
    this.#edges.set(borders, 1);
    this.#edges[borders.length + 1] = Math.max(range.start, range.end);
    this.#before = new Float64Array(borders.length + 2);
    for (let segment = 0; segment <= borders.length; segment++) {
      const end = this.#edge(segment + 1);
      const rows =
        end > this.#edge(segment) ? this.#line(end - 1) - this.#firstLine(segment) + 1 : 0;
      this.#before[segment + 1] = (this.#before[segment] ?? 0) + rows;
    }
  }

  /** How many rows there are. */
  get count(): number {
    return this.#before[this.#before.length - 1] ?? 0;
  }

  row(index: number): Row {
    const segment = lastNotAbove(this.#before, index, this.#before.length - 1);
    const line = this.#firstLine(segment) + index - (this.#before[segment] ?? 0);
    const lineStart = this.range.start + line * this.columns;
    const start = Math.max(this.#edge(segment), lineStart);
    const end = Math.min(this.#edge(segment + 1), lineStart + this.columns);
    return { index, start, end, column: start - lineStart, last: end === this.#edge(segment + 1) };
  }

  /** Index of the row with the byte at `offset`, which must be in the range. */
  indexAt(offset: number): number {
    const segment = lastNotAbove(this.#edges, offset, this.#edges.length - 1);
    return (this.#before[segment] ?? 0) + this.#line(offset) - this.#firstLine(segment);
  }

  /** From the top of the first row to the top of this one. */
  top(index: number, heights: RowHeights): number {
    const segment = lastNotAbove(this.#before, index, this.#before.length - 1);
    return index * heights.row + segment * heights.border;
  }

  height(heights: RowHeights): number {
    return this.count * heights.row + (this.#edges.length - 2) * heights.border + heights.foot;
  }

  /** Index of the row that is `y` below the top of the first; a border belongs to the row above it. */
  rowAt(y: number, heights: RowHeights): number {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.top(middle, heights) <= y) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  #edge(segment: number): number {
    return this.#edges[segment] ?? 0;
  }
  #line(offset: number): number {
    return Math.floor((offset - this.range.start) / this.columns);
  }
  #firstLine(segment: number): number {
    return this.#line(this.#edge(segment));
  }
}

/** Index of the last of the first `length` values that is not above `wanted`; values ascend. */
function lastNotAbove(values: Float64Array, wanted: number, length: number): number {
  let low = 0;
  let high = length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((values[middle] ?? 0) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Two ascending lists as one, each value once. */
export function merged(a: readonly number[], b: readonly number[]): number[] {
  const both: number[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const value = Math.min(a[i] ?? Number.POSITIVE_INFINITY, b[j] ?? Number.POSITIVE_INFINITY);
    if (a[i] === value) i++;
    if (b[j] === value) j++;
    both.push(value);
  }
  return both;
}
