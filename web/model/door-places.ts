/** The places at the door as they are drawn: the first visitors large at the right, free places small at the left. */
import type { Visitor } from "./carrier.ts";

export interface DoorPlaces {
  /** The first to be accepted, last in the array: the queue fills from the right. */
  large: readonly Visitor[];
  /** Those behind them, for whom there is only room to stand, the last to come first. */
  small: readonly Visitor[];
  /** Visitors beyond what can be drawn. */
  more: number;
  /** Numbers of the free places that are drawn, the farthest from the door first. */
  free: readonly number[];
  /** How many places are free in all. */
  freeTotal: number;
}

/**
 * @param room how many places can be drawn large, and how many small ones beside them.
 */
export function doorPlaces(
  backlog: number,
  waiting: readonly Visitor[],
  room: { large: number; small: number },
): DoorPlaces {
  const freeTotal = Math.max(0, backlog - waiting.length);
  const large = waiting.slice(0, room.large);
  const behind = waiting.slice(large.length);
  // Of many, the last small place says how many there are besides.
  const small = behind.slice(0, room.small);
  const left = Math.max(0, room.small - small.length);
  const drawn = Math.min(freeTotal, left);
  const first = waiting.length + 1;
  const free = Array.from({ length: drawn }, (_, i) => first + drawn - 1 - i);
  return {
    large: [...large].reverse(),
    small: [...small].reverse(),
    more: behind.length - small.length,
    free,
    freeTotal,
  };
}
