/** A file whose writing was interrupted: how far it is whole, and what its first line says. */
import { readSync } from "node:fs";
import { MAX_RECORDING_LINE_BYTES } from "../../shared/recording.ts";
import { LineProblem, readEvent, readHeader, Sequence } from "../../shared/recording-lines.ts";

const LF = 10;
const SLICE_BYTES = 1024 * 1024;
/**
 * What is looked at closely: a process that was killed leaves one line unfinished. Before it lines are only
 * counted, unless not one in it is whole, as after a power cut.
 */
const TAIL_BYTES = 2 * 1024 * 1024;
/** How the first line of ours begins. */
const OURS = '{"wireside":"recording"';

export interface Whole {
  /** Where the last whole line ends, in bytes. */
  bytes: number;
  /** Lines after the first. */
  events: number;
  student: string;
  address: string;
  /** Milliseconds since 1970. */
  startedAt: number;
}

/**
 * Looks at a file, and changes nothing.
 * @param fd open for reading.
 * @param size in bytes.
 * @returns `empty` when not even the first line is whole, `alien` when it is no recording of ours.
 * @throws what the system says.
 */
export function lookAt(fd: number, size: number): Whole | "empty" | "alien" {
  const first = firstLine(fd, size);
  if (first === null) return isOurs(fd) ? "empty" : "alien";
  try {
    const { startedAt, forgotten } = readHeader(first.text);
    const { student, address } = JSON.parse(first.text);
    const labels = { startedAt, student: textOf(student), address: textOf(address) };
    return { ...labels, ...wholeLines(fd, { from: first.end, size, forgotten }) };
  } catch (error) {
    if (error instanceof LineProblem) return "alien";
    throw error;
  }
}

const textOf = (value: unknown) => (typeof value === "string" ? value : "");

/** Whether it begins as ours do, as far as it goes: a first line that was cut off. */
function isOurs(fd: number): boolean {
  const start = readAt(fd, 0, OURS.length).toString("latin1");
  return OURS.startsWith(start) || start.startsWith(OURS);
}

function firstLine(fd: number, size: number): { text: string; end: number } | null {
  const bytes = readAt(fd, 0, Math.min(size, MAX_RECORDING_LINE_BYTES));
  const end = bytes.indexOf(LF);
  return end < 0 ? null : { text: bytes.toString("utf8", 0, end), end: end + 1 };
}

/** The lines from `from` on that are events and follow each other. */
function wholeLines(fd: number, file: { from: number; size: number; forgotten: number }) {
  const { from, size, forgotten } = file;
  const tail = lineBefore(fd, from, size - TAIL_BYTES);
  if (tail.at > from) {
    // What was before may have been anything.
    const read = readEvents(fd, tail.at, size, new Sequence(1));
    if (read.events > 0) return { bytes: read.end, events: tail.lines + read.events };
  }
  const read = readEvents(fd, from, size, new Sequence(forgotten));
  return { bytes: read.end, events: read.events };
}

/** The last beginning of a line between `from` and `to`, and how many lines are before it. */
function lineBefore(fd: number, from: number, to: number): { at: number; lines: number } {
  const found = { at: from, lines: 0 };
  for (let at = from; at < to; at += SLICE_BYTES) {
    const slice = readAt(fd, at, Math.min(SLICE_BYTES, to - at));
    for (let lf = slice.indexOf(LF); lf >= 0; lf = slice.indexOf(LF, lf + 1)) {
      found.at = at + lf + 1;
      found.lines++;
    }
  }
  return found;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Reads events until one is damaged, cut off, or does not follow. */
function readEvents(fd: number, from: number, size: number, sequence: Sequence) {
  const read = { end: from, events: 0 };
  let open: Buffer = Buffer.alloc(0);
  for (let at = from; at < size; at += SLICE_BYTES) {
    const slice = Buffer.concat([open, readAt(fd, at, Math.min(SLICE_BYTES, size - at))]);
    let start = 0;
    for (let lf = slice.indexOf(LF); lf >= 0; lf = slice.indexOf(LF, start)) {
      if (!follows(slice.subarray(start, lf), sequence)) return read;
      read.end += lf + 1 - start;
      start = lf + 1;
      read.events++;
    }
    open = slice.subarray(start);
    if (open.length > MAX_RECORDING_LINE_BYTES) return read;
  }
  return read;
}

function follows(line: Uint8Array, sequence: Sequence): boolean {
  try {
    sequence.next(readEvent(utf8.decode(line)));
    return true;
  } catch (error) {
    // A TypeError is the decoder's: bytes that are no text.
    if (error instanceof LineProblem || error instanceof TypeError) return false;
    throw error;
  }
}

/** Reads as much as there is, up to `length` bytes. */
function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const got = readSync(fd, bytes, read, length - read, position + read);
    if (got === 0) break;
    read += got;
  }
  return bytes.subarray(0, read);
}
