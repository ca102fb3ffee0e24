/** What was read as the terminal prints it: at a client as it comes, at a server each read on a line of its own. */
import { type Role, receives } from "../../shared/conversation.ts";
import type { Part } from "./parts.ts";
import { sgr } from "./theme.ts";

type Printed = Pick<Part, "kind" | "text">;

/**
 * One read. At a client it goes on where the last one stopped; the tutorial's server prints one line
 * for each.
 * @param text what a streaming decoder made of it.
 */
export function receivedPart(text: string, role: Role): Printed {
  if (role === "client") return { kind: "output", text };
  const colour = sgr[receives(role)];
  return { kind: "line", text: `${sgr.ink2}Received: ${colour}${text.replace(/\r?\n$/, "")}` };
}

/** Half a character that was never completed: it belongs to the read before. */
export function restPart(text: string, role: Role): Printed {
  if (role === "client") return { kind: "output", text };
  return { kind: "line", text: sgr[receives(role)] + text };
}
