/**
 * Replays a recording: a conversation that is given the recorded events by a clock, so that every
 * view shows it as it shows a live one. Going back makes another conversation, because events can
 * only be added to one.
 */
import { Conversation } from "./conversation.ts";
import { type Recording, roleOf } from "./recording/recording.ts";
import { dueAt, dueTimes, sameMoment } from "./replay-times.ts";
import { Store, type Unsubscribe } from "./store.ts";

export const SPEEDS = [0.5, 1, 2, 4, 10] as const;
export type Speed = (typeof SPEEDS)[number];

/** Where a replay's time comes from. */
export interface ReplayClock {
  /** Milliseconds, from any beginning. */
  now(): number;
  /** Calls `run` once, soon: at the next frame of a page. Returns how to call that off. */
  soon(run: () => void): () => void;
}

/** More events than this at once are not told one by one: the conversation is made anew with them. */
const BULK_EVENTS = 500;
/** A conversation that is made anew takes so many at a time, so that the page never stands still. */
const FILLED_EVENTS = 4_000;

export class Replay extends Store {
  readonly recording: Recording;
  readonly #clock: ReplayClock;
  #conversation: Conversation;
  #conversations = new Set<(conversation: Conversation) => void>();
  #due: Float64Array;
  #shortened = true;
  #speed: Speed = 1;
  #phase: "paused" | "playing" | "over" = "paused";
  /** Events that have happened. */
  #fed = 0;
  /** Events in the conversation on the screen while another is made that will have `#fed`. */
  #shown = 0;
  /** Calls off the making of a conversation that will have them all; null while there is none. */
  #unfill: (() => void) | null = null;
  #position = 0;
  /** The clock when `#position` was true. */
  #since = 0;
  #cancel = () => {};

  constructor(recording: Recording, clock: ReplayClock) {
    super();
    this.recording = recording;
    this.#clock = clock;
    this.#due = dueTimes(recording.events, this.#shortened);
    this.#conversation = this.#empty();
    this.seek(0);
  }

  /** What has happened so far. Another one after going back, or far ahead. */
  get conversation(): Conversation {
    return this.#conversation;
  }
  get playing(): boolean {
    return this.#phase === "playing";
  }
  /** True once the last event has happened. */
  get ended(): boolean {
    return this.#fed === this.total && this.#unfill === null;
  }
  get speed(): Speed {
    return this.#speed;
  }
  /** True while pauses last a second at most. */
  get shortened(): boolean {
    return this.#shortened;
  }
  /** Seconds from the start, pauses as they are replayed. */
  get position(): number {
    return this.#position;
  }
  get duration(): number {
    return this.#due.at(-1) ?? 0;
  }
  /** How many events are in the conversation on the screen, and how many there are. */
  get fed(): number {
    return this.#unfill ? this.#shown : this.#fed;
  }
  get total(): number {
    return this.recording.events.length;
  }

  /** Calls `follow` with each conversation that takes the place of the one before, with its events. */
  onConversation(follow: (conversation: Conversation) => void): Unsubscribe {
    this.#conversations.add(follow);
    return () => this.#conversations.delete(follow);
  }

  /** Goes on from here; at the end, from the start. */
  play(): void {
    if (this.playing || this.#phase === "over") return;
    if (this.ended) this.seek(0);
    this.#phase = "playing";
    this.#since = this.#clock.now();
    this.#soon();
    this.changed();
  }

  pause(): void {
    if (!this.playing) return;
    this.#advance();
    this.#stop();
    this.changed();
  }

  toggle(): void {
    if (this.playing) this.pause();
    else this.play();
  }

  setSpeed(speed: Speed): void {
    if (this.playing) this.#advance();
    this.#speed = speed;
    this.changed();
  }

  /** Shortens long pauses to a second, or leaves them as they were. The moment stays the same. */
  shorten(shortened: boolean): void {
    if (this.playing) this.#advance();
    const due = dueTimes(this.recording.events, shortened);
    this.#position = sameMoment(this.#position, this.#fed, this.#due, due);
    this.#due = due;
    this.#shortened = shortened;
    this.changed();
  }

  /** Goes to a position in seconds: everything due until then has happened, and nothing else. */
  seek(position: number): void {
    this.#position = Math.min(Math.max(0, position), this.duration);
    this.#since = this.#clock.now();
    this.#become(dueAt(this.#due, this.#position));
    this.changed();
  }

  /** One event forward or back; a replay that plays is paused. */
  step(by: 1 | -1): void {
    this.#stop();
    const fed = Math.min(Math.max(0, this.#fed + by), this.total);
    this.#become(fed);
    this.#position = this.#due[fed - 1] ?? 0;
    this.changed();
  }

  /** Stops for good. */
  dispose(): void {
    this.#stop();
    this.#unfill?.();
    this.#phase = "over";
    this.#conversations.clear();
  }

  #empty(): Conversation {
    const { startedAt, forgotten } = this.recording;
    return new Conversation(startedAt, forgotten, roleOf(this.recording));
  }

  #stop(): void {
    this.#cancel();
    if (this.#phase === "playing") this.#phase = "paused";
  }

  #soon(): void {
    this.#cancel = this.#clock.soon(() => {
      if (!this.playing) return;
      this.#advance();
      if (this.ended) this.#stop();
      else this.#soon();
      this.changed();
    });
  }

  /** Goes on to where the clock is. Of a flood only so much at once: then the replay's time waits. */
  #advance(): void {
    const now = this.#clock.now();
    const elapsed = (Math.max(0, now - this.#since) / 1000) * this.#speed;
    this.#since = now;
    if (this.#unfill) return;
    const position = Math.min(this.#position + elapsed, this.duration);
    const due = dueAt(this.#due, position);
    const fed = Math.min(due, this.#fed + BULK_EVENTS);
    this.#append(Math.max(fed, this.#fed));
    this.#position = fed < due ? Math.max(this.#position, this.#due[fed - 1] ?? 0) : position;
  }

  #become(fed: number): void {
    const anew = this.#unfill !== null || fed < this.#fed || fed - this.#fed > BULK_EVENTS;
    this.#shown = this.fed;
    this.#unfill?.();
    this.#unfill = null;
    if (!anew) return this.#append(fed);
    this.#fed = fed;
    this.#fill(this.#empty(), 0);
  }

  /** The conversation before it stays until this one is complete. */
  #fill(conversation: Conversation, from: number): void {
    const to = Math.min(from + FILLED_EVENTS, this.#fed);
    conversation.appendAll(this.recording.events.slice(from, to));
    if (to < this.#fed) {
      this.#unfill = this.#clock.soon(() => this.#fill(conversation, to));
      return;
    }
    const late = this.#unfill !== null;
    this.#unfill = null;
    this.#conversation = conversation;
    for (const follow of [...this.#conversations]) follow(conversation);
    if (late) this.changed();
  }

  #append(fed: number): void {
    while (this.#fed < fed) {
      const event = this.recording.events[this.#fed++];
      if (event) this.#conversation.append(event);
    }
  }
}
