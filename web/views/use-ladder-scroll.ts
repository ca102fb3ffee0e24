/** Which rows are in sight, following the newest until the reader scrolls, and nothing jumps meanwhile. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { LadderView } from "../model/ladder-shapes.ts";
import { indexOf, type Spot, spotOf } from "./ladder-spot.ts";
import type { Box } from "./use-ladder-box.ts";

/** As near to the end as this still counts as at the end; pixels. */
const AT_END_PX = 24;
/** Units made beyond those that are seen, and how far scrolling goes before others are made. */
const OVERSCAN = 400;
const STEP = 200;

export interface Sight {
  /** Index of the first row to make, and of the last. */
  from: number;
  to: number;
  following: boolean;
  /** Back to the newest. */
  follow(): void;
  onScroll(): void;
  /** Scrolls as little as needed for a row to be whole in sight; a far one comes to the middle. */
  reveal(index: number): void;
}

/** A row, and how far below the top of what is seen it stands; units. */
interface Anchor {
  spot: Spot;
  offset: number;
}

export function useLadderScroll(
  scroller: RefObject<HTMLElement | null>,
  ladder: LadderView,
  box: Box | null,
): Sight {
  const [following, setFollowing] = useState(true);
  /** Where rows are made around. */
  const [around, setAround] = useState<Anchor | null>(null);
  /** What stays where it is on the screen. */
  const held = useRef<Anchor | null>(null);
  const scale = box?.scale ?? 1;
  const height = box?.height ?? 0;

  const hold = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const anchor = anchorAt(ladder, element.scrollTop / scale);
    held.current = anchor;
    setAround((before) => (isNear(ladder, before, anchor) ? before : anchor));
  }, [scroller, ladder, scale]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element || element.clientHeight === 0) return;
    setFollowing(element.scrollHeight - element.scrollTop - element.clientHeight <= AT_END_PX);
    hold();
  }, [scroller, hold]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation begins at its end.
  useEffect(() => setFollowing(true), [ladder]);

  // After each rendering: anything may have changed the heights above.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    if (following) element.scrollTop = element.scrollHeight;
    else if (held.current) {
      const top = topOf(ladder, held.current);
      if (top !== null && Math.abs(top * scale - element.scrollTop) > 1) {
        element.scrollTop = top * scale;
      }
    }
  });

  const reveal = useCallback(
    (index: number) => {
      const element = scroller.current;
      const row = ladder.row(index);
      if (!element || !row) return;
      const top = scrollFor(row.top, row.height, element.scrollTop / scale, height);
      if (top === null) return;
      setFollowing(false);
      element.scrollTop = top * scale;
      onScroll();
    },
    [scroller, ladder, scale, height, onScroll],
  );

  const end = Math.max(0, ladder.height - height);
  const top = following ? end : ((around && topOf(ladder, around)) ?? end);
  return {
    from: Math.max(0, ladder.rowAt(top - OVERSCAN)),
    to: ladder.rowAt(top + height + OVERSCAN),
    following,
    follow: () => setFollowing(true),
    onScroll,
    reveal,
  };
}

function anchorAt(ladder: LadderView, top: number): Anchor | null {
  const index = ladder.rowAt(top);
  const row = ladder.row(index);
  return row ? { spot: spotOf(row, index), offset: row.top - top } : null;
}

/** Where what is seen begins when the anchor's row stands where it stood; null without the row. */
function topOf(ladder: LadderView, anchor: Anchor): number | null {
  const row = ladder.row(indexOf(ladder, anchor.spot));
  return row ? Math.max(0, row.top - anchor.offset) : null;
}

function isNear(ladder: LadderView, before: Anchor | null, now: Anchor | null): boolean {
  if (!before || !now) return before === now;
  const [a, b] = [topOf(ladder, before), topOf(ladder, now)];
  return a !== null && b !== null && Math.abs(a - b) < STEP;
}

/** Room left free beside a row that is scrolled to. */
const MARGIN = 12;

/** Where to scroll to; null when the row is in sight. */
function scrollFor(top: number, rowHeight: number, seen: number, height: number): number | null {
  const bottom = top + rowHeight;
  if (top >= seen && bottom <= seen + height) return null;
  // Higher than the room: its beginning.
  if (rowHeight > height - 2 * MARGIN) return top - MARGIN;
  if (top < seen && seen - top < height / 2) return top - MARGIN;
  if (bottom > seen + height && bottom - seen - height < height / 2)
    return bottom - height + MARGIN;
  return top - (height - rowHeight) / 2;
}
