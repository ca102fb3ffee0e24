/** How far a file has got, how fast it goes, and how long it will take. */
import { bytes, count, longDuration } from "./format.ts";

/** The speed is that of the last seconds, in milliseconds. */
const SPAN_MS = 3_000;
/** Before so much time the speed would be a guess. */
const SHORTEST_MS = 300;
/** Looked at no more often than this. */
const STEP_MS = 50;

/** Speed over the last few seconds. */
export class Pace {
  #marks: { at: number; done: number }[] = [];

  /** @param at milliseconds of any steady clock. */
  add(at: number, done: number): void {
    const last = this.#marks.at(-1);
    if (last && at - last.at < STEP_MS) return;
    this.#marks.push({ at, done });
    while ((this.#marks[1]?.at ?? at) <= at - SPAN_MS) this.#marks.shift();
  }

  /** Bytes a second; null while too little has been seen. */
  get rate(): number | null {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    if (!first || !last || last.at - first.at < SHORTEST_MS) return null;
    return ((last.done - first.done) * 1000) / (last.at - first.at);
  }
}

export interface Progress {
  done: number;
  /** Null: nobody knows how many will come. */
  total: number | null;
  /** Bytes a second. */
  rate: number | null;
}

/** `64.0 MiB of 256 MiB, 25 %`, `31.2 MiB/s`, `6 s left`; what is not known is left out. */
export function progressWords({ done, total, rate }: Progress): string[] {
  const words = [soFar(done, total)];
  if (rate !== null) words.push(`${bytes(Math.round(rate))}/s`);
  if (rate !== null && rate > 0 && total !== null && done < total) {
    words.push(`${longDuration(Math.ceil((total - done) / rate))} left`);
  }
  return words;
}

function soFar(done: number, total: number | null): string {
  if (total === null) return bytes(done);
  if (done > total) return `${bytes(done)}, ${bytes(total)} were expected`;
  const percent = total > 0 ? `, ${Math.floor((done * 100) / total)} %` : "";
  return `${bytes(done)} of ${bytes(total)}${percent}`;
}

/** How sending a file ended; `taken` and `total` in bytes. */
export type SendEnd = "whole" | "stopped" | "ended" | "unreadable";

/** The sentence the terminal says at the end of a file that was sent. */
export function sentWords(how: SendEnd, name: string, taken: number, total: number): string {
  const part = `${grouped.format(taken)} of ${exact(total)}`;
  switch (how) {
    case "whole":
      return `Sent all of ${name}: ${exact(total)}.`;
    case "stopped":
      return `Stopped: ${part} of ${name} were sent. They stay sent.`;
    case "ended":
      return `The connection ended in the middle of ${name}: the kernel took ${part}.`;
    case "unreadable":
      return `${name} cannot be read any further, or was changed meanwhile: ${part} were sent.`;
  }
}

export type SaveEnd = "whole" | "closed" | "reset" | "stopped" | "unwritable";

/** The sentence at the end of what was saved. */
export function savedWords(how: SaveEnd, name: string, saved: number): string {
  switch (how) {
    case "whole":
      return `The other end has ended: ${name} has all ${exact(saved)} that came.`;
    case "closed":
      return `The connection is closed: ${name} has the ${exact(saved)} that came.`;
    case "reset":
      return `The connection broke off: ${name} has the ${exact(saved)} that came before.`;
    case "stopped":
      return `Stopped saving: ${name} has ${exact(saved)}. What comes now is shown here again.`;
    case "unwritable":
      return `${name} cannot be written any further: it has ${exact(saved)} at most.`;
  }
}

const grouped = new Intl.NumberFormat("en");
const exact = (amount: number) => count(amount, "byte");
