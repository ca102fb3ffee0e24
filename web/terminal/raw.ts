/**
 * Raw mode: every key is sent at once, as it was pressed. Keys that follow each other are one row of
 * the terminal, with one mark that counts their bytes, until Enter ends it or something arrives.
 */
import { sends } from "../../shared/conversation.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { count } from "../model/format.ts";
import type { Gutter, Mark } from "./gutter.ts";
import { readRawKeys } from "./keys.ts";
import type { Printer } from "./printer.ts";
import type { Sending } from "./sending.ts";
import { KEYS_PROMPT, keysLine } from "./sent-line.ts";
import { sgr } from "./theme.ts";

export interface RawParts {
  talk: Dialogue;
  printer: Printer;
  gutter: Gutter;
  sending: Sending;
}

/** A row of so many characters is printed, and the next begins. */
const LONGEST_ROW = 512;

const encoder = new TextEncoder();

export class Raw {
  readonly #parts: RawParts;
  /** Keys of the row that is not printed yet. */
  #keys = "";
  #count = 0;
  #mark: Mark | null = null;
  /** Somebody was told that nothing can be sent; once is enough. */
  #saidWhyNot = false;

  constructor(parts: RawParts) {
    this.#parts = parts;
  }

  /** What the input area shows meanwhile. */
  get view(): { prompt: string; text: string } {
    const { talk } = this.#parts;
    const text = talk.lab.choices.echo ? this.#keys : "";
    return { prompt: talk.canSend ? KEYS_PROMPT : "", text };
  }

  /** What the keyboard gave; a phone or an input method gives several keys at once. */
  typed(data: string): void {
    for (const key of readRawKeys(data)) this.#press(key);
  }

  /** One pasted line: one send. */
  pasted(text: string): void {
    this.#send(text, encoder.encode(text));
  }

  /**
   * Follows a conversation: what happens in it comes below the keys that were pressed before it.
   * @returns what ends that.
   */
  follow(conversation: Conversation): () => void {
    this.flush();
    this.#saidWhyNot = false;
    return conversation.onEvent((event) => {
      const { role } = this.#parts.talk;
      const isOurs = event.kind === "data" && event.direction === sends(role);
      const isQuiet = event.kind === "kernel" || event.kind === "option" || event.side === "far";
      // Keys that the other end shows are in its own text: a row of ours would only part them.
      const isEcho = event.kind === "data" && !this.#parts.talk.lab.choices.echo;
      if (!isOurs && !isQuiet && !isEcho) this.flush();
    });
  }

  /** Prints the row that was being typed. */
  flush(): void {
    const { talk, printer } = this.#parts;
    const mark = this.#mark;
    if (!mark) return;
    const keys = this.#keys;
    const unseen = `${sgr.ink3}${count(this.#count, "key")} sent, not shown here`;
    this.#keys = "";
    this.#count = 0;
    this.#mark = null;
    if (talk.lab.choices.echo) printer.print({ ...keysLine(keys, talk.role), mark });
    else printer.print({ kind: "words", text: unseen, mark });
  }

  #press(key: string): void {
    const { talk } = this.#parts;
    if (key === "\r" || key === "\n") {
      const { live, busy } = talk;
      const over = live?.state.phase !== "open" && live?.state.phase !== "opening";
      if (!busy && over && talk.role === "client") return void talk.again();
      const enter = talk.enterBytes();
      if (this.#send(new TextDecoder().decode(enter), enter)) this.flush();
    } else this.#send(key, encoder.encode(key));
  }

  #send(keys: string, bytes: Uint8Array): boolean {
    const { talk, gutter, sending, printer } = this.#parts;
    const problem = talk.sendBytes(bytes);
    if (problem) {
      if (!this.#saidWhyNot) sending.explain(problem);
      this.#saidWhyNot = true;
      return false;
    }
    this.#saidWhyNot = false;
    this.#mark ??= gutter.make(sends(talk.role), 0, true);
    this.#mark.bytes += bytes.length;
    this.#mark.pending = true;
    sending.adopt(this.#mark, bytes.length);
    this.#keys += keys;
    this.#count++;
    if (this.#keys.length >= LONGEST_ROW) this.flush();
    else printer.redraw();
    return true;
  }
}
