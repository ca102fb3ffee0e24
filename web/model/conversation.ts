/** A conversation as views follow it: its events, the state they add up to, bounded memory. */
import {
  type ConversationEvent,
  type ConversationState,
  type Direction,
  initialState,
  next,
} from "../../shared/conversation.ts";
import { Store, type Unsubscribe } from "./store.ts";

/** Payload bytes kept whole; beyond that the oldest pieces keep only an excerpt. */
export const KEPT_BYTES = 16 * 1024 * 1024;
/** What stays of a piece whose bytes are no longer kept. */
export const EXCERPT_BYTES = 64;
/** Events kept; beyond that the oldest go, and `forgotten` counts them. */
export const KEPT_EVENTS = 100_000;

export class Conversation extends Store {
  /** When it began, in milliseconds since 1970 by the clock of whoever recorded it. */
  readonly startedAt: number;
  #events: ConversationEvent[] = [];
  #state: ConversationState = initialState;
  #keptBytes = 0;
  /** Index of the oldest event whose bytes may still be whole. */
  #oldestWhole = 0;
  #forgotten = 0;
  /** Numbers of the near data events of each direction: their offsets only grow. */
  readonly #calls: Record<Direction, number[]> = { out: [], in: [] };
  #followers = new Set<(event: ConversationEvent) => void>();

  constructor(startedAt: number = Date.now()) {
    super();
    this.startedAt = startedAt;
  }

  /** The events kept, oldest first. */
  get events(): readonly ConversationEvent[] {
    return this.#events;
  }
  get state(): ConversationState {
    return this.#state;
  }
  /** How many of the earliest events are no longer kept. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** How many events there were, the forgotten ones included: the number of the next. */
  get total(): number {
    return this.#forgotten + this.#events.length;
  }

  /** An event by its number, which counts from 0 and never changes; undefined when it is forgotten. */
  event(number: number): ConversationEvent | undefined {
    return this.#events[number - this.#forgotten];
  }

  /** Number of the near call that carried the byte at `offset` of a direction; null when none is kept. */
  callAt(direction: Direction, offset: number): number | null {
    const calls = this.#calls[direction];
    let low = 0;
    let high = calls.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const event = this.event(calls[middle] ?? -1);
      if (event?.kind === "data" && event.offset + event.length > offset) high = middle;
      else low = middle + 1;
    }
    const number = calls[low];
    const found = number === undefined ? undefined : this.event(number);
    return found?.kind === "data" && found.offset <= offset ? (number ?? null) : null;
  }

  append(event: ConversationEvent): void {
    if (event.kind === "data" && event.side === "near") {
      this.#calls[event.direction].push(this.total);
    }
    this.#events.push(event);
    this.#state = next(this.#state, event);
    if (event.kind === "data") this.#keptBytes += event.bytes.length;
    this.#forget();
    for (const follow of [...this.#followers]) follow(event);
    this.changed();
  }

  /** Calls `follow` with each event from now on, in order. */
  onEvent(follow: (event: ConversationEvent) => void): Unsubscribe {
    this.#followers.add(follow);
    return () => this.#followers.delete(follow);
  }

  #forget(): void {
    while (this.#keptBytes > KEPT_BYTES && this.#oldestWhole < this.#events.length - 1) {
      const event = this.#events[this.#oldestWhole];
      if (event?.kind === "data" && event.bytes.length > EXCERPT_BYTES) {
        // slice, not subarray: a view would keep the whole frame alive.
        const bytes = event.bytes.slice(0, EXCERPT_BYTES);
        this.#keptBytes -= event.bytes.length - bytes.length;
        this.#events[this.#oldestWhole] = { ...event, bytes };
      }
      this.#oldestWhole++;
    }
    // In steps of a tenth, so that a long flood does not move the array at every event.
    if (this.#events.length < KEPT_EVENTS * 1.1) return;
    const gone = this.#events.splice(0, this.#events.length - KEPT_EVENTS);
    this.#forgotten += gone.length;
    this.#oldestWhole = Math.max(0, this.#oldestWhole - gone.length);
    for (const calls of Object.values(this.#calls)) {
      const kept = calls.findIndex((number) => number >= this.#forgotten);
      calls.splice(0, kept < 0 ? calls.length : kept);
    }
    for (const event of gone) if (event.kind === "data") this.#keptBytes -= event.bytes.length;
  }
}
