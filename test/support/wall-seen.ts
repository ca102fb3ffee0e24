/** What a page was told of the wall so far: the rows as they are, and all marks in their order. */
import type { WallMark, WallRow } from "../../shared/classroom.ts";
import { eventually } from "./eventually.ts";
import type { RawPage } from "./raw-page.ts";

export class WallSeen {
  readonly #page: RawPage;

  constructor(page: RawPage) {
    this.#page = page;
  }

  /** The student's row now; nothing where there is none. */
  row(name: string): WallRow | undefined {
    return this.#told().rows.get(name);
  }

  /** The student's trace since the wall was last sent whole. */
  marks(name: string): readonly WallMark[] {
    return this.#told().marks.get(name) ?? [];
  }

  /** Waits until that student's row is as expected. */
  shows(
    name: string,
    holds: (row: WallRow | undefined) => boolean,
    deadlineMs?: number,
  ): Promise<WallRow | undefined> {
    return eventually(() => this.row(name), holds, deadlineMs);
  }

  #told() {
    const rows = new Map<string, WallRow>();
    const marks = new Map<string, WallMark[]>();
    for (const answer of this.#page.answers) {
      if (!("text" in answer) || answer.text.type !== "wall") continue;
      const { whole, rows: changed, gone } = answer.text;
      if (whole) rows.clear();
      if (whole) marks.clear();
      for (const row of changed) {
        rows.set(row.name, row);
        marks.set(row.name, [...(marks.get(row.name) ?? []), ...row.marks]);
      }
      for (const [name, { id }] of rows) if (gone.includes(id)) rows.delete(name);
    }
    return { rows, marks };
  }
}
