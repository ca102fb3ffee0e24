/** Tells a flood: calls that follow each other too fast for rows of their own to be read. */
import type { Direction, Side } from "../../shared/conversation.ts";
import { type Message, whole } from "./ladder-items.ts";

/** A flood is more than this many calls of one direction within a second, without an answer. */
const CALLS: Record<Side, number> = { near: 24, far: 96 };
/** Or more than this many changes of direction within a second. */
const TURNS = 24;
export const FLOOD_SECONDS = 1;

/** The last calls, as many as are needed to tell. */
class Recent {
  readonly #limit: number;
  readonly #calls: { at: number; message: Message }[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  clear(): void {
    this.#calls.length = 0;
    this.#next = 0;
  }

  /** @returns the message of the call with which a flood began, when this one makes it a flood. */
  add(at: number, message: Message): Message | null {
    const place = this.#calls[this.#next];
    const began = place && at - place.at < FLOOD_SECONDS ? whole(place.message) : null;
    if (place) {
      place.at = at;
      place.message = message;
    } else this.#calls.push({ at, message });
    this.#next = (this.#next + 1) % this.#limit;
    return began;
  }
}

export class Floods {
  readonly #calls = { near: new Recent(CALLS.near), far: new Recent(CALLS.far) };
  readonly #turns = new Recent(TURNS);
  #direction: Direction | null = null;
  /** Turn of the message with which the present direction began. */
  #since = 0;

  /** Something else than bytes happened. */
  interrupted(): void {
    this.#startOver(null, 0);
    this.#turns.clear();
  }

  /** A message began after all others. @returns where a flood of messages and answers began. */
  began(message: Message): Message | null {
    if (message.direction === this.#direction) return null;
    this.#startOver(message.direction, message.turn);
    return this.#turns.add(message.at, message);
  }

  /** A call was made. @returns the message with which its flood began, if it is one. */
  called(side: Side, at: number, message: Message): Message | null {
    if (message.direction !== this.#direction || message.turn < this.#since) return null;
    return this.#calls[side].add(at, message);
  }

  #startOver(direction: Direction | null, turn: number): void {
    this.#direction = direction;
    this.#since = turn;
    this.#calls.near.clear();
    this.#calls.far.clear();
  }
}
