/**
 * Memory that sockets are read into, with room for a frame header in front, so that a large read
 * goes from the kernel to the WebSocket without a copy.
 *
 * An idle channel must cost next to nothing, so all channels read into one shared slab and copy
 * what they got; a channel whose last read was large gets a slab of its own for the next one.
 */
import { FRAME_HEADER_BYTES, MAX_FRAME_BYTES } from "../../shared/bounds.ts";

/** Reads shorter than this are copied out: keeping 64 KiB for a few bytes would waste memory. */
export const COPY_BELOW_BYTES = 32 * 1024;
const SPARE_SLABS = 64;

const shared = Buffer.allocUnsafeSlow(MAX_FRAME_BYTES);
const spare: Buffer[] = [];

/** The part of a slab that a socket is read into. */
export const roomOf = (slab: Buffer): Buffer => slab.subarray(FRAME_HEADER_BYTES);

/** The slab that everybody reads small pieces into; its bytes must be copied before returning. */
export const sharedSlab = (): Buffer => shared;

/** A slab of one's own; give it back through `freeSlab`. */
export function takeSlab(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(MAX_FRAME_BYTES);
}

/** Gives a slab back once nothing refers to its bytes any more. */
export function freeSlab(slab: Buffer): void {
  if (spare.length < SPARE_SLABS) spare.push(slab);
}
