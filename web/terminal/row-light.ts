/** The light under one line of the terminal: the one that is picked out. */
import type { IDecoration, IMarker, Terminal } from "@xterm/xterm";

export class RowLight {
  readonly #terminal: Terminal;
  /** The end of the line that is lit. */
  #line: IMarker | null = null;
  #decorations: (IDecoration | undefined)[] = [];
  #marker: IMarker | null = null;
  #tail: IMarker | null = null;
  /** The line was in sight when the screen was last drawn, or was to be. */
  #inSight = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /**
   * Puts the light under the line that ends at `marker`; null takes it away.
   * @param bringIntoView scrolls there when the line is not on the screen.
   */
  put(marker: IMarker | null, bringIntoView: boolean): void {
    for (const decoration of this.#decorations) decoration?.dispose();
    this.#marker?.dispose();
    this.#tail?.dispose();
    this.#decorations = [];
    this.#marker = null;
    this.#line = marker;
    if (!marker || marker.isDisposed || !this.#terminal.element) return;
    const { active } = this.#terminal.buffer;
    const first = this.#firstRow(marker.line);
    const cursor = active.baseY + active.cursorY;
    this.#marker = this.#terminal.registerMarker(first - cursor);
    this.#tail = this.#terminal.registerMarker(marker.line - cursor);
    this.#decorations = [this.#text(this.#marker, marker.line - first + 1), this.#rest(this.#tail)];
    const shown = this.#isShown(first, marker.line);
    this.#inSight = shown || bringIntoView;
    if (bringIntoView && !shown) {
      this.#terminal.scrollToLine(Math.max(0, first - Math.floor(this.#terminal.rows / 2)));
    }
  }

  /** The screen is drawn: somebody may have scrolled, or new lines have come. */
  look(): void {
    const line = this.#line;
    if (line && !line.isDisposed) this.#inSight = this.#isShown(line.line, line.line);
  }

  /**
   * The colours are others now, or the rows are: what is lit shall not be pushed out of sight by that.
   * What was out of sight stays there: a phone's keyboard must not take the line being typed away.
   */
  again(): void {
    this.put(this.#line, this.#inSight);
  }

  #isShown(first: number, last: number): boolean {
    const { viewportY } = this.#terminal.buffer.active;
    return first >= viewportY && last < viewportY + this.#terminal.rows;
  }

  /** Under the characters themselves. */
  #text(marker: IMarker, height: number): IDecoration | undefined {
    const bg2 = getComputedStyle(document.documentElement).getPropertyValue("--bg2").trim();
    const { cols: width } = this.#terminal;
    return this.#terminal.registerDecoration({ marker, width, height, backgroundColor: bg2 });
  }

  /** xterm colours no cell behind the last character: from there on an element does. */
  #rest(marker: IMarker): IDecoration | undefined {
    const line = this.#terminal.buffer.active.getLine(marker.line);
    let x = this.#terminal.cols;
    while (x > 0 && !line?.getCell(x - 1)?.getChars()) x--;
    const width = this.#terminal.cols - x;
    if (width === 0) return undefined;
    const rest = this.#terminal.registerDecoration({ marker, x, width });
    rest?.onRender((element) => element.classList.add("row-light"));
    return rest;
  }

  /** The first row of the line that goes on, or ends, in `row`. */
  #firstRow(row: number): number {
    let first = row;
    while (first > 0 && this.#terminal.buffer.active.getLine(first)?.isWrapped) first--;
    return first;
  }
}
