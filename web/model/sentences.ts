/** One sentence for each event, for the eye and for a screen reader; and one for many at once. */
import { formatAddress, formatEndpoint } from "../../shared/address.ts";
import type { ConversationEvent, Direction } from "../../shared/conversation.ts";
import { explain, type FailureCode } from "../../shared/errors.ts";
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
 */
export function sentence(event: ConversationEvent, after?: ConversationEvent): Sentence {
  if (event.kind === "data")
    return { ...dataSentence(event), ...(event.side === "far" ? far : {}) };
  const said = quietSentence(event);
  if (event.kind === "opening" && after?.kind === "error" && notTried.has(after.code)) {
    return { ...said, text: `asked for ${formatAddress(event.address)}`, excerpt: null };
  }
  return { ...said, excerpt: null };
}

/** Failures of the address itself: the gateway did not even try. */
const notTried: ReadonlySet<FailureCode> = new Set(["NOT_ALLOWED", "BAD_ADDRESS"]);

const far = { tone: "calm" } as const;

function dataSentence(event: Extract<ConversationEvent, { kind: "data" }>): Sentence {
  // The far end's `in` is what it sent: directions are those of the wire, not of the speaker.
  const sent = (event.direction === "out") === (event.side === "near");
  const who = event.side === "near" ? "" : "the server ";
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
  open: "the server accepted the connection",
  closed: "the server closed its socket",
  reset: "the server reset its socket",
};

/** Its own end of what the near end sees as a FIN: other words, for it is another event. */
const farEof: Record<Direction, string> = {
  out: "the server read the end",
  in: "the server called shutdown(): it has no more to send",
};

function quietSentence(event: Quiet): Omit<Sentence, "excerpt"> {
  const said = nearSentence(event);
  if (event.side === "near" || event.kind === "kernel") return said;
  const eof = event.kind === "eof" ? farEof[event.direction] : null;
  return { ...said, tone: "calm", text: eof ?? farTexts[event.kind] ?? said.text };
}

function nearSentence(event: Quiet): Omit<Sentence, "excerpt"> {
  switch (event.kind) {
    case "opening":
      return { mark: "open", tone: "calm", text: `connecting to ${formatAddress(event.address)}` };
    case "attempt":
      return {
        mark: "open",
        tone: "calm",
        text: `connect() from ${formatEndpoint(event.local)} to ${formatEndpoint(event.remote)}`,
      };
    case "kernel":
      return { mark: "kernel", tone: "calm", text: kernelText(event) };
    case "open":
      return {
        mark: "open",
        tone: "good",
        text: `connected to ${formatEndpoint(event.remote)} from ${formatEndpoint(event.local)}`,
      };
    case "eof":
      return event.direction === "out"
        ? { mark: "fin-out", tone: "out", text: "you ended your direction (FIN)" }
        : { mark: "fin-in", tone: "in", text: "the server ended its direction (FIN)" };
    case "reset":
      return { mark: "reset", tone: "wrong", text: resetText(event) };
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

/** `kernel: your socket is in CLOSE_WAIT, 7 B unread`. */
function kernelText({ side, socket }: Extract<ConversationEvent, { kind: "kernel" }>): string {
  const whose = side === "near" ? "your socket" : "the server's socket";
  const unread = socket.unread > 0 ? `, ${bytes(socket.unread)} unread` : "";
  const unsent = socket.unsent > 0 ? `, ${bytes(socket.unsent)} not acknowledged` : "";
  return `kernel: ${whose} is ${socket.state}${unread}${unsent}`;
}

const closedTexts = {
  near: "you hung up: the connection is closed",
  far: "the connection is closed",
  gateway: "the gateway closed the connection",
};

function resetText(event: Extract<ConversationEvent, { kind: "reset" }>): string {
  if (event.code === "CLOSED" || event.code === "CANCELLED")
    return "you gave the connection up (RST)";
  return event.direction === "in"
    ? "the server reset the connection (RST)"
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
export function spoken(event: ConversationEvent, after?: ConversationEvent): string {
  const said = sentence(event, after);
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
export function announcement(events: readonly ConversationEvent[]): string {
  if (events.length <= SPOKEN_EVENTS) {
    return events.map((event, i) => spoken(event, events[i + 1])).join(". ");
  }
  const totals = { out: { calls: 0, bytes: 0 }, in: { calls: 0, bytes: 0 } };
  const rest: string[] = [];
  for (const [i, event] of events.entries()) {
    if (event.kind === "data" && event.side === "near") {
      totals[event.direction].calls++;
      totals[event.direction].bytes += event.length;
    } else if (event.kind !== "data") rest.push(sentence(event, events[i + 1]).text);
  }
  const parts: string[] = [];
  if (totals.out.calls > 0) {
    parts.push(`${count(totals.out.calls, "send")}, ${count(totals.out.bytes, "byte")} out`);
  }
  if (totals.in.calls > 0) {
    parts.push(`${count(totals.in.calls, "read")}, ${count(totals.in.bytes, "byte")} in`);
  }
  return [...parts, ...rest.slice(-SPOKEN_EVENTS)].join(". ");
}
