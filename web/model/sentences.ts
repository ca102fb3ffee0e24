/** One sentence for each event, for the eye and for a screen reader; and one for many at once. */
import { formatAddress, formatEndpoint } from "../../shared/address.ts";
import {
  type ConversationEvent,
  type Direction,
  type EventOf,
  type LabOptions,
  type Role,
  receives,
  senderOf,
  sends,
} from "../../shared/conversation.ts";
import { explain, type FailureCode } from "../../shared/errors.ts";
import { peerOf } from "./ends.ts";
import { bytes, clock, count, excerpt } from "./format.ts";
import { certificateText, droppedText, undeliveredText } from "./sentences-sockets.ts";

/** The sign in front of an event: which way, and what kind of thing. */
export type Mark =
  | "send"
  | "receive"
  | "fin-out"
  | "fin-in"
  | "reset"
  | "open"
  | "link"
  | "end"
  | "kernel";
export type Tone = Direction | "calm" | "good" | "closing" | "wrong";

export interface Sentence {
  mark: Mark;
  tone: Tone;
  text: string;
  /** The beginning of the bytes, safe to show; only for data. */
  excerpt: string | null;
}

/**
 * What happened, in words: `sent 12 B`, `the server ended its direction (FIN)`.
 * @param after the event that came next: what was only asked for is not called connecting.
 * @param role which end of the conversation the page is.
 */
export function sentence(
  event: ConversationEvent,
  after?: ConversationEvent,
  role: Role = "client",
): Sentence {
  if (event.kind === "data")
    return { ...dataSentence(event, role), ...(event.side === "far" ? far : {}) };
  const said = quietSentence(event, role);
  if (event.kind === "opening" && after?.kind === "error" && notTried.has(after.code)) {
    return { ...said, text: `asked for ${formatAddress(event.address)}`, excerpt: null };
  }
  return { ...said, excerpt: null };
}

/** Failures of the address itself: the gateway did not even try. */
const notTried: ReadonlySet<FailureCode> = new Set(["NOT_ALLOWED", "BAD_ADDRESS"]);

const far = { tone: "calm" } as const;

function dataSentence(event: EventOf<"data">, role: Role): Sentence {
  // Directions are those of the wire, not of the speaker.
  const sent = senderOf(role, event.direction) === event.side;
  const who = event.side === "near" ? "" : `the ${peerOf(role)} `;
  const calls = event.calls ? ` in ${count(event.calls, "call")}` : "";
  return {
    mark: event.direction === "out" ? "send" : "receive",
    tone: event.direction,
    text: `${who}${sent ? "sent" : "read"} ${bytes(event.length)}${calls}`,
    // The far end's call carried the near end's bytes, which are shown there.
    excerpt: event.side === "near" ? excerpt(event.bytes, event.length) : null,
  };
}

type Quiet = Exclude<ConversationEvent, { kind: "data" }>;

/** What the far end's own calls are called, where they can be seen. */
const farTexts: Partial<Record<Quiet["kind"], string>> = {
  open: "accepted the connection",
  closed: "closed its socket",
  reset: "reset its socket",
};

function farText(kind: Quiet["kind"], role: Role): string | undefined {
  return kind === "open" && role === "server" ? "called connect()" : farTexts[kind];
}

function quietSentence(event: Quiet, role: Role): Omit<Sentence, "excerpt"> {
  const said = nearSentence(event, role);
  if (event.side === "near" || event.kind === "kernel") return said;
  const did = event.kind === "eof" ? farEof(event.direction, role) : farText(event.kind, role);
  return { ...said, tone: "calm", text: did ? `the ${peerOf(role)} ${did}` : said.text };
}

/** Its own end of what the near end sees as a FIN: other words, for it is another event. */
function farEof(direction: Direction, role: Role): string {
  return direction === sends(role) ? "read the end" : "called shutdown(): it has no more to send";
}

function nearSentence(event: Quiet, role: Role): Omit<Sentence, "excerpt"> {
  switch (event.kind) {
    case "opening":
      return { mark: "open", tone: "calm", text: `connecting to ${formatAddress(event.address)}` };
    case "attempt":
      return {
        mark: "open",
        tone: "calm",
        text: `connect() from ${formatEndpoint(event.local)} to ${formatEndpoint(event.remote)}`,
      };
    case "arrival":
      return {
        mark: "open",
        tone: "calm",
        text: `${formatEndpoint(event.remote)} came to the door of ${formatEndpoint(event.local)}`,
      };
    case "option":
      return { mark: "link", tone: "calm", text: optionTexts(event.options).join(", ") };
    case "kernel":
      return { mark: "kernel", tone: "calm", text: kernelText(event, role) };
    case "open":
      return {
        mark: "open",
        tone: "good",
        text: openText(event, role),
      };
    case "eof":
      return {
        mark: event.direction === "out" ? "fin-out" : "fin-in",
        tone: event.direction,
        text: eofText(event, role),
      };
    case "reset":
      return { mark: "reset", tone: "wrong", text: resetText(event, role) };
    case "error":
      return { mark: "reset", tone: "wrong", text: errorText(event) };
    case "state":
      return event.link === "lost"
        ? {
            mark: "link",
            tone: "closing",
            text: "link to gateway lost; it keeps the socket for a while",
          }
        : { mark: "link", tone: "good", text: "link to gateway resumed, nothing lost" };
    case "closed":
      return { mark: "end", tone: "calm", text: closedTexts[event.by] };
    case "tls":
      return { mark: "open", tone: event.trusted ? "good" : "wrong", text: certificateText(event) };
    case "undelivered":
      return { mark: "reset", tone: "wrong", text: undeliveredText(event) };
    case "dropped":
      return {
        mark: "receive",
        tone: event.why === "full" ? "closing" : "calm",
        text: droppedText(event),
      };
  }
}

function openText({ local, remote }: EventOf<"open">, role: Role): string {
  const [here, there] = [formatEndpoint(local), formatEndpoint(remote)];
  return role === "client" ? `connected to ${there} from ${here}` : `accepted ${there} at ${here}`;
}

function eofText({ direction }: EventOf<"eof">, role: Role): string {
  return direction === sends(role)
    ? "you ended your direction (FIN)"
    : `the ${peerOf(role)} ended its direction (FIN)`;
}

/** What each changed lab control means now: `Nagle off`, `reading stopped`. */
export function optionTexts({ noDelay, reading, delayMs, pauseMs }: Partial<LabOptions>): string[] {
  const texts = [
    noDelay !== undefined && `TCP_NODELAY ${noDelay ? "on: Nagle's algorithm is off" : "off"}`,
    reading !== undefined && (reading ? "reading on" : "reading stopped"),
    delayMs !== undefined && `each send waits ${delayMs} ms`,
    pauseMs !== undefined && `${pauseMs} ms between sends`,
  ];
  return texts.filter((text) => text !== false);
}

/** Lab controls as the calls that set them, for the ladder: `setsockopt TCP_NODELAY 1`. */
export function optionCalls({ noDelay, reading, delayMs, pauseMs }: Partial<LabOptions>): string[] {
  const calls = [
    noDelay !== undefined && `setsockopt TCP_NODELAY ${noDelay ? 1 : 0}`,
    reading !== undefined && (reading ? "reads on" : "stops reading"),
    delayMs !== undefined && `delay ${delayMs} ms`,
    pauseMs !== undefined && `pause ${pauseMs} ms`,
  ];
  return calls.filter((call) => call !== false);
}

/** `kernel: your socket is in CLOSE_WAIT, 7 B unread`. */
function kernelText({ side, socket }: EventOf<"kernel">, role: Role): string {
  const whose = side === "near" ? "your socket" : `the ${peerOf(role)}'s socket`;
  const unread = socket.unread > 0 ? `, ${bytes(socket.unread)} unread` : "";
  const unsent = socket.unsent > 0 ? `, ${bytes(socket.unsent)} not acknowledged` : "";
  return `kernel: ${whose} is ${socket.state}${unread}${unsent}`;
}

const closedTexts = {
  near: "you hung up: the connection is closed",
  far: "the connection is closed",
  gateway: "the gateway closed the connection",
};

function resetText(event: EventOf<"reset">, role: Role): string {
  if (event.code === "CLOSED" || event.code === "CANCELLED")
    return "you gave the connection up (RST)";
  return event.direction === receives(role)
    ? `the ${peerOf(role)} reset the connection (RST)`
    : `this end reset the connection (RST): ${lowerFirst(message(event.code, event.detail))}`;
}

function errorText(event: Extract<ConversationEvent, { kind: "error" }>): string {
  const refused = event.code === "ECONNREFUSED" ? " (RST)" : "";
  return lowerFirst(message(event.code, event.detail)) + refused;
}

/** The operating system's words for a failure, without Python's name and the number. */
function message(code: FailureCode, detail: string): string {
  const { headline } = explain(code, { host: "", port: 0, detail });
  return headline.replace(/^[\w.]+: /, "").replace(/^\[[^\]]*\] /, "");
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** The same for a screen reader: `11.870 s, sent 23 bytes: Follow the white rabbit`. */
export function spoken(event: ConversationEvent, after?: ConversationEvent, role?: Role): string {
  const said = sentence(event, after, role);
  const tail = said.excerpt ? `: ${said.excerpt}` : "";
  return `${clock(event.at)} s, ${spokenUnits(said.text)}${tail}`;
}

/** Bytes as a word. */
export function spokenUnits(text: string): string {
  return text.replace(/(?<![\d,.])1 B\b/g, "1 byte").replace(/(?<=\d) B\b/g, " bytes");
}

/** At most this many events are spoken one by one; more become a summary. */
const SPOKEN_EVENTS = 3;

/** What the polite live region says about events that happened since it last spoke. */
export function announcement(events: readonly ConversationEvent[], role: Role = "client"): string {
  if (events.length <= SPOKEN_EVENTS) {
    return events.map((event, i) => spoken(event, events[i + 1], role)).join(". ");
  }
  const totals = { out: { calls: 0, bytes: 0 }, in: { calls: 0, bytes: 0 } };
  const rest: string[] = [];
  for (const [i, event] of events.entries()) {
    if (event.kind === "data" && event.side === "near") {
      totals[event.direction].calls++;
      totals[event.direction].bytes += event.length;
    } else if (event.kind !== "data") rest.push(sentence(event, events[i + 1], role).text);
  }
  const parts: string[] = [];
  const [sent, read] = [totals[sends(role)], totals[receives(role)]];
  if (sent.calls > 0) {
    parts.push(`${count(sent.calls, "send")}, ${count(sent.bytes, "byte")} out`);
  }
  if (read.calls > 0) {
    parts.push(`${count(read.calls, "read")}, ${count(read.bytes, "byte")} in`);
  }
  return [...parts, ...rest.slice(-SPOKEN_EVENTS)].join(". ");
}
