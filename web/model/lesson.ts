/** A failure told as what happened between two machines: the large words of the explanation, and its figures. */
import type { ConversationEvent, ConversationState } from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import { bytes, duration } from "./format.ts";

type Headline = (target: { host: string; port: number }) => string;

const headlines: Partial<Record<FailureCode, Headline>> = {
  ECONNREFUSED: ({ host, port }) =>
    host.startsWith("/")
      ? "The socket is there. Nobody listens on it."
      : `The machine answered. Nobody is at table ${port}.`,
  CONNECT_TIMEOUT: () => "Knocked. Nobody answered, not even no.",
  ETIMEDOUT: () => "The other machine fell silent.",
  EHOSTUNREACH: () => "No way leads to this machine.",
  ENETUNREACH: () => "No network leads there.",
  ENOTFOUND: ({ host }) => `No machine is called ${host}.`,
  EAI_AGAIN: () => "The name could not be looked up.",
  ECONNRESET: () => "The other end threw the connection away.",
  EPIPE: () => "The bytes had nowhere to go.",
  NOT_ALLOWED: () => "This gateway does not go there.",
  BAD_ADDRESS: () => "This is not an address.",
  SESSION_EXPIRED: () => "Away for too long.",
  GATEWAY_UNREACHABLE: () => "The gateway does not answer.",
  HALF_CLOSE_TIMEOUT: () => "Half-closed, and then nothing came.",
  DRAINING: () => "The gateway is stopping.",
  TLS_SELF_SIGNED: () => "Nobody vouches for this certificate.",
  TLS_UNKNOWN_ISSUER: () => "The certificate's signer is a stranger.",
  TLS_EXPIRED: () => "The certificate has expired.",
  TLS_NOT_YET_VALID: () => "The certificate is not valid yet.",
  TLS_WRONG_HOST: ({ host }) => `The certificate is not for ${host}.`,
  TLS_NOT_TLS: () => "The server does not speak TLS here.",
  TLS_REFUSED: () => "The server broke TLS off.",
  TLS_ENDED: () => "The server hung up during the handshake.",
  TLS_TIMEOUT: () => "Connected, and then silence.",
  ENOENT: () => "There is no such socket.",
};

/** A short headline, or the failure's own words when it has none of its own. */
export function lessonHeadline(
  code: FailureCode,
  target: { host: string; port: number },
  otherwise: string,
): string {
  return headlines[code]?.(target) ?? `${otherwise}.`;
}

/** When the failure came, in seconds; null when there is none. Kernel states may follow it. */
export function failedAt(events: readonly ConversationEvent[]): number | null {
  const end = events.findLast(({ kind }) => kind === "error" || kind === "reset");
  return end?.at ?? null;
}

/** How long it took, or how far it got, in this case; empty when nothing of the kind is known. */
export function lessonFigures(
  code: FailureCode,
  state: ConversationState,
  events: readonly ConversationEvent[],
): string {
  const at = failedAt(events);
  if (at === null) return "";
  if (state.openedAt !== null) {
    const moved = `${bytes(state.sentBytes)} out and ${bytes(state.receivedBytes)} in`;
    return `The connection had lasted ${duration(at - state.openedAt)}, with ${moved}.`;
  }
  switch (code) {
    case "ECONNREFUSED":
    case "ECONNRESET":
      return `The answer came ${duration(at - knockedAt(events))} after the knock.`;
    case "ETIMEDOUT":
    case "EHOSTUNREACH":
      return `That was known ${duration(at - knockedAt(events))} after the knock.`;
    case "NOT_ALLOWED":
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "Nothing was sent to it.";
    default:
      return "";
  }
}

/** When connect(2) was called for the address that failed; when all of it began, if that is not known. */
function knockedAt(events: readonly ConversationEvent[]): number {
  return events.findLast(({ kind }) => kind === "attempt")?.at ?? 0;
}
