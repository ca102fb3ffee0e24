/** The students on the wall: rows as the gateway tells them, in the order of their seats, with their last minute. */
import { TRACE_MS, type Wall, type WallMark, type WallRow } from "../../shared/classroom.ts";

/** A student as the wall knows it; another object whenever something of it has changed. */
export type Student = Readonly<Omit<WallRow, "marks">> & {
  /** The last minute, oldest first. */
  readonly marks: readonly WallMark[];
};

/** Marks of one direction that are closer together than this are one, in milliseconds. */
const JOINED_MS = 250;

export class WallRows {
  readonly #students = new Map<string, Student>();
  #inOrder: readonly Student[] = [];
  #told = false;

  /** The whole wall has come. */
  get told(): boolean {
    return this.#told;
  }
  /** By seat; the same array until somebody changes. */
  get inOrder(): readonly Student[] {
    return this.#inOrder;
  }

  /**
   * Takes a message in; what is known already changes nothing.
   * @returns of how many students something changed, those who left included.
   */
  apply(message: Wall): number {
    const { whole, rows, gone, at } = message;
    this.#told ||= whole;
    const told = new Set(whole ? rows.map(({ id }) => id) : []);
    const left = whole ? [...this.#students.keys()].filter((id) => !told.has(id)) : gone;
    let changes = 0;
    for (const id of left) if (this.#students.delete(id)) changes++;
    for (const row of rows) if (this.#take(row, whole, at)) changes++;
    if (changes > 0) this.#inOrder = [...this.#students.values()].sort((a, b) => a.seat - b.seat);
    return changes;
  }

  #take(row: WallRow, whole: boolean, at: number): boolean {
    const known = this.#students.get(row.id);
    // A gateway that began anew counts from the start: all of the wall is true, whatever its numbers.
    if (known && (whole ? known.n === row.n : known.n >= row.n)) return false;
    const marks = lastMinute(whole || !known ? row.marks : [...known.marks, ...row.marks], at);
    this.#students.set(row.id, { ...row, marks });
    return true;
  }
}

/** Marks that are not older than a trace, few enough to draw: those close together are one. */
function lastMinute(marks: readonly WallMark[], now: number): WallMark[] {
  const kept: WallMark[] = [];
  const last: Partial<Record<WallMark["kind"], number>> = {};
  for (const mark of marks) {
    if (now - mark.at > TRACE_MS) continue;
    const index = last[mark.kind] ?? -1;
    const before = kept[index];
    if (before && isBytes(mark) && mark.at - before.at < JOINED_MS) {
      kept[index] = { ...before, bytes: before.bytes + mark.bytes };
      continue;
    }
    last[mark.kind] = kept.length;
    kept.push(mark);
  }
  return kept;
}

const isBytes = ({ kind }: WallMark): boolean => kind === "out" || kind === "in";

/** What the conversation of a student is in, as the counts see it. */
export type Standing = "none" | "listening" | "opening" | "open" | "over" | "failed";

export function standingOf({ now, listens }: Student): Standing {
  const isUnderWay = now?.phase === "open" || now?.phase === "opening";
  // Between two visitors, and before the first: it waits for one.
  if (listens && !isUnderWay) return "listening";
  if (!now) return "none";
  if (now.phase === "failed") return "failed";
  if (now.phase === "closed") return "over";
  if (now.phase === "opening") return "opening";
  // One end has hung up: it is closing.
  return now.state === null || now.state === "ESTABLISHED" ? "open" : "over";
}

const saidNo: ReadonlySet<string> = new Set(["ECONNREFUSED", "NOT_ALLOWED"]);

/** How many students there are, and in what. */
export interface Counts {
  joined: number;
  connected: number;
  over: number;
  failed: number;
  /** Of those that failed: nobody said no, neither the other end nor the gateway. */
  unanswered: number;
}

export function count(students: readonly Student[]): Counts {
  const counts = { joined: students.length, connected: 0, over: 0, failed: 0, unanswered: 0 };
  for (const student of students) {
    const standing = standingOf(student);
    if (standing === "open") counts.connected++;
    else if (standing === "over") counts.over++;
    else if (standing === "failed") {
      counts.failed++;
      if (!saidNo.has(student.now?.failure ?? "")) counts.unanswered++;
    }
  }
  return counts;
}
