/** What became of some bytes, in words: how they were sent, how they were read, and what that teaches. */
import type { Transport } from "../../shared/address.ts";
import { type Direction, type EventOf, type Side, sends } from "../../shared/conversation.ts";
import type { Calls, Piece } from "./bytes-calls.ts";
import type { Conversation } from "./conversation.ts";
import { peerOf, sidesOf } from "./ends.ts";
import { bytes, clock, count } from "./format.ts";
import type { ByteRange } from "./selection.ts";

export interface BytesStory {
  /** `Sent as 1 message, read as 2 chunks`. */
  headline: string;
  /** `23 B at 11.870 s`. */
  figures: string;
  /** A call of the other end that follows from what was seen, `recv(16)`; else null. */
  called: string | null;
  closing: string;
}

/** What is true of bytes by what carries them. */
const STREAM = "keeps bytes and their order, not message borders.";
const laws: Record<Transport, string> = {
  tcp: `TCP ${STREAM}`,
  tls: `TCP ${STREAM}`,
  unix: `A stream socket ${STREAM}`,
  udp: "UDP keeps each datagram whole: it is read at once, or never.",
};
const lawOf = ({ state }: Conversation): string => laws[state.transport];
/** One send of so little crosses the loopback in one piece: only a small read can cut it. */
const UNCUT_BYTES = 4096;

/** The story of the bytes in a range, as they were picked out. */
export function pieceStory(
  conversation: Conversation,
  range: ByteRange,
  event: number,
): BytesStory {
  const { role } = conversation.state;
  const { sender, receiver } = sidesOf(range.direction, role);
  const at = conversation.event(event)?.at;
  const size = bytes(range.end - range.start);
  const figures = at === undefined ? size : `${size} at ${clock(at)} s`;
  const of = (side: Side) => conversation.pieces(range.direction, side, range.start, range.end);
  const sent = seen(conversation, of(sender), range, sender);
  const reads = seen(conversation, of(receiver), range, receiver);
  const unseen = conversation.state.farSeen ? null : invisible(conversation, range, sent, reads);
  if (unseen) return { ...unseen, figures, called: null };
  const over = conversation.state.phase === "closed";
  const called = receiver === "far" ? readLimit(sent.pieces, reads.pieces) : null;
  const reader = receiver === "far" ? `the ${peerOf(role)}` : "your socket";
  return {
    headline: `${sentWords(sent, range)}, ${readWords(reads, sent, over)}`,
    figures,
    called: called === null ? null : `recv(${called})`,
    closing:
      conversation.state.transport === "udp" || called !== null
        ? lawOf(conversation)
        : closingOf(reader, sent, reads, over, lawOf(conversation)),
  };
}

/** The story of all that went in one direction. */
export function wholeStory(conversation: Conversation, direction: Direction): BytesStory {
  const { role, sends: calls, reads } = conversation.state;
  const length = conversation.lengthOf(direction);
  const own = direction === sends(role);
  const nothing = own ? "Nothing sent yet" : "Nothing received yet";
  const all = own ? "Everything you sent" : `Everything the ${peerOf(role)} sent`;
  const cutAt = conversation.wholeFrom(direction);
  const first = `Of the first ${bytes(cutAt)} only the beginning of each piece is kept. `;
  return {
    headline: length === 0 ? nothing : all,
    figures:
      length === 0 ? "" : `${bytes(length)}, ${own ? count(calls, "send") : count(reads, "read")}`,
    called: null,
    closing: (cutAt > 0 ? first : "") + lawOf(conversation),
  };
}

interface Seen {
  pieces: Piece[];
  calls: number;
  /** How much of the range these calls carried. */
  share: "none" | "part" | "all";
  /** Calls that came later are known, so what is missing happened, but was not seen. */
  missed: boolean;
}

function seen(conversation: Conversation, pieces: Piece[], range: ByteRange, side: Side): Seen {
  let carried = 0;
  let calls = 0;
  for (const piece of pieces) {
    carried += overlapOf(piece, range);
    calls += piece.calls;
  }
  const all = carried >= range.end - range.start;
  const later = conversation.calls(range.direction, side);
  const last = later.at(later.length - 1);
  const missed = !all && last !== undefined && last.offset + last.length >= range.end;
  return { pieces, calls, share: all ? "all" : carried > 0 ? "part" : "none", missed };
}

function overlapOf(piece: Piece, range: ByteRange): number {
  const end = Math.min(piece.offset + piece.length, range.end);
  return Math.max(0, end - Math.max(piece.offset, range.start));
}

/** What cannot be known of an end whose calls nobody sees: of a stream how it cut, of datagrams whether and when. */
function invisible(conversation: Conversation, range: ByteRange, sent: Seen, reads: Seen) {
  const { role, transport } = conversation.state;
  const size = count(range.end - range.start, "byte");
  const peer = peerOf(role);
  const law = lawOf(conversation);
  const isUdp = transport === "udp";
  if (range.direction === sends(role)) {
    const how = sent.calls > 1 ? ` in ${count(sent.calls, "message")}` : "";
    return {
      headline: `Sent ${size}${how}; ${isUdp ? "whether" : "how"} the ${peer} read them is not visible from here`,
      closing: isUdp ? law : `${law} The ${peer} may read these in other pieces than you sent.`,
    };
  }
  const how = reads.calls > 1 ? ` in ${count(reads.calls, "chunk")}` : "";
  return {
    headline: `Read ${size}${how}; ${isUdp ? "when" : "how"} the ${peer} sent them is not visible from here`,
    closing: isUdp ? law : `${law} The ${peer} may have sent these in other pieces than you read.`,
  };
}

function sentWords(sends: Seen, range: ByteRange): string {
  if (sends.share !== "all") return `Sent ${count(range.end - range.start, "byte")}`;
  const [only] = sends.pieces;
  if (sends.calls === 1 && only && only.length > range.end - range.start) {
    return `Part of a message of ${bytes(only.length)}`;
  }
  return `Sent as ${count(sends.calls, "message")}`;
}

function readWords(reads: Seen, sends: Seen, over: boolean): string {
  if (reads.missed) return "and how they were read was not seen";
  if (reads.share === "none") return over ? "never read" : "not read yet";
  const chunks = count(reads.calls, "chunk");
  if (reads.share === "part")
    return over ? `read in part, as ${chunks}` : `read so far as ${chunks}`;
  return reads.calls === 1 && sends.calls > 1 ? "read at once" : `read as ${chunks}`;
}

function closingOf(reader: string, sends: Seen, reads: Seen, over: boolean, law: string) {
  if (sends.share !== "all" || reads.missed) return law;
  if (reads.share !== "all") {
    return over ? law : "Bytes wait at the other end until its program calls recv().";
  }
  if (reads.calls > 1 && reads.calls > sends.calls) {
    return `Nothing was lost: ${reader} just read in smaller pieces. ${law}`;
  }
  if (reads.calls === 1 && sends.calls > 1) {
    return `All of them had arrived when ${reader} read. ${law}`;
  }
  if (reads.calls === 1 && sends.calls === 1) {
    const promised = law.replace(/, not .*/, "; it does not promise that.");
    return `One read took one message this time. ${promised}`;
  }
  return law;
}

/**
 * The most that one read took, where nothing else explains what was seen: each read but the last
 * returned the same number of bytes although more of the same small send was there.
 */
function readLimit(sends: readonly Piece[], reads: readonly Piece[]): number | null {
  const [first] = reads;
  if (!first || reads.length < 2) return null;
  const cut = (offset: number) =>
    sends.some((send) => {
      const inside = send.offset < offset && offset < send.offset + send.length;
      return inside && send.length <= UNCUT_BYTES && send.calls === 1;
    });
  const follows = reads.every(({ offset, length, calls }, index) => {
    if (calls > 1 || length > first.length) return false;
    if (index === reads.length - 1) return true;
    return length === first.length && cut(offset + length);
  });
  return follows ? first.length : null;
}

/** What ended with the last byte of a row. */
export interface RowEnd {
  /** A send, or a read, ended there: the border below the row. Null at the end of the range. */
  border: "send" | "read" | "both" | null;
  /** `chunk 1: 16 B`, `message 2: 8 B`. */
  labels: string[];
}

/** @param always labels even where one send was one read: among many others. */
export function rowEnd(
  conversation: Conversation,
  range: ByteRange,
  end: number,
  always: boolean,
): RowEnd {
  const { sender, receiver } = sidesOf(range.direction, conversation.state.role);
  const sends = conversation.calls(range.direction, sender);
  const reads = conversation.calls(range.direction, receiver);
  const several = always || isCut(sends, range) || isCut(reads, range);
  const labels: string[] = [];
  const atEnd = end >= range.end;
  const send = sends.endsAt(end);
  const read = reads.endsAt(end);
  const chunk = several && (read || atEnd) ? labelOf(reads, range, end, "chunk") : null;
  if (chunk) labels.push(chunk);
  // Where reads are seen, a send that is alone needs no name.
  const named = isCut(sends, range) || (always && !chunk);
  const message = named && (send || atEnd) ? labelOf(sends, range, end, "message") : null;
  if (message) labels.push(message);
  const border = send && read ? "both" : send ? "send" : read ? "read" : null;
  return { border: atEnd ? null : border, labels };
}

/** True when more than one of these calls carried the range. */
function isCut(calls: Calls, range: ByteRange): boolean {
  const first = calls.at(calls.find(range.start));
  return first !== undefined && first.offset + first.length < range.end;
}

function labelOf(calls: Calls, range: ByteRange, end: number, name: string): string | null {
  const index = calls.find(end - 1);
  const piece = calls.piece(index);
  if (!piece || piece.offset >= end) return null;
  const first = calls.find(range.start);
  const known = (calls.at(first) as EventOf<"data">).offset <= range.start;
  const number = known ? ` ${index - first + 1}` : "";
  const carried = overlapOf(piece, range);
  const size = carried < piece.length ? `${carried} of ${bytes(piece.length)}` : bytes(carried);
  const together = piece.calls > 1 ? ` (${count(piece.calls, "call")})` : "";
  return `${name}${number}: ${size}${together}`;
}
