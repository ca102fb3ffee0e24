/** What one client of the chat is still to be sent: bounded, so that who does not read costs no memory. */
import type { Client } from "../rules.ts";

/** Kept for a client whose kernel takes no more, besides one stream buffer of at most 64 KiB. */
export const MAX_WAITING_BYTES = 64 * 1024;
export const MAX_WAITING_LINES = 500;

export class Mailbox {
  readonly #client: Pick<Client, "send">;
  /** The oldest first. */
  #waiting: Buffer[] = [];
  #bytes = 0;
  #missed = 0;
  /** The kernel has not taken what was sent last. */
  #full = false;

  constructor(client: Pick<Client, "send">) {
    this.#client = client;
  }

  /**
   * Sends a line, or keeps it until the lines before it are taken. Where too much is kept, the oldest
   * lines are dropped, and in their place the client is told how many. Never waits.
   */
  post(line: Buffer): void {
    if (!this.#full) {
      this.#full = !this.#client.send(line);
      return;
    }
    this.#waiting.push(line);
    this.#bytes += line.length;
    while (this.#bytes > MAX_WAITING_BYTES || this.#waiting.length > MAX_WAITING_LINES) {
      this.#bytes -= this.#waiting.shift()?.length ?? 0;
      this.#missed++;
    }
  }

  /** The kernel has taken what was sent: now for what waits. */
  drained(): void {
    const note = this.#missed > 0 ? [Buffer.from(missedNote(this.#missed))] : [];
    const bytes = Buffer.concat([...note, ...this.#waiting]);
    this.#waiting = [];
    this.#bytes = 0;
    this.#missed = 0;
    this.#full = !this.#client.send(bytes);
  }
}

const missedNote = (lines: number): string =>
  `* … ${lines} ${lines === 1 ? "line" : "lines"} missed: you did not read them in time.\n`;
