/** Bytes as text for the clipboard, a part at a time so that a large copy need not stall the page. */

export type CopyFormat = "hex" | "text" | "python";

/** More than this is not copied: programs that paste it would stall, and so would the page. */
export const MOST_COPIED_BYTES = 4 * 1024 * 1024;
/** Bytes turned into text at once. */
const PART_BYTES = 64 * 1024;

const hexPairs = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** The parts of the copied text, in order. */
export function* copied(bytes: Uint8Array, format: CopyFormat): Generator<string, void> {
  if (format === "text") return yield* text(bytes);
  const literals = format === "python" ? pythonLiterals(bytes) : null;
  if (literals) yield `b${literals.quote}`;
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    const part = bytes.subarray(start, start + PART_BYTES);
    if (literals) yield written(part, literals.table, "");
    else yield (start > 0 ? " " : "") + written(part, hexPairs, " ");
  }
  if (literals) yield literals.quote;
}

function written(part: Uint8Array, table: readonly string[], between: string): string {
  return Array.from(part, (byte) => table[byte]).join(between);
}

/** UTF-8; what is not becomes U+FFFD. */
function* text(bytes: Uint8Array): Generator<string, void> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  for (let start = 0; start < bytes.length; start += PART_BYTES) {
    yield decoder.decode(bytes.subarray(start, start + PART_BYTES), { stream: true });
  }
  yield decoder.decode();
}

const pythonEscapes: Record<number, string> = { 9: "\\t", 10: "\\n", 13: "\\r", 92: "\\\\" };
const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;

/** As repr() of bytes writes them: CPython's PyBytes_Repr, which prefers the quote that needs no escape. */
function pythonLiterals(bytes: Uint8Array): { quote: string; table: readonly string[] } {
  const quote = bytes.includes(QUOTE) && !bytes.includes(DOUBLE_QUOTE) ? '"' : "'";
  const table = hexPairs.map((pair, byte) => {
    const special = pythonEscapes[byte];
    if (special !== undefined) return special;
    if (byte === QUOTE && quote === "'") return "\\'";
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${pair}`;
  });
  return { quote, table };
}
