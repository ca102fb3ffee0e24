/** A failure told as what happened between two machines: the large words of the explanation. */
import type { FailureCode } from "../../shared/errors.ts";

type Headline = (target: { host: string; port: number }) => string;

const headlines: Partial<Record<FailureCode, Headline>> = {
  ECONNREFUSED: ({ port }) => `The machine answered. Nobody is on port ${port}.`,
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
};

/** A short headline, or the failure's own words when it has none of its own. */
export function lessonHeadline(
  code: FailureCode,
  target: { host: string; port: number },
  otherwise: string,
): string {
  return headlines[code]?.(target) ?? `${otherwise}.`;
}
