/** Bytes from a stranger as one line of text that can do nothing to the screen it is read on. */

/** Keeps nothing between calls: each read is shown by itself, cut where it was cut. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Control, format (bidi among them), line and paragraph separators, private use, surrogates. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu;

const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function escaped(character: string): string {
  const point = character.codePointAt(0) ?? 0;
  const hex = (width: number) => point.toString(16).padStart(width, "0");
  if (point <= 0xff) return SHORT[character] ?? `\\x${hex(2)}`;
  return point <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}

/**
 * UTF-8 as text, with everything invisible written as Python writes it (`\n`, `\x1b`, `\u202e`),
 * and each byte that is not UTF-8 as `\xff`: also the halves of a character cut by a read.
 */
export function printable(bytes: Uint8Array): string {
  const whole = decoded(bytes);
  if (whole !== undefined) return whole.replace(UNSEEN, escaped);
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = characterLength(bytes, at);
    const character = length > 0 ? decoded(bytes.subarray(at, at + length)) : undefined;
    text += character?.replace(UNSEEN, escaped) ?? `\\x${hexByte(bytes[at])}`;
    at += character === undefined ? 1 : length;
  }
  return text;
}

const hexByte = (byte = 0) => byte.toString(16).padStart(2, "0");

/** Length a first byte announces (RFC 3629 section 3), 0 when it cannot be one or too few follow. */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return at + length <= bytes.length ? length : 0;
}

/** undefined when the bytes are not UTF-8: an answer here, not a failure. */
function decoded(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
