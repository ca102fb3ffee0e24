/**
 * Keeps the conversations of a class while they happen: each in a file of its own that only grows, in the
 * format of saved recordings. On the byte path an event becomes a line, and nothing else.
 */
import { formatAddress } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { Platform } from "../../shared/errors.ts";
import { headerLine } from "../../shared/recording-write.ts";
import type { Recorded, RecordingFollower } from "../gateway/recorder.ts";
import type { Logger } from "../log.ts";
import { type Keeper, Keeping } from "./keeping.ts";
import { LIMITS, type Limits } from "./limits.ts";
import { LiveFile } from "./live-file.ts";
import { recordingId } from "./names.ts";
import { keepingProblem } from "./problem.ts";
import type { Shelf } from "./shelf.ts";
import { Writer } from "./writer.ts";

export interface JournalOptions {
  shelf: Shelf;
  className: string;
  /** Whose session a user's is; null: what that user does is not kept. */
  keeperOf: (user: string) => Keeper | null;
  log: Logger;
  limits?: Partial<Limits>;
  /** Milliseconds since 1970. Default: Date.now. */
  now?: () => number;
}

const PLATFORMS = ["linux", "darwin", "win32"] as const;
const platform: Platform = PLATFORMS.find((name) => name === process.platform) ?? "other";

export class Journal implements RecordingFollower {
  readonly #options: JournalOptions;
  readonly #now: () => number;
  readonly #limits: Limits;
  readonly #writer: Writer;
  readonly #byKey = new Map<string, Keeping>();
  readonly #byId = new Map<string, Keeping>();
  /** Files to which nothing is added any more, and that are still written or to be deleted. */
  readonly #leaving = new Map<string, LiveFile>();
  readonly #listeners = new Set<() => void>();
  /** Conversations that go on and are not kept to their end. */
  readonly #stoppedKeys = new Set<string>();
  #problem: string | null = null;
  #isClosed = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#writer = new Writer(this.#limits, {
      written: (file) => this.#written(file),
      stopped: (file, code, error) => this.#stopped(file, code, error),
      over: (file, how) => this.#over(file, how),
    });
  }

  /** Why not everything is kept, in a sentence for the teacher; null while it is. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Descriptors in use now. */
  get openFiles(): number {
    return this.#writer.openFiles;
  }

  /** Bytes in memory that wait for the disk. */
  get waitingBytes(): number {
    return this.#writer.waitingBytes;
  }

  /** Calls `listener` when `problem` is another. @returns stops. */
  onProblem(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  follows(user: string): boolean {
    return this.#options.keeperOf(user) !== null;
  }

  began(conversation: Recorded): void {
    const keeper = this.#isClosed ? null : this.#options.keeperOf(conversation.user);
    if (!keeper) return;
    const keeping = new Keeping(conversation, keeper, this.#limits);
    this.#byKey.set(conversation.key, keeping);
    this.#begin(keeping);
  }

  event({ key }: Recorded, event: ConversationEvent): void {
    const keeping = this.#byKey.get(key);
    if (!keeping) return;
    if (keeping.isFull) {
      this.#end(keeping);
      this.#begin(keeping);
    }
    const line = keeping.lineOf(event);
    if (line !== null) this.#add(keeping.file, line);
  }

  over({ key }: Recorded): void {
    const keeping = this.#byKey.get(key);
    if (!keeping) return;
    this.#byKey.delete(key);
    this.#stoppedKeys.delete(key);
    this.#end(keeping);
  }

  /**
   * Deletes what is kept of a conversation whose file is still written: it goes on, and what comes from now on
   * is in another file, or it was over a moment ago.
   * @returns false when the file is not written any more.
   * @throws {Error} when the file is still there.
   */
  async discard(id: string): Promise<boolean> {
    const keeping = this.#byId.get(id);
    const file = keeping?.file ?? this.#leaving.get(id);
    if (!file || file.state === "done") return false;
    if (keeping) {
      this.#leave(file);
      this.#begin(keeping);
    }
    file.state = "dropped";
    this.#writer.changed(file);
    await this.#writer.flush();
    if (this.#options.shelf.get(id)) throw new Error("A kept conversation cannot be deleted.");
    return true;
  }

  /** Resolves when everything up to now is in files. */
  flush(): Promise<void> {
    return this.#writer.flush();
  }

  /** Ends every file. Conversations that go on are not kept any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const keeping of this.#byKey.values()) this.#end(keeping);
    this.#byKey.clear();
    await this.#writer.close();
  }

  #begin(keeping: Keeping): void {
    const { shelf, className } = this.#options;
    const { conversation, keeper, forgotten } = keeping;
    const { startedAt, key, address } = conversation;
    const who = { student: keeper.name, studentId: keeper.id, class: className };
    const id = recordingId({ startedAt, student: keeper.name, key: `${key} ${keeping.files++}` });
    const header = headerLine({ startedAt, platform, address, forgotten, ...who });
    const file = new LiveFile(id, shelf.pathOf(id), header);
    keeping.file = file;
    this.#byId.set(id, keeping);
    const kept = { id, student: keeper.name, address: address ? formatAddress(address) : "" };
    shelf.put({ ...kept, startedAt, endedAt: null, bytes: 0, events: 0 });
    this.#writer.changed(file, file.waitingBytes);
    for (const line of keeping.beginning()) this.#add(file, line);
  }

  #add(file: LiveFile | null, line: string): void {
    if (file?.state !== "open") return;
    file.add(line);
    this.#writer.changed(file, line.length + 1);
  }

  #end(keeping: Keeping): void {
    const { file } = keeping;
    keeping.file = null;
    if (!file) return;
    this.#leave(file);
    file.state = "ending";
    this.#writer.changed(file);
  }

  #leave(file: LiveFile): void {
    this.#byId.delete(file.id);
    this.#leaving.set(file.id, file);
  }

  #written(file: LiveFile): void {
    const { bytes, events } = file.written;
    const wasNew = this.#options.shelf.get(file.id)?.bytes === 0;
    this.#options.shelf.grow(file.id, bytes, events);
    // The disk takes new files, and none of those that it did not take goes on.
    if (wasNew && this.#stoppedKeys.size === 0) this.#say(null);
  }

  #stopped(file: LiveFile, code: string, error: unknown): void {
    const keeping = this.#byId.get(file.id);
    this.#leave(file);
    if (keeping) {
      keeping.file = null;
      this.#stoppedKeys.add(keeping.conversation.key);
    }
    this.#options.log.warn({ id: file.id, code, err: error }, "a conversation is no longer kept");
    this.#say(keepingProblem(code));
  }

  async #over(file: LiveFile, how: "ending" | "dropped"): Promise<void> {
    const { shelf, log } = this.#options;
    this.#leaving.delete(file.id);
    try {
      if (how === "ending") await shelf.end(file.id, this.#now());
      else await shelf.remove([file.id]);
    } catch (error) {
      log.warn({ id: file.id, err: error }, "the index of kept conversations cannot be written");
    }
  }

  #say(problem: string | null): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    for (const listener of this.#listeners) listener();
  }
}
