/** The last minute of a connection as marks on a line of time, few enough to draw. */
import type { Direction } from "../../shared/conversation.ts";

/** How far back the trace goes, in milliseconds. */
export const TRACE_MS = 60_000;
/** Calls of one direction that are closer together than this are one mark. */
const MARK_MS = 250;

export interface TraceMark {
  /** When it happened, or the first of them, in milliseconds of the page's clock. */
  at: number;
  direction: Direction;
  kind: "data" | "fin" | "reset";
  /** 0 where none were carried. */
  bytes: number;
}

/** At most `2 × TRACE_MS / MARK_MS` marks of data, and the ends. */
export class Trace {
  #marks: TraceMark[] = [];

  get marks(): readonly TraceMark[] {
    return this.#marks;
  }

  /** @param now milliseconds of the page's clock; never less than before. */
  add(kind: TraceMark["kind"], direction: Direction, bytes: number, now: number): void {
    const last = this.#marks.findLast((mark) => mark.direction === direction);
    if (kind === "data" && last?.kind === "data" && now - last.at < MARK_MS) {
      last.bytes += bytes;
      return;
    }
    this.#marks.push({ at: now, direction, kind, bytes });
    const fresh = this.#marks.findIndex((mark) => now - mark.at <= TRACE_MS);
    if (fresh > 0) this.#marks.splice(0, fresh);
  }
}

/** Where a mark stands on a line of that length, from the left; null when it is older than the line. */
export function traceX(mark: TraceMark, now: number, length: number): number | null {
  const age = Math.max(0, now - mark.at);
  return age > TRACE_MS ? null : length * (1 - age / TRACE_MS);
}

/** How high a mark is, in pixels: twice as many bytes are a little more, from 4 to `most`. */
export function traceHeight({ bytes }: TraceMark, most: number): number {
  return Math.min(most, 4 + Math.log2(Math.max(1, bytes)));
}
