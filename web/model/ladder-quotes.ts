/** What a message says: a quote for each call of its sender, or one of the whole. */
import type { Direction } from "../../shared/conversation.ts";
import { excerpt } from "./format.ts";
import type { Call, Message } from "./ladder-items.ts";
import type { Scene } from "./ladder-scene.ts";

/** Characters that fit between the lifelines. */
const LONGEST_QUOTE = 30;
/** Bytes looked at for a quote; as many as a conversation always keeps of a piece. */
const QUOTED_BYTES = 64;

/** `“accepted” “accepted”`; null when none of the bytes are kept. */
export function quotes(
  item: Message,
  sent: readonly Call[],
  received: readonly Call[],
  scene: Scene,
): string | null {
  const calls = sent.length > 0 ? sent : received;
  const parts: string[] = [];
  let length = 0;
  for (const call of calls) {
    const start = Math.max(call.start, item.start);
    const said = text(item.direction, start, Math.min(call.end, item.end), scene);
    if (said !== null) parts.push(`“${said}”`);
    length += (said?.length ?? 0) + 3;
    if (length > LONGEST_QUOTE) break;
  }
  if (parts.length > 1 && length > LONGEST_QUOTE) {
    const said = text(item.direction, item.start, item.end, scene);
    return said === null ? null : `“${said}”`;
  }
  return parts.length > 0 ? parts.join(" ") : null;
}

/** The beginning of some bytes, short and safe; null when they are not known. */
export function text(
  direction: Direction,
  start: number,
  end: number,
  scene: Scene,
): string | null {
  const found = beginning(direction, start, Math.min(end, start + QUOTED_BYTES), scene);
  if (found.length === 0) return null;
  const said = excerpt(found, end - start);
  const letters = [...said.slice(0, LONGEST_QUOTE * 2)];
  return letters.length > LONGEST_QUOTE ? `${letters.slice(0, LONGEST_QUOTE - 1).join("")}…` : said;
}

/** Bytes from `start` on, as far as they follow each other and are kept. */
function beginning(direction: Direction, start: number, end: number, scene: Scene): Uint8Array {
  const stream = scene.streams[direction];
  const found = new Uint8Array(end - start);
  let at = start;
  for (const call of stream.callsBetween("near", start, end)) {
    const event = scene.event(call.event);
    if (event?.kind !== "data" || call.start > at) break;
    // Only what is kept for ever, so that a row does not change when its bytes are let go.
    const kept = event.bytes.subarray(0, QUOTED_BYTES);
    const from = at - event.offset;
    const piece = kept.subarray(from, from + end - at);
    found.set(piece, at - start);
    at += piece.length;
    if (at < Math.min(end, event.offset + event.length)) break;
  }
  return found.subarray(0, at - start);
}
