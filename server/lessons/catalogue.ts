/** The lesson servers there are: what each teaches, and by which rules it meets its clients. */
import { LESSON_NAMES, type LessonName } from "../../shared/lessons.ts";
import { accept } from "./accept.ts";
import { chat } from "./chat/chat.ts";
import type { People } from "./chat/people.ts";
import { echo } from "./echo.ts";
import { rude } from "./rude.ts";
import type { Rules } from "./rules.ts";
import { silent } from "./silent.ts";
import { slow } from "./slow.ts";

/** What lessons may know of the world around them. */
export interface LessonContext {
  readonly people: People;
}

export interface Lesson {
  /** As it is logged, and known to pages. */
  readonly name: LessonName;
  /** One sentence for whoever chooses a server. */
  readonly about: string;
  /** Made for each server anew: what its clients share is theirs alone. */
  readonly rules: (context: LessonContext) => Rules;
}

const CATALOGUE: Record<LessonName, Omit<Lesson, "name">> = {
  accept: {
    about: "Answers accepted to everything, and closed to close.",
    rules: () => accept(),
  },
  echo: {
    about: "Sends back every byte it reads.",
    rules: echo,
  },
  chat: {
    about: "Asks your name, then passes on what you say to everybody else who is here.",
    rules: ({ people }) => chat({ people }),
  },
  recv16: {
    about: "Reads at most 16 bytes at a time: a longer message arrives in pieces, each answered.",
    rules: () => accept(16),
  },
  silent: {
    about: "Accepts, and then never reads a byte of what you send.",
    rules: () => silent(),
  },
  slow: {
    about: "Answers as accept does, a byte at a time, with a pause after each.",
    rules: () => slow(),
  },
  rude: {
    about: "Answers once, and breaks off its second answer in the middle with a reset.",
    rules: () => rude(),
  },
};

/** In the order in which they are offered. */
export const LESSONS: readonly Lesson[] = LESSON_NAMES.map((name) => ({
  name,
  ...CATALOGUE[name],
}));
