/** A conversation as views follow it: its events, the state they add up to, bounded memory. */
import {
  type ConversationEvent,
  type ConversationState,
  type Direction,
  initialState,
  next,
  type Role,
  type Side,
  sends,
} from "../../shared/conversation.ts";
import { Calls, type Piece } from "./bytes-calls.ts";
import { Slab } from "./bytes-slab.ts";
import { Store, type Unsubscribe } from "./store.ts";

/** Payload bytes kept whole; beyond that the oldest pieces keep only an excerpt. */
export const KEPT_BYTES = 64 * 1024 * 1024;
/** What stays of a piece whose bytes are no longer kept. */
export const EXCERPT_BYTES = 64;
/** Events kept; beyond that the oldest go, and `forgotten` counts them. */
export const KEPT_EVENTS = 100_000;

export class Conversation extends Store {
  /** When it began, in milliseconds since 1970 by the clock of whoever recorded it. */
  readonly startedAt: number;
  #events: ConversationEvent[] = [];
  #state: ConversationState = initialState;
  /** Nobody has been given this state yet: it may be written into. */
  #stateIsOwn = false;
  #keptBytes = 0;
  /** Index of the oldest event whose bytes may still be whole. */
  #oldestWhole = 0;
  #forgotten: number;
  /** Everything from here on is kept whole. */
  readonly #wholeFrom: Record<Direction, number> = { out: 0, in: 0 };
  readonly #small = new Slab();
  readonly #calls: Record<Side, Record<Direction, Calls>>;
  #followers = new Set<(event: ConversationEvent) => void>();

  /**
   * @param forgotten how many earlier events there were, for one whose beginning is not known.
   * @param role which end the page is, where that is known before anything happens.
   */
  constructor(startedAt: number = Date.now(), forgotten = 0, role: Role = "client") {
    super();
    this.startedAt = startedAt;
    this.#forgotten = forgotten;
    if (role !== "client") this.#state = { ...initialState, role };
    const calls = () => new Calls((number) => this.event(number));
    this.#calls = { near: { out: calls(), in: calls() }, far: { out: calls(), in: calls() } };
  }

  /** The events kept, oldest first. */
  get events(): readonly ConversationEvent[] {
    return this.#events;
  }
  get state(): ConversationState {
    this.#stateIsOwn = false;
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
    const calls = this.#calls.near[direction];
    const index = calls.find(offset);
    const found = calls.at(index);
    return found && found.offset <= offset ? calls.numberAt(index) : null;
  }

  /** The calls of one end in one direction. */
  calls(direction: Direction, side: Side): Calls {
    return this.#calls[side][direction];
  }

  /** The calls of one end that carried any of these bytes, in order, each whole. */
  pieces(direction: Direction, side: Side, start: number, end: number): Piece[] {
    const calls = this.#calls[side][direction];
    const pieces: Piece[] = [];
    for (let index = calls.find(start); ; index++) {
      const piece = calls.piece(index);
      if (!piece || piece.offset >= end) return pieces;
      pieces.push(piece);
    }
  }

  /** How many bytes a direction has carried, those no longer kept included. */
  lengthOf(direction: Direction): number {
    const calls = this.#calls.near[direction];
    const last = calls.at(calls.length - 1);
    const { role, sentBytes, receivedBytes } = this.#state;
    const counted = direction === sends(role) ? sentBytes : receivedBytes;
    // More than was added up when its beginning is not known.
    return Math.max(counted, last ? last.offset + last.length : 0);
  }

  /** Where the bytes begin that are all kept; of earlier calls at most the first few are. */
  wholeFrom(direction: Direction): number {
    return this.#wholeFrom[direction];
  }

  /** A copy of the bytes from `start` up to and without `end`; it ends at the first that is not kept. */
  bytes(direction: Direction, start: number, end: number): Uint8Array<ArrayBuffer> {
    const last = Math.min(end, this.lengthOf(direction));
    const copy = new Uint8Array(Math.max(0, last - start));
    const copied = this.copy(direction, start, copy);
    if (copied.start !== start) return new Uint8Array(0);
    return copied.length === copy.length ? copy : copy.slice(0, copied.length);
  }

  /**
   * Copies into `into` from the first byte that is kept at `start` or after it, as far as the bytes
   * go without a gap.
   * @returns where they start and how many they are; none when nothing more is kept.
   */
  copy(direction: Direction, start: number, into: Uint8Array): { start: number; length: number } {
    const calls = this.#calls.near[direction];
    const copied = { start, length: 0 };
    for (let index = calls.find(start); copied.length < into.length; index++) {
      const event = calls.at(index);
      if (!event) break;
      const wanted = copied.start + copied.length;
      const skip = Math.max(0, wanted - event.offset);
      const gap = event.offset + skip !== wanted || skip >= event.bytes.length;
      if (gap && copied.length > 0) break;
      // Of a piece that is no longer whole only the beginning is there.
      if (skip >= event.bytes.length) continue;
      if (copied.length === 0) copied.start = event.offset + skip;
      const part = event.bytes.subarray(skip, skip + into.length - copied.length);
      into.set(part, copied.length);
      copied.length += part.length;
    }
    return copied;
  }

  append(event: ConversationEvent): void {
    this.#add(event);
    this.changed();
  }

  /** The same as one change, for many that happened before anybody looked. */
  appendAll(events: Iterable<ConversationEvent>): void {
    for (const event of events) this.#add(event);
    this.changed();
  }

  /** Calls `follow` with each event from now on, in order. */
  onEvent(follow: (event: ConversationEvent) => void): Unsubscribe {
    this.#followers.add(follow);
    return () => this.#followers.delete(follow);
  }

  #add(appended: ConversationEvent): void {
    const event = this.#compact(appended);
    if (event.kind === "data") {
      this.#calls[event.side][event.direction].push(this.total);
      this.#keptBytes += event.bytes.length;
    }
    this.#events.push(event);
    this.#advance(event);
    this.#forget();
    if (this.#followers.size === 0) return;
    for (const follow of [...this.#followers]) follow(event);
  }

  /** The same as `next`; but of very many calls that come at once not each needs a state of its own. */
  #advance(event: ConversationEvent): void {
    const state = this.#state;
    if (!this.#stateIsOwn || event.kind !== "data") {
      this.#state = next(state, event);
      this.#stateIsOwn = true;
      return;
    }
    state.lastAt = Math.max(state.lastAt, event.at);
    if (event.side === "far") state.farSeen = true;
    else if (event.direction === sends(state.role)) {
      state.sentBytes += event.length;
      state.sends++;
    } else {
      state.receivedBytes += event.length;
      state.reads++;
    }
  }

  /** What is not larger than an excerpt stays as long as its event: it needs no buffer of its own. */
  #compact(event: ConversationEvent): ConversationEvent {
    if (event.kind !== "data" || event.bytes.length > EXCERPT_BYTES) return event;
    return event.bytes.length === 0 ? event : { ...event, bytes: this.#small.put(event.bytes) };
  }

  #forget(): void {
    while (this.#keptBytes > KEPT_BYTES && this.#oldestWhole < this.#events.length - 1) {
      const event = this.#events[this.#oldestWhole];
      if (event?.kind === "data" && event.bytes.length > EXCERPT_BYTES) {
        // A copy: a view would keep the whole frame alive.
        const bytes = this.#small.put(event.bytes.subarray(0, EXCERPT_BYTES));
        this.#keptBytes -= event.bytes.length - bytes.length;
        this.#wholeFrom[event.direction] = event.offset + event.length;
        this.#events[this.#oldestWhole] = { ...event, bytes };
      }
      this.#oldestWhole++;
    }
    // In steps of a tenth, so that a long flood does not move the array at every event.
    if (this.#events.length < KEPT_EVENTS * 1.1) return;
    const gone = this.#events.splice(0, this.#events.length - KEPT_EVENTS);
    this.#forgotten += gone.length;
    this.#oldestWhole = Math.max(0, this.#oldestWhole - gone.length);
    for (const side of Object.values(this.#calls)) {
      for (const calls of Object.values(side)) calls.forget(this.#forgotten);
    }
    for (const event of gone) {
      if (event.kind !== "data" || event.side === "far") continue;
      this.#keptBytes -= event.bytes.length;
      this.#wholeFrom[event.direction] = Math.max(
        this.#wholeFrom[event.direction],
        event.offset + event.length,
      );
    }
  }
}
