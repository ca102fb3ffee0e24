/** What was sent as a line of the terminal, where nobody typed it here: in a recording, for one. */
import { type Role, sends } from "../../shared/conversation.ts";
import { count, excerpt } from "../model/format.ts";
import { safeText } from "../model/visible.ts";
import type { Part } from "./parts.ts";
import { escapes, sgr } from "./theme.ts";

/** What the tutorial's programs ask with. */
const prompts: Record<Role, string> = { client: "Enter message: ", server: "Answer: " };

/** What stands before a line that this end sends. */
export const promptOf = (role: Role): string => prompts[role];

/** A send up to this size is printed as the line that it probably was; a longer one is counted. */
const LONGEST_LINE_BYTES = 4 * 1024;

/** The line as it looked when it was typed. */
export function typedLine(line: string, role: Role = "client"): Pick<Part, "kind" | "text"> {
  const direction = sends(role);
  const shown = safeText(line.replaceAll("\n", "\\n"), escapes[direction]);
  return { kind: "line", text: `${sgr.ink2}${promptOf(role)}${sgr[direction]}${shown}` };
}

/** Before what was sent key by key. */
export const KEYS_PROMPT = "Keys: ";

/** Keys as they were sent, one by one: those without a picture as escapes. */
export function keysLine(keys: string, role: Role): Pick<Part, "kind" | "text"> {
  const direction = sends(role);
  const style = escapes[direction];
  const ends: Record<string, string> = { "\r": "\\r", "\n": "\\n", "\t": "\\t" };
  const shown = keys
    .split(/([\r\n\t]+)/)
    .map((run, i) =>
      i % 2 === 0
        ? safeText(run, style)
        : style.open + run.replace(/./gs, (end) => ends[end] ?? end) + style.close,
    )
    .join("");
  return { kind: "line", text: `${sgr.ink2}${KEYS_PROMPT}${sgr[direction]}${shown}` };
}

/**
 * One send: the line, without the line ending that Enter added; or what it was, when it was no line.
 * @param length bytes that were sent; more than `sent.length` when only a part was kept.
 */
export function sentPart(
  sent: Uint8Array,
  length: number,
  role: Role = "client",
): Pick<Part, "kind" | "text"> {
  if (sent.length < length) {
    const text = `${sgr.ink2}Sent ${count(length, "byte")}: ${sgr[sends(role)]}${excerpt(sent, length)}`;
    return { kind: "words", text };
  }
  const line = new TextDecoder().decode(sent).replace(/\r?\n$/, "");
  if (length <= LONGEST_LINE_BYTES && !line.includes("\n")) return typedLine(line, role);
  const lines = count(line.split("\n").length, "line");
  return { kind: "words", text: `${sgr.ink2}Sent ${count(length, "byte")} in ${lines}` };
}
