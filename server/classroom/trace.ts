/** The last 60 seconds of one student as marks, thinned out so that a flood is as small as a conversation. */
import { TRACE_MS, type WallMark } from "../../shared/classroom.ts";

/** Bytes of one direction within this time are one mark, in milliseconds. */
const MARK_STEP_MS = 50;
/** The same of what is kept: a quarter of a second is less than a pixel or two of a trace. */
const KEPT_STEP_MS = 250;
/** Of endings and refusals there may be many; of more than these the oldest are left out. */
const MAX_STEP_MARKS = 64;
const MAX_KEPT_MARKS = 400;

/** Adds a mark at the end, or to one of its kind that is as good as at the same time. */
function append(marks: WallMark[], mark: WallMark, stepMs: number, max: number): void {
  const isData = mark.kind === "out" || mark.kind === "in";
  for (let index = marks.length - 1; isData && index >= 0; index--) {
    const other = marks[index] as WallMark;
    if (mark.at - other.at >= stepMs) break;
    if (other.kind !== mark.kind) continue;
    marks[index] = { ...other, bytes: other.bytes + mark.bytes };
    return;
  }
  marks.push(mark);
  if (marks.length > max) marks.shift();
}

/** Marks that wait to be told. */
export function addMarks(waiting: WallMark[], marks: readonly WallMark[]): void {
  for (const mark of marks) append(waiting, mark, MARK_STEP_MS, MAX_STEP_MARKS);
}

const keyOf = ({ at, kind, bytes, news }: WallMark): string =>
  `${at} ${kind} ${bytes} ${news?.key} ${news?.turn}`;

export class Trace {
  #marks: WallMark[] = [];
  add(marks: readonly WallMark[]): void {
    for (const mark of marks) append(this.#marks, mark, KEPT_STEP_MS, MAX_KEPT_MARKS);
  }

  /** These are all there are of the last 60 seconds. @returns whether others were known. */
  become(marks: readonly WallMark[]): boolean {
    const known = new Set(this.#marks.map(keyOf));
    const isSame = marks.every((mark) => known.has(keyOf(mark)));
    if (isSame) return false;
    this.#marks = [...marks];
    return true;
  }

  /** @param now milliseconds since 1970. */
  at(now: number): readonly WallMark[] {
    this.#marks = this.#marks.filter(({ at }) => at > now - TRACE_MS);
    return this.#marks;
  }

  clear(): void {
    this.#marks = [];
  }
}
