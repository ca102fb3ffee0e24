/** Rows of the real buffer: where one ends, and how to go on writing there. */
import type { Terminal } from "@xterm/xterm";
import { inEscapes, sgr } from "./theme.ts";

/** Longest cell that is written again to go on after it; a longer one is a pile of marks, and is cut. */
const LONGEST_CELL = 32;
/** Palette slot of what a peer sent (`sgr.in`). */
const IN_COLOUR = 4;

/** Moves the cursor to a row and column of the screen, both from 0. */
export const goTo = (row: number, column: number) => `\x1b[${row + 1};${column + 1}H`;

/**
 * The sequence that goes on with a row of output. Its last cell is written again: so a mark that
 * comes now joins it, and a full row wraps as if nothing had come between.
 * @param line row of the buffer
 * @param column where its output ends; the row's width when it is full
 * @param mark a sequence to be parsed in that row
 */
export function continueRow(
  terminal: Terminal,
  line: number,
  column: number,
  mark: string,
): string {
  const buffer = terminal.buffer.active;
  if (line < buffer.baseY) return mark + sgr.in;
  const row = buffer.getLine(line);
  const last = row?.getCell(column - 1)?.getWidth() === 0 ? column - 2 : column - 1;
  const cell = row?.getCell(last);
  const chars = cell?.getChars() ?? "";
  const place = (at: number) => goTo(line - buffer.baseY, at) + mark;
  const rewritten = chars !== "" && chars.length <= LONGEST_CELL;
  if (!rewritten) return place(Math.min(column, terminal.cols - 1)) + sgr.in;
  // The rest of an escape is fainter, and nothing joins it.
  const isEscape = cell?.getFgColor() !== IN_COLOUR;
  return (
    place(last) + (isEscape ? sgr.in + inEscapes.open : sgr.in) + chars + (isEscape ? sgr.in : "")
  );
}

/** The column behind the last character of a row, at least 1. */
export function endOfRow(terminal: Terminal, line: number): number {
  const row = terminal.buffer.active.getLine(line);
  let column = terminal.cols;
  while (column > 1 && row?.getCell(column - 1)?.getChars() === "") column--;
  const wide = row?.getCell(column - 1)?.getWidth() === 2;
  return Math.min(terminal.cols, wide ? column + 1 : column);
}
