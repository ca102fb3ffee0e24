/**
 * What has happened in the conversations of one session, kept for a page that is loaded anew and knows
 * nothing: bounded, in memory, gone with the session.
 */
import { type ConversationEvent, type EventOf, receives } from "../../shared/conversation.ts";
import type { RecordingFollower } from "./recorder.ts";
import type { Recording } from "./recording.ts";

/** Of each conversation. */
export const KEPT_EVENTS = 2_000;
export const KEPT_BYTES = 512 * 1024;
/**
 * A read that no page has acknowledged is kept beyond that, or it would be lost: a page takes it from here.
 * Up to so many times as much, for a page that never acknowledges anything.
 */
const MOST = 2;

/** What is kept of one conversation. */
export interface Kept {
  recording: Recording;
  events: readonly ConversationEvent[];
  /** How many earlier events are not kept. */
  forgotten: number;
}

/** How many bytes before the next have arrived at a page, of what the channel's socket read. */
export type Acknowledged = (ch: number) => number;

export class History implements RecordingFollower {
  /** By channel; the one that began last is the last. */
  readonly #kept = new Map<number, Story>();
  readonly #acknowledged: Acknowledged;

  constructor(acknowledged: Acknowledged) {
    this.#acknowledged = acknowledged;
  }

  began(recording: Recording): void {
    // Of those that are over, the newest is kept, and this is newer.
    for (const [ch, { isOver }] of this.#kept) if (isOver) this.#kept.delete(ch);
    this.#kept.delete(recording.ch);
    this.#kept.set(recording.ch, new Story(recording));
  }

  event({ ch }: Recording, event: ConversationEvent): void {
    this.#kept.get(ch)?.add(event, this.#acknowledged);
  }

  over(recording: Recording): void {
    const story = this.#kept.get(recording.ch);
    if (story?.recording !== recording) return;
    story.isOver = true;
    if (story !== this.#newest) this.#kept.delete(recording.ch);
  }

  /** The conversations of living channels, and the newest in any case; in the order in which they began. */
  toTell(isLiving: (ch: number) => boolean): Kept[] {
    const newest = this.#newest;
    return [...this.#kept.values()]
      .filter((story) => story === newest || isLiving(story.recording.ch))
      .map((story) => story.kept);
  }

  get #newest(): Story | undefined {
    return [...this.#kept.values()].at(-1);
  }
}

/** One conversation. */
class Story {
  readonly recording: Recording;
  isOver = false;
  /** Without these the rest could not be understood: they stay. */
  #beginning: ConversationEvent[] = [];
  #events: ConversationEvent[] = [];
  /** Events before this index are forgotten, and go at the next compaction. */
  #first = 0;
  #bytes = 0;
  #forgotten = 0;

  constructor(recording: Recording) {
    this.recording = recording;
  }

  get kept(): Kept {
    const events = [...this.#beginning, ...this.#events.slice(this.#first)];
    return { recording: this.recording, events, forgotten: this.#forgotten };
  }

  add(event: ConversationEvent, acknowledged: Acknowledged): void {
    if (event.kind === "data" && event.bytes.length > 0) {
      this.#bytes += event.bytes.length;
      // They are lent.
      this.#events.push({ ...event, bytes: Buffer.from(event.bytes) });
    } else this.#events.push(event);
    while (this.#isOver(1) && (this.#isOver(MOST) || !this.#isOwed(acknowledged))) this.#forget();
  }

  #isOver(times: number): boolean {
    const count = this.#events.length - this.#first;
    return count > 1 && (count > KEPT_EVENTS * times || this.#bytes > KEPT_BYTES * times);
  }

  /** The oldest is a read that no page has yet. */
  #isOwed(acknowledged: Acknowledged): boolean {
    const event = this.#events[this.#first];
    if (event?.kind !== "data" || event.side === "far") return false;
    if (event.direction !== receives(this.recording.role)) return false;
    return event.offset + event.length > acknowledged(this.recording.ch);
  }

  #forget(): void {
    const event = this.#events[this.#first++];
    if (!event) return;
    if (event.kind === "data") this.#bytes -= event.bytes.length;
    if (event.kind === "option") this.#keepOptions(event);
    else if (event.kind === "data" && event.side === "near") this.#keepLength(event);
    else if (isNeeded(event)) this.#beginning.push(event);
    else this.#forgotten++;
    if (this.#first < KEPT_EVENTS / 4) return;
    this.#events.splice(0, this.#first);
    this.#first = 0;
  }

  /** Lab controls as they were then: of many changes one is left. */
  #keepOptions(event: EventOf<"option">): void {
    const before = this.#takeOut((each) => each.kind === "option");
    const options = before?.kind === "option" ? before.options : {};
    this.#beginning.push({ ...event, options: { ...options, ...event.options } });
  }

  /** How many bytes there were: of many calls of one direction one is left, without its bytes. */
  #keepLength(event: EventOf<"data">): void {
    const { direction, length } = event;
    const before = this.#takeOut((each) => each.kind === "data" && each.direction === direction);
    const sum = before?.kind === "data" ? before : { length: 0, calls: 0 };
    const all = { offset: 0, length: sum.length + length, bytes: new Uint8Array() };
    this.#beginning.push({ ...event, ...all, calls: (sum.calls ?? 1) + (event.calls ?? 1) });
  }

  #takeOut(is: (event: ConversationEvent) => boolean): ConversationEvent | undefined {
    const found = this.#beginning.find(is);
    if (!found) return undefined;
    this.#beginning = this.#beginning.filter((event) => event !== found);
    this.#forgotten++;
    return found;
  }
}

/** Who it is with, and how far it has come. */
function isNeeded({ kind, side }: ConversationEvent): boolean {
  if (side === "far") return false;
  return !["kernel", "state", "undelivered", "dropped"].includes(kind);
}
