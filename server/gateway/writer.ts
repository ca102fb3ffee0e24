/**
 * Writes to a far end that perhaps does not read. A write that waits costs hundreds of bytes besides
 * its own, so where many wait already, small ones are gathered: then a page that sends single bytes
 * cannot make the gateway keep far more than its window.
 */
import type { Writable } from "node:stream";

/** Writes handed to the socket and not taken by the kernel yet; beyond these, pieces are gathered. */
const MAX_WRITES = 64;
const GATHERED_BYTES = 16 * 1024;

interface Gathered {
  buffer: Uint8Array;
  /** Bytes of it that are used. */
  length: number;
}

export class Writer {
  readonly #socket: Writable;
  readonly #gathers: boolean;
  readonly #written: (bytes: number) => void;
  readonly #gathered: Gathered[] = [];
  #writes = 0;

  /**
   * @param written called in order, whenever the kernel has taken so many bytes more.
   * @param gathers false where each write has to stay what it is, as a datagram.
   */
  constructor(socket: Writable, written: (bytes: number) => void, gathers = true) {
    this.#socket = socket;
    this.#gathers = gathers;
    this.#written = written;
  }

  /** Writes bytes after all that were written before. */
  write(bytes: Uint8Array): void {
    if (!this.#gathers || (this.#writes < MAX_WRITES && this.#gathered.length === 0))
      return this.#hand(bytes);
    const last = this.#gathered.at(-1);
    if (last && last.length + bytes.length <= last.buffer.length) {
      last.buffer.set(bytes, last.length);
      last.length += bytes.length;
    } else if (bytes.length >= GATHERED_BYTES) {
      this.#gathered.push({ buffer: bytes, length: bytes.length });
    } else {
      const buffer = Buffer.allocUnsafeSlow(GATHERED_BYTES);
      buffer.set(bytes);
      this.#gathered.push({ buffer, length: bytes.length });
    }
  }

  /** shutdown(2) after everything written; `done` when that has happened, or failed. */
  end(done: () => void): void {
    while (this.#gathered.length > 0) this.#handNext();
    this.#socket.end(done);
  }

  #hand(bytes: Uint8Array): void {
    this.#writes++;
    this.#socket.write(bytes, (error) => {
      this.#writes--;
      if (error) return; // "error" and "close" follow on the socket, with the reason.
      this.#written(bytes.length);
      this.#handNext();
    });
  }

  #handNext(): void {
    const next = this.#gathered.shift();
    if (next) this.#hand(next.buffer.subarray(0, next.length));
  }
}
