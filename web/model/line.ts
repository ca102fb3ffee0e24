/** The line being typed: text, a cursor on grapheme borders, what was cut, and the lines before. */

export interface Line {
  readonly text: string;
  /** UTF-16 index, always on a border between graphemes. */
  readonly cursor: number;
  /** What Ctrl-K, U or W took last, for Ctrl-Y. */
  readonly cut: string;
}

export const emptyLine: Line = Object.freeze({ text: "", cursor: 0, cut: "" });

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
const words = new Intl.Segmenter("en", { granularity: "word" });

/** The first grapheme border at or after `index`. */
function borderFrom(text: string, index: number): number {
  if (index <= 0) return 0;
  if (index >= text.length) return text.length;
  const at = graphemes.segment(text).containing(index);
  return at === undefined || at.index === index ? index : at.index + at.segment.length;
}

/** The border after the grapheme that begins at `index`. */
export function nextBorder(text: string, index: number): number {
  const at = graphemes.segment(text).containing(index);
  return at === undefined ? text.length : at.index + at.segment.length;
}

/** The border before the grapheme that ends at `index`. */
export function previousBorder(text: string, index: number): number {
  return graphemes.segment(text).containing(index - 1)?.index ?? 0;
}

/** Where the word to the left of `index` begins, with the spaces after it. */
function wordStart(text: string, index: number): number {
  let start = 0;
  for (const word of words.segment(text.slice(0, index))) if (word.isWordLike) start = word.index;
  return borderFrom(text, start);
}

/** Where the word to the right of `index` ends, with the spaces before it. */
function wordEnd(text: string, index: number): number {
  for (const word of words.segment(text.slice(index))) {
    if (word.isWordLike) return borderFrom(text, index + word.index + word.segment.length);
  }
  return text.length;
}

/** Where the run of anything but spaces to the left of `index` begins: what Ctrl-W takes. */
function runStart(text: string, index: number): number {
  const left = text.slice(0, index);
  return borderFrom(text, left.replace(/\S*\s*$/u, "").length);
}

/** A line with everything between two borders taken out; the cursor is where it was. */
function without(line: Line, from: number, to: number): Line {
  const text = line.text.slice(0, from) + line.text.slice(to);
  return { ...line, text, cursor: borderFrom(text, from) };
}

function cutOut(line: Line, from: number, to: number): Line {
  if (from === to) return line;
  return { ...without(line, from, to), cut: line.text.slice(from, to) };
}

/** The line with `text` put in at the cursor; half surrogate pairs become U+FFFD. */
export function insert(line: Line, text: string): Line {
  const whole = text.replace(/\p{Surrogate}/gu, "\ufffd");
  const joined = line.text.slice(0, line.cursor) + whole + line.text.slice(line.cursor);
  return { ...line, text: joined, cursor: borderFrom(joined, line.cursor + whole.length) };
}

/** The line with other text, and the cursor at its end. */
export function replaced(line: Line, text: string): Line {
  return insert({ ...line, text: "", cursor: 0 }, text);
}

/** What a key does to the line; each returns a new line. */
export const edits = {
  left: (l) => ({ ...l, cursor: previousBorder(l.text, l.cursor) }),
  right: (l) => ({ ...l, cursor: nextBorder(l.text, l.cursor) }),
  home: (l) => ({ ...l, cursor: 0 }),
  end: (l) => ({ ...l, cursor: l.text.length }),
  wordLeft: (l) => ({ ...l, cursor: wordStart(l.text, l.cursor) }),
  wordRight: (l) => ({ ...l, cursor: wordEnd(l.text, l.cursor) }),
  backspace: (l) => without(l, previousBorder(l.text, l.cursor), l.cursor),
  delete: (l) => without(l, l.cursor, nextBorder(l.text, l.cursor)),
  cutToEnd: (l) => cutOut(l, l.cursor, l.text.length),
  cutToStart: (l) => cutOut(l, 0, l.cursor),
  cutRunBack: (l) => cutOut(l, runStart(l.text, l.cursor), l.cursor),
  cutWordBack: (l) => cutOut(l, wordStart(l.text, l.cursor), l.cursor),
  cutWordForward: (l) => cutOut(l, l.cursor, wordEnd(l.text, l.cursor)),
  yank: (l) => insert(l, l.cut),
} satisfies Record<string, (line: Line) => Line>;

export type Edit = keyof typeof edits;

/** Going through earlier lines; the line that was being typed is kept as the newest of them. */
export interface Browsing {
  /** Earlier lines, oldest first, and the draft last. */
  readonly lines: readonly string[];
  readonly at: number;
}

/**
 * One step through the history.
 * @param browsing null when the step is the first: `history` and the line typed become its lines.
 * @returns null where there is no line in that direction.
 */
export function browse(
  browsing: Browsing | null,
  step: -1 | 1,
  line: Line,
  history: readonly string[],
): { browsing: Browsing; line: Line } | null {
  const from = browsing ?? { lines: [...history, line.text], at: history.length };
  const at = from.at + step;
  const text = from.lines[at];
  if (text === undefined) return null;
  // A change made to an earlier line is kept while the browsing lasts, as readline does.
  const lines = from.lines.with(from.at, line.text);
  return { browsing: { lines, at }, line: replaced(line, text) };
}
