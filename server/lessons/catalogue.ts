/** The lesson servers there are: what each is called, what it teaches, and how it differs. */

export interface Lesson {
  /** As it is logged, and known to pages. */
  readonly name: "accept" | "recv16";
  /** One sentence for whoever chooses a server. */
  readonly about: string;
  /** The most one read takes, in bytes. */
  readonly readBytes: number;
}

/** In the order in which they are offered. */
export const LESSONS: readonly Lesson[] = [
  {
    name: "accept",
    about: "Answers accepted to everything, and closed to close.",
    readBytes: 1024,
  },
  {
    name: "recv16",
    about: "Reads at most 16 bytes at a time: a longer message arrives in pieces, each answered.",
    readBytes: 16,
  },
];
