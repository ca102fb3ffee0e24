/** TCP's states in plain words, for either end. */
import type { Role, Side } from "../../shared/conversation.ts";
import type { TcpState } from "../../shared/tcp.ts";
import type { About } from "./about.ts";
import { type Belief, beliefs } from "./about-beliefs.ts";
import { peerOf } from "./ends.ts";

/** `you`: whoever holds the socket. `they`: the other end. */
interface Ends {
  socket: string;
  holder: string;
  other: string;
}

function endsOf(side: Side, role: Role): Ends {
  const peer = `the ${peerOf(role)}`;
  return side === "near"
    ? { socket: "your socket", holder: "you", other: peer }
    : { socket: `${peer}'s socket`, holder: peer, other: "you" };
}

interface Row {
  text(e: Ends): string;
  source: string;
  wrong?: Belief;
}

const have = (who: string) => (who === "you" ? "you have" : `${who} has`);
const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** Sections of RFC 9293: 3.3.2 lists the states, 3.5 is establishing, 3.6 closing, 3.6.1 half-closed. */
const rows: Record<TcpState, Row> = {
  CLOSED: {
    text: ({ socket }) => `${upper(socket)} has no connection: nothing more can go either way.`,
    source: "RFC 9293, section 3.3.2",
  },
  LISTEN: {
    text: ({ socket }) =>
      `${upper(socket)} waits for clients, and each of them will get a socket of its own.`,
    source: "listen(2)",
    wrong: beliefs.acceptUsesUp,
  },
  SYN_SENT: {
    text: ({ socket }) =>
      `${upper(socket)} has knocked (SYN) and waits for an answer, which may be yes, no, or nothing at all.`,
    source: "RFC 9293, section 3.5",
  },
  SYN_RECV: {
    text: ({ socket }) =>
      `${upper(socket)} was knocked at and has answered (SYN+ACK); the last word of the greeting (ACK) is still missing.`,
    source: "RFC 9293, section 3.5",
  },
  ESTABLISHED: {
    text: ({ socket }) => `${upper(socket)} is connected, and bytes can go both ways.`,
    source: "RFC 9293, section 3.3.2",
    wrong: beliefs.acceptConnects,
  },
  FIN_WAIT1: {
    text: ({ holder }) =>
      `${upper(have(holder))} hung up in one direction (FIN), and the other kernel has not confirmed that yet.`,
    source: "RFC 9293, section 3.6",
  },
  FIN_WAIT2: {
    text: ({ holder, other }) =>
      `${upper(have(holder))} hung up, which is confirmed, and ${other} ${other === "you" ? "have" : "has"} not: that direction is still there.`,
    source: "RFC 9293, section 3.6.1",
    wrong: beliefs.closeIsShutdown,
  },
  CLOSE_WAIT: {
    text: ({ holder, other }) =>
      `${upper(have(other))} hung up, and the kernel waits until ${holder === "you" ? "you hang" : `${holder} hangs`} up too.`,
    source: "RFC 9293, section 3.6",
    wrong: beliefs.clientDecides,
  },
  CLOSING: {
    text: () =>
      "Both ends hung up at the same moment, and this one's FIN has not been confirmed yet.",
    source: "RFC 9293, section 3.6",
  },
  LAST_ACK: {
    text: ({ holder }) =>
      `${upper(have(holder))} hung up as the second of the two, and only the last confirmation is missing.`,
    source: "RFC 9293, section 3.6",
  },
  TIME_WAIT: {
    text: ({ socket }) =>
      `${upper(socket)} is done, but its end hung up first, so the kernel keeps the pair of addresses for a while in case something comes late.`,
    source: "RFC 9293, section 3.6.1",
    wrong: beliefs.addressInUse,
  },
};

/**
 * @param seen true when the gateway's kernel said so; false when it was worked out from calls.
 * @param role which end the page is.
 */
export function aboutState(
  state: TcpState,
  side: Side,
  seen: boolean,
  role: Role = "client",
): About {
  const { text, source, wrong } = rows[state];
  return {
    title: `What ${state} means`,
    text: text(endsOf(side, role)),
    source: { label: source },
    known: seen
      ? "The gateway's kernel says so."
      : "Worked out from the calls on your socket; nobody asked the kernel.",
    ...(wrong && { wrong }),
  };
}
