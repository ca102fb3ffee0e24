/** Numbered steps of a document, read sentence by sentence: where each happens, and what it asks for. */

/** What a sentence may say; sticky, so that each begins where the one before has ended. */
export type Form<What> = readonly [form: RegExp, read: (...parts: string[]) => What];

export interface Grammar<What, Place> {
  forms: readonly Form<What>[];
  /** Says where all that follows happens. */
  place: RegExp;
  placeOf(...parts: string[]): Place;
  /** Where it happens before that was said. */
  first: Place;
}

export interface Sentence<What, Place> {
  place: Place;
  what: What;
}

/** A sentence that ends with what is shown needs no full stop of its own. */
const BETWEEN = /\.?\s*/y;

/**
 * Every sentence of every numbered step of a section.
 * @throws {Error} for a sentence that has none of the forms.
 */
export function readSentences<What, Place>(
  section: string,
  grammar: Grammar<What, Place>,
): Sentence<What, Place>[] {
  // A step may go on in lines that are indented as its first one is.
  const items = [...section.matchAll(/^\d+\. (.*(?:\n {3}\S.*)*)/gm)].map(([, text = ""]) => text);
  const sentences: Sentence<What, Place>[] = [];
  let place = grammar.first;
  for (const item of items) {
    const text = item.replace(/\s+/g, " ");
    let at = 0;
    while (at < text.length) {
      const here = matchAt(grammar.place, text, at);
      if (here) {
        place = grammar.placeOf(...here.slice(1));
        at += here[0].length;
      }
      const { what, length } = sentenceAt(text, at, grammar.forms);
      sentences.push({ place, what });
      at += length;
    }
  }
  return sentences;
}

/** The part of a document below a heading of the first level, up to the next. */
export function chapter(markdown: string, heading: string): string {
  const [, rest] = `\n${markdown}`.split(`\n# ${heading}\n`);
  if (rest === undefined) throw new Error(`there is no chapter ${heading}`);
  return rest.split(/^# /m, 1)[0] ?? "";
}

/** Every second-level heading of a chapter, with the text below it. */
export function sections(text: string): { name: string; text: string }[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [name = "", ...rest] = section.split("\n");
      return { name, text: rest.join("\n") };
    });
}

function sentenceAt<What>(
  text: string,
  at: number,
  forms: readonly Form<What>[],
): { what: What; length: number } {
  for (const [form, read] of forms) {
    const match = matchAt(form, text, at);
    if (!match) continue;
    const end = at + match[0].length;
    const between = matchAt(BETWEEN, text, end)?.[0] ?? "";
    if (between === "" && end < text.length) continue;
    return { what: read(...match.slice(1)), length: match[0].length + between.length };
  }
  throw new Error(`no step has this form: ${text.slice(at)}`);
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}
