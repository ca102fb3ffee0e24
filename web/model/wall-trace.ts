/** The last minute of a student as lines of a drawing: bars up for what the student sends, bars down for what comes, ‖ and ✕. */
import { TRACE_MS, type WallMark } from "../../shared/classroom.ts";
import { type Student, standingOf } from "./wall-rows.ts";

/** Size of the drawing, in its own units. */
export const TRACE_LENGTH = 104;
export const TRACE_HEIGHT = 30;
const MIDDLE = TRACE_HEIGHT / 2;
const BAR = 4;
/** Half of a FIN's height, and from its first bar to the second. */
const FIN = 7;
const FIN_GAP = 6;
const CROSS = 5;

/** One path for each colour; an empty one draws nothing. */
export interface TracePaths {
  line: string;
  /** The line is that of a connection that is not there yet. */
  dashed: boolean;
  out: string;
  in: string;
  end: string;
  wrong: string;
}

/** @param now milliseconds since 1970, by the gateway's clock. */
export function tracePaths(student: Student, now: number): TracePaths {
  const standing = standingOf(student);
  const dashed = standing === "opening";
  const paths: TracePaths = { line: "", dashed, out: "", in: "", end: "", wrong: "" };
  let last = 0;
  for (const mark of student.marks) {
    const x = mark.kind === "news" ? null : placeOf(mark, now);
    if (x === null) continue;
    last = Math.max(last, x + widthOf(mark));
    draw(mark, x, paths);
  }
  // What is over has no now: its line ends where it ended.
  const end = standing === "over" ? Math.min(TRACE_LENGTH, last + 4) : TRACE_LENGTH;
  paths.line = end > 4 ? `M0 ${MIDDLE}H${end}` : "";
  return paths;
}

/** From the left, in half units: a trace that has not moved that far is the same text. */
function placeOf(mark: WallMark, now: number): number | null {
  const age = Math.max(0, now - mark.at);
  if (age > TRACE_MS) return null;
  const length = TRACE_LENGTH - widthOf(mark);
  return Math.round(2 * length * (1 - age / TRACE_MS)) / 2;
}

function widthOf({ kind }: WallMark): number {
  if (kind === "out" || kind === "in") return BAR;
  return kind === "reset" || kind === "refused" ? 2 * CROSS : FIN_GAP + 2;
}

function draw({ kind, bytes }: WallMark, x: number, paths: TracePaths): void {
  const height = Math.round(Math.min(MIDDLE - 1, 5 + Math.log2(Math.max(1, bytes))));
  switch (kind) {
    case "out":
      paths.out += `M${x} ${MIDDLE - 1}v-${height}h${BAR}v${height}z`;
      return;
    case "in":
      paths.in += `M${x} ${MIDDLE + 1}v${height}h${BAR}v-${height}z`;
      return;
    case "end-out":
    case "end-in":
      paths.end += `M${x + 1} ${MIDDLE - FIN}v${2 * FIN}m${FIN_GAP} -${2 * FIN}v${2 * FIN}`;
      return;
    case "news":
      return;
    case "reset":
    case "refused":
      paths.wrong += `M${x} ${MIDDLE - CROSS}l${2 * CROSS} ${2 * CROSS}m0 -${2 * CROSS}l-${2 * CROSS} ${2 * CROSS}`;
      return;
  }
}
