/**
 * One direction's bytes, cut into messages: calls of both ends that share bytes are one message, as
 * long as that stays readable. Calls come in the order of their bytes, each end's at its own pace.
 */
import type { Direction, Side } from "../../shared/conversation.ts";
import { GapList } from "./ladder-gap.ts";
import { type Call, type Message, whole } from "./ladder-items.ts";

/** Calls in one row; a chain of overlaps may go on for ever. */
const MOST_CALLS = 12;

/** What the stream asks of the list its messages are in. */
export interface Rows {
  /** A new message after everything there is, or the last one, which has room for these bytes. */
  append(direction: Direction, start: number, end: number, call: Call): Message;
  /** The bytes of `message` from `at` on become a message of their own, right behind it. */
  split(message: Message, at: number): Message;
  /** True when nothing lies between the two and nobody would miss the border. */
  joinable(earlier: Message, later: Message): boolean;
  /** `later` goes into `earlier`, which is right before it. */
  join(earlier: Message, later: Message): void;
  changed(message: Message): void;
}

export class Stream {
  readonly direction: Direction;
  /** In the order of their bytes, without gaps. */
  readonly messages = new GapList<Message>();
  readonly calls: Record<Side, Call[]> = { near: [], far: [] };
  readonly #rows: Rows;

  constructor(direction: Direction, rows: Rows) {
    this.direction = direction;
    this.#rows = rows;
  }

  /** Bytes of which anything is known reach to here. */
  get end(): number {
    return this.messages.last?.end ?? 0;
  }

  /** @returns the message with the call's first byte. */
  add(side: Side, call: Call): Message | null {
    const calls = this.calls[side];
    const before = calls.at(-1);
    // After earlier events were forgotten one end's calls may begin before the other's.
    const from = Math.max(call.start, before?.end ?? this.messages.at(0)?.start ?? call.start);
    if (call.end <= from) return null;
    call.start = from;
    calls.push(call);
    if (this.messages.length === 0 || call.start >= this.end) {
      const start = this.messages.length === 0 ? call.start : this.end;
      const message = this.#rows.append(this.direction, start, call.end, call);
      if (message !== this.messages.last) this.messages.push(message);
      return message;
    }
    return this.#overlap(call);
  }

  /** Index of the message with the byte at `offset`, or of the first after it. */
  indexOf(offset: number): number {
    return firstAfter(this.messages, offset);
  }

  /** The calls of one end that touch a message. */
  callsOf(side: Side, message: Message): Call[] {
    return this.callsBetween(side, message.start, message.end);
  }

  /** The calls of one end that touch the bytes from `start` up to `end`. */
  callsBetween(side: Side, start: number, end: number): Call[] {
    const calls = this.calls[side];
    const found: Call[] = [];
    for (let i = firstAfter(calls, start); i < calls.length; i++) {
      const call = calls[i];
      if (!call || call.start >= end) break;
      found.push(call);
    }
    return found;
  }

  /** A call over bytes that are known already, and perhaps over some that are not. */
  #overlap(call: Call): Message | null {
    let i = this.indexOf(call.start);
    const first = this.messages.at(i);
    if (!first) return null;
    let message = first;
    this.#take(message, call);
    if (this.size(message) > MOST_CALLS && call.start > message.start) {
      message = this.#cutAt(i, call);
      i++;
    }
    while (call.end > message.end) {
      const later = this.messages.at(i + 1);
      if (!later) {
        this.#lengthen(message, call);
        break;
      }
      this.#take(later, call);
      if (this.#mayJoin(message, later)) {
        this.#rows.join(message, later);
        message.end = later.end;
        later.into = message;
        this.messages.remove(i + 1);
      } else {
        message = later;
        i++;
      }
    }
    return whole(first);
  }

  #take(message: Message, call: Call): void {
    message.first = Math.min(message.first, call.event);
    message.last = Math.max(message.last, call.event);
    this.#rows.changed(message);
  }

  /** A row that has become too full goes on in a new one, from the call's first byte on. */
  #cutAt(index: number, call: Call): Message {
    const message = this.messages.at(index) as Message;
    const later = this.#rows.split(message, call.start);
    later.end = message.end;
    message.end = call.start;
    this.messages.insert(index + 1, later);
    for (const part of [message, later]) this.#number(part);
    return later;
  }

  /** The first event of a message and its last, from its calls. */
  #number(message: Message): void {
    const calls = [...this.callsOf("near", message), ...this.callsOf("far", message)];
    message.first = Math.min(...calls.map((each) => each.event));
    message.last = Math.max(...calls.map((each) => each.event));
    this.#rows.changed(message);
  }

  #lengthen(message: Message, call: Call): void {
    message.end = call.end;
    this.#rows.changed(message);
  }

  #mayJoin(earlier: Message, later: Message): boolean {
    const both = this.size(earlier) + this.size(later) - 1;
    return both <= MOST_CALLS && this.#rows.joinable(earlier, later);
  }

  /** How many calls of both ends touch a message. */
  size(message: Message): number {
    let size = 0;
    for (const calls of [this.calls.near, this.calls.far]) {
      const first = firstAfter(calls, message.start);
      size += Math.max(0, firstFrom(calls, message.end) - first);
    }
    return size;
  }
}

interface Stretch {
  start: number;
  end: number;
}

/** An array of them, or a list with a gap. */
interface Stretches {
  readonly length: number;
  at(index: number): Stretch | undefined;
}

/** Index of the first that ends after `offset`. */
function firstAfter(stretches: Stretches, offset: number): number {
  let high = stretches.length;
  let step = 1;
  // Most questions are about the end: from there in steps that double.
  for (; step <= high && (stretches.at(high - step)?.end ?? 0) > offset; step *= 2) high -= step;
  let low = step <= high ? high - step + 1 : 0;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stretches.at(middle)?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Index of the first that begins at `offset` or later. */
function firstFrom(stretches: Stretches, offset: number): number {
  const index = firstAfter(stretches, offset);
  const stretch = stretches.at(index);
  return stretch && stretch.start < offset ? index + 1 : index;
}
