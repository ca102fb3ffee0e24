/** What was sent as a line of the terminal, where nobody typed it here: in a recording, for one. */
import { count, excerpt } from "../model/format.ts";
import { safeText } from "../model/visible.ts";
import type { Part } from "./parts.ts";
import { outEscapes, sgr } from "./theme.ts";

export const PROMPT = "Enter message: ";

/** A send up to this size is printed as the line that it probably was; a longer one is counted. */
const LONGEST_LINE_BYTES = 4 * 1024;

/** The line as it looked when it was typed. */
export function typedLine(line: string): Pick<Part, "kind" | "text"> {
  const shown = safeText(line.replaceAll("\n", "\\n"), outEscapes);
  return { kind: "line", text: `${sgr.ink2}${PROMPT}${sgr.out}${shown}` };
}

/** Before what was sent key by key. */
export const KEYS_PROMPT = "Keys: ";

/** Keys as they were sent, one by one: those without a picture as escapes. */
export function keysLine(keys: string): Pick<Part, "kind" | "text"> {
  const style = outEscapes;
  const ends: Record<string, string> = { "\r": "\\r", "\n": "\\n", "\t": "\\t" };
  const shown = keys
    .split(/([\r\n\t]+)/)
    .map((run, i) =>
      i % 2 === 0
        ? safeText(run, style)
        : style.open + run.replace(/./gs, (end) => ends[end] ?? end) + style.close,
    )
    .join("");
  return { kind: "line", text: `${sgr.ink2}${KEYS_PROMPT}${sgr.out}${shown}` };
}

/**
 * One send: the line, without the line ending that Enter added; or what it was, when it was no line.
 * @param length bytes that were sent; more than `sent.length` when only a part was kept.
 */
export function sentPart(sent: Uint8Array, length: number): Pick<Part, "kind" | "text"> {
  if (sent.length < length) {
    const text = `${sgr.ink2}Sent ${count(length, "byte")}: ${sgr.out}${excerpt(sent, length)}`;
    return { kind: "words", text };
  }
  const line = new TextDecoder().decode(sent).replace(/\r?\n$/, "");
  if (length <= LONGEST_LINE_BYTES && !line.includes("\n")) return typedLine(line);
  const lines = count(line.split("\n").length, "line");
  return { kind: "words", text: `${sgr.ink2}Sent ${count(length, "byte")} in ${lines}` };
}
