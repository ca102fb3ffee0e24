/** Numbers as the page says them: bytes, counts, times; and bytes as a short, safe excerpt. */
import { visibleText } from "./visible.ts";

const grouped = new Intl.NumberFormat("en", { useGrouping: true });
/** Bytes decoded for an excerpt; far more than fits a row. */
const EXCERPT_DECODED_BYTES = 160;

/** `40 B`, `1,204 B`, `1.5 MiB`: exact up to 99,999 bytes, three digits beyond. */
export function bytes(count: number): string {
  if (count < 100_000) return `${grouped.format(count)} B`;
  const units = ["KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = count / 1024;
  let unit = 0;
  // What would be rounded to four digits belongs to the next unit.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toPrecision(3)} ${units[unit]}`;
}

/** `1 send`, `3 sends`, `1,000 sends`. */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${grouped.format(amount)} ${amount === 1 ? one : many}`;
}

/** Seconds since the conversation began, to the millisecond: `11.870`. */
export function clock(seconds: number): string {
  return seconds.toFixed(3);
}

/** A short time measured: `0.2 ms`, `41 ms`, `3.2 s`, `1 min 12 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.01) return `${(seconds * 1000).toFixed(1)} ms`;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return longDuration(seconds);
}

/** The time at the end of a ladder, as narrow as its other times, which are seconds too: `41 ms`, `3.2 s`, `95 s`. */
export function elapsed(seconds: number): string {
  return seconds < 60 ? duration(seconds) : `${Math.floor(seconds)} s`;
}

/** A time that is still running, in whole seconds so that it does not flicker: `24 s`, `1 min 12 s`, `2 h 5 min`. */
export function longDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A round trip in milliseconds: `0.21 ms`, `4.1 ms`, `120 ms`. */
export function roundTrip(milliseconds: number): string {
  if (milliseconds < 1) return `${milliseconds.toFixed(2)} ms`;
  if (milliseconds < 100) return `${milliseconds.toFixed(1)} ms`;
  return `${Math.round(milliseconds)} ms`;
}

/** `once`, `twice`, `3 times`. */
export function times(amount: number): string {
  if (amount === 1) return "once";
  return amount === 2 ? "twice" : `${amount} times`;
}

/**
 * The beginning of a piece of bytes as text that cannot mislead: what is not printable shows as an
 * escape. A character that the excerpt itself cut is left off; one that the network cut shows as
 * the replacement character, because that is what these bytes alone say.
 * @param length bytes the piece really has; more than `piece.length` when only a part was kept.
 */
export function excerpt(piece: Uint8Array, length: number = piece.length): string {
  const cut = piece.length > EXCERPT_DECODED_BYTES || length > piece.length;
  const decoder = new TextDecoder();
  const text = decoder.decode(piece.subarray(0, EXCERPT_DECODED_BYTES), { stream: cut });
  return cut ? `${visibleText(text)}…` : visibleText(text);
}
