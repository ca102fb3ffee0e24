/** What happened at a listening socket and to everybody it accepted, line by line, with the time of day. */

/** Lines kept; older ones are forgotten. */
const KEPT_LINES = 500;

export interface JournalLine {
  /** Counts from 1 and never changes. */
  n: number;
  /** Milliseconds since 1970. */
  at: number;
  text: string;
  /** Whom it is about, where the text does not say. */
  who: string;
  tone: "plain" | "wrong";
}

export class Journal {
  readonly #clock: () => number;
  #lines: JournalLine[] = [];
  #count = 0;

  /** @param clock milliseconds since 1970. */
  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Oldest first. */
  get lines(): readonly JournalLine[] {
    return this.#lines;
  }

  add(text: string, who = "", tone: JournalLine["tone"] = "plain"): void {
    const line = { n: ++this.#count, at: this.#clock(), text, who, tone };
    // A new array: a view that was given the old one has to see that it changed.
    this.#lines = [...this.#lines.slice(-(KEPT_LINES - 1)), line];
  }
}

/** `14:02:07`, in the reader's time zone. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
}
