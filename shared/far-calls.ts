/** Calls of the program at the far end, where the gateway sees them, as events of the conversation. */
import {
  type ConversationEvent,
  type Direction,
  type Role,
  receives,
  sends,
} from "./conversation.ts";
import type { Endpoint, FarCall } from "./protocol.ts";

/** An event before it is known when it happened and at which end. */
export type Happening = ConversationEvent extends infer E
  ? E extends ConversationEvent
    ? Omit<E, "at" | "side">
    : never
  : never;

/**
 * @param role what the page is: the far end is the other.
 * @param pair the page's end and the far one.
 */
export function farHappening(
  { call, offset = 0, bytes = 0, calls = 1 }: FarCall,
  role: Role,
  pair: { local: Endpoint; remote: Endpoint } | null,
): Happening {
  switch (call) {
    case "connect":
    case "accept": {
      const none = { host: "", port: 0 };
      const { local = none, remote = none } = pair ?? {};
      return { kind: "open", local: remote, remote: local };
    }
    // What the near end sends is what the far end receives.
    case "recv":
      return carried(sends(role), offset, bytes, calls);
    case "send":
      return carried(receives(role), offset, bytes, calls);
    case "shutdown":
      return { kind: "eof", direction: receives(role) };
    case "close":
      return { kind: "closed", by: "far" };
    case "reset":
      return { kind: "reset", direction: sends(role), code: "ECONNRESET", detail: "" };
  }
}

function carried(direction: Direction, offset: number, bytes: number, calls: number): Happening {
  if (bytes === 0) return { kind: "eof", direction };
  const together = calls > 1 ? { calls } : {};
  return { kind: "data", direction, offset, length: bytes, bytes: new Uint8Array(), ...together };
}
