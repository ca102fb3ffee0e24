/** Failures: where each is described, and which belief it corrects. The words are those of shared/errors.ts. */
import type { FailureCode } from "../../shared/errors.ts";
import type { About } from "./about.ts";
import { type Belief, beliefs } from "./about-beliefs.ts";
import { socketRows } from "./about-failures-sockets.ts";

export interface Row {
  text: string;
  source: string;
  wrong?: Belief;
}

/** What the gateway decides by itself, without the system. */
const OURS = "Wireside, docs/protocol.md";

const rows: Partial<Record<FailureCode, Row>> = {
  ECONNREFUSED: {
    text: "The machine is there and answered at once that nobody listens on this port (RST).",
    source: "connect(2)",
    wrong: beliefs.firewall,
  },
  CONNECT_TIMEOUT: {
    text: "No answer of any kind came to the knock, so the gateway stopped waiting before the kernel did.",
    source: "RFC 9293, section 3.8.3",
    wrong: beliefs.firewall,
  },
  ETIMEDOUT: {
    text: "The kernel sent the same thing again and again, got no answer, and gave up.",
    source: "tcp(7)",
    wrong: beliefs.firewall,
  },
  EHOSTUNREACH: {
    text: "The kernel, or a router on the way, knows no way to this machine.",
    source: "ip(7)",
  },
  ENETUNREACH: {
    text: "The gateway's kernel has no route to that network, so nothing left the machine.",
    source: "connect(2)",
  },
  ENOTFOUND: {
    text: "The name was looked up, and it has no address.",
    source: "getaddrinfo(3)",
  },
  EAI_AGAIN: {
    text: "The name server could not answer now, which says nothing about the name.",
    source: "getaddrinfo(3)",
  },
  ECONNRESET: {
    text: "The other end aborted: both directions are over at once, and bytes under way may be lost.",
    source: "RFC 9293, section 3.6",
    wrong: beliefs.clientDecides,
  },
  EPIPE: {
    text: "send() was called on a direction that had already ended.",
    source: "send(2)",
    wrong: beliefs.closeIsShutdown,
  },
  EADDRNOTAVAIL: {
    text: "The kernel found no address or no free port of its own to call from.",
    source: "connect(2)",
  },
  EACCES: {
    text: "The gateway's system does not permit this connection, for example by a local firewall rule.",
    source: "connect(2)",
  },
  ...socketRows,
  EMFILE: {
    text: "Each socket is a file descriptor, and the gateway has as many as it may.",
    source: "socket(2)",
  },
};

const gatewayTexts: Partial<Record<FailureCode, string>> = {
  NOT_ALLOWED: "The gateway decides whom it calls, and it did not call there: no byte was sent.",
  BAD_ADDRESS: "This could not be read as an address, so nothing was tried.",
  HALF_CLOSE_TIMEOUT:
    "One direction had ended and the other stayed silent, so the gateway let go of the socket.",
  SESSION_EXPIRED: "The gateway keeps sockets for a page that is away only so long.",
  GATEWAY_UNREACHABLE: "The page has lost the gateway, which is the one that holds the sockets.",
};

/** What a failure means; those that the gateway itself makes name its own protocol as the source. */
export function aboutFailure(code: FailureCode): About {
  const row = rows[code];
  if (!row) {
    const text = gatewayTexts[code] ?? "This was decided by the gateway, not by TCP.";
    return { title: `What ${code} means`, text, source: { label: OURS } };
  }
  return {
    title: `What ${code} means`,
    text: row.text,
    source: { label: row.source },
    ...(row.wrong && { wrong: row.wrong }),
  };
}
