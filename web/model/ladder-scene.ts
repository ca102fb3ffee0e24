/** What every row's drawing is made with: the calls of both ends, and lifelines in their states. */
import type { Transport } from "../../shared/address.ts";
import type { ConversationEvent, Direction, Side } from "../../shared/conversation.ts";
import { clock } from "./format.ts";
import type { Call, Message, Span, Spans } from "./ladder-items.ts";
import type { LadderShape, LifeShape } from "./ladder-shapes.ts";
import type { Stream } from "./ladder-stream.ts";

/** What a drawing needs to know beside its item. */
export interface Scene {
  streams: Record<Direction, Stream>;
  /** Event by number; undefined when it is forgotten. */
  event(number: number): ConversationEvent | undefined;
  /** The other end can be seen. */
  farVisible: boolean;
  /** The other end's calls can be seen, not only what the kernel says of its socket. */
  farCalls: boolean;
  /** What carries the bytes. */
  transport: Transport;
  /** The whole conversation was so short that its times are given in milliseconds. */
  short: boolean;
}

/** A time as it stands on the axis. */
export function timeText(at: number, short: boolean): string {
  return short ? `${(at * 1000).toFixed(1)} ms` : clock(at);
}

/** Part of a lifeline in one state. */
export function life(span: Span, top: number, bottom: number, scene: Scene): LifeShape {
  const unseen = span.side === "far" && !scene.farVisible;
  const { side, state, seen } = span;
  if (state !== null)
    return { kind: "life", side, top, bottom, pattern: unseen ? "hollow" : state, seen };
  return { kind: "life", side, top, bottom, pattern: side === "far" ? "hollow" : "none", seen };
}

/** Both lifelines of a row in which states change, each at its own height, and the new states' names. */
export function lives(
  before: Spans,
  after: Spans,
  at: Record<Side, number>,
  height: number,
  scene: Scene,
): LadderShape[] {
  const shapes: LadderShape[] = [];
  for (const side of ["near", "far"] as const) {
    const [old, now, y] = [before[side], after[side], at[side]];
    if (old === now) {
      shapes.push(life(old, 0, height, scene));
      continue;
    }
    shapes.push(life(old, 0, y, scene), life(now, y, height, scene));
    const visible = side === "near" || scene.farVisible;
    if (now.state && visible)
      shapes.push({ kind: "state", side, y, state: now.state, seen: now.seen });
  }
  return shapes;
}

export function senderOf(direction: Direction): Side {
  return direction === "out" ? "near" : "far";
}

export function receiverOf(direction: Direction): Side {
  return direction === "out" ? "far" : "near";
}

/** The calls of a message's sender and of its receiver. */
export function callsOf(item: Message, scene: Scene): { sent: Call[]; received: Call[] } {
  const stream = scene.streams[item.direction];
  return {
    sent: stream.callsOf(senderOf(item.direction), item),
    received: stream.callsOf(receiverOf(item.direction), item),
  };
}
