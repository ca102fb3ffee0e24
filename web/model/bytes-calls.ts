/** The calls of one end in one direction, found by the offset of a byte in the logarithm of their number. */
import type { ConversationEvent, EventOf } from "../../shared/conversation.ts";

/** One call on a socket, and the bytes it carried. */
export interface Piece {
  /** Number of its event in the conversation. */
  event: number;
  offset: number;
  length: number;
  /** How many calls these are together: 1, unless so many came that they were added up. */
  calls: number;
  /** Seconds since the conversation began. */
  at: number;
}

/** Numbers of data events whose offsets only grow. There may be gaps: not every call is still known. */
export class Calls {
  readonly #lookUp: (number: number) => ConversationEvent | undefined;
  #numbers: number[] = [];

  constructor(lookUp: (number: number) => ConversationEvent | undefined) {
    this.#lookUp = lookUp;
  }

  get length(): number {
    return this.#numbers.length;
  }

  push(number: number): void {
    this.#numbers.push(number);
  }

  /** Drops what happened before the event with this number. */
  forget(before: number): void {
    const kept = this.#numbers.findIndex((number) => number >= before);
    this.#numbers.splice(0, kept < 0 ? this.#numbers.length : kept);
  }

  at(index: number): EventOf<"data"> | undefined {
    const event = this.#lookUp(this.#numbers[index] ?? -1);
    return event?.kind === "data" ? event : undefined;
  }

  /** The event's number in the conversation; -1 when there is none. */
  numberAt(index: number): number {
    return this.#numbers[index] ?? -1;
  }

  piece(index: number): Piece | null {
    const event = this.at(index);
    if (!event) return null;
    const { offset, length, calls = 1, at } = event;
    return { event: this.numberAt(index), offset, length, calls, at };
  }

  /** Index of the first call that ends after `offset`: the one that carried that byte, if it is known. */
  find(offset: number): number {
    let low = 0;
    let high = this.#numbers.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const event = this.at(middle);
      if (event && event.offset + event.length > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Where calls ended between `start` and `end`, both left out; ascending. */
  borders(start: number, end: number): number[] {
    const borders: number[] = [];
    for (let index = this.find(start); index < this.length; index++) {
      const event = this.at(index);
      if (!event || event.offset + event.length >= end) break;
      borders.push(event.offset + event.length);
    }
    return borders;
  }

  /** True when a call ended just before `offset`. */
  endsAt(offset: number): boolean {
    const event = this.at(this.find(offset - 1));
    return event !== undefined && event.offset + event.length === offset;
  }
}
