/** What is to be said beside the state of one who was accepted: what it waits for, or what is left of it. */
import { longDuration } from "./format.ts";
import type { Visit } from "./visit.ts";

export interface VisitNote {
  text: string;
  /** Something is expected of the person who serves. */
  urgent: boolean;
}

/**
 * @param now milliseconds of the page's clock.
 * @param timeWait seconds that TIME_WAIT still lasts; null where it is another state, or not known.
 */
export function visitNote(visit: Visit, now: number, timeWait: number | null): VisitNote {
  const state = visit.table.live?.state;
  if (timeWait !== null) return calm(`kernel keeps it ${timeWait} s more`);
  if (!state || !visit.isOpen) return calm(overText(visit));
  const { owesSince } = visit;
  if (owesSince !== null && state.inEnded === null) {
    const waits = `waits for your answer, ${longDuration((now - owesSince) / 1000)}`;
    return { text: waits, urgent: true };
  }
  if (state.outEnded !== null) return { text: "hung up, close your end", urgent: true };
  if (state.inEnded !== null) return calm("you hung up, it may still send");
  if (state.sentBytes === 0) return calm("nothing said yet");
  const unsent = state.kernel.near?.unsent;
  if (unsent === 0) return calm("last answer acknowledged");
  return calm(unsent === undefined ? "last answer sent" : "answer not acknowledged yet");
}

const calm = (text: string): VisitNote => ({ text, urgent: false });

function overText({ table }: Visit): string {
  const state = table.live?.state;
  if (table.guest.transport === "udp") return "let go";
  if (state?.reset) return "cut off with a reset";
  if (state?.error) return "given up";
  return state?.near === "TIME_WAIT" ? "over, you closed first" : "over";
}
