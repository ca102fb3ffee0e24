/** Base64 (RFC 4648 section 4) for bytes: strict, and without a detour over characters. */

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const PAD = "=".charCodeAt(0);
const digits = new TextEncoder().encode(ALPHABET);
const values = new Int8Array(128).fill(-1);
for (const [value, digit] of digits.entries()) values[digit] = value;

const decoder = new TextDecoder();

export function toBase64(bytes: Uint8Array): string {
  const text = new Uint8Array(Math.ceil(bytes.length / 3) * 4);
  let at = 0;
  for (let i = 0; i < bytes.length; i += 3) {
    const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    text[at++] = digits[group >> 18] ?? 0;
    text[at++] = digits[(group >> 12) & 63] ?? 0;
    text[at++] = left > 1 ? (digits[(group >> 6) & 63] ?? 0) : PAD;
    text[at++] = left > 2 ? (digits[group & 63] ?? 0) : PAD;
  }
  return decoder.decode(text);
}

/** The bytes; null for what is not base64 as `toBase64` writes it. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length % 4 !== 0) return null;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let at = 0;
  let wrong = 0;
  let group = 0;
  for (let i = 0; i < text.length; i += 4) {
    const end = i + 4 === text.length ? 4 - padding : 4;
    group = 0;
    for (let j = 0; j < 4; j++) {
      const value = j < end ? (values[text.charCodeAt(i + j)] ?? -1) : 0;
      wrong |= value;
      group = (group << 6) | value;
    }
    if (wrong < 0) return null;
    bytes[at++] = group >> 16;
    if (at < bytes.length) bytes[at++] = (group >> 8) & 255;
    if (at < bytes.length) bytes[at++] = group & 255;
  }
  // Bits below the last byte have to be 0: one spelling for the same bytes.
  const unused = padding === 2 ? 0xffff : padding === 1 ? 0xff : 0;
  return (group & unused) === 0 ? bytes : null;
}
