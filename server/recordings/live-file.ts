/** One file that grows: the lines that wait to be written, and how far it is written. */
import type { FileHandle } from "node:fs/promises";

/**
 * `open`: lines are added. `ending`: what waits is still written. `dropped`: it is to be deleted with
 * everything in it. `done`: nothing more happens to it.
 */
export type LiveState = "open" | "ending" | "dropped" | "done";

export class LiveFile {
  readonly id: string;
  readonly path: string;
  state: LiveState = "open";
  /** It is being written right now. */
  isBusy = false;
  readonly #waiting = { text: [] as string[], bytes: 0, events: 0 };
  readonly #written = { bytes: 0, events: 0 };
  readonly #added = { bytes: 0, events: 0 };

  /** @param header first line, which is no event. */
  constructor(id: string, path: string, header: string) {
    this.id = id;
    this.path = path;
    this.#push(header);
  }

  /** In the file, in whole lines. */
  get written(): Readonly<{ bytes: number; events: number }> {
    return this.#written;
  }
  /** Everything that it was given. */
  get added(): Readonly<{ bytes: number; events: number }> {
    return this.#added;
  }
  get waitingBytes(): number {
    return this.#waiting.bytes;
  }
  get isNew(): boolean {
    return this.#written.bytes === 0;
  }

  /** One more event, as its line. */
  add(line: string): void {
    this.#push(line);
    this.#waiting.events++;
    this.#added.events++;
  }

  /** Forgets what waits. @returns how many bytes that were. */
  forget(): number {
    const { bytes } = this.#waiting;
    Object.assign(this.#waiting, { text: [], bytes: 0, events: 0 });
    return bytes;
  }

  /**
   * Writes what waits at the end of the file.
   * @param taken is told how many bytes wait no longer.
   * @throws what the system says; then part of it may be in the file, beyond `written`.
   */
  async write(file: FileHandle, taken: (bytes: number) => void): Promise<void> {
    const { text, events } = this.#waiting;
    const bytes = Buffer.from(text.join(""));
    taken(this.forget());
    if (bytes.length > 0) await file.appendFile(bytes);
    this.#written.bytes += bytes.length;
    this.#written.events += events;
  }

  /** Lines are ASCII but for free texts, so characters count as bytes while they wait. */
  #push(line: string): void {
    this.#waiting.text.push(line, "\n");
    this.#waiting.bytes += line.length + 1;
    this.#added.bytes += line.length + 1;
  }
}
