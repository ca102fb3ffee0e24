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
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const from = at;
    for (let length = characterLength(bytes, at); length > 0; ) {
      at += length;
      length = characterLength(bytes, at);
    }
    if (at > from) text += decoder.decode(bytes.subarray(from, at)).replace(UNSEEN, escaped);
    if (at < bytes.length) text += BYTES[bytes[at++] ?? 0];
  }
  return text;
}

/** Each byte as an escape. */
const BYTES = Array.from({ length: 256 }, (_, byte) => `\\x${byte.toString(16).padStart(2, "0")}`);

/**
 * Length of the character that begins there, 0 when none does, or not all of it (RFC 3629 section 4).
 * Asked for each byte that anybody sends, so that a decoder's exceptions would be far too slow.
 */
function characterLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0xff;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  const [lowest, highest] = SECOND[first] ?? [0x80, 0xbf];
  const second = bytes[at + 1] ?? 0;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}

/** Where the second byte has less room: overlong forms, surrogates, beyond U+10FFFF. */
const SECOND: Record<number, readonly [lowest: number, highest: number]> = {
  224: [0xa0, 0xbf],
  237: [0x80, 0x9f],
  240: [0x90, 0xbf],
  244: [0x80, 0x8f],
};
