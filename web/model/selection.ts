/** What is picked out: one thing that happened, lit in terminal, ladder, bytes and list alike. */
import type { Direction } from "../../shared/conversation.ts";
import { Store } from "./store.ts";

/** Bytes of one direction, from `start` up to and without `end`. */
export interface ByteRange {
  direction: Direction;
  start: number;
  end: number;
}

export interface Selected {
  /** Number of the event in its conversation, from 0; stays true when earlier ones are forgotten. */
  event: number;
  /** The bytes it is about; null for what carries none. */
  range: ByteRange | null;
}

export class Selection extends Store {
  #selected: Selected | null = null;

  get selected(): Selected | null {
    return this.#selected;
  }

  select(selected: Selected | null): void {
    if (same(this.#selected, selected)) return;
    this.#selected = selected;
    this.changed();
  }

  /** True when any of these bytes is picked out. */
  touches(range: ByteRange): boolean {
    return this.#selected?.range ? overlap(this.#selected.range, range) : false;
  }
}

/** True when the two share a byte. */
export function overlap(a: ByteRange, b: ByteRange): boolean {
  return a.direction === b.direction && a.start < b.end && b.start < a.end;
}

function same(a: Selected | null, b: Selected | null): boolean {
  if (a?.event !== b?.event) return false;
  if (!a?.range || !b?.range) return (a?.range ?? null) === (b?.range ?? null);
  return (
    a.range.direction === b.range.direction &&
    a.range.start === b.range.start &&
    a.range.end === b.range.end
  );
}
