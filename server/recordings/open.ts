/** Opens the directory of --data for one class: what is in it is mended, and what comes is kept there. */
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { RecordingFollower } from "../gateway/recorder.ts";
import type { Logger } from "../log.ts";
import { Journal } from "./journal.ts";
import type { Keeper } from "./keeping.ts";
import { Library } from "./library.ts";
import { lockFolder } from "./lock.ts";
import { folderName } from "./names.ts";
import { directoryProblem, RecordingsError } from "./problem.ts";
import { recover } from "./recover.ts";
import { startRetention } from "./retention.ts";
import { Shelf } from "./shelf.ts";

export interface RecordingsOptions {
  /** Of --data; made when it is not there. Each class has a folder in it. */
  directory: string;
  className: string;
  /** How long a conversation is kept after its end, in milliseconds; null: until somebody deletes it. */
  keepMs: number | null;
  /** Whose session a user's is; null: what that user does is not kept. */
  keeperOf: (user: string) => Keeper | null;
  log: Logger;
  /** Milliseconds since 1970. Default: Date.now. */
  now?: () => number;
}

export interface Recordings {
  /** Is told what happens; it never makes anybody wait. */
  readonly follower: RecordingFollower;
  readonly library: Library;
  /** Where this class's files are. */
  readonly folder: string;
  /** Why not everything is kept, in a sentence for the teacher; null while it is. */
  readonly problem: string | null;
  /** Calls `listener` when `problem` is another. @returns stops. */
  onProblem(listener: () => void): () => void;
  /** Writes what is not written yet, and lets the directory go. */
  close(): Promise<void>;
}

/** @throws {RecordingsError} with one sentence, when nothing can be kept there. */
export async function openRecordings(options: RecordingsOptions): Promise<Recordings> {
  const { className, log, keepMs, now } = options;
  const folder = join(resolve(options.directory), folderName(className));
  makeFolder(folder);
  const lock = await lockFolder(folder);
  try {
    const shelf = new Shelf(folder);
    const recovered = await recover(shelf, log);
    log.info({ folder, ...recovered }, "conversations are kept");
    const clock = now === undefined ? {} : { now };
    const retention = keepMs === null ? null : startRetention({ shelf, keepMs, log, ...clock });
    await retention?.check();
    const { keeperOf } = options;
    const journal = new Journal({ shelf, className, keeperOf, log, ...clock });
    return {
      follower: journal,
      library: new Library(shelf, journal),
      folder,
      get problem() {
        return journal.problem;
      },
      onProblem: (listener) => journal.onProblem(listener),
      async close() {
        retention?.stop();
        await journal.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error instanceof RecordingsError ? error : directoryProblem(error, folder);
  }
}

/** Only for this user: files hold what people said. A directory that is there stays as it is. */
function makeFolder(folder: string): void {
  try {
    make(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw directoryProblem(error, folder);
  }
}

/** With its parents. Node's own way to do that says ENOENT of a disk that is read-only. */
function make(folder: string): void {
  const isThere = () => statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isThere()) return;
  const parent = dirname(folder);
  if (parent !== folder) make(parent);
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another gateway, of another class, may have made it in between.
    if (!isThere()) throw error;
  }
}
