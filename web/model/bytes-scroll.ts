/**
 * Scrolling through more than a browser can scroll: elements end at 16 to 33 million pixels, and a
 * large conversation needs hundreds of millions. The element is as high as is safe; a small movement
 * moves the rows by as many pixels, and a large one, as with the scroll bar, by its share of the whole.
 */

/** Below the limit of every browser: Firefox cuts at 17.8 million, Chromium and Safari at 33. */
export const MOST_SCROLL_PX = 8_000_000;

export class ScrollMap {
  readonly viewport: number;
  readonly height: number;

  /** @param height of all rows in pixels @param viewport what is seen of them at once */
  constructor(height: number, viewport: number) {
    this.height = height;
    this.viewport = viewport;
  }

  /** Height of the element that is scrolled. */
  get elementHeight(): number {
    return Math.min(this.height, MOST_SCROLL_PX);
  }
  get isScaled(): boolean {
    return this.height > MOST_SCROLL_PX;
  }
  /** The last position. */
  get end(): number {
    return Math.max(0, this.height - this.viewport);
  }

  clamp(position: number): number {
    return Math.min(this.end, Math.max(0, position));
  }

  /** Where the scroll bar stands for a position. */
  scrollTop(position: number): number {
    const elementEnd = Math.max(0, this.elementHeight - this.viewport);
    return this.isScaled ? (position / this.end) * elementEnd : position;
  }

  /** The position after the browser has scrolled from one place to another. */
  moved(position: number, from: number, to: number): number {
    const elementEnd = Math.max(0, this.elementHeight - this.viewport);
    if (!this.isScaled) return this.clamp(to);
    if (to <= 0) return 0;
    if (to >= elementEnd - 1) return this.end;
    if (Math.abs(to - from) <= this.viewport) return this.clamp(position + to - from);
    return this.clamp((to / elementEnd) * this.end);
  }
}
