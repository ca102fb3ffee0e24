/**
 * Takes off the mask that a client must put on every frame (RFC 6455 section 5.3), four bytes at a
 * time and in place: byte by byte it would cost more than everything else that is done with them.
 */

/** Below this, the views that four bytes at a time need cost more than they save. */
const BYTEWISE_BELOW = 64;
/** A word's bytes lie in memory as the machine likes it; those of a key do not. */
const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/**
 * Unmasks `bytes[start … end)` in place.
 * @param key the masking key as a little-endian number: its first byte is the lowest.
 * @param phase which byte of the key comes first, 0 … 3: a payload arrives in pieces.
 */
export function unmask(
  bytes: Uint8Array,
  start: number,
  end: number,
  key: number,
  phase: number,
): void {
  // From here on the key begins with its lowest byte, whatever the phase.
  const turned = rotate(key, phase);
  if (end - start < BYTEWISE_BELOW) return bytewise(bytes, start, end, turned);
  const toAligned = -(bytes.byteOffset + start) & 3;
  const from = start + toAligned;
  bytewise(bytes, start, from, turned);
  const aligned = rotate(turned, toAligned);
  const count = (end - from) >> 2;
  const word = LITTLE_ENDIAN ? aligned : swapped(aligned);
  wordwise(new Int32Array(bytes.buffer, bytes.byteOffset + from, count), word);
  bytewise(bytes, from + count * 4, end, aligned);
}

/** So that byte `by` of the key comes first. */
function rotate(key: number, by: number): number {
  return by === 0 ? key : (key >>> (8 * by)) | (key << (32 - 8 * by));
}

const swapped = (key: number): number =>
  (key << 24) | ((key & 0xff00) << 8) | ((key >>> 8) & 0xff00) | (key >>> 24);

function bytewise(bytes: Uint8Array, start: number, end: number, key: number): void {
  for (let i = start, shift = 0; i < end; i++, shift = (shift + 8) & 31) {
    bytes[i] = (bytes[i] as number) ^ (key >>> shift);
  }
}

/** Eight words a turn: the loop's own work would be half of it otherwise. */
function wordwise(words: Int32Array, key: number): void {
  const whole = words.length & ~7;
  let i = 0;
  for (; i < whole; i += 8) {
    (words[i] as number) ^= key;
    (words[i + 1] as number) ^= key;
    (words[i + 2] as number) ^= key;
    (words[i + 3] as number) ^= key;
    (words[i + 4] as number) ^= key;
    (words[i + 5] as number) ^= key;
    (words[i + 6] as number) ^= key;
    (words[i + 7] as number) ^= key;
  }
  for (; i < words.length; i++) (words[i] as number) ^= key;
}
