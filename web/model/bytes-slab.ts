/**
 * Small payloads together in larger buffers. A read of one byte would else keep an ArrayBuffer of its
 * own alive, which costs the browser hundreds of bytes. Nothing is ever taken out: a slab is free once
 * every event that points into it is forgotten, and how many events there are is bounded.
 */
const SLAB_BYTES = 16 * 1024;

export class Slab {
  #slab = new Uint8Array(0);
  #used = 0;

  /** A copy of `bytes`, which must be much shorter than a slab. */
  put(bytes: Uint8Array): Uint8Array {
    if (this.#used + bytes.length > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += bytes.length;
    this.#slab.set(bytes, start);
    return this.#slab.subarray(start, this.#used);
  }
}
