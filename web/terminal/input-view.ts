/** The input area as text to write: prompt, what is before the cursor, what is after it. */
import type { Direction } from "../../shared/conversation.ts";
import { nextBorder, previousBorder } from "../model/line.ts";
import { safeText } from "../model/visible.ts";
import { escapes, sgr } from "./theme.ts";

/** What the input area shows. */
export interface InputView {
  prompt: string;
  /** The way the line will go: its colour. */
  direction: Direction;
  text: string;
  /** UTF-16 index on a grapheme border. */
  cursor: number;
}

export interface ShownInput {
  /** Prompt and colours. */
  head: string;
  before: string;
  /** The grapheme under the cursor, the beginning of `after`. */
  next: string;
  after: string;
}

/** Columns a piece of text can take at most; how many it does take, only the terminal knows. */
function columnsAtMost(line: string): number {
  const text = safeText(line);
  let columns = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // A tab moves up to 8, and anything outside ASCII may be wide.
    if (code === 9) columns += 8;
    else columns += code > 0x1f && code < 0x7f ? 1 : 2;
  }
  return columns;
}

/** The part of a line around the cursor that surely fits `columns`, with its ends on grapheme borders. */
function windowOf(text: string, cursor: number, columns: number): { start: number; end: number } {
  let start = cursor;
  let end = cursor;
  let room = columns;
  for (let grew = true; grew; ) {
    grew = false;
    if (start > 0) {
      const from = previousBorder(text, start);
      const cost = columnsAtMost(text.slice(from, start));
      if (cost <= room) [start, room, grew] = [from, room - cost, true];
    }
    if (end < text.length) {
      const to = nextBorder(text, end);
      const cost = columnsAtMost(text.slice(end, to));
      if (cost <= room) [end, room, grew] = [to, room - cost, true];
    }
  }
  return { start, end };
}

/**
 * The input area, cut to a window around the cursor when it would be taller than the screen: its
 * first row, and the row of output above it, have to stay on the screen.
 */
export function shownInput(view: InputView, screen: { cols: number; rows: number }): ShownInput {
  const { text, cursor, prompt, direction } = view;
  const style = escapes[direction];
  const more = `${style.open}…${style.close}`;
  const room = Math.max(8, screen.cols * Math.max(1, screen.rows - 2) - prompt.length - 4);
  const fits = columnsAtMost(text) <= room;
  const { start, end } = fits ? { start: 0, end: text.length } : windowOf(text, cursor, room);
  const shown = (from: number, to: number) =>
    safeText(text.slice(from, to).replaceAll("\n", "\\n"), style);
  const nextEnd = cursor < end ? nextBorder(text, cursor) : cursor;
  const next = shown(cursor, nextEnd);
  return {
    head: sgr.ink2 + prompt + sgr[direction],
    before: (start > 0 ? more : "") + shown(start, cursor),
    next,
    after: next + shown(nextEnd, end) + (end < text.length ? more : ""),
  };
}
