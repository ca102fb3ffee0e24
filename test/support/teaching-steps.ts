/** The lessons of docs/teaching.md as a test reads them: every sentence of their numbered steps. */
import { chapter, type Form, type Grammar, readSentences, sections } from "./step-sentences.ts";

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

/** The forms a sentence may have. */
const FORMS: readonly Form<What>[] = [
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

/** In which tab it happens; before one was named it is the first. */
const grammar: Grammar<What, 1 | 2> = {
  forms: FORMS,
  place: /in (?:the|a) (first|second) tab, /iy,
  placeOf: (tab) => (tab?.toLowerCase() === "second" ? 2 : 1),
  first: 1,
};

/**
 * Every lesson of the first chapter with its steps.
 * @throws {Error} for a sentence that has none of the forms.
 */
export function readLessons(markdown: string): Lesson[] {
  const lessons = sections(chapter(markdown, "Teaching with the lesson servers"));
  return lessons.map(({ name, text }) => ({ name, steps: readSteps(text) }));
}

/** The steps of one section. */
export function readSteps(section: string): Step[] {
  return readSentences(section, grammar).map(
    ({ place, what }) => ({ tab: place, ...what }) as Step,
  );
}
