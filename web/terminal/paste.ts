/** Pasted text made harmless, and what to do with it: into the line, or ask first. */
import { visibleText } from "../model/visible.ts";

export interface PasteQuestion {
  lines: number;
  bytes: number;
  /** The beginning, with controls and invisible characters as escapes. */
  preview: string;
}

/** One line up to this size goes into the line being typed. */
const LONGEST_TYPED_BYTES = 4 * 1024;
/** Up to this size each line is a send of its own; beyond, the bytes are one long send. */
const LONGEST_LINES_BYTES = 64 * 1024;
/** Up to this many lines are printed one by one; more become one row that sums them up. */
const MOST_LINES_PRINTED = 100;
const PREVIEW_LINES = 12;
const PREVIEW_CHARACTERS = 120;

export type PastePlan =
  | { kind: "insert"; text: string }
  /** Lines as if each had been typed. */
  | { kind: "lines"; lines: string[]; printed: boolean; question: PasteQuestion }
  /** Bytes as they are. */
  | { kind: "bytes"; bytes: Uint8Array; question: PasteQuestion };

/** ESC, CSI, and every other control but TAB, CR and LF. */
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x9b]/g;

/**
 * Pasted text without what a terminal would obey. Removing one sequence could make another out of
 * what stood around it, so whole characters go, until none is left.
 */
export function harmless(text: string): string {
  let clean = text;
  for (let dirty = ""; dirty !== clean; ) {
    dirty = clean;
    clean = dirty.replace(CONTROLS, "");
  }
  return clean.replace(/\p{Surrogate}/gu, "\ufffd");
}

/** Decides what pasted text becomes. */
export function planPaste(pasted: string): PastePlan | null {
  const text = harmless(pasted);
  if (text === "") return null;
  const bytes = new TextEncoder().encode(text);
  const lines = text.split(/\r\n|\r|\n/);
  // The end of the last line begins no other.
  if (lines.at(-1) === "") lines.pop();
  const only = lines.length === 1 ? lines[0] : undefined;
  if (only !== undefined && only.length === text.length && bytes.length <= LONGEST_TYPED_BYTES) {
    return { kind: "insert", text: only };
  }
  const question = { lines: lines.length, bytes: bytes.length, preview: preview(lines) };
  if (bytes.length > LONGEST_LINES_BYTES) return { kind: "bytes", bytes, question };
  const printed = lines.length <= MOST_LINES_PRINTED && bytes.length <= LONGEST_TYPED_BYTES;
  return { kind: "lines", lines, printed, question };
}

function preview(lines: string[]): string {
  const shown = lines.slice(0, PREVIEW_LINES).map((line) => {
    const start = visibleText(line.slice(0, PREVIEW_CHARACTERS));
    return line.length > PREVIEW_CHARACTERS ? `${start}…` : start;
  });
  if (lines.length > PREVIEW_LINES) shown.push("…");
  return shown.join("\n");
}
