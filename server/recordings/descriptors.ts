/** Few descriptors for many files: each is open while it is written, and for as long as no other needs its place. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { FILE_MODE } from "./index-file.ts";

const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL } = constants;

export class Descriptors {
  readonly #most: number;
  /** The one used last is the last. */
  readonly #idle = new Map<string, FileHandle>();
  #busy = 0;

  /** @param most descriptors at once; no fewer than files are written at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many are open. */
  get open(): number {
    return this.#idle.size + this.#busy;
  }

  /**
   * Opens a file at its end and hands it to `use`; a file is used by one at a time.
   * @param isNew the file is made; else it has to be there, for without its first line it is worth nothing.
   * @throws what the system says, before `use` is called or from it.
   */
  async with<T>(path: string, isNew: boolean, use: (file: FileHandle) => Promise<T>): Promise<T> {
    const idle = this.#idle.get(path);
    this.#idle.delete(path);
    this.#busy++;
    let file = idle;
    try {
      if (!file) await this.#makeRoom();
      const create = isNew ? O_CREAT | O_EXCL : 0;
      file ??= await open(path, O_WRONLY | O_APPEND | create, FILE_MODE);
      return await use(file);
    } finally {
      this.#busy--;
      if (file) this.#idle.set(path, file);
    }
  }

  /** Closes the file, if it is open. */
  async close(path: string): Promise<void> {
    const file = this.#idle.get(path);
    this.#idle.delete(path);
    await file?.close();
  }

  async closeAll(): Promise<void> {
    for (const path of [...this.#idle.keys()]) await this.close(path);
  }

  async #makeRoom(): Promise<void> {
    for (const path of this.#idle.keys()) {
      if (this.open <= this.#most) return;
      await this.close(path);
    }
  }
}
