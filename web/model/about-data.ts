/** Sends and reads in one sentence, and text that is not the same as its bytes. */
import { type EventOf, type Role, senderOf } from "../../shared/conversation.ts";
import type { About } from "./about.ts";
import { beliefs } from "./about-beliefs.ts";
import { peerOf } from "./ends.ts";
import { bytes, count } from "./format.ts";

/** @param role which end the page is. */
export function aboutData(event: EventOf<"data">, role: Role): About {
  const near = event.side === "near";
  const sent = senderOf(role, event.direction) === event.side;
  const peer = peerOf(role);
  if (near) {
    const mixed = text(event);
    if (mixed) return { title: title(event, sent, role), ...mixed };
  }
  const length = bytes(event.length);
  if (sent) {
    return {
      title: title(event, sent, role),
      text: near
        ? `send() handed ${length} to the kernel, which is all that is known when it returns.`
        : `The ${peer}'s send() handed ${length} to its kernel.`,
      source: { label: "send(2)" },
      wrong: beliefs.sentIsRead,
    };
  }
  return {
    title: title(event, sent, role),
    text: near
      ? `recv() returned the ${length} that were there, without regard to how they were sent.`
      : `The ${peer}'s recv() returned the ${length} that it had asked for or that were there.`,
    source: { label: "recv(2)" },
    wrong: near ? beliefs.recvWaits : beliefs.oneSendOneRecv,
  };
}

function title({ side, calls }: EventOf<"data">, sent: boolean, role: Role): string {
  const whose = side === "near" ? "" : `The ${peerOf(role)}'s `;
  const toYou = (side === "near") !== sent;
  const call = sent ? "send()" : "recv()";
  const many = calls !== undefined && calls > 1 ? `, ${count(calls, "call")}` : "";
  return `${whose}${call}${many}, ${toYou ? "to you" : `to the ${peerOf(role)}`}`;
}

/** What is said of bytes that are not one character each; null for plain ASCII, and for a part. */
function text({ bytes: piece, length }: EventOf<"data">): Omit<About, "title"> | null {
  if (piece.length !== length || piece.every((byte) => byte < 0x80)) return null;
  const source = { label: "utf-8(7)" };
  const wrong = beliefs.textIsBytes;
  const cut = cutAt(piece);
  if (cut) {
    return { text: `This piece ${cut} in the middle of a character.`, source, wrong };
  }
  const decoded = decode(piece);
  if (decoded === null) return null;
  const characters = [...decoded].length;
  return {
    text: `These ${bytes(length)} are ${count(characters, "character")} of text.`,
    source,
    wrong,
  };
}

function decode(piece: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(piece);
  } catch {
    return null;
  }
}

/** Whether UTF-8 that is whole but for its ends begins or ends inside a character (RFC 3629 section 3). */
function cutAt(piece: Uint8Array): "begins" | "ends" | "begins and ends" | null {
  let start = 0;
  while (start < 3 && isContinuation(piece[start])) start++;
  let end = piece.length;
  while (end > start && piece.length - end < 3 && isContinuation(piece[end - 1])) end--;
  const lead = piece[end - 1] ?? 0;
  const tail = piece.length - end;
  const whole = lead < 0xc0 || tail + 1 >= sequenceLength(lead);
  const inside = piece.subarray(start, whole ? piece.length : end - 1);
  if (decode(inside) === null) return null;
  if (start > 0) return whole ? "begins" : "begins and ends";
  return whole ? null : "ends";
}

const isContinuation = (byte: number | undefined) => byte !== undefined && (byte & 0xc0) === 0x80;
const sequenceLength = (lead: number) => (lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2);
