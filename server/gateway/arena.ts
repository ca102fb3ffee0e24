/**
 * Memory that a raw connection's socket is read into, with room for a WebSocket header in front of
 * each read. Idle connections share one small buffer and copy what they got; a fast stream reads
 * into a slab of its own, again and again from its beginning as long as the kernel takes everything
 * at once, so that the same half megabyte stays in the processor's cache.
 */
import { SERVER_HEADER_BYTES, writeBinaryHeader } from "./rfc6455/frames.ts";

/** A read of this length says that more is waiting. */
const LARGE_READ_BYTES = 32 * 1024;
const SHARED_BYTES = 64 * 1024;
const SLAB_BYTES = 512 * 1024;
/** With less room than this at its end, a slab is used up. */
const LEAST_ROOM_BYTES = 128 * 1024;
const SPARE_SLABS = 8;

interface Slab {
  readonly buffer: Buffer;
  /** Where the next read's header begins. */
  used: number;
  /** Frames of it that the kernel has not taken. */
  inFlight: number;
}

const shared = Buffer.allocUnsafeSlow(SERVER_HEADER_BYTES + SHARED_BYTES);
const spare: Slab[] = [];
const nothing = (): void => {};

const takeSlab = (): Slab =>
  spare.pop() ?? { buffer: Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0, inFlight: 0 };

function giveBack(slab: Slab): void {
  slab.used = 0;
  if (spare.length < SPARE_SLABS) spare.push(slab);
}

/** A read as a frame, and what to call when its memory is needed no longer. */
export interface ReadFrame {
  frame: Buffer;
  done: () => void;
}

export class Arena {
  /** null: the shared buffer. */
  #slab: Slab | null = null;
  #closed = false;

  /** Where the next read goes. */
  readonly room = (): Buffer => {
    const slab = this.#slab;
    return slab
      ? slab.buffer.subarray(slab.used + SERVER_HEADER_BYTES)
      : shared.subarray(SERVER_HEADER_BYTES);
  };

  /** Makes a frame of `length` bytes that were read into `room`. */
  frameOf(length: number): ReadFrame {
    const slab = this.#slab;
    const large = length >= LARGE_READ_BYTES;
    if (!slab || !large) {
      this.#choose(large);
      return {
        frame: copied(slab ? slab.buffer : shared, slab ? slab.used : 0, length),
        done: nothing,
      };
    }
    const payload = slab.used + SERVER_HEADER_BYTES;
    const frame = slab.buffer.subarray(
      writeBinaryHeader(slab.buffer, payload, length),
      payload + length,
    );
    slab.used = payload + length;
    slab.inFlight++;
    if (slab.buffer.length - slab.used < LEAST_ROOM_BYTES) this.#slab = takeSlab();
    return { frame, done: () => this.#done(slab) };
  }

  /** Nothing will be read any more. */
  close(): void {
    this.#closed = true;
    this.#choose(false);
  }

  #choose(large: boolean): void {
    const slab = this.#slab;
    if (large) this.#slab ??= takeSlab();
    else if (slab) {
      this.#slab = null;
      if (slab.inFlight === 0) giveBack(slab);
    }
  }

  #done(slab: Slab): void {
    slab.inFlight--;
    if (slab.inFlight > 0) return;
    if (slab === this.#slab && !this.#closed) slab.used = 0;
    else giveBack(slab);
  }
}

function copied(buffer: Buffer, start: number, length: number): Buffer {
  const payload = start + SERVER_HEADER_BYTES;
  const begin = writeBinaryHeader(buffer, payload, length);
  return Buffer.from(buffer.subarray(begin, payload + length));
}
