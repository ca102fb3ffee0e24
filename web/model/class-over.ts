/** What to say to somebody who is in the class no longer. */
import type { ClassRole } from "../../shared/classroom.ts";

export interface OverWords {
  headline: string;
  text: string;
  /** The button that begins again; null where there is nothing to begin. */
  again: string | null;
}

/** @param code of the failure that the link stopped with: REMOVED, CLASS_ENDED or ACCESS_CODE. */
export function overWords(code: string, role: ClassRole): OverWords {
  const isStudent = role === "student";
  switch (code) {
    case "REMOVED":
      return {
        headline: "Your teacher has taken you out of the class.",
        text: "Your connections were closed. Ask your teacher: with the code you can join again, as a new student.",
        again: "Join again",
      };
    case "CLASS_ENDED":
      return {
        headline: "The class is over.",
        text: isStudent
          ? "All connections were closed. What you sent and received is still here until you leave this page, and can be saved."
          : "Its code opens nothing any more. Start Wireside again for another class.",
        again: null,
      };
    default:
      return {
        headline: isStudent ? "You are in the class no longer." : "This link is valid no longer.",
        text: isStudent
          ? "The gateway does not know this browser any more: it may have been started anew. Join again with the code that is on the board now."
          : "The gateway may have been started anew. Open the link that it has printed since.",
        again: isStudent ? "Join again" : "Try again",
      };
  }
}
