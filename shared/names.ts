/** Names of people: what is left of what somebody typed, and whether two would look the same. */

/**
 * Letters, marks, digits, pictures and a few signs: nothing invisible, nothing that changes direction,
 * and neither the colon after a name nor the star before a notice, so that no name can pose as a line.
 */
const NOT_IN_NAMES = /\p{Cn}|[^\p{L}\p{M}\p{N}\p{Extended_Pictographic} ._'-]/gu;
/** Marks that would hang on what stands before the name, and piles of them that cover other lines. */
const LOOSE_MARKS = /^[\p{M} ]+|(?<=\p{M}{3})\p{M}+/gu;

/**
 * @param maxCharacters what is longer is cut
 * @returns the name to be shown, or null when nothing of it is left that could be read.
 */
export function cleanName(text: string, maxCharacters: number): string | null {
  // Compatibility forms (full width, ligatures) are what they look like; marks go to their letters.
  const plain = text
    .normalize("NFKC")
    .replace(NOT_IN_NAMES, "")
    .replace(LOOSE_MARKS, "")
    .normalize("NFC")
    .replace(/ +/g, " ")
    .trim();
  const name = [...plain].slice(0, maxCharacters).join("").trim();
  return /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(name) ? name : null;
}

/**
 * Letters that look like a Latin one in small or in capitals (Unicode Technical Standard 39, confusables),
 * in small, because capitals are folded before.
 */
const CYRILLIC = ["авекмнорстухіјѕһԁԛԝ", "abekmhopctyxijshdqw"] as const;
const GREEK = ["αβεζηικμνορτυχ", "abezhikmnoptyx"] as const;
const OTHERS = ["01ıɑɡ", "oliag"] as const;
const LOOK_ALIKES = new Map(
  [CYRILLIC, GREEK, OTHERS].flatMap(([from, to]) =>
    [...from].map((letter, index): [string, string] => [letter, to[index] ?? letter]),
  ),
);

/** Two names with the same key are one: they differ in capitals or spaces only, or in letters that look alike. */
export function nameKey(name: string): string {
  // Capitals and back: ß and SS, and the two small sigmas, are told apart otherwise.
  const folded = name
    .normalize("NFKD")
    .toUpperCase()
    .toLowerCase()
    .replace(/ς/g, "σ")
    // An iota subscript is a letter of its own in capitals, and takes the accents that came after it.
    .replace(/([αηω]\p{M}*)ι(\p{M}+)/gu, "$1$2ι")
    .normalize("NFKD");
  return [...folded]
    .map((letter) => LOOK_ALIKES.get(letter) ?? letter)
    .join("")
    .replace(/ /g, "")
    .normalize("NFC");
}

/** A free name like one that is taken: `Trinity 2`. */
export function freeName(
  name: string,
  maxCharacters: number,
  isTaken: (key: string) => boolean,
): string {
  const base = name.replace(/ \d+$/, "");
  for (let number = 2; ; number++) {
    const ending = ` ${number}`;
    const room = maxCharacters - ending.length;
    const free = `${[...base].slice(0, room).join("").trim()}${ending}`;
    if (!isTaken(nameKey(free))) return free;
  }
}
