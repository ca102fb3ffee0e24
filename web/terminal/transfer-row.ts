/** A whole file as one row of the terminal, with one mark: sent from here, or kept of what arrives. */
import { type EventOf, receives, sends } from "../../shared/conversation.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { visibleText } from "../model/visible.ts";
import type { Gutter, Mark } from "./gutter.ts";
import type { Printer } from "./printer.ts";
import type { Sending } from "./sending.ts";
import { sgr } from "./theme.ts";

export interface TransferRowParts {
  talk: Dialogue;
  printer: Printer;
  gutter: Gutter;
  sending: Sending;
  say: (text: string, colour?: string) => void;
}

/** The row of a file that is being sent. */
export class SentFileRow {
  readonly #parts: TransferRowParts;
  readonly #mark: Mark;

  constructor(parts: TransferRowParts, text: string) {
    this.#parts = parts;
    this.#mark = parts.gutter.make(sends(parts.talk.role), 0, true);
    parts.sending.isQuiet = true;
    parts.printer.print({ kind: "words", text: sgr.ink2 + visibleText(text), mark: this.#mark });
  }

  /** So many bytes more were given to send. */
  more(bytes: number): void {
    this.#mark.bytes += bytes;
    this.#mark.pending = true;
    this.#parts.sending.adopt(this.#mark, bytes);
    this.#parts.gutter.changed();
  }

  /** The file is over, whole or not. */
  over(text: string): void {
    this.#parts.sending.reconcile();
    this.#parts.sending.isQuiet = false;
    this.#parts.say(text);
  }
}

/** The row of what arrives and goes into a file. */
export class SavedFileRow {
  readonly #parts: TransferRowParts;
  readonly #mark: Mark;

  constructor(parts: TransferRowParts, text: string) {
    this.#parts = parts;
    this.#mark = parts.gutter.make(receives(parts.talk.role));
    parts.printer.print({ kind: "words", text: sgr.ink2 + visibleText(text), mark: this.#mark });
  }

  /** These bytes arrived. */
  more({ direction, offset, length }: EventOf<"data">, of: Conversation): void {
    const start = this.#mark.about?.range?.start ?? offset;
    const event = this.#mark.about?.event ?? of.total - 1;
    this.#mark.bytes += length;
    this.#mark.about = { of, event, range: { direction, start, end: offset + length } };
    this.#parts.gutter.changed();
  }

  over(text: string): void {
    this.#parts.say(text);
  }
}
