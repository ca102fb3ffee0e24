/** Names in the chat: what is left of what somebody typed, and whether two would look the same. */

const MAX_CHARACTERS = 20;

/**
 * Letters, marks, digits, pictures and a few signs: nothing invisible, nothing that changes direction,
 * and neither the colon after a name nor the star before a notice, so that no name can pose as a line.
 */
const NOT_IN_NAMES = /\p{Cn}|[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} ._'-]/gu;

/** @returns the name to be shown, or null when nothing of it is left that could be read. */
export function cleanName(text: string): string | null {
  // Compatibility forms (full width, ligatures) are what they look like; marks go to their letters.
  const plain = text.normalize("NFKC").replace(NOT_IN_NAMES, "").replace(/ +/g, " ").trim();
  const name = [...plain].slice(0, MAX_CHARACTERS).join("").trim();
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(name) ? name : null;
}

/** Two names that differ in capitals only are one. */
export const nameKey = (name: string): string => name.toLowerCase();
