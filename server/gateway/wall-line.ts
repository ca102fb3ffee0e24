/** The last line somebody sent or was sent, as a wall shows it: cut to its width, and nothing in it unseen. */
import { TextDecoder } from "node:util";
import { MAX_LINE_CHARACTERS } from "../../shared/classroom.ts";
import type { Direction } from "../../shared/conversation.ts";

/** Reads of one direction that follow each other so soon are one line that came in pieces, in seconds. */
const ONE_LINE_SECONDS = 1.5;
/** Enough for the last line of a wall, in any encoding of its characters. */
const LOOKED_AT_BYTES = 16 * MAX_LINE_CHARACTERS;

/** C0, C1, format (bidi, zero width), private and unassigned characters, line and paragraph separators. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** Text with what cannot be seen written as escapes, cut after so many characters. */
export function visible(text: string): string {
  const characters = [...text].slice(0, MAX_LINE_CHARACTERS + 1).join("");
  const shown = [...characters.replace(INVISIBLE, escaped)];
  if (shown.length <= MAX_LINE_CHARACTERS) return shown.join("");
  return `${shown.slice(0, MAX_LINE_CHARACTERS - 1).join("")}…`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\u{${code.toString(16)}}`;
}

/** Of one conversation. Each direction is decoded as a stream: reads cut characters in half. */
export class LastLine {
  readonly #decoders: Record<Direction, TextDecoder> = {
    out: new TextDecoder(),
    in: new TextDecoder(),
  };
  #line = "";
  #direction: Direction | null = null;
  #at = Number.NEGATIVE_INFINITY;
  /** The line has ended: what comes next begins another. */
  #ended = false;

  /**
   * More bytes of one direction.
   * @param at in seconds.
   * @returns the line they end in, or null when it is empty.
   */
  push(bytes: Uint8Array, direction: Direction, at: number): string | null {
    if (bytes.length > LOOKED_AT_BYTES) this.#decoders[direction] = new TextDecoder();
    const tail = bytes.subarray(-LOOKED_AT_BYTES);
    const text = this.#decoders[direction].decode(tail, { stream: true });
    const goesOn =
      direction === this.#direction && !this.#ended && at - this.#at < ONE_LINE_SECONDS;
    const lines = `${goesOn ? this.#line : ""}${text}`.split(/\r?\n/);
    this.#ended = lines.length > 1 && lines.at(-1) === "";
    const last = (this.#ended ? lines.at(-2) : lines.at(-1)) ?? "";
    this.#direction = direction;
    this.#at = at;
    this.#line = last.slice(0, LOOKED_AT_BYTES);
    return last === "" ? null : visible(last);
  }
}
