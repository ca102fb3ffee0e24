/**
 * The list of conversations that have ended, one JSON line each, so that a start need not open their files.
 * All of it stands in the files too: when it is lost or wrong, it is made again from them.
 */
import { readFileSync, statSync } from "node:fs";
import { appendFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isRecordingId } from "./names.ts";
import { isMissing } from "./problem.ts";

/** One conversation that is kept. */
export interface Kept {
  readonly id: string;
  readonly student: string;
  /** As text; empty where nobody knows it. */
  readonly address: string;
  /** Milliseconds since 1970, as the next. */
  readonly startedAt: number;
  /** null: it still goes on. */
  readonly endedAt: number | null;
  /** Of its file, up to the end of the last whole line. */
  readonly bytes: number;
  /** Lines after the first. */
  readonly events: number;
}

const INDEX_FILE = "conversations.index";
/** Bytes of it that are read; three million conversations have room. */
const MAX_INDEX_BYTES = 512 * 1024 * 1024;
/** Only for this user: it says who talked when. */
export const FILE_MODE = 0o600;

export class IndexFile {
  readonly #path: string;
  #waiting: Kept[] = [];
  /** Writes follow each other. */
  #last: Promise<void> = Promise.resolve();

  constructor(folder: string) {
    this.#path = join(folder, INDEX_FILE);
  }

  /** What it says; nothing where it is missing, and without the lines that nobody can read. */
  read(): Map<string, Kept> {
    const found = new Map<string, Kept>();
    for (const line of this.#text().split("\n")) {
      const kept = readKept(line);
      if (kept) found.set(kept.id, kept);
    }
    return found;
  }

  /**
   * Adds one that has ended. Those of one moment go into one write.
   * @throws what the system says, as `rewrite` does.
   */
  add(kept: Kept): Promise<void> {
    this.#waiting.push(kept);
    return this.#then(async () => {
      const lines = this.#waiting.splice(0).map(line);
      if (lines.length > 0) await appendFile(this.#path, lines.join(""), { mode: FILE_MODE });
    });
  }

  /** Replaces all of it in one step, so that a crash leaves the old or the new. */
  rewrite(all: () => Iterable<Kept>): Promise<void> {
    return this.#then(async () => {
      this.#waiting = [];
      const next = `${this.#path}.new`;
      await writeFile(next, [...all()].map(line).join(""), { mode: FILE_MODE });
      await rename(next, this.#path);
    });
  }

  #then(write: () => Promise<void>): Promise<void> {
    const done = this.#last.then(write);
    // Whoever asked for it is told what went wrong; the next write begins in any case.
    this.#last = done.catch(() => {});
    return done;
  }

  #text(): string {
    try {
      return statSync(this.#path).size > MAX_INDEX_BYTES ? "" : readFileSync(this.#path, "utf8");
    } catch (error) {
      if (isMissing(error)) return "";
      throw error;
    }
  }
}

const line = (kept: Kept) => `${JSON.stringify(kept)}\n`;

function readKept(text: string): Kept | null {
  if (text === "") return null;
  const value = parsed(text);
  const { id, student, address, startedAt, endedAt, bytes, events } = value;
  const texts =
    typeof id === "string" && typeof student === "string" && typeof address === "string";
  const numbers = isCount(startedAt) && isCount(endedAt) && isCount(bytes) && isCount(events);
  if (!texts || !numbers || !isRecordingId(id)) return null;
  return { id, student, address, startedAt, endedAt, bytes, events };
}

/** Nothing for the line that a crash cut off: its conversation is read from its file. */
function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;
