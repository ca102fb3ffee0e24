/** Sends lines and pastes, prints what was sent, and says why something was not. */

import { sends } from "../../shared/conversation.ts";
import type { Dialogue, NotSent } from "../model/dialogue.ts";
import { bytes, count } from "../model/format.ts";
import type { Gutter, Mark } from "./gutter.ts";
import type { PastePlan } from "./paste.ts";
import type { Printer } from "./printer.ts";
import type { Script } from "./script.ts";
import { keysLine, typedLine } from "./sent-line.ts";
import { sgr } from "./theme.ts";

const problems: Record<NotSent, string> = {
  empty: "Nothing was sent: a line needs at least one byte.",
  "not-connected": "Nothing was sent: there is no connection. The line is still here.",
  recorded: "Nothing was sent: this is a recording. Leave it to talk.",
  "too-long":
    "Nothing was sent: a UDP datagram carries 65,507 bytes at most. The line is still here.",
  "direction-ended": "Nothing was sent: you have ended your direction. The line is still here.",
  taken: "Nothing was sent: a file is being sent. The line is still here.",
  "bad-escape": "Nothing was sent: the line cannot be read.",
};

/** A paste is kept in its question. */
const LINE_KEPT = / The line is still here\.$/;

const encoder = new TextEncoder();

/** What sending needs of the terminal. */
export interface SendingParts {
  talk: Dialogue;
  printer: Pick<Printer, "print">;
  gutter: Pick<Gutter, "make">;
  script: () => Script | null;
  say: (text: string, colour?: string) => void;
}

export class Sending {
  readonly #parts: SendingParts;
  /** A whole file is being sent: its own row says how that ends. */
  isQuiet = false;

  constructor(parts: SendingParts) {
    this.#parts = parts;
  }

  /** Sends a line as Enter does. @returns true when it was sent. */
  line(line: string): boolean {
    const { talk, say } = this.#parts;
    const read = talk.readLine(line);
    const problem = talk.sendLine(line);
    if (problem === "bad-escape" && !read.ok) say(`Nothing was sent: ${read.problem}`);
    else if (problem) say(problems[problem]);
    else if (read.ok) this.#printSent(line, read.bytes.length);
    return problem === null;
  }

  /** Says why what was typed was not sent. */
  explain(problem: NotSent): void {
    this.#parts.say(problems[problem]);
  }

  /** Sends a paste as its question said. @returns false when nothing was sent and it should be kept. */
  paste(plan: Exclude<PastePlan, { kind: "insert" }>): boolean {
    const { talk, say } = this.#parts;
    const isBytes = plan.kind === "bytes";
    const pieces = isBytes ? [plan.bytes] : plan.lines.map((line) => this.#lineBytes(line));
    const problem = talk.whyNot(Math.max(...pieces.map(({ length }) => length)));
    if (problem) {
      say(problems[problem].replace(LINE_KEPT, ""));
      return false;
    }
    if (!isBytes && plan.printed) for (const line of plan.lines) this.#pastedLine(line);
    else this.#block(pieces, plan.question.lines);
    return true;
  }

  get #isRaw(): boolean {
    return this.#parts.talk.lab.choices.typing === "raw";
  }

  /** A pasted line as if it had been typed; an escape in it is what it looks like. */
  #lineBytes(line: string): Uint8Array {
    const { talk } = this.#parts;
    if (this.#isRaw) return new Uint8Array([...encoder.encode(line), ...talk.enterBytes()]);
    return line === "" ? new Uint8Array() : talk.lineBytes(line);
  }

  /** The page took back what had not left it, or the connection ended before it did. */
  reconcile(): void {
    const sent = this.#parts.script()?.sent;
    if (!sent) return;
    const dropped = sent.waiting - this.#parts.talk.pendingBytes;
    if (dropped <= 0) return;
    sent.drop(dropped);
    if (this.isQuiet) return;
    this.#parts.say(`Stopped: ${bytes(dropped)} were never sent.`);
  }

  /** An empty line among pasted ones has no bytes to send. */
  #pastedLine(line: string): void {
    const { talk, printer } = this.#parts;
    const bytes = this.#lineBytes(line);
    if (bytes.length === 0) return;
    talk.sendBytes(bytes);
    if (!this.#isRaw) {
      talk.settings.remember(talk.addressKey, line);
      return this.#printSent(line, bytes.length);
    }
    const mark = this.#expect(bytes.length);
    printer.print({ ...keysLine(new TextDecoder().decode(bytes), talk.role), mark });
  }

  #printSent(line: string, length: number): void {
    const mark = this.#expect(length);
    this.#parts.printer.print({ ...typedLine(line, this.#parts.talk.role), mark });
  }

  /** Many bytes are one row: what they were, and a mark that counts them. Of an empty line there are none. */
  #block(pieces: readonly Uint8Array[], lines: number): void {
    const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
    for (const piece of pieces) this.#parts.talk.sendBytes(piece);
    const mark = this.#expect(total);
    const what = `Pasted ${count(total, "byte")} in ${count(lines, "line")}`;
    this.#parts.printer.print({ kind: "words", text: `${sgr.ink2}${what}`, mark });
  }

  #expect(length: number): Mark {
    const { talk, gutter } = this.#parts;
    const mark = gutter.make(sends(talk.role), length, true);
    this.adopt(mark, length);
    return mark;
  }

  /** The last `length` bytes that were given to send belong to `mark`. */
  adopt(mark: Mark, length: number): void {
    const { talk, script } = this.#parts;
    const sent = script()?.sent;
    // What an answer that nobody types has put in front of these bytes.
    const before = talk.pendingBytes - length - (sent?.waiting ?? 0);
    if (before > 0) sent?.pass(before);
    sent?.expect(mark, length);
  }
}
