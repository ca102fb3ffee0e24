/** The join code of a class and the secrets of its links: made, shown, compared. */
import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";
import { CODE_ALPHABET, spokenCode } from "../../shared/codes.ts";

/** 30 bits. Whoever guesses is slowed down (guesses.ts), and what is won is a seat, not the class. */
const CODE_CHARACTERS = 6;
const SECRET_BYTES = 32;

const digest = (text: string) => createHash("sha256").update(text).digest();

export function makeJoinCode(): string {
  return Array.from(
    { length: CODE_CHARACTERS },
    () => CODE_ALPHABET[randomInt(CODE_ALPHABET.length)],
  ).join("");
}

/** As it is written on a board: `7KQ 42M`. */
export const onBoard = (code: string): string =>
  `${code.slice(0, CODE_CHARACTERS / 2)} ${code.slice(CODE_CHARACTERS / 2)}`;

/** 256 random bits. */
export const makeSecret = (): string => randomBytes(SECRET_BYTES).toString("base64url");

/** Takes the same time for every wrong text: digests are compared whole. */
export const isSameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** Whether somebody typed this code, in any case, with any spaces and hyphens. */
export const isSameCode = (typed: string, code: string): boolean =>
  isSameText(spokenCode(typed), spokenCode(code));
