/** The address bar as a wire: what each strand, each end and the one button show for a conversation. */
import {
  type ConversationState,
  type Direction,
  hasTcpStates,
  receives,
  senderOf,
  type TcpState,
} from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import { peerOf } from "./ends.ts";
import { duration } from "./format.ts";

/** One strand is one direction of TCP. Dashed is on its way, dotted has ended. */
export type Strand = "none" | "dashed" | "solid" | "dotted";
/** Who ended something, drawn at that end of the wire: the page, or whom it talks with. */
export type End = "near" | "far";
export type WireShape = "idle" | "connecting" | "open" | "failed" | "reset" | "broken" | "closed";

export interface WireView {
  shape: WireShape;
  strands: Record<Direction, Strand>;
  /** The end at which FIN is drawn, by direction. */
  fins: Record<Direction, End | null>;
  /** The end at which the ✕ is drawn. */
  cross: End | null;
  /** `refused after 0.2 ms`; null when nothing went wrong. */
  trouble: string | null;
  button: "Connect" | "Cancel" | "Close" | "Try again";
}

const plain: WireView = {
  shape: "idle",
  strands: { out: "none", in: "none" },
  fins: { out: null, in: null },
  cross: null,
  trouble: null,
  button: "Connect",
};

/** What the wire shows for a conversation; null before the first. */
export function wireView(state: ConversationState | null): WireView {
  if (!state || state.phase === "idle") return plain;
  if (state.phase === "opening") {
    // A visitor at the door is connected already: its bytes may be on their way.
    const strand = state.role === "client" || state.transport === "udp" ? "dashed" : "solid";
    const strands = { out: strand, in: strand } as const;
    return { ...plain, shape: "connecting", strands, button: "Cancel" };
  }
  if (state.phase === "failed") return failed(state);
  const ended = strandsOf(state);
  if (state.phase === "open") return { ...ended, shape: "open", button: "Close" };
  return closed(state, ended);
}

function failed(state: ConversationState): WireView {
  const code = state.error?.code ?? "UNKNOWN";
  return {
    ...plain,
    shape: "failed",
    strands: { out: "dashed", in: "dashed" },
    cross: neverLeft.has(code) ? "near" : "far",
    trouble: troubleOf(code, state.lastAt),
    button: notAgain.has(code) ? "Connect" : "Try again",
  };
}

/** Failures that happened before anything left the gateway's machine. */
export const neverLeft: ReadonlySet<FailureCode> = new Set([
  "BAD_ADDRESS",
  "NOT_ALLOWED",
  "TOO_MANY_CONNECTIONS",
  "TOO_FAST",
  "GATEWAY_BUSY",
  "DRAINING",
  "GATEWAY_UNREACHABLE",
  "SESSION_EXPIRED",
  "SESSION_ENDED",
  "ACCESS_CODE",
  "REMOVED",
  "CLASS_ENDED",
  "CANCELLED",
  "EMFILE",
  "EACCES",
  "EADDRNOTAVAIL",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
  "EAGAIN",
  "EPROTOTYPE",
]);

/** Failures after which the same again would be no cure, or is nobody's wish. */
const notAgain: ReadonlySet<FailureCode> = new Set(["BAD_ADDRESS", "NOT_ALLOWED", "CANCELLED"]);

/** Failures that came before the gateway made a socket at all. */
export const neverMade: ReadonlySet<FailureCode> = new Set([
  "BAD_ADDRESS",
  "NOT_ALLOWED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "TOO_MANY_CONNECTIONS",
  "TOO_FAST",
  "GATEWAY_BUSY",
  "DRAINING",
  "GATEWAY_UNREACHABLE",
  "ACCESS_CODE",
  "EMFILE",
]);

/** The derived state of this page's socket; null when there is none and was none, or it has no states. */
export function ownSocket(state: ConversationState | null): TcpState | null {
  if (!state || state.phase === "idle" || !hasTcpStates(state)) return null;
  const never = state.phase === "failed" && neverMade.has(state.error?.code ?? "UNKNOWN");
  return never ? null : state.near;
}

/** What to say of a socket that has no states of TCP; null for one that has, and before there is any. */
export function plainSocket(state: ConversationState | null): string | null {
  if (!state || state.phase === "idle" || hasTcpStates(state)) return null;
  const { transport, phase, role } = state;
  if (transport === "udp" && role === "server" && phase !== "open") return "UDP, let go";
  if (transport === "udp") return phase === "open" ? "UDP, no connection" : "UDP, no socket";
  if (phase === "open") return "Unix, connected";
  return phase === "closed" ? "Unix, closed" : "Unix, not connected";
}

function troubleOf(code: FailureCode, seconds: number): string {
  const after = duration(seconds);
  switch (code) {
    case "ECONNREFUSED":
      return `refused after ${after}`;
    case "ECONNRESET":
      return `reset after ${after}`;
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return `no answer after ${after}`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `unreachable after ${after}`;
    case "ENOTFOUND":
      return "no machine has this name";
    case "EAI_AGAIN":
      return "the name could not be looked up";
    case "NOT_ALLOWED":
      return "not allowed by this gateway";
    case "BAD_ADDRESS":
      return "not an address";
    case "TLS_SELF_SIGNED":
    case "TLS_UNKNOWN_ISSUER":
    case "TLS_EXPIRED":
    case "TLS_NOT_YET_VALID":
    case "TLS_WRONG_HOST":
    case "TLS_BAD_CERTIFICATE":
      return "certificate not trusted";
    case "TLS_NOT_TLS":
      return "not TLS over there";
    case "ENOENT":
      return "no such socket";
    case "CANCELLED":
      return `cancelled after ${after}`;
    case "GATEWAY_UNREACHABLE":
      return "the gateway cannot be reached";
    default:
      return `failed after ${after}`;
  }
}

function strandsOf(state: ConversationState): WireView {
  // Datagrams are no strand: each goes by itself.
  if (state.transport === "udp") return { ...plain, strands: { out: "dashed", in: "dashed" } };
  return {
    ...plain,
    strands: {
      out: state.outEnded === null ? "solid" : "dotted",
      in: state.inEnded === null ? "solid" : "dotted",
    },
    fins: {
      out: state.outEnded === null ? null : senderOf(state.role, "out"),
      in: state.inEnded === null ? null : senderOf(state.role, "in"),
    },
  };
}

function closed(state: ConversationState, ended: WireView): WireView {
  const dotted = { out: "dotted", in: "dotted" } as const;
  if (state.reset && state.reset.code !== "CLOSED" && state.reset.code !== "CANCELLED") {
    const byPeer = state.reset.direction === receives(state.role);
    return {
      ...ended,
      shape: "reset",
      strands: dotted,
      cross: byPeer ? "far" : "near",
      trouble: `reset by ${byPeer ? `the ${peerOf(state.role)}` : "this end"} after ${duration(state.lastAt)}`,
      button: "Try again",
    };
  }
  if (state.error?.code === "HUNG_UP") {
    const trouble = `teacher hung up after ${duration(state.lastAt)}`;
    return { ...ended, shape: "closed", strands: dotted, trouble };
  }
  if (state.error && state.error.code !== "CLOSED" && state.error.code !== "CANCELLED") {
    const trouble = `broken off after ${duration(state.lastAt)}`;
    return {
      ...ended,
      shape: "broken",
      strands: dotted,
      cross: "near",
      trouble,
      button: "Try again",
    };
  }
  return { ...ended, shape: "closed", strands: dotted };
}
