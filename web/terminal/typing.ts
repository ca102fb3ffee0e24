/** The line being typed and what keys do to it, with the history of the address. */
import {
  type Browsing,
  browse,
  edits,
  emptyLine,
  insert,
  type Line,
  replaced,
} from "../model/line.ts";
import type { Key } from "./keys.ts";

/** What a key asks for beyond the line itself. */
export interface TypingActions {
  enter(): void;
  /** Ctrl-D on an empty line. */
  end(): void;
  interrupt(): void;
  clear(): void;
  page(step: -1 | 1): void;
  /** Lines sent before, oldest first. */
  history(): readonly string[];
  changed(): void;
}

export class Typing {
  #line: Line = emptyLine;
  #browsing: Browsing | null = null;
  readonly #actions: TypingActions;

  constructor(actions: TypingActions) {
    this.#actions = actions;
  }

  get text(): string {
    return this.#line.text;
  }
  get cursor(): number {
    return this.#line.cursor;
  }

  /** Puts text in at the cursor. */
  insert(text: string): void {
    this.#become(insert(this.#line, text));
  }

  /** Sets the whole line, with the cursor at its end. */
  set(text: string): void {
    if (text !== this.#line.text) this.#become(replaced(this.#line, text));
  }

  /** Empties the line: it was sent, or dropped. */
  reset(): void {
    this.#browsing = null;
    this.#become({ ...emptyLine, cut: this.#line.cut });
  }

  press(key: Key): void {
    switch (key.do) {
      case "insert":
        return this.insert(key.text);
      case "edit":
        return this.#become(edits[key.edit](this.#line));
      case "endOrDelete":
        return this.text === "" ? this.#actions.end() : this.#become(edits.delete(this.#line));
      case "older":
        return this.#browse(-1);
      case "newer":
        return this.#browse(1);
      case "pageUp":
        return this.#actions.page(-1);
      case "pageDown":
        return this.#actions.page(1);
      default:
        return this.#actions[key.do]();
    }
  }

  #browse(step: -1 | 1): void {
    const found = browse(this.#browsing, step, this.#line, this.#actions.history());
    if (!found) return;
    this.#browsing = found.browsing;
    this.#become(found.line);
  }

  #become(line: Line): void {
    this.#line = line;
    this.#actions.changed();
  }
}
