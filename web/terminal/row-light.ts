/** The light under one line of the terminal: the one that is picked out. */
import type { IDecoration, IMarker, Terminal } from "@xterm/xterm";

export class RowLight {
  readonly #terminal: Terminal;
  #decoration: IDecoration | undefined;
  #marker: IMarker | null = null;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /**
   * Puts the light under the line that ends at `marker`; null takes it away.
   * @param bringIntoView scrolls there when the line is not on the screen.
   */
  put(marker: IMarker | null, bringIntoView: boolean): void {
    this.#decoration?.dispose();
    this.#marker?.dispose();
    this.#decoration = undefined;
    this.#marker = null;
    if (!marker || marker.isDisposed || !this.#terminal.element) return;
    const { active } = this.#terminal.buffer;
    const first = this.firstRow(marker.line);
    this.#marker = this.#terminal.registerMarker(first - active.baseY - active.cursorY);
    this.#decoration = this.#terminal.registerDecoration({
      marker: this.#marker,
      width: this.#terminal.cols,
      height: marker.line - first + 1,
      backgroundColor: getComputedStyle(document.documentElement).getPropertyValue("--bg2").trim(),
    });
    const shown = first >= active.viewportY && marker.line < active.viewportY + this.#terminal.rows;
    if (bringIntoView && !shown) {
      this.#terminal.scrollToLine(Math.max(0, first - Math.floor(this.#terminal.rows / 2)));
    }
  }

  /** The first row of the line that goes on, or ends, in `row`. */
  firstRow(row: number): number {
    let first = row;
    while (first > 0 && this.#terminal.buffer.active.getLine(first)?.isWrapped) first--;
    return first;
  }
}
