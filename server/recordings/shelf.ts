/** What is kept of one class, as a list in memory beside its folder: live conversations and those that ended. */
import { unlink } from "node:fs/promises";
import { join } from "node:path";
import { IndexFile, type Kept } from "./index-file.ts";
import { fileName } from "./names.ts";
import { isMissing } from "./problem.ts";

export type { Kept };

export class Shelf {
  readonly folder: string;
  readonly #index: IndexFile;
  readonly #kept = new Map<string, Kept>();

  /** @param folder of the class; it is there, and nobody else writes to it. */
  constructor(folder: string) {
    this.folder = folder;
    this.#index = new IndexFile(folder);
  }

  pathOf(id: string): string {
    return join(this.folder, fileName(id));
  }

  get(id: string): Kept | undefined {
    return this.#kept.get(id);
  }

  /** The newest first. */
  list(): Kept[] {
    return [...this.#kept.values()].sort(
      (a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1),
    );
  }

  /** What the index says of conversations that had ended. */
  readIndex(): Map<string, Kept> {
    return this.#index.read();
  }

  /** One that is there, live or not. */
  put(kept: Kept): void {
    this.#kept.set(kept.id, kept);
  }

  /** So much of a live one is in its file now. */
  grow(id: string, bytes: number, events: number): void {
    const kept = this.#kept.get(id);
    if (kept) this.#kept.set(id, { ...kept, bytes, events });
  }

  /**
   * A live one is over.
   * @throws what the system says when the index cannot be written; the next start reads the file instead.
   */
  async end(id: string, endedAt: number): Promise<void> {
    const kept = this.#kept.get(id);
    if (!kept) return;
    const ended = { ...kept, endedAt };
    this.#kept.set(id, ended);
    await this.#index.add(ended);
  }

  /**
   * Deletes files, and what the index says of them. Those that are gone already count as deleted.
   * @throws what the system says of the first that cannot be deleted; it stays in the list.
   */
  async remove(ids: readonly string[]): Promise<void> {
    let problem: unknown = null;
    for (const id of ids) {
      try {
        await unlink(this.pathOf(id));
      } catch (error) {
        if (!isMissing(error)) {
          problem ??= error;
          continue;
        }
      }
      this.#kept.delete(id);
    }
    if (ids.length > 0) await this.saveIndex();
    if (problem) throw problem;
  }

  /** Writes the index anew. */
  saveIndex(): Promise<void> {
    return this.#index.rewrite(() =>
      [...this.#kept.values()].filter(({ endedAt }) => endedAt !== null),
    );
  }
}
