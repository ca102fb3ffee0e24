/**
 * What a page has sent and the kernel has not taken yet, send by send, for whoever records it. Where very
 * many small sends wait they are gathered, as the writer gathers them: then a page that sends single bytes
 * cannot make the gateway keep far more than its window.
 */

/** Sends of a page with their bytes; `calls` of them together. */
export interface GivenPiece {
  bytes: Uint8Array;
  calls: number;
}

interface Waiting {
  buffer: Uint8Array;
  /** Bytes of it that are used. */
  length: number;
  calls: number;
}

/** Sends kept each by itself; beyond these they are gathered. */
const MANY_PIECES = 1024;
const GATHERED_BYTES = 16 * 1024;

export class Given {
  #waiting: Waiting[] = [];
  /** Bytes of the first that the kernel has taken already. */
  #taken = 0;

  /** Sends that the kernel has not taken whole, the oldest first. */
  get pieces(): GivenPiece[] {
    return this.#waiting.map(pieceOf);
  }

  /** @param bytes stay as they are until the kernel has taken them. */
  push(bytes: Uint8Array): void {
    const last = this.#waiting.at(-1);
    if (this.#waiting.length < MANY_PIECES || bytes.length >= GATHERED_BYTES || !last) {
      this.#waiting.push({ buffer: bytes, length: bytes.length, calls: 1 });
    } else if (last.length + bytes.length <= last.buffer.length) {
      last.buffer.set(bytes, last.length);
      last.length += bytes.length;
      last.calls++;
    } else {
      const buffer = Buffer.allocUnsafeSlow(GATHERED_BYTES);
      buffer.set(bytes);
      this.#waiting.push({ buffer, length: bytes.length, calls: 1 });
    }
  }

  /** The kernel has taken so many bytes more. @returns the sends that it has whole now. */
  take(length: number): GivenPiece[] {
    this.#taken += length;
    let whole = 0;
    for (const piece of this.#waiting) {
      if (piece.length > this.#taken) break;
      this.#taken -= piece.length;
      whole++;
    }
    return this.#waiting.splice(0, whole).map(pieceOf);
  }

  clear(): void {
    this.#waiting = [];
  }
}

const pieceOf = ({ buffer, length, calls }: Waiting): GivenPiece => ({
  bytes: buffer.length === length ? buffer : buffer.subarray(0, length),
  calls,
});
