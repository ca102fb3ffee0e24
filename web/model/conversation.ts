/** A conversation as views follow it: its events, the state they add up to, bounded memory. */
import {
  type ConversationEvent,
  type ConversationState,
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
  #events: ConversationEvent[] = [];
  #state: ConversationState = initialState;
  #keptBytes = 0;
  /** Index of the oldest event whose bytes may still be whole. */
  #oldestWhole = 0;
  #forgotten = 0;
  #followers = new Set<(event: ConversationEvent) => void>();

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

  append(event: ConversationEvent): void {
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
    for (const event of gone) if (event.kind === "data") this.#keptBytes -= event.bytes.length;
  }
}
