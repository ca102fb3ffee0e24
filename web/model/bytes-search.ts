/**
 * Finds bytes in both directions of a conversation, across the borders of calls, a window at a time:
 * whoever drives it decides when to let the page do something else. It can go on when more has come.
 */
import type { Direction } from "../../shared/conversation.ts";
import type { ByteSource } from "./bytes-text.ts";
import type { ByteRange } from "./selection.ts";

export type Reading = "text" | "hex";

export interface Sought {
  bytes: Uint8Array;
  /** Whether `a` finds `A` as well; of ASCII letters only. */
  ignoreCase: boolean;
}

/** Two or more hex pairs apart, or pairs that say what they are: `0d 0a`, `0x0d0a`, `\x0d\x0a`. */
const SURELY_HEX =
  /^\s*(?:0x(?:[\da-f]{2})+|(?:\\x[\da-f]{2})+|[\da-f]{2}(?:[\s:,]+[\da-f]{2})+)\s*$/i;

/** What a search text most likely means. `cafe` may be a word, `ca fe` is not. */
export function likelyReading(text: string): Reading {
  return SURELY_HEX.test(text) ? "hex" : "text";
}

/** The bytes that a search text stands for; null where it is not hex. Empty: nothing to look for. */
export function soughtBytes(text: string, reading: Reading): Uint8Array | null {
  if (reading === "text") return new TextEncoder().encode(text);
  const digits = text.replace(/0x|\\x|[\s:,]/gi, "");
  if (digits.length % 2 !== 0 || /[^\da-f]/i.test(digits)) return null;
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Bytes looked through at once. */
export const WINDOW_BYTES = 64 * 1024;
/** Matches kept of each direction; there may be more. */
export const MOST_MATCHES = 10_000;

export interface Searched extends ByteSource {
  lengthOf(direction: Direction): number;
}

const directions = ["out", "in"] as const;

export class ByteSearch {
  readonly sought: Sought;
  readonly #source: Searched;
  readonly #fold: Uint8Array;
  readonly #pattern: Uint8Array;
  /** How far to go on when the window's last byte is this one (Horspool 1980). */
  readonly #skip: Uint32Array;
  readonly #window: Uint8Array;
  readonly #next: Record<Direction, number> = { out: 0, in: 0 };
  /** Offsets at which a match begins, ascending. */
  readonly #found: Record<Direction, number[]> = { out: [], in: [] };

  constructor(source: Searched, sought: Sought) {
    this.#source = source;
    this.sought = sought;
    this.#fold = Uint8Array.from({ length: 256 }, (_, byte) =>
      sought.ignoreCase && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
    );
    this.#pattern = sought.bytes.map((byte) => this.#fold[byte] ?? 0);
    this.#window = new Uint8Array(WINDOW_BYTES + sought.bytes.length - 1);
    this.#skip = new Uint32Array(256).fill(this.#pattern.length);
    for (let i = 0; i < this.#pattern.length - 1; i++) {
      this.#skip[this.#pattern[i] ?? 0] = this.#pattern.length - 1 - i;
    }
  }

  /** Where matches begin in a direction, ascending; they may overlap. */
  found(direction: Direction): readonly number[] {
    return this.#found[direction];
  }
  get count(): number {
    return this.#found.out.length + this.#found.in.length;
  }
  /** True when a direction has more matches than are kept. */
  get more(): boolean {
    return directions.some((direction) => this.#found[direction].length >= MOST_MATCHES);
  }
  /** Share of the bytes that are looked through, from 0 to 1. */
  get progress(): number {
    let done = 0;
    let all = 0;
    for (const direction of directions) {
      const length = this.#source.lengthOf(direction);
      done += this.#isOver(direction) ? length : Math.min(length, this.#next[direction]);
      all += length;
    }
    return all === 0 ? 1 : done / all;
  }

  /** Looks through one more window. @returns false when there is nothing more to look through. */
  step(): boolean {
    const direction = directions.find((it) => !this.#isOver(it));
    if (direction === undefined) return false;
    this.#lookThrough(direction);
    return true;
  }

  #isOver(direction: Direction): boolean {
    if (this.#pattern.length === 0 || this.#found[direction].length >= MOST_MATCHES) return true;
    return this.#next[direction] + this.#pattern.length > this.#source.lengthOf(direction);
  }

  #lookThrough(direction: Direction): void {
    const { start, length } = this.#source.copy(direction, this.#next[direction], this.#window);
    const places = length - this.#pattern.length + 1;
    if (length === 0) this.#next[direction] = this.#source.lengthOf(direction);
    // A stretch that is too short is not the end of the bytes: what follows it is no longer kept.
    else if (places <= 0) this.#next[direction] = this.#after(direction, start + length);
    else {
      this.#scan(direction, start, length);
      this.#next[direction] = start + places;
    }
  }

  /** The place to go on at after a stretch that ended at `end`: there, unless more may be added to it. */
  #after(direction: Direction, end: number): number {
    const atEnd = end >= this.#source.lengthOf(direction);
    return atEnd ? Math.max(this.#next[direction], end - this.#pattern.length + 1) : end;
  }

  #scan(direction: Direction, start: number, length: number): void {
    if (this.#pattern.length === 1) this.#scanForOne(direction, start, length);
    else this.#scanForAll(direction, start, length);
  }

  /** One byte: nothing can be skipped, but the engine's own search looks at many bytes at once. */
  #scanForOne(direction: Direction, start: number, length: number): void {
    const found = this.#found[direction];
    const window = this.#window.subarray(0, length);
    const same = [...this.#fold.keys()].filter((byte) => this.#fold[byte] === this.#pattern[0]);
    const next = same.map((byte) => window.indexOf(byte));
    for (;;) {
      const ahead = next.filter((at) => at >= 0);
      if (ahead.length === 0 || found.length >= MOST_MATCHES) return;
      const at = Math.min(...ahead);
      found.push(start + at);
      const which = next.indexOf(at);
      next[which] = window.indexOf(same[which] ?? 0, at + 1);
    }
  }

  /** Several bytes, from the last to the first: most places are passed without being looked at. */
  #scanForAll(direction: Direction, start: number, length: number): void {
    const pattern = this.#pattern;
    const fold = this.#fold;
    const window = this.#window;
    const found = this.#found[direction];
    const last = pattern.length - 1;
    for (let at = 0; at + last < length; ) {
      const end = fold[window[at + last] ?? 0] ?? 0;
      let i = 0;
      if (end === pattern[last]) while (i < last && fold[window[at + i] ?? 0] === pattern[i]) i++;
      if (end === pattern[last] && i === last) {
        found.push(start + at);
        if (found.length >= MOST_MATCHES) return;
        at++;
      } else at += this.#skip[end] ?? 1;
    }
  }
}

/** A match, and the call that carried its first byte. */
export interface Match {
  event: number;
  range: ByteRange;
}

/** All matches in the order in which they crossed the wire. */
export function matchesInOrder(
  search: ByteSearch,
  callAt: (direction: Direction, offset: number) => number | null,
): Match[] {
  const matches: Match[] = [];
  for (const direction of directions) {
    for (const start of search.found(direction)) {
      const end = start + search.sought.bytes.length;
      const event = callAt(direction, start);
      if (event !== null) matches.push({ event, range: { direction, start, end } });
    }
  }
  return matches.sort((a, b) => a.event - b.event || a.range.start - b.range.start);
}
