/** Joining a class: the code as it is typed and shown, and what to say when somebody cannot come in. */
import type { JoinRefused } from "../../shared/classroom.ts";
import { spelledDuration } from "./class-words.ts";

/** Between two groups of a code, as it stands on the board: `7KQ 42M`. */
const GROUP = 3;
/** More than any code has; a pasted sentence is cut. */
const LONGEST_CODE = 12;

/** A code without what people put between its letters, in capitals. */
export function bareCode(text: string): string {
  return text
    .normalize("NFKC")
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "")
    .slice(0, LONGEST_CODE);
}

/** A code in groups, however it was typed. */
export function groupCode(text: string): string {
  return bareCode(text).replace(new RegExp(`(.{${GROUP}})(?=.)`, "g"), "$1 ");
}

/** Where the caret stands in the grouped code when `before` of its letters are before it. */
export function caretIn(grouped: string, before: number): number {
  let seen = 0;
  for (let at = 0; at < grouped.length; at++) {
    if (seen === before) return at;
    if (grouped[at] !== " ") seen++;
  }
  return grouped.length;
}

/** Why somebody did not come in: what the gateway says, or that it says nothing. */
export type NotJoined = JoinRefused | { problem: "unreachable" | "unexpected"; detail: string };

/** What is said of it, and at which field. `shut`: no other code or name would change it. */
export interface JoinWords {
  at: "code" | "name" | "class";
  shut: boolean;
  headline: string;
  text: string;
}

/** @param name of the class. */
export function joinWords(refused: NotJoined, name: string): JoinWords {
  const at = (field: JoinWords["at"], headline: string, text: string, shut = false): JoinWords => ({
    at: field,
    shut,
    headline,
    text,
  });
  switch (refused.problem) {
    case "wrong-code":
      return at(
        "code",
        "That is not the code of this class.",
        "Look at it again: there is no 0, O, 1, I or L in it.",
      );
    case "too-many-tries":
      return at("code", "Too many wrong codes.", "Everybody in this network has to wait a little.");
    case "bad-name":
      return at("name", "Nothing of this name can be shown.", "Use letters or digits.");
    case "name-taken":
      return at("name", "Somebody in the class has this name.", "Add something to it.");
    case "locked":
      return at(
        "class",
        `${name} is locked.`,
        "Nobody new can come in now. Ask your teacher to open it, then try again.",
        true,
      );
    case "full":
      return at(
        "class",
        `${name} is full.`,
        "Ask your teacher to make room, then try again.",
        true,
      );
    case "ended":
      return at(
        "class",
        `${name} is over.`,
        "Its code opens nothing any more. For the next class your teacher has a new one.",
        true,
      );
    case "unreachable":
      return at(
        "class",
        "The class cannot be reached.",
        "Check that this device is in the network of the class, then try again. What you typed is kept.",
      );
    case "unexpected":
      return at(
        "class",
        "That did not work.",
        `The gateway answered ${refused.detail}. Try again.`,
      );
  }
}

/** What joining means, said before anything is typed. `keeps` undefined: nobody said. */
export function keptWords(keeps: boolean | undefined, keepMs: number | null | undefined): string {
  if (keeps === undefined) return "";
  if (!keeps) return "Nothing of it is kept in files.";
  return keepMs
    ? `It is kept in files on the teacher's machine for ${spelledDuration(keepMs)}.`
    : "It is kept in files on the teacher's machine until the teacher deletes it.";
}
