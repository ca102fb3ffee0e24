/**
 * Prints above the line being typed, and keeps that line whole with its cursor.
 *
 * The screen is output, then the input area: prompt and line. One operation at a time erases the
 * input area, goes on with the output where it stopped, and draws the input area again below it,
 * all in one write, which xterm parses in one go: no half-drawn frame. Where things ended up (rows,
 * widths, wrapping) is never computed here; private OSC sequences in the write call back while it is
 * being parsed and read the real buffer. Only the page can write them: a peer's ESC is never passed on.
 */
import type { IMarker, Terminal } from "@xterm/xterm";
import { type Gutter, join, type Mark } from "./gutter.ts";
import { type InputView, shownInput } from "./input-view.ts";
import { type Part, takeParts } from "./parts.ts";
import { continueRow, endOfRow, goTo } from "./rows.ts";
import type { Screen } from "./screen.ts";
import { sgr } from "./theme.ts";
import { breakWords } from "./words.ts";

/** Private OSC number of the calls back. */
const PROBE = 7771;
const probe = (what: string) => `\x1b]${PROBE};${what}\x07`;

/** Below this (U+0300) no character joins the one before it. */
const FIRST_MARK = 0x300;

export class Printer {
  readonly #screen: Screen;
  readonly #terminal: Terminal;
  readonly #gutter: Gutter;
  readonly #input: () => InputView;
  readonly #handler: { dispose(): void };
  #parts: Part[] = [];
  /** What the next operation has to do besides printing. */
  #wanted = { redraw: false, fit: false, empty: false, clear: false };
  #life: "waiting" | "idle" | "writing" | "over" = "waiting";
  /** First row of the input area. */
  #prompt: IMarker | null = null;
  /** Column where the output stopped on the row above the input area; 0: it ended its row. */
  #outColumn = 0;
  /** The input area as it is on the screen, when its cursor is at the end. */
  #drawn: { head: string; before: string } | null = null;
  #cursor: { marker: IMarker; column: number } | null = null;
  #afterCursor: IMarker | null = null;
  #placing: Mark[] = [];

  constructor(screen: Screen, gutter: Gutter, input: () => InputView) {
    const { terminal } = screen;
    this.#screen = screen;
    this.#terminal = terminal;
    this.#gutter = gutter;
    this.#input = input;
    this.#handler = terminal.parser.registerOscHandler(PROBE, (what) => this.#probed(what));
  }

  /** Begins to write; what was printed before waits until the terminal is open. */
  start(): void {
    if (this.#life !== "waiting") return;
    this.#life = "idle";
    this.redraw();
  }

  print(part: Part): void {
    if (this.#life === "over") return;
    this.#parts.push(part);
    this.#pump();
  }

  /** The line, its cursor or the prompt has changed. */
  redraw(): void {
    this.#wanted.redraw = true;
    this.#pump();
  }

  /** The element has another size, or the type has. */
  resize(): void {
    this.#wanted.fit = true;
    this.#pump();
  }

  /** Moves everything into the scrollback; the line being typed stays. */
  clear(): void {
    this.#wanted.clear = true;
    this.#pump();
  }

  /** Begins again with nothing: no rows, no scrollback, and nothing that waits to be printed. */
  empty(): void {
    this.#parts = [];
    this.#wanted.empty = true;
    this.#pump();
  }

  dispose(): void {
    this.#life = "over";
    this.#parts = [];
    this.#handler.dispose();
  }

  #pump(): void {
    if (this.#life !== "idle") return;
    const { redraw, fit, empty, clear } = this.#wanted;
    if (fit) this.#operation(this.#erase(), () => this.#refit());
    else if (empty) this.#operation(`${goTo(0, 0)}\x1b[2J\x1b[3J`, () => this.#cleared());
    else if (clear) this.#operation(`${this.#erase()}\x1b[2J${goTo(0, 0)}`, () => this.#cleared());
    else if (this.#parts.length > 0) this.#printParts(takeParts(this.#parts));
    else if (redraw) this.#redrawInput();
  }

  /** One write, then `then`, then the next operation. */
  #operation(text: string, then: () => void): void {
    this.#life = "writing";
    const write = () => {
      if (this.#life === "over") return;
      this.#terminal.write(text, () => {
        if (this.#life === "over") return;
        then();
      });
    };
    const ready = this.#screen.ready(text);
    if (ready) void ready.then(write);
    else write();
  }

  #finished(): void {
    this.#life = "idle";
    this.#pump();
  }

  #printParts(parts: Part[]): void {
    this.#placing = [];
    let text = this.#erase();
    let open = this.#outColumn > 0;
    let before: Part | null = null;
    for (const part of parts) {
      if (part.kind === "output") {
        text += this.#output(part, open, before);
        if (part.text !== "") open = !part.text.endsWith("\n");
      } else {
        // The input area began on a row of its own: that row is free now.
        text += open && before ? "\r\n" : "";
        text += `${this.#placed(part.mark)}${this.#broken(part)}${sgr.ink}\r\n`;
        open = false;
      }
      before = part;
    }
    text += probe("o") + (open ? "\r\n" : "");
    this.#outColumn = open ? 1 : 0;
    this.#write(text, () => {
      for (const part of parts) part.done?.();
    });
  }

  #output(part: Part, open: boolean, before: Part | null): string {
    if (open && !before) return this.#goOn(this.#placed(part.mark)) + part.text;
    // A sequence between a letter and its mark would part them: such text follows directly.
    const follows = open && before?.kind === "output" && part.text.charCodeAt(0) >= FIRST_MARK;
    if (follows && before?.mark && part.mark) {
      join(before.mark, part.mark);
      part.mark = before.mark;
      return part.text;
    }
    return this.#placed(part.mark) + sgr.in + part.text;
  }

  #broken({ kind, text }: Part): string {
    return kind === "words" ? breakWords(text, this.#terminal.cols) : text;
  }

  /** The sequence that puts a mark beside the row where it is parsed. */
  #placed(mark: Mark | undefined): string {
    return mark ? probe(`m${this.#placing.push(mark) - 1}`) : "";
  }

  #redrawInput(): void {
    const view = shownInput(this.#input(), this.#terminal);
    const drawn = this.#drawn;
    const typed = drawn && view.after === "" && view.before.slice(drawn.before.length);
    const only = drawn && view.head === drawn.head && view.before.startsWith(drawn.before);
    // Printable ASCII joins nothing: it can simply follow. (A screen reader then reads just that.)
    if (drawn && typed && only && /^[\x20-\x7e]+$/.test(typed)) {
      this.#wanted.redraw = false;
      drawn.before = view.before;
      this.#operation(typed, () => this.#wrapAtEnd());
      return;
    }
    this.#write(this.#erase(), () => {});
  }

  /** Writes `text`, then the input area, puts the cursor in its place, and calls `done`. */
  #write(text: string, done: () => void): void {
    const view = shownInput(this.#input(), this.#terminal);
    this.#wanted.redraw = false;
    this.#drawn = view.after === "" ? { head: view.head, before: view.before } : null;
    const after =
      view.after === "" ? "" : view.next + probe("n") + view.after.slice(view.next.length);
    const input = `${probe("p")}${view.head}${view.before}${probe("c")}${after}`;
    this.#operation(text + input, () => {
      done();
      if (view.after === "") this.#wrapAtEnd();
      else this.#placeCursor();
    });
  }

  /** A line that fills its last row has its cursor on the next. */
  #wrapAtEnd(): void {
    const { cursorX } = this.#terminal.buffer.active;
    if (cursorX < this.#terminal.cols) this.#finished();
    else this.#operation("\r\n", () => this.#finished());
  }

  #placeCursor(): void {
    const { baseY } = this.#terminal.buffer.active;
    const cursor = this.#cursor;
    if (!cursor) return this.#finished();
    const row = cursor.marker.line - baseY;
    // What follows the cursor did not fit beside it: then the cursor stands where that begins.
    const wrapped = (this.#afterCursor?.line ?? 0) > cursor.marker.line;
    const place = wrapped ? goTo(row + 1, 0) : goTo(row, cursor.column);
    this.#operation(place, () => this.#finished());
  }

  /** Empties the input area and stands at its beginning. */
  #erase(): string {
    const { baseY, cursorY } = this.#terminal.buffer.active;
    const marker = this.#prompt;
    const row = marker && !marker.isDisposed ? marker.line - baseY : cursorY;
    return `${goTo(Math.max(0, row), 0)}${sgr.ink}\x1b[J`;
  }

  /** Goes back to where the output stopped. */
  #goOn(mark: string): string {
    const line = (this.#prompt?.line ?? 0) - 1;
    return continueRow(this.#terminal, line, this.#outColumn, mark);
  }

  #refit(): void {
    this.#wanted.fit = false;
    this.#screen.fit();
    if (this.#outColumn > 0)
      this.#outColumn = endOfRow(this.#terminal, (this.#prompt?.line ?? 0) - 1);
    this.#gutter.resized();
    this.#redrawAfterErase();
  }

  #cleared(): void {
    this.#wanted.clear = false;
    this.#wanted.empty = false;
    this.#outColumn = 0;
    this.#prompt?.dispose();
    this.#redrawAfterErase();
  }

  #redrawAfterErase(): void {
    this.#life = "idle";
    this.#drawn = null;
    this.#write(this.#erase(), () => {});
  }

  /** Called by xterm in the middle of parsing, with the buffer as it is at that character. */
  #probed(what: string): boolean {
    const column = this.#terminal.buffer.active.cursorX;
    const mark = what.startsWith("m") ? this.#placing[Number(what.slice(1))] : undefined;
    if (mark) this.#gutter.place(mark);
    if (what === "o" && this.#outColumn > 0) this.#outColumn = column;
    if (what === "p") {
      this.#prompt?.dispose();
      this.#prompt = this.#terminal.registerMarker(0);
      this.#afterCursor?.dispose();
      this.#afterCursor = null;
    }
    if (what === "c") {
      this.#cursor?.marker.dispose();
      this.#cursor = { marker: this.#terminal.registerMarker(0), column };
    }
    if (what === "n") this.#afterCursor = this.#terminal.registerMarker(0);
    return true;
  }
}
