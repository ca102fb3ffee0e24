/**
 * The text column of a row: one cell for each byte. A character of several bytes fills as many cells
 * and is written once; what is no text is marked, and nothing is obeyed.
 */
import type { Direction } from "../../shared/conversation.ts";
import { visibleText } from "./visible.ts";

export type CellKind =
  /** A character that can be seen; `text` is it. */
  | "char"
  /** A blank of any kind. */
  | "space"
  /** A line end or a tab, as Python writes it. */
  | "escape"
  /** Any other control, or a character that cannot be seen by itself. */
  | "control"
  /** Not UTF-8. */
  | "invalid"
  /** The rest of a character that began in an earlier row or chunk. */
  | "rest"
  /** The bytes after these have not come yet, or are no longer known: nobody can say. */
  | "unfinished"
  /** No longer kept. */
  | "missing";

export interface TextCell {
  kind: CellKind;
  /** Bytes of the row that it stands for. */
  start: number;
  bytes: number;
  /** What to draw. */
  text: string;
  /** The same in words that can be read out: escapes instead of marks. */
  said: string;
  /** Its first, or its last byte is in another row or chunk. */
  cutBefore: boolean;
  cutAfter: boolean;
}

/** The byte at an offset; -1 for none, or none that is kept. */
export type ByteAt = (offset: number) => number;

/** What rows are read from: a conversation. */
export interface ByteSource {
  copy(direction: Direction, start: number, into: Uint8Array): { start: number; length: number };
}

/** The longest character has four bytes: so many may belong to it outside the row. */
const AROUND = 3;

/** The bytes of a row, and what is needed around them to tell its characters. */
export function bytesAround(
  source: ByteSource,
  direction: Direction,
  start: number,
  end: number,
): ByteAt {
  const first = Math.max(0, start - AROUND);
  const last = end + AROUND;
  const values = new Int16Array(last - first).fill(-1);
  for (let next = first; next < last; ) {
    const part = new Uint8Array(last - next);
    const copied = source.copy(direction, next, part);
    if (copied.length === 0 || copied.start >= last) break;
    const fits = Math.min(copied.length, last - copied.start);
    values.set(part.subarray(0, fits), copied.start - first);
    next = copied.start + copied.length;
  }
  return (offset) => values[offset - first] ?? -1;
}

/** The cells of the bytes from `start` up to and without `end`. */
export function textCells(byteAt: ByteAt, start: number, end: number): TextCell[] {
  const cells: TextCell[] = [];
  for (let offset = start; offset < end; ) {
    const lead = leadOf(byteAt, offset);
    const sequence = sequenceAt(byteAt, lead);
    const sequenceEnd = lead + sequence.length;
    const stop = Math.min(end, sequenceEnd);
    const look = offset > lead ? { kind: "rest" as const, text: "", said: "" } : lookOf(sequence);
    cells.push({
      ...look,
      start: offset,
      bytes: stop - offset,
      cutBefore: offset > lead,
      cutAfter: sequenceEnd > end || sequence.kind === "unfinished",
    });
    offset = stop;
  }
  return cells;
}

interface Sequence {
  kind: "scalar" | "invalid" | "unfinished" | "missing";
  /** Bytes it is made of, 1 when it is none. */
  length: number;
  /** Its first byte, or the character. */
  value: number;
}

/** Where the character begins that the byte at `offset` belongs to; `offset` itself if to none. */
function leadOf(byteAt: ByteAt, offset: number): number {
  if ((byteAt(offset) & 0xc0) !== 0x80) return offset;
  for (let lead = offset - 1; lead >= offset - AROUND; lead--) {
    const byte = byteAt(lead);
    if (byte < 0x80) return offset;
    if (byte < 0xc0) continue;
    return lead + sequenceAt(byteAt, lead).length > offset ? lead : offset;
  }
  return offset;
}

/** The lowest and highest second byte after a lead byte (Unicode 16, table 3-7). */
function secondRange(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  return lead === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf];
}

function sequenceAt(byteAt: ByteAt, offset: number): Sequence {
  const lead = byteAt(offset);
  if (lead < 0) return { kind: "missing", length: 1, value: lead };
  if (lead < 0x80) return { kind: "scalar", length: 1, value: lead };
  const length = lead < 0xc2 || lead > 0xf4 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (length === 0) return { kind: "invalid", length: 1, value: lead };
  let value = lead & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const byte = byteAt(offset + i);
    if (byte < 0) return { kind: "unfinished", length: i, value: lead };
    const [low, high] = i === 1 ? secondRange(lead) : [0x80, 0xbf];
    if (byte < low || byte > high) return { kind: "invalid", length: 1, value: lead };
    value = (value << 6) | (byte & 0x3f);
  }
  return { kind: "scalar", length, value };
}

const escapes: Record<number, string> = { 9: "\\t", 10: "\\n", 13: "\\r" };
/** Marks, controls, and whatever else shows nothing, or changes what is beside it. */
const UNSEEN = /[\p{C}\p{M}\p{DI}\p{Zl}\p{Zp}\ufff9-\ufffb]/u;
const BLANK = /\p{Zs}/u;

function lookOf({ kind, value }: Sequence): Pick<TextCell, "kind" | "text" | "said"> {
  const said = value < 0 ? "" : `\\x${value.toString(16).padStart(2, "0")}`;
  if (kind === "missing") return { kind, text: "", said: "" };
  if (kind === "unfinished") return { kind, text: "…", said };
  if (kind === "invalid") return { kind, text: "?", said };
  const character = String.fromCodePoint(value);
  const special = escapes[value];
  if (special !== undefined) return { kind: "escape", text: special, said: special };
  if (BLANK.test(character)) return { kind: "space", text: "·", said: " " };
  if (UNSEEN.test(character)) return { kind: "control", text: ".", said: visibleText(character) };
  return { kind: "char", text: character, said: character };
}
