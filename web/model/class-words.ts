/** Words that several parts of a class use. */
import { count } from "./format.ts";

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** A duration in the largest unit that it fills: `30 days`, `90 minutes`. @param ms more than 0. */
export function spelledDuration(ms: number): string {
  const fits = units.find(([, unit]) => ms >= unit && ms % unit === 0);
  const [name, unit] = fits ?? units[units.length - 1] ?? ["second", 1000];
  return count(Math.max(1, Math.ceil(ms / unit)), name);
}
