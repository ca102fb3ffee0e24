/** Items as shapes: what each kind of row looks like. Nothing here remembers anything. */
import type { ConversationEvent, Direction, Side } from "../../shared/conversation.ts";
import { bytes, clock, count, duration } from "./format.ts";
import type { Bundle, Call, Ending, Item, Message, Moment, Span, Spans } from "./ladder-items.ts";
import {
  BAND_TOP,
  DROP,
  IDLE_HEIGHT,
  type Layout,
  LINE_HEIGHT,
  layOut,
  QUOTE_Y,
  ROW_GAP,
  thickness,
} from "./ladder-layout.ts";
import { drawOpening, openingHeight } from "./ladder-opening.ts";
import { quotes } from "./ladder-quotes.ts";
import type { LadderShape, LifeShape } from "./ladder-shapes.ts";
import type { Stream } from "./ladder-stream.ts";
import type { ByteRange } from "./selection.ts";

/** What a drawing needs to know beside its item. */
export interface Scene {
  streams: Record<Direction, Stream>;
  /** Event by number; undefined when it is forgotten. */
  event(number: number): ConversationEvent | undefined;
  /** The other end can be seen. */
  farVisible: boolean;
  /** The whole conversation was so short that its times are given in milliseconds. */
  short: boolean;
}

const NOTE_HEIGHT = 34;
const FIN_TOP = 24;

/** Height of an item's row. */
export function heightOf(item: Item, scene: Scene): number {
  const idle = item.idle > 0 ? IDLE_HEIGHT : 0;
  switch (item.kind) {
    case "message":
      return idle + layoutOf(item, scene).bottom + ROW_GAP;
    case "bundle":
      return idle + bundleBottom(item) + ROW_GAP;
    case "opening":
      return idle + openingHeight(item);
    case "ending":
      return idle + FIN_TOP + DROP + LINE_HEIGHT * (1 + longest(item));
    case "moment":
      return idle + NOTE_HEIGHT;
  }
}

/** An item's shapes, in the order in which they are drawn. */
export function draw(item: Item, height: number, scene: Scene): LadderShape[] {
  const top = item.idle > 0 ? IDLE_HEIGHT : 0;
  const shapes = shapesOf(item, top, height, scene);
  if (item.idle > 0) {
    shapes.push({ kind: "idle", y: IDLE_HEIGHT / 2, text: `${duration(item.idle)} idle` });
  }
  return shapes;
}

function shapesOf(item: Item, top: number, height: number, scene: Scene): LadderShape[] {
  switch (item.kind) {
    case "message":
      return [...still(item, height, scene), ...drawMessage(item, top, scene)];
    case "bundle":
      return [...still(item, height, scene), ...drawBundle(item, top, scene)];
    case "opening":
      return drawOpening(item, top, height, scene);
    case "ending":
      return drawEnding(item, top, height, scene);
    case "moment":
      return drawMoment(item, top, height, scene);
  }
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

/** Both lifelines of a row in which no state changes. */
function still(item: Item, height: number, scene: Scene): LadderShape[] {
  return [life(item.before.near, 0, height, scene), life(item.before.far, 0, height, scene)];
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

function layoutOf(item: Message, scene: Scene): Layout {
  const { sent, received } = callsOf(item, scene);
  return layOut(item.start, item.end, sent, received);
}

function drawMessage(item: Message, top: number, scene: Scene): LadderShape[] {
  const { direction } = item;
  const { sent, received } = callsOf(item, scene);
  const layout = layOut(item.start, item.end, sent, received);
  const shapes: LadderShape[] = [];
  for (const piece of layout.pieces) {
    if (piece.sent < 0 && piece.received < 0) continue;
    shapes.push({
      kind: "band",
      direction,
      from: [piece.from[0] + top, piece.from[1] + top],
      to: [piece.to[0] + top, piece.to[1] + top],
      range: { direction, start: piece.start, end: piece.end },
      arrives: piece.received >= 0,
    });
  }
  shapes.push(
    ...blocks(item, senderOf(direction), "send", sent, layout.sent, top),
    ...blocks(item, receiverOf(direction), "recv", received, layout.received, top),
  );
  const text = quotes(item, sent, received, scene);
  if (text) shapes.push({ kind: "quote", direction, y: top + QUOTE_Y, text });
  const edge = layout.sent[0] ?? [BAND_TOP, BAND_TOP + thickness(item.end - item.start)];
  const near = (direction === "out" ? sent : received)[0];
  const at = near && near.start >= item.start ? near.at : item.at;
  const y = top + (edge[0] + edge[1]) / 2;
  return [...shapes, { kind: "time", y, text: timeText(at, scene.short) }];
}

function blocks(
  item: Message,
  side: Side,
  verb: "send" | "recv",
  calls: readonly Call[],
  edges: readonly [number, number][],
  top: number,
): LadderShape[] {
  const { direction } = item;
  return calls.map((call, i) => {
    const [from, to] = edges[i] ?? [BAND_TOP, BAND_TOP];
    const range = partOf(call, item);
    const goesOn = { above: call.start < item.start, below: call.end > item.end };
    const length = bytes(call.end - call.start);
    const name = call.calls > 1 ? `${call.calls} × ${verb}, ${length}` : `${verb} ${length}`;
    const whole = range.end - range.start === call.end - call.start;
    const label = whole ? name : `${bytes(range.end - range.start)} of ${name}`;
    const { event } = call;
    return {
      kind: "block",
      side,
      direction,
      top: from + top,
      bottom: to + top,
      label,
      event,
      range,
      goesOn,
    };
  });
}

function partOf(call: Call, item: Message): ByteRange {
  const { direction } = item;
  return {
    direction,
    start: Math.max(call.start, item.start),
    end: Math.min(call.end, item.end),
  };
}

function bundleBottom(item: Bundle): number {
  return BAND_TOP + Math.max(LINE_HEIGHT * 2, thickness(item.sentBytes + item.readBytes));
}

function drawBundle(item: Bundle, top: number, scene: Scene): LadderShape[] {
  const bottom = top + bundleBottom(item);
  return [
    {
      kind: "bundle",
      direction: item.direction,
      top: top + BAND_TOP,
      bottom,
      text: bundleText(item),
    },
    { kind: "time", y: top + BAND_TOP + LINE_HEIGHT / 2, text: timeText(item.at, scene.short) },
  ];
}

/** `1,024 reads, 64.0 MiB in 3.2 s`; both ways: `40 sends, 40 B and 40 reads, 80 B in 0.4 s`. */
export function bundleText(item: Bundle): string {
  const parts: string[] = [];
  if (item.sends > 0) parts.push(`${count(item.sends, "send")}, ${bytes(item.sentBytes)}`);
  if (item.reads > 0) parts.push(`${count(item.reads, "read")}, ${bytes(item.readBytes)}`);
  if (parts.length === 0) parts.push("many calls of the server");
  return `${parts.join(" and ")} in ${duration(item.lastAt - item.at)}`;
}

const endingLabels = { fin: "FIN, hangs up", rst: "RST" } as const;

/** Lines that the calls of an ending take below their ends of the packet. */
function longest(item: Ending): number {
  return Math.max(item.calls.near.length, item.calls.far.length) > 0 ? 1 : 0;
}

function drawEnding(item: Ending, top: number, height: number, scene: Scene): LadderShape[] {
  const { direction, packet } = item;
  const fromY = top + FIN_TOP;
  const toY = fromY + DROP;
  const at = direction === "out" ? { near: fromY, far: toY } : { near: toY, far: fromY };
  const shapes = lives(item.before, item.after, at, height, scene);
  const wrong = packet === "rst" && item.event?.kind === "reset" && item.event.code !== "CANCELLED";
  shapes.push({
    kind: "packet",
    direction,
    fromY,
    toY,
    label: endingLabels[packet],
    note: null,
    head: packet,
    seen: packet === "fin" && item.arrived,
    wrong,
  });
  for (const side of ["near", "far"] as const) {
    const text = item.calls[side].join(", ");
    if (text) shapes.push({ kind: "call", side, y: at[side] + LINE_HEIGHT, text });
  }
  return [...shapes, { kind: "time", y: fromY, text: timeText(item.at, scene.short) }];
}

function drawMoment(item: Moment, top: number, height: number, scene: Scene): LadderShape[] {
  const y = top + NOTE_HEIGHT / 2;
  const shapes = lives(item.before, item.after, { near: y, far: y }, height, scene);
  if (item.call) shapes.push({ kind: "call", y, ...item.call });
  else if (item.note) shapes.push({ kind: "note", y, ...item.note });
  return [...shapes, { kind: "time", y, text: timeText(item.at, scene.short) }];
}
