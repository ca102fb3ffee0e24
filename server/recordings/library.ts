/** What a teacher can do with the conversations that are kept: list, read, take all of them away, delete. */
import { type FileHandle, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { RecordingsNow } from "../../shared/classroom.ts";
import type { Journal } from "./journal.ts";
import { isMissing } from "./problem.ts";
import type { Shelf } from "./shelf.ts";
import { zipOf } from "./zip.ts";

/** The bytes of one conversation. */
export interface Reading {
  bytes: number;
  stream: Readable;
}

export class Library {
  readonly #shelf: Shelf;
  readonly #journal: Journal;

  constructor(shelf: Shelf, journal: Journal) {
    this.#shelf = shelf;
    this.#journal = journal;
  }

  /** The newest first, with what is in their files by now. */
  list(): RecordingsNow {
    const recordings = this.#shelf.list().map((kept) => {
      const { id, student, address, startedAt, endedAt, bytes, events } = kept;
      const began = new Date(startedAt).toISOString();
      return { id, student, address, startedAt: began, bytes, events, live: endedAt === null };
    });
    const { problem } = this.#journal;
    return { recordings, ...(problem !== null && { problem }) };
  }

  /**
   * The whole lines that are in one's file now, also while it grows. The caller reads or destroys the stream.
   * @returns null when there is none of this id.
   * @throws what the system says when its file cannot be read.
   */
  async read(id: string): Promise<Reading | null> {
    const kept = this.#shelf.get(id);
    if (!kept) return null;
    const file = await this.#open(id);
    // Nothing is in it yet, or somebody deleted the file by hand.
    if (!file) return null;
    // Somebody may have made it shorter by hand: then it is as much as there is.
    const bytes = await sizeOf(file, kept.bytes);
    if (bytes > 0) return { bytes, stream: file.createReadStream({ start: 0, end: bytes - 1 }) };
    await file.close();
    return null;
  }

  /** A zip archive of all there are now, made while it is read. The caller reads or destroys it. */
  zip(): Readable {
    const all = this.#shelf.list().map(({ id }) => id);
    return zipOf(all, (id) => this.read(id));
  }

  /**
   * Deletes one. A conversation that still goes on is kept from now on, in another file that says how many
   * events were before.
   * @returns false when there is none of this id.
   * @throws what the system says when it cannot be deleted.
   */
  async delete(id: string): Promise<boolean> {
    if (!this.#shelf.get(id)) return false;
    if (!(await this.#journal.discard(id))) await this.#shelf.remove([id]);
    return true;
  }

  /** Deletes all there are now, as `delete` does. @throws what the system says of the first that cannot be. */
  async deleteAll(): Promise<void> {
    const all = this.#shelf.list();
    const isDone = await Promise.all(all.map(({ id }) => this.#journal.discard(id)));
    await this.#shelf.remove(all.filter((_, i) => !isDone[i]).map(({ id }) => id));
  }

  async #open(id: string): Promise<FileHandle | null> {
    try {
      return await open(this.#shelf.pathOf(id), "r");
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
}

/** Of so many bytes those that a file has. @throws what the system says, with the file closed. */
async function sizeOf(file: FileHandle, most: number): Promise<number> {
  try {
    return Math.min(most, (await file.stat()).size);
  } catch (error) {
    await file.close();
    throw error;
  }
}
