/**
 * What the ladder's rows are made of: one item for each thing that happened, in order, before any
 * of it has a height. Items are linked to their neighbours, bundled ones to those in their bundle.
 */
import type { Direction, EventOf, Side, TcpState } from "../../shared/conversation.ts";
import type { Chunk } from "./ladder-list.ts";
import type { LadderRow } from "./ladder-shapes.ts";

/** A time during which one end is in one state. */
export interface Span {
  side: Side;
  /** null: no socket there yet, or none that anybody can know of. */
  state: TcpState | null;
  /** The kernel said so, at its beginning or later. */
  seen: boolean;
}

export type Spans = Record<Side, Span>;

/** One or, added up, many calls with bytes. */
export interface Call {
  /** Number of its event. */
  event: number;
  at: number;
  start: number;
  end: number;
  /** How many calls these are together. */
  calls: number;
}

interface ItemBase {
  /** The row's key. */
  key: number;
  at: number;
  first: number;
  last: number;
  /** Seconds of silence before it, when they are long enough to be said; else 0. */
  idle: number;
  /** The states of both ends as it begins. */
  before: Spans;
  prev: Item | null;
  next: Item | null;
  /** The bundle it is in. */
  bundle: Bundle | null;
  /** Where it is among the rows; null when it is in a closed bundle. */
  chunk: Chunk | null;
  /** Made when asked for. */
  row: LadderRow | null;
  /** 0: not measured. */
  height: number;
}

/**
 * A stretch of bytes with the calls of both ends that touch it; the calls lie in its stream. There may
 * be as many as there are events, so it is a class with the same few fields for all.
 */
export class Message implements ItemBase {
  readonly kind = "message";
  readonly direction: Direction;
  readonly start: number;
  end: number;
  readonly at: number;
  first: number;
  last: number;
  idle: number;
  before: Spans;
  prev: Item | null = null;
  next: Item | null = null;
  bundle: Bundle | null = null;
  chunk: Chunk | null = null;
  row: LadderRow | null = null;
  height = 0;
  /** The message that took this one in. */
  into: Message | null = null;
  /** Order in which rows began; the parts of one cut message share it. */
  readonly turn: number;

  constructor(
    direction: Direction,
    start: number,
    end: number,
    event: number,
    begins: Pick<Message, "at" | "idle" | "before" | "turn">,
  ) {
    this.direction = direction;
    this.start = start;
    this.end = end;
    this.first = event;
    this.last = event;
    this.at = begins.at;
    this.idle = begins.idle;
    this.before = begins.before;
    this.turn = begins.turn;
  }

  /** By its first byte, which stays when earlier events are forgotten. */
  get key(): number {
    return this.start * 8 + (this.direction === "out" ? 1 : 2);
  }
}

/** Many calls in a short time. */
export interface Bundle extends ItemBase {
  kind: "bundle";
  direction: Direction | null;
  head: Message;
  tail: Message;
  /** What the calls of each end add up to. */
  totals: Record<Side, Record<Direction, { calls: number; bytes: number }>>;
  /** When it last went on: by a call of this page, or by one that brought more bytes. */
  lastAt: number;
  /** When its last call was, of whichever end. */
  until: number;
  open: boolean;
}

/** connect(2) and what came back; or, where the page is the server, the handshake of a visitor. */
export interface Opening extends ItemBase {
  kind: "opening";
  asked: EventOf<"opening"> | null;
  attempt: EventOf<"attempt"> | null;
  outcome: EventOf<"open"> | EventOf<"arrival"> | EventOf<"error"> | "next" | "inside" | null;
  /** The client while it waits for an answer. */
  syn: Span;
  /** Both ends after it, once that is known. */
  after: Spans | null;
  accepted: boolean;
}

/** A FIN or an RST, and the calls that made it and met it. */
export interface Ending extends ItemBase {
  kind: "ending";
  packet: "fin" | "rst";
  direction: Direction;
  /** Seen at this page's socket; else only the far end's call is known. */
  arrived: boolean;
  event: EventOf<"eof" | "reset" | "error"> | null;
  calls: Record<Side, string[]>;
  after: Spans;
}

/** A call without bytes, a state that the kernel told of, or something to say. */
export interface Moment extends ItemBase {
  kind: "moment";
  call: { side: Side; text: string } | null;
  note: { text: string; tone: "calm" | "closing" | "wrong" | "good" } | null;
  /** The note is what a TLS handshake came to, which went both ways and was not seen. */
  handshake?: true;
  spoken: string;
  after: Spans;
  /** It ends a visitor's wait at the door. */
  fromDoor: boolean;
  /** The FIN or RST that this state, which the kernel told of first, belongs to. */
  into: Ending | null;
}

export type Item = Message | Bundle | Opening | Ending | Moment;

/** What an item has before anything is known of its place. */
export function base(key: number, event: number, at: number, idle: number, before: Spans) {
  return {
    key,
    at,
    first: event,
    last: event,
    idle,
    before,
    prev: null,
    next: null,
    bundle: null,
    chunk: null,
    row: null,
    height: 0,
  };
}

/** The message in which this one's bytes are now. */
export function whole(message: Message): Message {
  let found = message;
  while (found.into) found = found.into;
  return found;
}

/** Keys of other rows, beside those of messages. */
export const keyOfEvent = (event: number): number => event * 8;
export const keyOfBundle = (head: Message): number => head.key + 4;
