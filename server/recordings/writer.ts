/**
 * Writes what waits for many files, a few at a time and off the byte path. One timer for all of them; what
 * the disk does not take is given up instead of kept in memory.
 */
import { Descriptors } from "./descriptors.ts";
import type { Limits } from "./limits.ts";
import type { LiveFile } from "./live-file.ts";
import { isPassing, TOO_SLOW } from "./problem.ts";

export interface WriterEvents {
  /** More of the file is on the disk. */
  written(file: LiveFile): void;
  /** Nothing more is added to the file: the disk does not take it. `code` of errno, or TOO_SLOW. */
  stopped(file: LiveFile, code: string, error: unknown): void;
  /** It is closed; what comes now is its entry in the index, or its deletion. */
  over(file: LiveFile, how: "ending" | "dropped"): Promise<void>;
}

export class Writer {
  readonly #limits: Limits;
  readonly #events: WriterEvents;
  readonly #descriptors: Descriptors;
  /** Something waits, but not for long yet. */
  readonly #dirty = new Set<LiveFile>();
  /** To be written as soon as a place is free. */
  readonly #ready = new Set<LiveFile>();
  #timer: NodeJS.Timeout | null = null;
  #busy = 0;
  #waitingBytes = 0;
  #whenIdle: (() => void)[] = [];

  constructor(limits: Limits, events: WriterEvents) {
    this.#limits = limits;
    this.#events = events;
    this.#descriptors = new Descriptors(limits.openFiles);
  }

  get openFiles(): number {
    return this.#descriptors.open;
  }

  /** Bytes in memory that wait for the disk, those left out that are being written. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /**
   * Something was added to the file, or its state is another.
   * @param bytes added.
   */
  changed(file: LiveFile, bytes = 0): void {
    const { waitingBytes, allWaitingBytes, writeAtBytes, flushMs } = this.#limits;
    this.#waitingBytes += bytes;
    if (file.waitingBytes > waitingBytes || this.#waitingBytes > allWaitingBytes) {
      this.#stop(file, TOO_SLOW, null);
    }
    this.#dirty.add(file);
    if (file.waitingBytes >= writeAtBytes) this.#write(file);
    this.#timer ??= setTimeout(() => this.#writeAll(), flushMs).unref();
  }

  /** Resolves when everything that waits now is written, as far as the disk takes it. */
  async flush(): Promise<void> {
    this.#writeAll();
    if (this.#busy > 0) await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  /** Writes the rest and closes every descriptor. Nothing may be added afterwards. */
  async close(): Promise<void> {
    await this.flush();
    if (this.#timer) clearTimeout(this.#timer);
    await this.#descriptors.closeAll();
  }

  #writeAll(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    for (const file of this.#dirty) this.#ready.add(file);
    this.#dirty.clear();
    this.#pump();
  }

  #write(file: LiveFile): void {
    this.#dirty.delete(file);
    this.#ready.add(file);
    this.#pump();
  }

  #pump(): void {
    for (const file of this.#ready) {
      if (this.#busy >= this.#limits.writers) return;
      if (file.isBusy) continue;
      this.#ready.delete(file);
      file.isBusy = true;
      this.#busy++;
      void this.#turn(file).finally(() => {
        file.isBusy = false;
        this.#busy--;
        this.#pump();
        if (this.#busy === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
      });
    }
  }

  /** What has to be done for a file now. */
  async #turn(file: LiveFile): Promise<void> {
    const { state } = file;
    if (state === "done") return;
    if (state !== "dropped" && !(await this.#append(file))) return;
    // While it was written it may have become something else; then it has another turn.
    if (state === "open" || file.state !== state) return;
    this.#waitingBytes -= file.forget();
    file.state = "done";
    await this.#descriptors.close(file.path);
    await this.#events.over(file, state);
  }

  /** @returns false when it has to be done again, or was done another way. */
  async #append(file: LiveFile): Promise<boolean> {
    const taken = (bytes: number) => {
      this.#waitingBytes -= bytes;
    };
    try {
      await this.#descriptors.with(file.path, file.isNew, (open) => file.write(open, taken));
      this.#events.written(file);
      return true;
    } catch (error) {
      if (isPassing(error)) this.changed(file);
      else await this.#failed(file, error);
      return false;
    }
  }

  /** The beginning of what could not be written may be there: the file ends where it was whole. */
  async #failed(file: LiveFile, error: unknown): Promise<void> {
    this.#stop(file, (error as NodeJS.ErrnoException).code ?? "", error);
    const { bytes } = file.written;
    try {
      if (bytes > 0) await this.#descriptors.with(file.path, false, (open) => open.truncate(bytes));
    } catch {
      // The next start finds that it is longer than the index says, and cuts it off then.
    }
    const how = bytes > 0 && file.state !== "dropped" ? "ending" : "dropped";
    file.state = "done";
    await this.#descriptors.close(file.path);
    await this.#events.over(file, how);
  }

  #stop(file: LiveFile, code: string, error: unknown): void {
    this.#waitingBytes -= file.forget();
    if (file.state !== "open") return;
    file.state = "ending";
    this.#events.stopped(file, code, error);
  }
}
