/** What can be printed, and how much of it at once. */
import type { Mark } from "./gutter.ts";

/** Most characters printed in one operation: xterm parses them in 10 to 25 ms. */
const LONGEST_WRITE = 96 * 1024;

/**
 * Something to print: output that goes on where the last output stopped, a line of its own, or words
 * of our own, a line that breaks between words.
 */
export interface Part {
  kind: "output" | "line" | "words";
  text: string;
  mark?: Mark;
  /** Called when xterm has parsed it. */
  done?: () => void;
}

/** Takes parts for one operation off the front: at least one, and no more than xterm parses in a moment. */
export function takeParts(parts: Part[]): Part[] {
  let length = 0;
  let count = 0;
  for (const part of parts) {
    if (count > 0 && length + part.text.length > LONGEST_WRITE) break;
    length += part.text.length;
    count++;
  }
  return parts.splice(0, count);
}
