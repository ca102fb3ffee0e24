/** Items as they are appended, cut, joined and bundled: the list of rows and the links between items. */
import type { Direction, Side } from "../../shared/conversation.ts";
import { FLOOD_SECONDS, Floods } from "./ladder-floods.ts";
import {
  type Bundle,
  base,
  type Call,
  type Item,
  keyOfBundle,
  Message,
  type Spans,
} from "./ladder-items.ts";
import type { List } from "./ladder-list.ts";
import { type Rows, Stream } from "./ladder-stream.ts";

/** A pause at least this long is said. */
const IDLE_SECONDS = 1;
/** Calls of one end in a row of an opened bundle; as many of the other end still fit in. */
const FLOOD_ROW_CALLS = 6;

export class ItemRows implements Rows {
  readonly list: List;
  readonly streams: Record<Direction, Stream>;
  /** The states both ends are in now. */
  spans: Spans = {
    near: { side: "near", state: null, seen: false },
    far: { side: "far", state: null, seen: false },
  };
  /** The last item; a bundle stands for those in it. */
  tail: Item | null = null;
  readonly #floods = new Floods();
  #turn = 0;
  /** The message that began with the call that is being made. */
  #begun: Message | null = null;
  /** When something that has a row happened last. */
  #lastAt: number | null = null;

  constructor(list: List) {
    this.list = list;
    this.streams = { out: new Stream("out", this), in: new Stream("in", this) };
  }

  /** Something that has a row happened. */
  happened(at: number): void {
    this.#lastAt = at;
  }

  /** The silence up to now, if it is long enough to be said. */
  idle(at: number): number {
    const idle = this.#lastAt === null ? 0 : at - this.#lastAt;
    return idle >= IDLE_SECONDS ? idle : 0;
  }

  /** What an item that begins now has. */
  base(key: number, event: number, at: number) {
    return base(key, event, at, this.idle(at), this.spans);
  }

  /** Puts an item that is no message at the end. */
  add<T extends Item>(item: T): T {
    this.#link(item);
    this.list.push(item);
    this.#floods.interrupted();
    return item;
  }

  /** Takes the last item away again, which is no message. */
  drop(item: Item): void {
    this.tail = item.prev;
    if (item.prev) item.prev.next = null;
    this.list.remove(item);
  }

  /** A call was made on bytes that are in their message now. */
  called(message: Message, call: Call, near: boolean): void {
    const bundle = message.bundle;
    if (bundle) {
      tally(bundle, near ? "near" : "far", message.direction, call);
      if (near) bundle.lastAt = call.at;
      bundle.until = call.at;
      bundle.last = Math.max(bundle.last, call.event);
      this.list.changed(bundle);
    }
    if (this.#begun === message) this.#turned(message);
    const head = this.#floods.called(near ? "near" : "far", call.at, message);
    if (head && this.tail?.kind !== "bundle") this.#bundle(head, message.direction, call.at);
  }

  /** Answers that take turns with messages too fast are a flood as well. */
  #turned(message: Message): void {
    this.#begun = null;
    const head = this.#floods.began(message);
    const mixed = this.tail?.kind === "bundle" && this.tail.direction === null;
    if (head && !mixed) this.#bundle(head, null, message.at);
  }

  append(direction: Direction, start: number, end: number, call: Call): Message {
    const last = this.tail;
    const inFlood = last?.kind === "bundle" && goesOn(last, direction, call.at);
    const fits = inFlood && this.#lengthen(last, direction, end, call);
    if (fits) return last.tail;
    const message = this.#message(direction, start, end, call);
    if (inFlood) this.#grow(last, message);
    else {
      this.#link(message);
      this.list.push(message);
    }
    this.#begun = message;
    return message;
  }

  split(message: Message, at: number): Message {
    const { at: since, before, turn, direction, end } = message;
    const begins = { at: since, idle: 0, before, turn };
    const later = new Message(direction, at, end, message.first, begins);
    later.prev = message;
    later.next = message.next;
    later.bundle = message.bundle;
    if (message.next) message.next.prev = later;
    message.next = later;
    if (message.bundle?.tail === message) message.bundle.tail = later;
    if (this.tail === message) this.tail = later;
    if (!message.bundle || message.bundle.open) {
      this.list.insertAfter(message, later);
    }
    return later;
  }

  joinable(earlier: Message, later: Message): boolean {
    return earlier.next === later && earlier.bundle === later.bundle && later.idle === 0;
  }

  join(earlier: Message, later: Message): void {
    earlier.next = later.next;
    if (later.next) later.next.prev = earlier;
    if (later.bundle?.tail === later) later.bundle.tail = earlier;
    if (this.tail === later) this.tail = earlier;
    this.list.remove(later);
    earlier.first = Math.min(earlier.first, later.first);
    earlier.last = Math.max(earlier.last, later.last);
    this.list.changed(earlier);
  }

  changed(message: Message): void {
    this.list.changed(message);
  }

  /** Opens or closes a bundle. */
  toggle(bundle: Bundle): void {
    if (!bundle.chunk) return;
    const inside = [...inBundle(bundle)];
    bundle.open = !bundle.open;
    if (bundle.open) this.list.insertAllAfter(bundle, inside);
    else this.list.removeAfter(bundle, inside.length);
    this.list.changed(bundle);
  }

  #message(direction: Direction, start: number, end: number, call: Call): Message {
    const { at } = call;
    const begins = { at, idle: this.idle(at), before: this.spans, turn: this.#turn++ };
    return new Message(direction, start, end, call.event, begins);
  }

  #link(item: Item): void {
    item.prev = this.tail;
    if (this.tail) this.tail.next = item;
    this.tail = item;
  }

  /** In a flood a row takes a few calls, though they have no byte in common: else it had too many. */
  #lengthen(bundle: Bundle, direction: Direction, end: number, call: Call): boolean {
    const { tail } = bundle;
    if (tail.direction !== direction || this.streams[direction].size(tail) >= FLOOD_ROW_CALLS) {
      return false;
    }
    tail.end = end;
    tail.last = call.event;
    bundle.lastAt = call.at;
    this.list.changed(tail);
    return true;
  }

  #grow(bundle: Bundle, message: Message): void {
    message.prev = bundle.tail;
    bundle.tail.next = message;
    bundle.tail = message;
    message.bundle = bundle;
    bundle.lastAt = message.at;
    if (bundle.open) this.list.push(message);
  }

  /** Makes one row of everything from `head` on. */
  #bundle(head: Message, direction: Direction | null, at: number): void {
    const from: Item = head.bundle ?? head;
    const messages: Message[] = [];
    let open = false;
    for (let item: Item | null = from; item; item = item.next) {
      if (item.kind === "message") messages.push(item);
      if (item.kind !== "bundle") continue;
      open ||= item.open;
      messages.push(...inBundle(item));
    }
    const first = messages[0] as Message;
    const bundle: Bundle = {
      ...base(keyOfBundle(first), first.first, first.at, first.idle, first.before),
      kind: "bundle",
      direction,
      head: first,
      tail: messages.at(-1) as Message,
      totals: { near: nothing(), far: nothing() },
      lastAt: at,
      until: at,
      open: false,
    };
    this.list.removeFrom(from);
    this.tail = from.prev;
    this.#link(bundle);
    this.list.push(bundle);
    this.#collect(bundle, messages);
    if (open) this.toggle(bundle);
  }

  #collect(bundle: Bundle, messages: readonly Message[]): void {
    let before: Message | null = null;
    for (const message of messages) {
      message.bundle = bundle;
      message.prev = before;
      message.next = null;
      message.idle = 0;
      message.row = null;
      message.height = 0;
      if (before) before.next = message;
      before = message;
      bundle.first = Math.min(bundle.first, message.first);
      bundle.last = Math.max(bundle.last, message.last);
      for (const side of ["near", "far"] as const) {
        for (const call of this.streams[message.direction].callsOf(side, message)) {
          if (call.start >= message.start) tally(bundle, side, message.direction, call);
        }
      }
    }
  }
}

/** The messages in a bundle, in order. */
export function* inBundle(bundle: Bundle): Iterable<Message> {
  for (let item: Item | null = bundle.head; item; item = item.next) {
    if (item.kind === "message") yield item;
  }
}

function goesOn(bundle: Bundle, direction: Direction, at: number): boolean {
  const same = bundle.direction === null || bundle.direction === direction;
  return same && at - bundle.lastAt < FLOOD_SECONDS;
}

const nothing = () => ({ out: { calls: 0, bytes: 0 }, in: { calls: 0, bytes: 0 } });

function tally(bundle: Bundle, side: Side, direction: Direction, call: Call): void {
  const total = bundle.totals[side][direction];
  total.calls += call.calls;
  total.bytes += call.end - call.start;
}
