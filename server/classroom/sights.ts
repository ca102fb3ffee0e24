/**
 * What is known of students, by the gateway that said it: a student who came to another gateway is seen by
 * two for a while. Pure state; wall.ts decides when it is shown and to whom.
 */
import * as v from "valibot";
import { type WallMark, WallRow } from "../../shared/classroom.ts";
import { Trace } from "./trace.ts";
import type { StudentNow } from "./types.ts";

/** What a gateway tells the others of one of its students. */
export const Sighting = v.object({
  ...v.pick(WallRow, ["id", "here", "open", "now", "last", "marks"]).entries,
  /** Counts what that gateway said of the student. */
  rev: v.pipe(v.number(), v.safeInteger()),
  /** The marks are those of the last minute, else those since the number before. */
  whole: v.boolean(),
});
export type Sighting = v.InferOutput<typeof Sighting>;

interface Sight {
  rev: number;
  now: StudentNow;
  trace: Trace;
  /** The wall was cleared, and nothing has been said since. */
  blank: boolean;
  /** Counts all changes of all students: the greater, the later. */
  order: number;
}

const NOTHING: StudentNow = { here: false, open: 0, now: null, last: null };
const isData = ({ kind }: WallMark) => kind === "out" || kind === "in";
const shown = ({ now, blank }: Sight): StudentNow => (blank ? { ...now, last: null } : now);

export class Sights {
  readonly #students = new Map<string, Map<string, Sight>>();
  #order = 0;

  /** @returns whether anything is new. */
  report(gateway: string, student: string, now: StudentNow, marks: readonly WallMark[]): boolean {
    const sight = this.#sight(gateway, student);
    if (marks.length === 0 && JSON.stringify(sight.now) === JSON.stringify(now)) return false;
    const { here, open, last } = now;
    this.#update(sight, { here, open, now: now.now, last }, marks);
    return true;
  }

  /**
   * Takes what another gateway said.
   * @returns the new marks; null when nothing is new; "anew" when the trace is another than was known, because
   *   some of what was said before had been lost.
   */
  hear(
    gateway: string,
    { id, rev, whole, marks, ...now }: Sighting,
  ): readonly WallMark[] | "anew" | null {
    const sight = this.#sight(gateway, id);
    if (rev < sight.rev) return null;
    // A number that is known brings nothing but what was lost, and that only when it is whole.
    const fresh = whole || rev === sight.rev ? [] : marks;
    sight.rev = rev;
    const isNew = this.report(gateway, id, now, fresh);
    if (whole && sight.trace.become(marks)) return "anew";
    return isNew ? fresh : null;
  }

  /** Says it to the others with a number of its own. */
  next(gateway: string, student: string, marks: WallMark[]): Sighting {
    const sight = this.#sight(gateway, student);
    sight.rev++;
    return { id: student, rev: sight.rev, whole: false, ...shown(sight), marks };
  }

  /** Everything a gateway has said, for those who missed some of it. */
  all(gateway: string, now: number): Sighting[] {
    const found: Sighting[] = [];
    for (const [id, sights] of this.#students) {
      const sight = sights.get(gateway);
      if (!sight) continue;
      found.push({
        id,
        rev: sight.rev,
        whole: true,
        ...shown(sight),
        marks: [...sight.trace.at(now)],
      });
    }
    return found;
  }

  isHere(gateway: string, student: string): boolean {
    return this.#students.get(student)?.get(gateway)?.now.here ?? false;
  }

  /** The student as it is seen best: by the gateway where it is, or was last. */
  of(student: string): StudentNow {
    const best = [...(this.#students.get(student)?.values() ?? [])].sort(
      (a, b) => Number(b.now.here) - Number(a.now.here) || b.order - a.order,
    )[0];
    return best ? shown(best) : NOTHING;
  }

  trace(student: string, now: number): WallMark[] {
    const sights = [...(this.#students.get(student)?.values() ?? [])];
    const marks = sights.flatMap(({ trace }) => trace.at(now));
    return sights.length > 1 ? marks.sort((a, b) => a.at - b.at) : marks;
  }

  /** That gateway is gone. @returns its students who are nowhere now. */
  lose(gateway: string): string[] {
    const away: string[] = [];
    for (const [id, sights] of this.#students) {
      const sight = sights.get(gateway);
      if (!sight) continue;
      sight.now = { ...sight.now, here: false, open: 0 };
      if (!this.of(id).here) away.push(id);
    }
    return away;
  }

  /** Takes lines and traces away; a line is shown again when a new one has come. */
  clear(): void {
    for (const sights of this.#students.values()) {
      for (const sight of sights.values()) {
        sight.blank = true;
        sight.trace.clear();
      }
    }
  }

  #update(sight: Sight, now: StudentNow, marks: readonly WallMark[]): void {
    sight.now = now;
    sight.order = ++this.#order;
    sight.trace.add(marks);
    if (marks.some(isData)) sight.blank = false;
  }

  #sight(gateway: string, student: string): Sight {
    const sights = this.#students.get(student) ?? new Map<string, Sight>();
    this.#students.set(student, sights);
    const fresh = { rev: 0, now: NOTHING, trace: new Trace(), blank: false, order: 0 };
    const sight = sights.get(gateway) ?? fresh;
    sights.set(gateway, sight);
    return sight;
  }
}
