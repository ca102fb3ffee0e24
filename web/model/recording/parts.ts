/** Files in portions that are neither so many that they cost, nor so large that the page waits. */

/** Characters gathered before they are handed on. */
const PORTION = 64 * 1024;

/** The same text in fewer, larger pieces. */
export function* portions(texts: Iterable<string>): Iterable<string> {
  let portion = "";
  for (const text of texts) {
    portion += text;
    if (portion.length < PORTION) continue;
    yield portion;
    portion = "";
  }
  if (portion !== "") yield portion;
}
