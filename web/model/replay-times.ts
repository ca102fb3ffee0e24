/** When each event of a recording is due in a replay, with long pauses shortened or as they were. */

/** A pause in a replay lasts at most this long while pauses are shortened, in seconds. */
export const LONGEST_PAUSE = 1;

/**
 * Seconds from the replay's start to each event; the first is at 0. Never goes back, whatever a file
 * says.
 */
export function dueTimes(events: readonly { at: number }[], shortened: boolean): Float64Array {
  const due = new Float64Array(events.length);
  let before = events[0]?.at ?? 0;
  let position = 0;
  for (const [index, { at }] of events.entries()) {
    const pause = Math.max(0, at - before);
    position += shortened ? Math.min(pause, LONGEST_PAUSE) : pause;
    due[index] = position;
    before = Math.max(before, at);
  }
  return due;
}

/** How many events are due at `position`: those at exactly that time are. */
export function dueAt(due: Float64Array, position: number): number {
  let low = 0;
  let high = due.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((due[middle] ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The same moment by other times: after the same event, and as far into the pause that follows it,
 * in proportion.
 * @param fed how many events have happened at `position`.
 */
export function sameMoment(
  position: number,
  fed: number,
  from: Float64Array,
  to: Float64Array,
): number {
  const start = from[fed - 1] ?? 0;
  const pause = (from[fed] ?? start) - start;
  const part = pause > 0 ? Math.min(1, Math.max(0, (position - start) / pause)) : 0;
  const newStart = to[fed - 1] ?? 0;
  return newStart + part * ((to[fed] ?? newStart) - newStart);
}
