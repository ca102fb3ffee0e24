/** Where things stand across the ladder at a given width, and how much text fits there. */

import type { Direction } from "../../shared/conversation.ts";
import type { Column } from "../model/ends.ts";

/** Horizontal places in units of the normal text size, from the left edge. */
export interface Columns {
  width: number;
  /** The middles of both lifelines. */
  client: number;
  server: number;
  /** Size of quotes, and of the names beside the lifelines. */
  size: number;
  label: number;
  /** Right edge of the times; null where they stand over the labels, or nowhere. */
  times: number | null;
  /** Names beside the lifelines: calls, states, times. A phone has no room for them. */
  labels: boolean;
}

/** Half of a lifeline's width. */
export const HALF = 7;
/** From a lifeline's edge to where a band begins. */
export const GAP = 2;
/** Width of a block, and what is free between it and its lifeline. */
export const BLOCK = 9;
export const BLOCK_GAP = 5;
/** From a lifeline's middle to where a label beside its block ends. */
export const LABEL = HALF + BLOCK_GAP + BLOCK + 7;
/** From a lifeline's middle to where a state's name ends. */
export const STATE = HALF + 9;
/** Room of one character of the data font, of its size: the font has one width. */
export const ADVANCE = 0.6;
/** A word of the interface's font is this much narrower than one of the data font. */
export const NARROWER = 0.78;

const WIDE = 620;
const MIDDLE = 430;

export function columnsFor(width: number): Columns {
  if (width >= WIDE) {
    return {
      width,
      client: 232,
      server: width - 170,
      size: 17,
      label: 15,
      times: 92,
      labels: true,
    };
  }
  if (width >= MIDDLE) {
    return {
      width,
      client: 136,
      server: width - 116,
      size: 14,
      label: 13,
      times: null,
      labels: true,
    };
  }
  const edge = width < 240 ? 24 : 34;
  return {
    width,
    client: edge,
    server: width - edge,
    size: 17,
    label: 14,
    times: null,
    labels: false,
  };
}

/** Where a unit is larger than usual, and times are short: for a class that looks from far away. */
export function projectedColumns(width: number): Columns {
  if (width < MIDDLE) return columnsFor(width);
  return {
    width,
    client: 154,
    server: width - 110,
    size: 15.4,
    label: 13.3,
    times: 42,
    labels: true,
  };
}

/** From where to where something goes in a direction. */
export function endsOf(direction: Direction, columns: Columns): [number, number] {
  const { client, server } = columns;
  return direction === "out" ? [client, server] : [server, client];
}

/** -1 or 1: which way lies outside of a lifeline, where its calls and states have their names. */
export function outside(column: Column): -1 | 1 {
  return column === "client" ? -1 : 1;
}

/** Units between the lifelines that text may take. */
export function inner(columns: Columns): number {
  return columns.server - columns.client - 2 * (HALF + 9);
}

const PLAIN = /^[\u0020-\u02ff\u0370-\u052f\u2010-\u2027]*$/;
/** Han, kana, Hangul, full-width forms and pictures fill a square. */
const SQUARE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const MARK = /\p{M}/u;

/** Advances of the data font that a character takes; other fonts' letters are a little wider at most. */
function advances(character: string): number {
  if (PLAIN.test(character)) return 1;
  if (MARK.test(character)) return 0;
  return SQUARE.test(character) ? 1.75 : 1.15;
}

/** How wide a text of the data font is. */
export function textWidth(text: string, size: number): number {
  let taken = 0;
  if (PLAIN.test(text)) taken = text.length;
  else for (const character of text) taken += advances(character);
  return taken * ADVANCE * size;
}

/** As much of a text as fits, with `tail` after it; what is cut off shows as an ellipsis. */
export function cutTo(text: string, size: number, width: number, tail = ""): string {
  const room = width - textWidth(tail, size);
  if (textWidth(text, size) <= room) return text;
  // What was quoted stays quoted.
  const closing = text.endsWith("”") ? "”" : "";
  let kept = "";
  let taken = textWidth(`…${closing}`, size);
  for (const character of text) {
    taken += textWidth(character, size);
    if (taken > room) break;
    kept += character;
  }
  return `${kept.trimEnd()}…${closing}`;
}

/** A text in one line or two about equal ones, broken between words; what does not fit is cut. */
export function twoLines(text: string, size: number, width: number): string[] {
  if (textWidth(text, size) <= width) return [text];
  const words = text.split(" ");
  let best = [text];
  for (let i = 1; i < words.length; i++) {
    const lines = [words.slice(0, i).join(" "), words.slice(i).join(" ")];
    if (widest(lines, size) < widest(best, size)) best = lines;
  }
  return best.map((line) => cutTo(line, size, width));
}

export function widest(lines: readonly string[], size: number): number {
  return Math.max(...lines.map((line) => textWidth(line, size)));
}
