/** What every row's drawing is made with: the calls of both ends, and lifelines in their states. */
import type { Transport } from "../../shared/address.ts";
import type { ConversationEvent, Direction, Role, Side } from "../../shared/conversation.ts";
import { columnOf, sidesOf } from "./ends.ts";
import { clock } from "./format.ts";
import type { Call, Message, Span, Spans } from "./ladder-items.ts";
import type { LadderShape, LifeShape } from "./ladder-shapes.ts";
import type { Stream } from "./ladder-stream.ts";

/** What a drawing needs to know beside its item. */
export interface Scene {
  /** Which end the page is: near calls stand at that lifeline. */
  role: Role;
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
  /** Read from far away, by a class, about somebody else: few digits, and nobody is called you. */
  projected: boolean;
}

/** A time as it stands on the axis. */
export function timeText(
  at: number,
  { short, projected }: Pick<Scene, "short" | "projected">,
): string {
  if (short) return `${(at * 1000).toFixed(1)} ms`;
  return projected ? at.toFixed(1) : clock(at);
}

/** Part of a lifeline in one state. */
export function life(span: Span, top: number, bottom: number, scene: Scene): LifeShape {
  const { side, state, seen } = span;
  const unknown = side === "far" && (state === null || !scene.farVisible);
  const pattern = unknown ? "hollow" : (state ?? "none");
  return { kind: "life", column: columnOf(scene.role, side), top, bottom, pattern, seen };
}

/** True where an end's states are more than guesses about a program that nobody here can see. */
export function isVisible(side: Side, scene: Scene): boolean {
  return side === "near" || scene.farVisible;
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
    const { state, seen } = now;
    if (state && isVisible(side, scene))
      shapes.push({ kind: "state", column: columnOf(scene.role, side), y, state, seen });
  }
  return shapes;
}

/** The calls of a message's sender and of its receiver. */
export function callsOf(item: Message, scene: Scene): { sent: Call[]; received: Call[] } {
  const stream = scene.streams[item.direction];
  const { sender, receiver } = sidesOf(item.direction, scene.role);
  return { sent: stream.callsOf(sender, item), received: stream.callsOf(receiver, item) };
}
