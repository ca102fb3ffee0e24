/**
 * Sends that wait for their time, each with its borders. A page may cut its window into single bytes, so
 * what is kept besides the bytes is two numbers for each, and small ones share memory.
 */

/** Pieces from here on keep their own memory; smaller ones are copied into a shared block. */
const OWN_BYTES = 4 * 1024;
const BLOCK_BYTES = 16 * 1024;
/** Numbers of pieces that are gone are cleared away once there are so many. */
const COMPACT_AT = 1024;

interface Block {
  bytes: Uint8Array;
  /** Bytes of it that are used, and that were taken out again. */
  filled: number;
  taken: number;
}

export class Pieces {
  #blocks: Block[] = [];
  #lengths: number[] = [];
  #times: number[] = [];
  /** Index of the first that is still here. */
  #first = 0;

  get isEmpty(): boolean {
    return this.#first === this.#lengths.length;
  }

  /** When the first came, as it was pushed; Infinity when there is none. */
  get firstAt(): number {
    return this.#times[this.#first] ?? Number.POSITIVE_INFINITY;
  }

  /** @param at when it came, of performance.now. */
  push(bytes: Uint8Array, at: number): void {
    this.#lengths.push(bytes.length);
    this.#times.push(at);
    if (bytes.length >= OWN_BYTES) {
      this.#blocks.push({ bytes, filled: bytes.length, taken: 0 });
      return;
    }
    const block = this.#roomFor(bytes.length);
    block.bytes.set(bytes, block.filled);
    block.filled += bytes.length;
  }

  /** Takes out the first. */
  shift(): Uint8Array {
    const length = this.#lengths[this.#first];
    const block = this.#blocks[0];
    if (length === undefined || !block) throw new RangeError("there is no piece");
    const piece = block.bytes.subarray(block.taken, block.taken + length);
    block.taken += length;
    if (block.taken === block.filled) this.#blocks.shift();
    this.#first++;
    this.#compact();
    return piece;
  }

  #roomFor(length: number): Block {
    const last = this.#blocks.at(-1);
    if (last && last.filled + length <= last.bytes.length) return last;
    const block = { bytes: new Uint8Array(BLOCK_BYTES), filled: 0, taken: 0 };
    this.#blocks.push(block);
    return block;
  }

  #compact(): void {
    if (this.#first < COMPACT_AT || this.#first * 2 < this.#lengths.length) return;
    this.#lengths.splice(0, this.#first);
    this.#times.splice(0, this.#first);
    this.#first = 0;
  }
}
