/** Events in one sentence each, with this event's own figures. */
import { formatAddress, formatEndpoint } from "../../shared/address.ts";
import {
  type ConversationEvent,
  type ConversationState,
  type Direction,
  type EventOf,
  endedAt,
  type Role,
  receives,
  sends,
} from "../../shared/conversation.ts";
import type { About } from "./about.ts";
import { beliefs } from "./about-beliefs.ts";
import { aboutData } from "./about-data.ts";
import { aboutFailure } from "./about-failures.ts";
import { aboutPlain, aboutSocket } from "./about-sockets.ts";
import { aboutState } from "./about-states.ts";
import { peerOf } from "./ends.ts";
import { isLoopback } from "./fixes.ts";
import { bytes } from "./format.ts";
import { optionTexts } from "./sentences.ts";

/**
 * @param state what the conversation has come to, as far as it is on the screen.
 */
export function aboutEvent(event: ConversationEvent, state: ConversationState): About {
  if (event.kind === "kernel") return aboutKernel(event, state.role);
  if (event.kind === "data") return aboutData(event, state.role);
  const plain = aboutPlain(event, state);
  if (plain) return plain;
  return event.side === "far" ? aboutFar(event, state.role) : aboutNear(event, state);
}

type Quiet = Exclude<ConversationEvent, { kind: "data" } | { kind: "kernel" }>;

function aboutNear(event: Quiet, state: ConversationState): About {
  switch (event.kind) {
    case "opening":
      return {
        title: "The call begins",
        text: `The page asked the gateway for a connection to ${formatAddress(event.address)}.`,
        source: { label: "connect(2)" },
        ...(isLoopback(event.address.host) && { wrong: beliefs.loopback }),
      };
    case "attempt":
      return {
        title: "connect() was called",
        text: `The kernel sends a knock (SYN) from ${formatEndpoint(event.local)} to ${formatEndpoint(event.remote)} and waits for an answer.`,
        source: { label: "connect(2)" },
        ...(isLoopback(event.remote.host) && { wrong: beliefs.loopback }),
      };
    case "arrival":
      return {
        title: "A visitor at the door",
        text: `The kernel has completed the handshake with ${formatEndpoint(event.remote)}, and the gateway holds the connection unread until it is accepted.`,
        source: { label: "listen(2)" },
        wrong: beliefs.acceptConnects,
      };
    case "option":
      return {
        title: "A lab control was changed",
        text: `From here on: ${optionTexts(event.options).join(", ")}.`,
        source: {
          label: event.options.noDelay === undefined ? "socket(7)" : "tcp(7), TCP_NODELAY",
        },
      };
    case "open":
      return state.role === "client" ? connected(event) : accepted(event, "Your");
    case "eof":
      return event.direction === sends(state.role) ? yourFin(state) : theirFin(state);
    case "reset":
      return event.direction === receives(state.role)
        ? {
            ...aboutFailure("ECONNRESET"),
            title: `The ${peerOf(state.role)} reset the connection (RST)`,
          }
        : {
            title: "You gave the connection up (RST)",
            text: "Both directions ended at once, and what was still under way is lost.",
            source: { label: "RFC 9293, section 3.6" },
          };
    case "error":
      return aboutFailure(event.code);
    case "state":
      return {
        title: event.link === "lost" ? "The page lost the gateway" : "The page is back",
        text: "Only the link between page and gateway was affected: the TCP connection is the gateway's, and lived on.",
        source: { label: "Wireside, docs/protocol.md" },
      };
    case "closed":
      return {
        title: "The socket was closed",
        text: "The program has let go of its socket; the kernel may still keep the pair of addresses for a while.",
        source: { label: "close(2)" },
      };
    case "tls":
    case "undelivered":
    case "dropped":
      return aboutSocket(event);
  }
}

function connected({ local, remote }: EventOf<"open">): About {
  return {
    title: "connect() returned",
    text: `Both kernels have agreed, and ${formatEndpoint(local)} with ${formatEndpoint(remote)} is the name of this connection alone.`,
    source: { label: "RFC 9293, section 3.5" },
    wrong: beliefs.acceptConnects,
  };
}

/** @param whose accept(2) it was: `Your`, `The server's`. */
function accepted({ local, remote }: EventOf<"open">, whose: string): About {
  return {
    title: `${whose} accept() returned`,
    text: `It took the waiting connection from the queue and got a new socket for it, ${formatEndpoint(local)} with ${formatEndpoint(remote)}.`,
    source: { label: "accept(2)" },
    wrong: beliefs.acceptUsesUp,
  };
}

/** True when a direction ended while the other was still there. */
function endedFirst(state: ConversationState, direction: Direction): boolean {
  const other = endedAt(state, direction === "out" ? "in" : "out");
  return other === null || (endedAt(state, direction) ?? 0) < other;
}

function yourFin(state: ConversationState): About {
  const first = endedFirst(state, sends(state.role));
  const peer = peerOf(state.role);
  return {
    title: "You ended your direction (FIN)",
    text: first
      ? `The ${peer} will read the end after your last byte, and may still send to you.`
      : `The ${peer} had ended its direction before, so with yours both are over.`,
    source: { label: "RFC 9293, section 3.6.1" },
    wrong: beliefs.closeIsShutdown,
  };
}

function theirFin(state: ConversationState): About {
  const first = endedFirst(state, receives(state.role));
  const then = first ? " Your own direction is still open." : "";
  return {
    title: `The ${peerOf(state.role)} ended its direction (FIN)`,
    text: `Your recv() returned b'', and it always will from now on.${then}`,
    source: { label: "recv(2)" },
    wrong: beliefs.emptyRead,
  };
}

function aboutFar(event: Quiet, role: Role): About {
  const peer = peerOf(role);
  switch (event.kind) {
    case "open":
      return role === "client" ? accepted(event, "The server's") : connected(event);
    case "eof":
      return event.direction === sends(role)
        ? {
            title: `The ${peer}'s recv() returned b''`,
            text: "It has read everything you sent, and then the end.",
            source: { label: "recv(2)" },
            wrong: beliefs.emptyRead,
          }
        : {
            title: `The ${peer} called shutdown()`,
            text: "It will send nothing more, and can still read what you send.",
            source: { label: "shutdown(2)" },
            wrong: beliefs.closeIsShutdown,
          };
    case "reset":
      return {
        title: `The ${peer}'s socket was reset`,
        text: "Its connection is gone without a farewell, and its kernel forgets it at once.",
        source: { label: "RFC 9293, section 3.6" },
      };
    default:
      return {
        title: `The ${peer} called close()`,
        text:
          role === "client"
            ? "Its program has let go of this client's socket; the listening one is another and stays."
            : "Its program has let go of its socket; what it had sent before still arrives.",
        source: { label: "close(2)" },
        wrong: beliefs.clientDecides,
      };
  }
}

function aboutKernel({ side, socket }: EventOf<"kernel">, role: Role): About {
  const about = aboutState(socket.state, side, true, role);
  if (socket.unread > 0) {
    const whose = side === "near" ? "the gateway" : `the ${peerOf(role)}'s program`;
    return {
      title: `${bytes(socket.unread)} unread`,
      text: `They have arrived in the kernel, and ${whose} has not read them yet.`,
      source: { label: "proc(5)" },
      known: "The gateway's kernel says so.",
      wrong: beliefs.sentIsRead,
    };
  }
  return about;
}
