/** Sentences of our own break between words. */
import { expect, test } from "vitest";
import { breakWords } from "../../../web/terminal/words.ts";

test("a sentence breaks between words, and its colour takes no room", () => {
  const text = "\x1b[0;37mNothing was sent: a line";
  expect(breakWords(text, 12)).toBe("\x1b[0;37mNothing was\r\nsent: a line");
});

test("a word longer than the row is left to the terminal", () => {
  expect(breakWords("aaaaaaaa b", 4)).toBe("aaaaaaaa\r\nb");
});
