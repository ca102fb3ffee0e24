/** The lesson of 45 minutes in docs/teaching.md as a test reads it: its parts, and every sentence of their steps. */
import { chapter, type Form, type Grammar, readSentences, sections } from "./step-sentences.ts";

/** Whose page it happens on: `teacher`, `screen` (the second one), or a student's name. */
export type PlanStep = { page: string } & PlanWhat;

export type PlanWhat =
  | { do: "open"; what: "page" | "teacher's link" }
  | { do: "open the link at"; field: string }
  | { do: "type the code" }
  | { do: "write"; text: string; field: string }
  | { do: "press"; button: string }
  | { do: "click the terminal" }
  | { do: "key"; key: string }
  | { do: "choose"; student: string }
  | { do: "type"; line: string }
  | { see: "page" | "terminal" | "explained" | "ladder" | "large" | "door"; text: string }
  | { see: "cell"; name: string; text: string }
  | { see: "row"; name: string; text: string };

export interface PlanPart {
  /** `0–5: Everybody joins` */
  name: string;
  steps: PlanStep[];
}

const FORMS: readonly Form<PlanWhat>[] = [
  [/open the (page|teacher's link)/iy, (what) => ({ do: "open", what }) as PlanWhat],
  [/open the link at \*\*(.+?)\*\*/iy, (field = "") => ({ do: "open the link at", field })],
  [/type the code/iy, () => ({ do: "type the code" })],
  [/write `([^`]+)` at \*\*(.+?)\*\*/iy, (text = "", field = "") => ({ do: "write", text, field })],
  [/press \*\*(.+?)\*\*/iy, (button = "") => ({ do: "press", button })],
  [/press (Ctrl-[A-Z])/iy, (key = "") => ({ do: "key", key })],
  [/click the terminal/iy, () => ({ do: "click the terminal" })],
  [/choose \*\*(.+?)\*\* on the wall/iy, (student = "") => ({ do: "choose", student })],
  [/type `([^`]+)` and press Enter/iy, (line = "") => ({ do: "type", line })],
  [/the page says `([^`]+)`/iy, (text = "") => ({ see: "page", text })],
  [/the terminal shows `([^`]+)`/iy, (text = "") => ({ see: "terminal", text })],
  [/the page explains `([^`]+)`/iy, (text = "") => ({ see: "explained", text })],
  [/the ladder shows `([^`]+)`/iy, (text = "") => ({ see: "ladder", text })],
  [/the large ladder shows `([^`]+)`/iy, (text = "") => ({ see: "large", text })],
  [/the first at the door has `([^`]+)`/iy, (text = "") => ({ see: "door", text })],
  [/your socket is `([^`]+)`/iy, (text = "") => ({ see: "cell", name: "Your socket", text })],
  [/\*\*(.+?)\*\* is `([^`]+)`/iy, (name = "", text = "") => ({ see: "cell", name, text })],
  [/(\w+)'s row shows `([^`]+)`/iy, (name = "", text = "") => ({ see: "row", name, text })],
];

const grammar: Grammar<PlanWhat, string> = {
  forms: FORMS,
  place: /on (?:(\w+)'s page|the (teacher)'s page|the second (screen)), /iy,
  placeOf: (student, teacher, screen) => student ?? teacher ?? screen ?? "",
  first: "",
};

/** The chapter's text. */
export const planOf = (markdown: string): string => chapter(markdown, "A lesson of 45 minutes");

/**
 * Every part of the lesson with its steps.
 * @throws {Error} for a sentence that has none of the forms.
 */
export function readPlan(markdown: string): PlanPart[] {
  return sections(planOf(markdown)).map(({ name, text }) => ({ name, steps: readPlanSteps(text) }));
}

/** The steps of one part. @throws {Error} also where no page was named yet. */
export function readPlanSteps(section: string): PlanStep[] {
  return readSentences(section, grammar).map(({ place, what }) => {
    if (place === "") throw new Error(`on whose page is ${JSON.stringify(what)}?`);
    return { page: place, ...what };
  });
}
