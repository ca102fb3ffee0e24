/** Conversations on the wire as docs/protocol.md writes them down. */

import { failureOfWire } from "../../shared/errors.ts";
import { ackCredit, decodeFrame, type Frame, FrameType, resetReason } from "../../shared/frames.ts";
import type { FarCall, GatewayMessage } from "../../shared/protocol.ts";

/** One line: a message, or a frame with the meaning that stands below it. */
export type Said = { by: "page" | "gateway" } & (
  | { text: string }
  | { bytes: Uint8Array; meaning: string }
);

/**
 * Reads a block: `page …` and `gateway …`, JSON or hex, and below hex an indented line.
 * @throws {Error} at a line that is none of these
 */
export function readTranscript(block: string): Said[] {
  const found: Said[] = [];
  for (const line of block.split("\n").filter((each) => each !== "")) {
    const [, by, what = ""] = /^(page|gateway) +(.+)$/.exec(line) ?? [];
    const last = found.at(-1);
    if (by === "page" || by === "gateway") {
      if (what.startsWith("{")) found.push({ by, text: what });
      else found.push({ by, bytes: Buffer.from(what.replaceAll(" ", ""), "hex"), meaning: "" });
    } else if (line.startsWith("  ") && last && "bytes" in last) last.meaning = line.trim();
    else throw new Error(`cannot be read: ${line}`);
  }
  return found;
}

/** A frame in words. */
export function meaningOf(frame: Frame): string {
  const { type, channel, at, seq, payload } = frame;
  const name = Object.entries(FrameType).find(([, number]) => number === type)?.[0] ?? "";
  const head = `${name.toUpperCase()} on ${channel}, at ${at}, seq ${seq}`;
  if (type === FrameType.data) return `${head}: ${JSON.stringify(Buffer.from(payload).toString())}`;
  if (type === FrameType.ack) return `${head}, credit ${ackCredit(frame)}`;
  if (type === FrameType.eof) return head;
  const { code, detail } = resetReason(frame);
  return `${head}: ${code} ${failureOfWire(code)}${detail ? ` ${detail}` : ""}`;
}

/** What is another each time: clocks, secrets, the system, ports that were free. */
const CHANCE = new Set(["at", "sid", "token", "os", "port"]);

/** The same, with one message for each call at the far end: how many come together is chance. */
export function inParts(said: Said | Frame | GatewayMessage): string[] {
  const message = "text" in said ? JSON.parse(said.text) : said;
  if (message.type !== "far") return [sameEachTime(said)];
  return message.calls.map((call: FarCall) => sameEachTime({ ...message, calls: [call] }));
}

/** What is said, without what is another each time. */
export function sameEachTime(said: Said | Frame | GatewayMessage): string {
  if ("payload" in said) return meaningOf({ ...said, at: 0 });
  if ("bytes" in said) return sameEachTime(decodeFrame(said.bytes));
  return JSON.stringify("text" in said ? JSON.parse(said.text) : said, inOneOrder);
}

function inOneOrder(key: string, value: unknown): unknown {
  if (CHANCE.has(key)) return "…";
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
