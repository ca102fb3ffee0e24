/** Conversations that are kept, for tests: handed to a real journal in a directory of its own. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Recorded } from "../../server/gateway/recorder.ts";
import { createLog } from "../../server/log.ts";
import { Journal, type JournalOptions } from "../../server/recordings/journal.ts";
import { Shelf } from "../../server/recordings/shelf.ts";
import type { ConversationEvent, Direction } from "../../shared/conversation.ts";
import { read } from "../../web/model/recording/jsonl.ts";
import { eventually } from "./eventually.ts";
import { data, local, remote } from "./recordings.ts";

export const STARTED_AT = Date.UTC(2026, 10, 24, 12, 14, 3, 648);
const ADDRESS = { scheme: "tcp", host: "127.0.0.1", port: 8000 } as const;

/** A directory for one test, and what was logged in it. */
export function workplace() {
  const directory = mkdtempSync(join(tmpdir(), "wireside-kept-"));
  const folder = join(directory, "networks");
  mkdirSync(folder);
  let logged = "";
  const destination = {
    write(line: string) {
      logged += line;
    },
  };
  const log = createLog({ level: "trace", format: "json", destination });
  /** Whole lines of the log with those words. */
  const lines = (words: string) => logged.split("\n").filter((line) => line.includes(words));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  return { directory, folder, log, lines, remove };
}
export type Workplace = ReturnType<typeof workplace>;

/** As often as a gateway, a plain program writes too. */
const FLUSH_MS = 100;

/** How long a plain program of late took to append a line to so many files, four at a time: this machine's disk. */
export function plainWriter(place: Workplace, count: number) {
  const files = Array.from({ length: count }, (_, n) => join(place.directory, `plain ${n}`));
  const rounds: { from: number; to: number }[] = [];
  let isWriting = false;
  const lane = async (first: number) => {
    for (let n = first; n < count; n += 4) await appendFile(files[n] ?? "", "a line\n");
  };
  const round = async () => {
    if (isWriting) return;
    isWriting = true;
    const last = { from: Date.now(), to: Number.POSITIVE_INFINITY };
    rounds.push(last);
    await Promise.all([0, 1, 2, 3].map(lane));
    last.to = Date.now();
    isWriting = false;
  };
  const timer = setInterval(() => void round(), FLUSH_MS);
  return {
    /** In milliseconds, of the rounds in the second before. */
    slowest(now: number): number {
      const late = rounds.filter(({ to }) => to > now - 1_000);
      return Math.max(0, ...late.map(({ from, to }) => Math.min(to, now) - from));
    },
    /** Resolves once it writes no more. */
    async stop(): Promise<void> {
      clearInterval(timer);
      await eventually(
        () => isWriting,
        (writing) => !writing,
      );
    },
  };
}

/** Users are called by their numbers: `student 7` has the id `s7`. */
export const keeperOf = (user: string) =>
  user.startsWith("student ") ? { id: user.replace("student ", "s"), name: user } : null;

export function journalIn(place: Workplace, options: Partial<JournalOptions> = {}) {
  const shelf = options.shelf ?? new Shelf(place.folder);
  const { log } = place;
  const journal = new Journal({ shelf, className: "networks", keeperOf, log, ...options });
  return { shelf, journal };
}

export function conversation(n: number, more: Partial<Recorded> = {}): Recorded {
  const whose = { key: `${n}`, user: `student ${n}`, ch: 1 };
  return { ...whose, startedAt: STARTED_AT + n, role: "client", address: ADDRESS, ...more };
}

/** How a client's conversation begins. */
export const opened: readonly ConversationEvent[] = [
  { kind: "opening", at: 0, side: "near", address: ADDRESS },
  { kind: "attempt", at: 0.0001, side: "near", local, remote },
  { kind: "open", at: 0.001, side: "near", local, remote },
];

/** Sends and reads as events, each `seconds` after the one before, with their bytes counted. */
export function talk(seconds = 0.01) {
  const ends = { out: 0, in: 0 };
  let said = 0;
  return (direction: Direction, what: string | Uint8Array): ConversationEvent => {
    said++;
    // As exact as files are.
    const at = Math.round((0.001 + said * seconds) * 1e5) / 1e5;
    const event = data(at, direction, ends[direction], what);
    ends[direction] += event.length;
    return event;
  };
}

/** Names of the recordings in a folder, the oldest first. */
export const filesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".jsonl"))
    .sort();

/** What the page makes of a file. */
export const openFile = (folder: string, name: string) => read(readFileSync(join(folder, name)));
