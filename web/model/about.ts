/** What a state, an event or a failure means: one sentence, where it is written, which belief it corrects. */
import type { Belief } from "./about-beliefs.ts";

export { aboutEvent } from "./about-events.ts";
export { aboutFailure } from "./about-failures.ts";
export { aboutState } from "./about-states.ts";

/** Where it can be read up: a section of the manual, an RFC, or a document of Wireside's own. */
export interface Source {
  label: string;
}

export interface About {
  title: string;
  /** One sentence, about this case where that is possible. */
  text: string;
  source: Source;
  /** How it is known, where that is not plain. */
  known?: string;
  /** What people often think instead. */
  wrong?: Belief;
}
