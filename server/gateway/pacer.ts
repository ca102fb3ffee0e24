/**
 * Writes to a socket with a delay before each send(2) or a pause between two, as the lab controls ask.
 * While they ask for neither, everything goes straight to the writer.
 *
 * A send that is paced is handed over when the kernel has taken the one before, because two that
 * wait in libuv would become one writev(2).
 */
import { performance } from "node:perf_hooks";
import type { Writable } from "node:stream";
import { Pieces } from "./pieces.ts";
import { Writer } from "./writer.ts";

/** Milliseconds. */
export interface Pace {
  delayMs: number;
  pauseMs: number;
}

const AT_ONCE: Pace = Object.freeze({ delayMs: 0, pauseMs: 0 });

export class Pacer {
  readonly #writer: Writer;
  /** null until a lab control was used: most connections never need it. */
  #waiting: Pieces | null = null;
  #pace: Pace = AT_ONCE;
  #held = false;
  /** Bytes that the writer has and the kernel has not. */
  #onTheWay = 0;
  #sentAt = Number.NEGATIVE_INFINITY;
  #end: { done: () => void; at: number } | null = null;
  #timer: NodeJS.Timeout | null = null;

  /**
   * @param written called in order, whenever the kernel has taken so many bytes more.
   * @param isStream false where each write is a datagram, and stays one.
   */
  constructor(socket: Writable, written: (bytes: number) => void, isStream: boolean) {
    const taken = (bytes: number) => {
      this.#onTheWay -= bytes;
      written(bytes);
      // The pause is between what the kernel was seen to take, as the page is told.
      this.#sentAt = performance.now();
      this.#goOn();
    };
    this.#writer = new Writer(socket, taken, isStream);
  }

  /** Held, everything waits, and the end too; let go, all of it goes in order. */
  set held(on: boolean) {
    this.#held = on;
    if (!on) this.#goOn();
  }

  /** What waits already obeys as well. */
  set pace(pace: Pace) {
    this.#pace = pace;
    this.#goOn();
  }

  /** Sends bytes after all that were given before. */
  write(bytes: Uint8Array): void {
    const isWaiting = this.#waiting !== null && !this.#waiting.isEmpty;
    if (!this.#isPaced && !isWaiting && !this.#held) return this.#hand(bytes);
    this.#waiting ??= new Pieces();
    this.#waiting.push(bytes, performance.now());
    this.#goOn();
  }

  /** shutdown(2) after everything written, and after the delay; `done` when it has happened, or failed. */
  end(done: () => void): void {
    this.#end = { done, at: performance.now() };
    this.#goOn();
  }

  /** The socket is gone. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#end = null;
  }

  get #isPaced(): boolean {
    return this.#pace.delayMs > 0 || this.#pace.pauseMs > 0;
  }

  #hand(bytes: Uint8Array): void {
    this.#onTheWay += bytes.length;
    this.#writer.write(bytes);
  }

  /** Hands over whatever is due, and comes back when the next is. */
  #goOn(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#held) return;
    while (this.#waiting && !this.#waiting.isEmpty) {
      // Called again once the kernel has it.
      if (this.#isPaced && this.#onTheWay > 0) return;
      const { delayMs, pauseMs } = this.#pace;
      if (!this.#isDue(Math.max(this.#waiting.firstAt + delayMs, this.#sentAt + pauseMs))) return;
      this.#hand(this.#waiting.shift());
    }
    if (!this.#end || !this.#isDue(this.#end.at + this.#pace.delayMs)) return;
    const { done } = this.#end;
    this.#end = null;
    this.#writer.end(done);
  }

  #isDue(at: number): boolean {
    const waitMs = at - performance.now();
    if (waitMs <= 0) return true;
    this.#timer = setTimeout(() => this.#goOn(), Math.ceil(waitMs));
    return false;
  }
}
