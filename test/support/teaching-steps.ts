/** docs/teaching.md as a test reads it: its lessons, and every sentence of their numbered steps. */

/** Whose page it happens in, and what is done or looked for there. */
export type Step = { tab: 1 | 2 } & (
  | { do: "open" }
  | { do: "press"; button: string }
  | { do: "key"; key: string }
  | { do: "choose"; server: string }
  | { do: "type"; line: string }
  | { do: "switch off"; choice: string }
  | { see: "terminal" | "explained"; text: string }
  | { see: "ladder"; text: string; times: number | null }
  | { see: "cell"; name: string; text: string }
);

type What = Step extends infer S ? (S extends Step ? Omit<S, "tab"> : never) : never;

export interface Lesson {
  name: string;
  steps: Step[];
}

/** The forms a sentence may have; sticky, so that each begins where the one before has ended. */
const FORMS: readonly [form: RegExp, read: (...parts: string[]) => What][] = [
  [/open the page/iy, () => ({ do: "open" })],
  [/press \*\*(.+?)\*\*/iy, (button = "") => ({ do: "press", button })],
  [/press (Ctrl-[A-Z])/iy, (key = "") => ({ do: "key", key })],
  [
    /choose \*\*(\w+)\*\* in the menu beside the address/iy,
    (server = "") => ({ do: "choose", server }),
  ],
  [/type `([^`]+)` and press Enter/iy, (line = "") => ({ do: "type", line })],
  [
    /open \*\*Settings\*\* and switch off \*\*(.+?)\*\*/iy,
    (choice = "") => ({ do: "switch off", choice }),
  ],
  [/the terminal shows `([^`]+)`/iy, (text = "") => ({ see: "terminal", text })],
  [/the page explains `([^`]+)`/iy, (text = "") => ({ see: "explained", text })],
  [
    /the ladder shows `([^`]+)`(?: (\d+) times)?/iy,
    (text = "", times) => ({ see: "ladder", text, times: times ? Number(times) : null }),
  ],
  [/\*\*(Out|In)\*\* is `([^`]+)`/iy, (name = "", text = "") => ({ see: "cell", name, text })],
  [/your socket is `([^`]+)`/iy, (text = "") => ({ see: "cell", name: "Your socket", text })],
  [
    /the server's socket (?:is|has) `([^`]+)`/iy,
    (text = "") => ({ see: "cell", name: "Server socket", text }),
  ],
];

/** Says in which tab all that follows happens; before the first of them it is the first. */
const TAB = /in (?:the|a) (first|second) tab, /iy;
/** A sentence that ends with what is shown needs no full stop of its own. */
const BETWEEN = /\.?\s*/y;

/**
 * Every second-level heading with its steps.
 * @throws {Error} for a sentence that has none of the forms.
 */
export function readLessons(markdown: string): Lesson[] {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [name = "", ...rest] = section.split("\n");
      return { name, steps: readSteps(rest.join("\n")) };
    });
}

/** The steps of one section. */
export function readSteps(section: string): Step[] {
  // A step may go on in lines that are indented as its first one is.
  const items = [...section.matchAll(/^\d+\. (.*(?:\n {3}\S.*)*)/gm)].map(([, text = ""]) => text);
  const steps: Step[] = [];
  let tab: 1 | 2 = 1;
  for (const item of items) {
    const text = item.replace(/\s+/g, " ");
    let at = 0;
    while (at < text.length) {
      const here = matchAt(TAB, text, at);
      if (here) {
        tab = here[1]?.toLowerCase() === "second" ? 2 : 1;
        at += here[0].length;
      }
      const { what, length } = sentenceAt(text, at);
      steps.push({ tab, ...what } as Step);
      at += length;
    }
  }
  return steps;
}

function sentenceAt(text: string, at: number): { what: What; length: number } {
  for (const [form, read] of FORMS) {
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
