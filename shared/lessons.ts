/** Names of the lesson servers, in the order in which they are offered. */

export const LESSON_NAMES = ["accept", "echo", "chat", "recv16", "silent", "slow", "rude"] as const;

export type LessonName = (typeof LESSON_NAMES)[number];

/** A lesson server's port is the first one's and its place in that order: `chat` is two after `accept`. */
export const lessonOffset = (name: LessonName): number => LESSON_NAMES.indexOf(name);
