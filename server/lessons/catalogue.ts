/** The lesson servers there are: what each is called, what it teaches, and how it differs. */
import { accept } from "./accept.ts";
import type { Rules } from "./rules.ts";

export interface Lesson {
  /** As it is logged, and known to pages. */
  readonly name: "accept" | "recv16";
  /** One sentence for whoever chooses a server. */
  readonly about: string;
  /** Made for each server anew: what its clients share is theirs alone. */
  readonly rules: () => Rules;
}

/** In the order in which they are offered. */
export const LESSONS: readonly Lesson[] = [
  {
    name: "accept",
    about: "Answers accepted to everything, and closed to close.",
    rules: () => accept(),
  },
  {
    name: "recv16",
    about: "Reads at most 16 bytes at a time: a longer message arrives in pieces, each answered.",
    rules: () => accept(16),
  },
];
