/** Characters that nobody sees and that change what is seen around them, for logs and for messages. */

/** DEL and C1 (a terminal takes U+009B as CSI), format (bidi, zero width, tags), line and paragraph separators. */
const INVISIBLE = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * The same text with such characters written as in JSON (`\u202e`, and two of these beyond U+FFFF).
 * @param json made by JSON.stringify, which has escaped C0 and lone surrogates
 */
export function escapeInvisible(json: string): string {
  return json.replace(INVISIBLE, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
