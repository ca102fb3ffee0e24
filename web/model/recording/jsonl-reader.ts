/**
 * Reading a recording that may come from anywhere: what is readable is given, and where it broke is
 * said. Nothing here throws.
 */

import type { ConversationEvent } from "../../../shared/conversation.ts";
import {
  MAX_RECORDING_BYTES,
  MAX_RECORDING_EVENTS,
  MAX_RECORDING_LINE_BYTES,
} from "../../../shared/recording.ts";
import {
  type Header,
  LineProblem,
  readEvent,
  readHeader,
  Sequence,
} from "../../../shared/recording-lines.ts";
import { count } from "../format.ts";
import type { Opened } from "./recording.ts";

const LF = 10;
/** Bytes read between two rests. */
const SLICE_BYTES = 256 * 1024;

/** Reads a file as its bytes come. */
export class JsonlReader {
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true });
  #header: Header | null = null;
  readonly #events: ConversationEvent[] = [];
  #sequence = new Sequence(0);
  #problem: Opened["problem"] = null;
  /** The beginning of a line whose end has not come. */
  #open: Uint8Array[] = [];
  #openBytes = 0;
  #bytes = 0;
  /** Lines that have ended. */
  #lines = 0;

  /** The next bytes of the file, however they were cut. They may be used again afterwards. */
  push(bytes: Uint8Array): void {
    let from = 0;
    while (!this.#problem) {
      const end = bytes.indexOf(LF, from);
      if (end < 0) break;
      this.#line(this.#joined(bytes.subarray(from, end)));
      this.#lines++;
      from = end + 1;
    }
    this.#bytes += bytes.length;
    if (this.#problem) return;
    this.#keep(bytes.slice(from));
    if (this.#bytes > MAX_RECORDING_BYTES) this.#stop("would be beyond 256 MiB, too much to open.");
  }

  /** Everything that could be read. */
  end(): Opened {
    if (!this.#problem && this.#openBytes > 0) {
      const last = this.#joined(new Uint8Array(0));
      if (!this.#isWhole(last)) this.#cutOff(last);
      else {
        this.#line(last);
        this.#lines++;
      }
    }
    if (!this.#problem) this.#missing();
    const { startedAt, platform, forgotten } = this.#header ?? nothing;
    return {
      recording: { startedAt, platform, forgotten, events: this.#events },
      problem: this.#problem,
    };
  }

  #keep(rest: Uint8Array): void {
    if (rest.length === 0) return;
    this.#open.push(rest);
    this.#openBytes += rest.length;
    if (this.#openBytes > MAX_RECORDING_LINE_BYTES) this.#stop(tooLong);
  }

  #joined(end: Uint8Array): Uint8Array {
    if (this.#openBytes === 0) return end;
    const line = new Uint8Array(this.#openBytes + end.length);
    let at = 0;
    for (const piece of [...this.#open, end]) {
      line.set(piece, at);
      at += piece.length;
    }
    this.#open = [];
    this.#openBytes = 0;
    return line;
  }

  #line(line: Uint8Array): void {
    if (line.length > MAX_RECORDING_LINE_BYTES) return this.#stop(tooLong);
    if (this.#events.length >= MAX_RECORDING_EVENTS) return this.#stop("is one event too many.");
    try {
      const text = this.#utf8.decode(line);
      if (!this.#header) {
        this.#header = readHeader(text);
        this.#sequence = new Sequence(this.#header.forgotten);
      } else if (text.trim() !== "") {
        this.#events.push(this.#sequence.next(readEvent(text)));
      }
    } catch (error) {
      this.#stop(error instanceof LineProblem ? error.message : notText);
    }
  }

  #isWhole(line: Uint8Array): boolean {
    try {
      JSON.parse(this.#utf8.decode(line));
      return true;
    } catch {
      return false;
    }
  }

  /** The last line has no end. Of a first line it has to be seen that it is one of ours. */
  #cutOff(line: Uint8Array): void {
    if (this.#header) return this.#stop("ends in the middle: the file was cut off.");
    // Decoding leaves a byte order mark out.
    if (new TextDecoder().decode(line).startsWith(OURS))
      this.#stop("ends in the middle: the file was cut off.");
    else this.#line(line);
  }

  /** The file ends between two lines, too early. */
  #missing(): void {
    if (!this.#header) return this.#stop("is missing: the file is empty.");
    const { events } = this.#header;
    if (events === undefined || this.#events.length >= events) return;
    this.#stop(`is missing: the file was cut off. It had ${count(events, "event")}.`);
  }

  #stop(what: string): void {
    const line = this.#lines + 1;
    const shown = this.#header ? ` ${shownText(this.#events.length)}` : "";
    this.#problem = { line, text: `Line ${line} ${what}${shown}` };
    this.#open = [];
    this.#openBytes = 0;
  }
}

/** How the first line of ours begins. */
const OURS = '{"wireside":"recording"';
const nothing: Header = { startedAt: 0, platform: "linux", forgotten: 0 };
const notText = "is damaged: it is not text.";
const tooLong = "is too long for an event.";

function shownText(events: number): string {
  if (events === 0) return "There is no event before it.";
  return events === 1
    ? "The event before it is shown."
    : `The ${count(events, "event")} before it are shown.`;
}

/**
 * Reads a file in slices: yields after each how many bytes have been read, so that others get their
 * turn.
 */
export function* readSlices(file: string | Uint8Array): Generator<number, Opened> {
  const bytes = typeof file === "string" ? new TextEncoder().encode(file) : file;
  const reader = new JsonlReader();
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    reader.push(bytes.subarray(at, at + SLICE_BYTES));
    yield Math.min(at + SLICE_BYTES, bytes.length);
  }
  return reader.end();
}

/** Reads a file in one go. */
export function read(file: string | Uint8Array): Opened {
  const slices = readSlices(file);
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
  }
}
