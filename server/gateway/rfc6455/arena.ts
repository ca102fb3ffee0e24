/**
 * Memory that the sockets of a raw connection are read into, with room for a WebSocket header in
 * front of each read. Idle connections share one small buffer and copy what they got; a fast stream
 * fills a slab of its own piece by piece and then takes the one that was used before, so that the
 * same megabyte stays in the processor's cache.
 */
import { SERVER_HEADER_BYTES } from "./frames.ts";

/** A read of this length says that more is waiting. */
const LARGE_READ_BYTES = 32 * 1024;
const SHARED_BYTES = 64 * 1024;
const SLAB_BYTES = 512 * 1024;
/** With less room than this at its end, a slab is used up. */
const LEAST_ROOM_BYTES = 128 * 1024;
const SPARE_SLABS = 8;

interface Slab {
  readonly buffer: Buffer;
  /** Where the room for the next read's header begins. */
  used: number;
  /** Reads in it whose memory is still needed. */
  inUse: number;
}

/** One read: `buffer[start … start + length)`, with SERVER_HEADER_BYTES of room before it. */
export interface Read {
  buffer: Buffer;
  start: number;
  length: number;
  /** To be called once its memory is needed no longer. */
  done: () => void;
}

const shared = Buffer.allocUnsafeSlow(SERVER_HEADER_BYTES + SHARED_BYTES);
const spare: Slab[] = [];
const nothing = (): void => {};

const takeSlab = (): Slab =>
  spare.pop() ?? { buffer: Buffer.allocUnsafeSlow(SLAB_BYTES), used: 0, inUse: 0 };

function giveBack(slab: Slab): void {
  slab.used = 0;
  if (spare.length < SPARE_SLABS) spare.push(slab);
}

export class Arena {
  /** For the next room; null: the shared buffer. */
  #slab: Slab | null = null;
  /** Where the room was that has been given out: the kernel may fill it at any time. */
  #given: Slab | null = null;
  #givenAt = 0;

  /** Where the next read goes. */
  readonly room = (): Buffer => {
    const slab = this.#slab;
    if (slab && slab.inUse === 0) slab.used = 0;
    this.#given = slab;
    this.#givenAt = (slab?.used ?? 0) + SERVER_HEADER_BYTES;
    return (slab?.buffer ?? shared).subarray(this.#givenAt);
  };

  /** Takes `length` bytes that were read into the room that was given out last. */
  take(length: number): Read {
    const slab = this.#given;
    const start = this.#givenAt;
    const large = length >= LARGE_READ_BYTES;
    if (!slab || !large) {
      const read = copied(slab?.buffer ?? shared, start, length);
      this.#choose(large);
      return read;
    }
    slab.used = start + length;
    slab.inUse++;
    if (slab.buffer.length - slab.used < LEAST_ROOM_BYTES) this.#slab = takeSlab();
    return { buffer: slab.buffer, start, length, done: () => this.#done(slab) };
  }

  /** Nothing will be read any more. */
  close(): void {
    this.#choose(false);
  }

  #choose(large: boolean): void {
    const slab = this.#slab;
    if (large) this.#slab ??= takeSlab();
    else if (slab) {
      this.#slab = null;
      if (slab.inUse === 0) giveBack(slab);
    }
  }

  #done(slab: Slab): void {
    slab.inUse--;
    if (slab.inUse === 0 && slab !== this.#slab) giveBack(slab);
  }
}

function copied(from: Buffer, at: number, length: number): Read {
  const buffer = Buffer.allocUnsafe(SERVER_HEADER_BYTES + length);
  const start = SERVER_HEADER_BYTES;
  from.copy(buffer, start, at, at + length);
  return { buffer, start, length, done: nothing };
}
