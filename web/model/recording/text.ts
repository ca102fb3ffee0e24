/** A conversation to read: one sentence for each event, with its time, and below it the bytes as text. */
import { formatAddress, type Transport } from "../../../shared/address.ts";
import type { ConversationEvent, EventOf, Role } from "../../../shared/conversation.ts";
import { bytes as amount, clock, count } from "../format.ts";
import { type Mark, sentence } from "../sentences.ts";
import { overTransport } from "../sentences-sockets.ts";
import { safeText, visibleText } from "../visible.ts";
import { portions } from "./parts.ts";
import {
  addressOf,
  type Parts,
  type Recording,
  roleOf,
  transportOfRecording,
} from "./recording.ts";

const signs: Record<Mark, string> = {
  send: "→",
  receive: "←",
  "fin-out": "→|",
  "fin-in": "|←",
  reset: "×",
  open: "·",
  link: "·",
  end: "·",
  kernel: "·",
};
const INDENT = `${" ".repeat(15)}| `;
const HEX_ROW_BYTES = 16;

/** The whole file. */
export function writeText(recording: Recording): Parts {
  return portions(lines(recording));
}

function* lines(recording: Recording): Iterable<string> {
  const { events, forgotten, startedAt } = recording;
  const address = addressOf(recording);
  const role = roleOf(recording);
  const ends = { role, transport: transportOfRecording(recording) };
  const where = role === "client" ? "with" : "as the server at";
  yield `Wireside: a conversation${address ? ` ${where} ${formatAddress(address)}` : ""}\n`;
  yield `Began ${new Date(startedAt).toISOString()}; times are seconds since then.\n`;
  yield "→ goes to the server, ← comes from it. Escapes such as \\x1b are written as Python does.\n\n";
  if (forgotten > 0) yield `The first ${count(forgotten, "event")} were no longer kept.\n\n`;
  for (const [index, event] of events.entries()) yield said(event, events[index + 1], ends);
}

function said(
  event: ConversationEvent,
  after: ConversationEvent | undefined,
  { role, transport }: { role: Role; transport: Transport },
): string {
  const { mark, text: told } = sentence(event, after, role);
  const text = overTransport(told, transport);
  const head = `${clock(event.at).padStart(10)}  ${signs[mark].padEnd(2)} ${visibleText(text)}\n`;
  return event.kind === "data" ? head + content(event) : head;
}

/** The bytes: as text if they are some, otherwise in hexadecimal. */
function content({ bytes, length }: EventOf<"data">): string {
  if (bytes.length === 0) return "";
  const text = textOf(bytes);
  const rows =
    text === null
      ? hexRows(bytes)
      : safeText(text)
          .replace(/\r?\n$/, "")
          .split(/\r?\n/);
  const lost = length - bytes.length;
  if (lost > 0) rows.push(`(${amount(lost)} more, no longer kept)`);
  return rows.map((row) => `${INDENT}${row}\n`).join("");
}

/** Null for what is not UTF-8: a character that was cut between two reads, for one. */
function textOf(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

function hexRows(bytes: Uint8Array): string[] {
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += HEX_ROW_BYTES) {
    const row = [...bytes.subarray(at, at + HEX_ROW_BYTES)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const ascii = row.map((byte) =>
      byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
    );
    const offset = at.toString(16).padStart(8, "0");
    rows.push(`${offset}  ${hex.padEnd(HEX_ROW_BYTES * 3)} ${ascii.join("")}`);
  }
  return rows;
}
