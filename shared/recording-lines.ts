/** Single lines of a recording: from text to a header or an event, or to what is wrong with it. */

import { fromBase64 } from "./base64.ts";
import type { ConversationEvent } from "./conversation.ts";
import {
  check,
  RECORDING_VERSION,
  RecordedEvent,
  RecordingHeader,
  RecordingMark,
} from "./recording.ts";

export type Header = Omit<RecordingHeader, "wireside" | "version">;

/** What is wrong with a line, as the rest of a sentence that begins `Line 17`. */
export class LineProblem extends Error {}

const NOT_OURS = "does not say that this is a recording of Wireside.";

/** @throws {LineProblem} */
export function readHeader(text: string): Header {
  const value = parsed(text, NOT_OURS);
  const mark = check(RecordingMark, value);
  if (!mark.ok) throw new LineProblem(isCast(value) ? CAST : NOT_OURS);
  const { version } = mark.value;
  if (version !== RECORDING_VERSION) {
    throw new LineProblem(
      `says version ${version}, and this Wireside reads version ${RECORDING_VERSION}.${
        version > RECORDING_VERSION ? " A newer one can open it." : ""
      }`,
    );
  }
  const header = check(RecordingHeader, value);
  if (!header.ok) throw new LineProblem(wrongField(header.field));
  return header.value;
}

const CAST =
  "is that of a terminal recording (asciicast). Only Wireside's own recordings (.jsonl) can be opened.";

function isCast(value: unknown): boolean {
  return typeof value === "object" && value !== null && ("term" in value || "width" in value);
}

/** @throws {LineProblem} */
export function readEvent(text: string): ConversationEvent {
  const checked = check(RecordedEvent, parsed(text, "is damaged: it is not JSON."));
  if (!checked.ok) throw new LineProblem(wrongField(checked.field));
  const recorded = checked.value;
  return recorded.kind === "data" ? withBytes(recorded) : recorded;
}

function withBytes(recorded: Extract<RecordedEvent, { kind: "data" }>): ConversationEvent {
  const { at, side, kind, direction, offset, length, calls } = recorded;
  const bytes = fromBase64(recorded.bytes ?? "");
  if (!bytes) throw new LineProblem("is damaged: its bytes are not base64.");
  if (bytes.length > length) throw new LineProblem("has more bytes than its length says.");
  if (side === "far" && bytes.length > 0) {
    throw new LineProblem("has bytes, but a call of the other end carries none of its own.");
  }
  const event = { at, side, kind, direction, offset, length, bytes };
  return calls === undefined ? event : { ...event, calls };
}

function parsed(text: string, problem: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new LineProblem(problem);
  }
}

function wrongField(field: string): string {
  return field === "" ? "is not an event." : `has no “${field}”, or one that cannot be.`;
}

/** That events follow each other as they can have happened. */
export class Sequence {
  #at = 0;
  /** Where the next byte of each side and direction begins; null while nobody can know. */
  readonly #ends: Record<string, number | null>;

  constructor(forgotten: number) {
    const start = forgotten > 0 ? null : 0;
    this.#ends = { "near out": start, "near in": start, "far out": null, "far in": null };
  }

  /**
   * The event, if it can be the next.
   * @throws {LineProblem}
   */
  next(event: ConversationEvent): ConversationEvent {
    if (event.at < this.#at) throw new LineProblem("is earlier than the line before it.");
    if (event.kind === "data") this.#follow(event);
    this.#at = event.at;
    return event;
  }

  #follow({ side, direction, offset, length }: Extract<ConversationEvent, { kind: "data" }>): void {
    const key = `${side} ${direction}`;
    const expected = this.#ends[key] ?? null;
    // Calls of the other end may have been missed; bytes of our own never are.
    const follows = side === "near" ? offset === expected : offset >= (expected ?? 0);
    if (expected !== null && !follows) {
      throw new LineProblem(`begins at byte ${offset}, where byte ${expected} comes next.`);
    }
    if (!Number.isSafeInteger(offset + length)) throw new LineProblem("has too many bytes.");
    this.#ends[key] = offset + length;
  }
}
