/** A row that is kept hold of while others come, grow, open and are forgotten. */
import type { LadderRow, LadderView } from "../model/ladder-shapes.ts";

export interface Spot {
  key: number;
  /** Its first event, by which it is found again. */
  event: number;
  /** Where it was. */
  index: number;
}

export function spotOf(row: LadderRow, index: number): Spot {
  return { key: row.key, event: row.first, index };
}

/** Rows that may share an event: the parts of one call. */
const NEAR = 64;

/** Where the row is now; the row that took its place when it is gone; -1 when nothing is left of it. */
export function indexOf(ladder: LadderView, spot: Spot): number {
  if (ladder.row(spot.index)?.key === spot.key) return spot.index;
  const found = ladder.rowOfEvent(spot.event);
  if (found < 0) return -1;
  for (let i = found; i < found + NEAR; i++) if (ladder.row(i)?.key === spot.key) return i;
  return found;
}

/** Index of the row that shows what is picked out; -1 when none does. */
export function indexOfSelected(
  ladder: LadderView,
  selected: { event: number; range: Parameters<LadderView["rowOfRange"]>[0] | null } | null,
): number {
  if (!selected) return -1;
  if (selected.range) {
    const found = ladder.rowOfRange(selected.range);
    if (found >= 0) return found;
  }
  return ladder.rowOfEvent(selected.event);
}
