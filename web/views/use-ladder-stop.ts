/** The keyboard in the ladder: one stop of Tab, from which the arrow keys go on. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { LadderView } from "../model/ladder-shapes.ts";
import { indexOf, type Spot, spotOf } from "./ladder-spot.ts";

export interface LadderStop {
  index: number;
  onFocus(event: { target: Element }): void;
  onBlur(): void;
  /** @returns false for a key that does not move. */
  move(key: string, page: number): boolean;
}

/** The list's one stop of Tab: the row that had the focus last, else the newest. */
export function useLadderStop(
  ladder: LadderView,
  scroller: { current: HTMLElement | null },
  reveal: (index: number) => void,
): LadderStop {
  const [spot, setSpot] = useState<Spot | null>(null);
  const moved = useRef(false);
  const holds = useRef(false);
  const kept = spot ? indexOf(ladder, spot) : -1;
  const index = kept >= 0 ? kept : ladder.length - 1;
  const to = useCallback(
    (next: number) => {
      const row = ladder.row(next);
      if (row) setSpot(spotOf(row, next));
    },
    [ladder],
  );
  const focus = useCallback(
    (at: number) => {
      const item = scroller.current?.querySelector<HTMLElement>(`[data-index="${at}"]`);
      item?.focus({ preventScroll: true });
    },
    [scroller],
  );
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    reveal(index);
    focus(index);
  }, [index, reveal, focus]);
  // After each rendering: a row that went into another, or was forgotten, leaves the focus to that one.
  useLayoutEffect(() => {
    if (holds.current && document.activeElement === document.body) focus(index);
  });
  return {
    index,
    // Not called where the row itself goes.
    onBlur: () => {
      holds.current = false;
    },
    onFocus: ({ target }) => {
      holds.current = true;
      const focused = target.closest<HTMLElement>("[data-index]")?.dataset.index;
      if (focused !== undefined) to(Number(focused));
    },
    move: (key, page) => {
      const next = target(key, index, page, ladder.length);
      if (next === null) return false;
      moved.current = next !== index;
      to(next);
      return true;
    },
  };
}

function target(key: string, index: number, page: number, length: number): number | null {
  const clamp = (wanted: number) => Math.min(length - 1, Math.max(0, wanted));
  switch (key) {
    case "ArrowDown":
      return clamp(index + 1);
    case "ArrowUp":
      return clamp(index - 1);
    case "PageDown":
      return clamp(index + page);
    case "PageUp":
      return clamp(index - page);
    case "Home":
      return 0;
    case "End":
      return length - 1;
    default:
      return null;
  }
}
