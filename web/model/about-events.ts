/** Events in one sentence each, with this event's own figures. */
import { formatAddress, formatEndpoint } from "../../shared/address.ts";
import type { ConversationEvent, ConversationState, EventOf } from "../../shared/conversation.ts";
import type { About } from "./about.ts";
import { beliefs } from "./about-beliefs.ts";
import { aboutData } from "./about-data.ts";
import { aboutFailure } from "./about-failures.ts";
import { aboutPlain, aboutSocket } from "./about-sockets.ts";
import { aboutState } from "./about-states.ts";
import { isLoopback } from "./fixes.ts";
import { bytes } from "./format.ts";

/**
 * @param state what the conversation has come to, as far as it is on the screen.
 */
export function aboutEvent(event: ConversationEvent, state: ConversationState): About {
  if (event.kind === "kernel") return aboutKernel(event);
  if (event.kind === "data") return aboutData(event);
  const plain = aboutPlain(event, state.transport);
  if (plain) return plain;
  return event.side === "far" ? aboutFar(event) : aboutNear(event, state);
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
    case "open":
      return {
        title: "connect() returned",
        text: `Both kernels have agreed, and ${formatEndpoint(event.local)} with ${formatEndpoint(event.remote)} is the name of this connection alone.`,
        source: { label: "RFC 9293, section 3.5" },
        wrong: beliefs.acceptConnects,
      };
    case "eof":
      return event.direction === "out" ? yourFin(state) : serversFin(state);
    case "reset":
      return event.direction === "in"
        ? { ...aboutFailure("ECONNRESET"), title: "The server reset the connection (RST)" }
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

function yourFin(state: ConversationState): About {
  const first = state.inEnded === null || (state.outEnded ?? 0) < state.inEnded;
  return {
    title: "You ended your direction (FIN)",
    text: first
      ? "The server will read the end after your last byte, and may still send to you."
      : "The server had ended its direction before, so with yours both are over.",
    source: { label: "RFC 9293, section 3.6.1" },
    wrong: beliefs.closeIsShutdown,
  };
}

function serversFin(state: ConversationState): About {
  const first = state.outEnded === null || (state.inEnded ?? 0) < state.outEnded;
  const then = first ? " Your own direction is still open." : "";
  return {
    title: "The server ended its direction (FIN)",
    text: `Your recv() returned b'', and it always will from now on.${then}`,
    source: { label: "recv(2)" },
    wrong: beliefs.emptyRead,
  };
}

function aboutFar(event: Quiet): About {
  switch (event.kind) {
    case "open":
      return {
        title: "The server's accept() returned",
        text: `It took the waiting connection from the queue and got a new socket for it, ${formatEndpoint(event.local)} with ${formatEndpoint(event.remote)}.`,
        source: { label: "accept(2)" },
        wrong: beliefs.acceptUsesUp,
      };
    case "eof":
      return event.direction === "out"
        ? {
            title: "The server's recv() returned b''",
            text: "It has read everything you sent, and then the end.",
            source: { label: "recv(2)" },
            wrong: beliefs.emptyRead,
          }
        : {
            title: "The server called shutdown()",
            text: "It will send nothing more, and can still read what you send.",
            source: { label: "shutdown(2)" },
            wrong: beliefs.closeIsShutdown,
          };
    case "reset":
      return {
        title: "The server's socket was reset",
        text: "Its connection is gone without a farewell, and its kernel forgets it at once.",
        source: { label: "RFC 9293, section 3.6" },
      };
    default:
      return {
        title: "The server called close()",
        text: "Its program has let go of this client's socket; the listening one is another and stays.",
        source: { label: "close(2)" },
        wrong: beliefs.clientDecides,
      };
  }
}

function aboutKernel({ side, socket }: EventOf<"kernel">): About {
  const about = aboutState(socket.state, side, true);
  if (socket.unread > 0) {
    const whose = side === "near" ? "the gateway" : "the server's program";
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
