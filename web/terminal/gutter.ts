/** The column "on the wire": one mark for each row that crossed it, kept beside its row. */
import type { IMarker, Terminal } from "@xterm/xterm";
import type { Conversation } from "../model/conversation.ts";
import type { Selected } from "../model/selection.ts";
import { type MarkKind, type MarkLook, markClass, markSign, markText } from "./marks.ts";
import { RowLight } from "./row-light.ts";
import { rowHeight } from "./theme.ts";

/** A mark; its row is known once what it belongs to has been printed. */
export interface Mark extends MarkLook {
  marker: IMarker | null;
  /** What it marks, and in which conversation; null until the wire has confirmed it. */
  about: (Selected & { of: Conversation }) | null;
}

export interface GutterOptions {
  terminal: Terminal;
  /** Empty column that is filled with marks. */
  column: HTMLElement;
  /** Somebody points at a mark. */
  pick: (mark: Mark) => void;
}

export class Gutter {
  readonly #terminal: Terminal;
  readonly #column: HTMLElement;
  /** In the order of their rows, as rows are only ever added below. */
  #marks: Mark[] = [];
  /** One element for each mark on the screen. */
  #shown = new Map<Mark, HTMLElement>();
  #frame = 0;
  /** Height of a row in CSS pixels; measured anew only after a resize, because measuring is layout. */
  #rowHeight = 0;
  readonly #render: { dispose(): void };
  readonly #pick: (mark: Mark) => void;
  readonly #light: RowLight;
  #isSelected: (mark: Mark) => boolean = () => false;

  constructor({ terminal, column, pick }: GutterOptions) {
    this.#terminal = terminal;
    this.#column = column;
    this.#pick = pick;
    this.#light = new RowLight(terminal);
    this.#render = terminal.onRender(() => this.#draw());
  }

  /** A mark that has no row yet. */
  make(kind: MarkKind, bytes = 0, pending = false): Mark {
    return { kind, bytes, pending, marker: null, about: null };
  }

  /** Puts a mark beside the row of the cursor; reads of one row add up to one mark. */
  place(mark: Mark): void {
    const marker = this.#terminal.registerMarker(0);
    const last = this.#marks.at(-1);
    const sameRow = last?.marker?.line === marker.line;
    if (last && sameRow && last.kind === mark.kind && mark.kind === "in") {
      join(last, mark);
      marker.dispose();
    } else {
      if (last && sameRow) this.#remove(last);
      mark.marker = marker;
      this.#marks.push(mark);
      marker.onDispose(() => this.#forget());
    }
    this.changed();
  }

  /** Lights the marks that `isSelected` names, and the line of the first, which is brought into view. */
  select(isSelected: (mark: Mark) => boolean, bringIntoView: boolean): void {
    this.#isSelected = isSelected;
    const first = this.#marks.find(isSelected);
    this.#light.put(first?.marker ?? null, bringIntoView);
    this.changed();
  }

  /** The rows have another size, or other colours. */
  resized(): void {
    this.#rowHeight = 0;
    this.#light.again();
    // xterm knows how far it can scroll from the next frame on: a line further down is reached only then.
    requestAnimationFrame(() => requestAnimationFrame(() => this.#light.again()));
    this.changed();
  }

  /** Draws again soon: a mark has another number, was confirmed, or moved. */
  changed(): void {
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#render.dispose();
    this.#light.put(null, false);
    for (const element of this.#shown.values()) element.remove();
    this.#shown.clear();
    this.#marks = [];
  }

  #remove(mark: Mark): void {
    this.#marks.splice(this.#marks.indexOf(mark), 1);
    mark.marker?.dispose();
  }

  /** Rows leave at the top: so do their marks, in blocks. */
  #forget(): void {
    let gone = 0;
    while (this.#marks[gone]?.marker?.isDisposed) gone++;
    if (gone > 256 || gone === this.#marks.length) this.#marks.splice(0, gone);
  }

  /** Index of the first mark at or below a row of the buffer. */
  #from(line: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      // A row that is gone has line -1: above everything.
      if ((this.#marks[middle]?.marker?.line ?? -1) < line) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#light.look();
    const top = this.#terminal.buffer.active.viewportY;
    this.#rowHeight ||= rowHeight(this.#terminal);
    const visible = new Set<Mark>();
    for (let i = this.#from(top); i < this.#marks.length; i++) {
      const mark = this.#marks[i];
      const row = (mark?.marker?.line ?? -1) - top;
      if (!mark || row >= this.#terminal.rows) break;
      if (row < 0) continue;
      visible.add(mark);
      this.#show(mark, row * this.#rowHeight);
    }
    for (const [mark, element] of this.#shown) {
      if (visible.has(mark)) continue;
      element.remove();
      this.#shown.delete(mark);
    }
  }

  #show(mark: Mark, top: number): void {
    let element = this.#shown.get(mark);
    if (!element) {
      element = document.createElement("div");
      element.append(document.createElement("span"), markSign(mark.kind));
      element.title = "Pick it out: its bytes, and its place in the ladder";
      element.addEventListener("click", () => this.#pick(mark));
      this.#column.append(element);
      this.#shown.set(mark, element);
    }
    const look = this.#isSelected(mark) ? `${markClass(mark)} mark-selected` : markClass(mark);
    const text = markText(mark);
    const label = element.firstElementChild;
    if (element.className !== look) element.className = look;
    if (label && label.textContent !== text) label.textContent = text;
    element.style.transform = `translateY(${top}px)`;
  }
}

/** Reads of one row are one thing to point at. */
export function join(mark: Mark, more: Mark): void {
  mark.bytes += more.bytes;
  const range = mark.about?.range;
  const next = more.about?.range;
  if (mark.about && range && next && range.end === next.start) {
    mark.about = { ...mark.about, range: { ...range, end: next.end } };
  }
}
