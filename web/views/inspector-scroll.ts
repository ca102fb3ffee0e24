/** Scrolls rows inside an element that may be far less high than they are, and steps through them by key. */
import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { ByteRows, RowHeights } from "../model/bytes-rows.ts";
import { ScrollMap } from "../model/bytes-scroll.ts";

/** After so many milliseconds without scrolling the scroll bar is put where the rows are. */
const AT_REST_MS = 150;

export interface Scrolling {
  /** Pixels from the top of the first row to what is seen. */
  position: number;
  /** Height of the element that is scrolled. */
  elementHeight: number;
  onScroll(): void;
  onKeyDown(event: KeyboardEvent): void;
  /** Scrolls as little as needed to show a row whole. */
  reveal(index: number): void;
}

export function useScrolling(
  scroller: RefObject<HTMLElement | null>,
  rows: ByteRows,
  heights: RowHeights,
  viewport: number,
): Scrolling {
  const map = new ScrollMap(rows.height(heights), viewport);
  const [kept, setKept] = useState(0);
  const position = map.clamp(kept);
  /** Where the element was when it was last looked at. */
  const known = useRef(0);
  const rest = useRef<ReturnType<typeof setTimeout>>(undefined);

  /** Puts the scroll bar where the rows are. */
  const place = (to: number) => {
    const element = scroller.current;
    if (!element) return;
    element.scrollTop = map.scrollTop(to);
    known.current = element.scrollTop;
  };
  const go = (to: number) => {
    const clamped = map.clamp(to);
    setKept(clamped);
    place(clamped);
  };
  const settle = useRef(() => {});
  useLayoutEffect(() => {
    settle.current = () => place(position);
  });
  useEffect(() => () => clearTimeout(rest.current), []);
  useLayoutEffect(() => {
    // Other rows, or rows of another height: the bar follows them.
    if (map.height > 0 && map.viewport > 0) settle.current();
  }, [map.height, map.viewport]);

  const onScroll = () => {
    const top = scroller.current?.scrollTop ?? 0;
    if (Math.abs(top - known.current) < 0.5) return;
    setKept(map.moved(position, known.current, top));
    known.current = top;
    if (!map.isScaled) return;
    clearTimeout(rest.current);
    rest.current = setTimeout(() => settle.current(), AT_REST_MS);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const first = rows.rowAt(position, heights);
    const isCut = position > rows.top(first, heights);
    const page = Math.max(1, Math.floor(viewport / heights.row) - 1);
    const target = stepTo(event.key, first, isCut ? first + 1 : first, page);
    if (target === null) return;
    event.preventDefault();
    if (target >= rows.count) go(map.end);
    else go(rows.top(Math.max(0, target), heights));
  };
  const reveal = (index: number) => {
    const top = rows.top(index, heights);
    const isSeen = top >= position && top + heights.row <= position + viewport;
    if (!isSeen) go(top - Math.max(0, (viewport - heights.row) / 3));
  };
  return { position, elementHeight: map.elementHeight, onScroll, onKeyDown, reveal };
}

/**
 * The row that a key goes to; null when it is no such key.
 * @param first the first row that is seen @param whole the first that is seen whole
 */
function stepTo(key: string, first: number, whole: number, page: number): number | null {
  switch (key) {
    case "ArrowUp":
      return whole - 1;
    case "ArrowDown":
      return first + 1;
    case "PageUp":
      return whole - page;
    case "PageDown":
      return first + page;
    case "Home":
      return 0;
    case "End":
      return Number.POSITIVE_INFINITY;
    default:
      return null;
  }
}
