/** How thick bytes are and where the edges of a message's bands and blocks lie. Pure geometry. */
import type { Call } from "./ladder-items.ts";

/** Heights and distances in units of the normal text size. */
export const QUOTE_Y = 10;
export const BAND_TOP = 22;
/** A band arrives this much lower than it leaves. */
export const DROP = 12;
export const ROW_GAP = 10;
export const IDLE_HEIGHT = 30;
export const LINE_HEIGHT = 22;
const BLOCK_GAP = 4;
/** Thickness of a whole message: at least this much, and never more than a hand's breadth. */
const THINNEST = 9;
const THICKEST = 160;
const THINNEST_PIECE = 4;
/** Up to here a byte is 1.5 units; from here on each doubling adds the same. */
const LINEAR_BYTES = 24;
const LINEAR_SCALE = 1.5;
const DOUBLING = 6;

/** Thickness of a message by its bytes: grows with them, ever more slowly. */
export function thickness(bytes: number): number {
  if (bytes <= LINEAR_BYTES) return Math.max(THINNEST, bytes * LINEAR_SCALE);
  const more = DOUBLING * Math.log2(bytes / LINEAR_BYTES);
  return Math.min(THICKEST, LINEAR_BYTES * LINEAR_SCALE + more);
}

/** The bytes that one call of the sender and one of the receiver have in common. */
export interface Piece {
  start: number;
  end: number;
  /** Index of the call among the sender's and the receiver's; -1: not seen. */
  sent: number;
  received: number;
  from: [number, number];
  to: [number, number];
}

export interface Layout {
  pieces: Piece[];
  /** Top and bottom of each call's block. */
  sent: [number, number][];
  received: [number, number][];
  bottom: number;
}

/**
 * Lays the bytes from `start` up to `end` out.
 * @param sender the calls that sent them, in order, and `receiver` those that read them: as far as seen.
 */
export function layOut(
  start: number,
  end: number,
  sender: readonly Call[],
  receiver: readonly Call[],
): Layout {
  const pieces = cut(start, end, sender, receiver);
  const total = thickness(end - start);
  const thick = pieces.map((piece) =>
    pieces.length === 1
      ? total
      : Math.max(THINNEST_PIECE, (total * (piece.end - piece.start)) / (end - start)),
  );
  const sent = stack(pieces, thick, sender.length, "sent", "from", BAND_TOP);
  const received = stack(pieces, thick, receiver.length, "received", "to", BAND_TOP + DROP);
  let bottom = 0;
  for (const piece of pieces) bottom = Math.max(bottom, piece.from[1], piece.to[1]);
  return { pieces, sent, received, bottom };
}

/** Both ends' borders laid over each other. */
function cut(
  start: number,
  end: number,
  sender: readonly Call[],
  receiver: readonly Call[],
): Piece[] {
  const pieces: Piece[] = [];
  let s = 0;
  let r = 0;
  for (let at = start; at < end; ) {
    while (s < sender.length && (sender[s]?.end ?? 0) <= at) s++;
    while (r < receiver.length && (receiver[r]?.end ?? 0) <= at) r++;
    const sending = sender[s];
    const receiving = receiver[r];
    const inSent = sending !== undefined && sending.start <= at;
    const inReceived = receiving !== undefined && receiving.start <= at;
    let to = end;
    if (sending) to = Math.min(to, inSent ? sending.end : sending.start);
    if (receiving) to = Math.min(to, inReceived ? receiving.end : receiving.start);
    const from: [number, number] = [0, 0];
    const sentBy = inSent ? s : -1;
    pieces.push({
      start: at,
      end: to,
      sent: sentBy,
      received: inReceived ? r : -1,
      from,
      to: [0, 0],
    });
    at = to;
  }
  return pieces;
}

/** Puts pieces below each other on one side; those of one call touch, calls keep room for their names. */
function stack(
  pieces: Piece[],
  thick: readonly number[],
  calls: number,
  call: "sent" | "received",
  edge: "from" | "to",
  top: number,
): [number, number][] {
  const blocks: [number, number][] = [];
  let y = top;
  let last = -2;
  let lastTop = top;
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i];
    if (!piece) continue;
    if (piece[call] !== last && last !== -2) {
      const height = heightOf(pieces, thick, i, call);
      const middle = (lastTop + y) / 2 + LINE_HEIGHT;
      y = Math.max(y + BLOCK_GAP, middle - height / 2);
    }
    if (piece[call] !== last) lastTop = y;
    last = piece[call];
    piece[edge] = [y, y + (thick[i] ?? 0)];
    y += thick[i] ?? 0;
    if (last >= 0 && last < calls) blocks[last] = [lastTop, y];
  }
  return blocks;
}

/** Height of the block that begins with piece `i`. */
function heightOf(
  pieces: readonly Piece[],
  thick: readonly number[],
  i: number,
  call: "sent" | "received",
): number {
  let height = 0;
  for (let j = i; j < pieces.length && pieces[j]?.[call] === pieces[i]?.[call]; j++) {
    height += thick[j] ?? 0;
  }
  return height;
}
