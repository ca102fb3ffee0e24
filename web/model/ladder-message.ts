/** A message as shapes: bands between the calls that sent and read it, cut where both ends cut it. */
import { type Column, columnOf, sidesOf } from "./ends.ts";
import { bytes } from "./format.ts";
import type { Call, Message } from "./ladder-items.ts";
import { BAND_TOP, layOut, QUOTE_Y, thickness } from "./ladder-layout.ts";
import { quotes } from "./ladder-quotes.ts";
import { callsOf, type Scene, timeText } from "./ladder-scene.ts";
import type { BlockShape, LadderShape } from "./ladder-shapes.ts";
import type { ByteRange } from "./selection.ts";

/** A read so long after its row's time has its own time said. */
const LATE_SECONDS = 1;

/** Where the lowest edge of a message's bands is. */
export function messageBottom(item: Message, scene: Scene): number {
  const { sent, received } = callsOf(item, scene);
  return layOut(item.start, item.end, sent, received).bottom;
}

export function drawMessage(item: Message, top: number, scene: Scene): LadderShape[] {
  const { direction } = item;
  const { sent, received } = callsOf(item, scene);
  const { sender, receiver } = sidesOf(direction, scene.role);
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
      leaves: sender === "near" || sent.length > 0,
      arrives: piece.received >= 0,
    });
  }
  const near = (sender === "near" ? sent : received)[0];
  const at = near && near.start >= item.start ? near.at : item.at;
  const reads = blocks(
    item,
    columnOf(scene.role, receiver),
    "recv",
    received,
    layout.received,
    top,
  );
  const last = received.at(-1);
  // A read stands beside its send, however long the bytes waited: what was between the two is below.
  const late =
    last && last.at - at >= LATE_SECONDS ? { late: `at ${timeText(last.at, scene)}` } : {};
  shapes.push(
    ...blocks(item, columnOf(scene.role, sender), "send", sent, layout.sent, top),
    ...reads.map((read, i) => (i === reads.length - 1 ? { ...read, ...late } : read)),
  );
  const text = quotes(item, sent, received, scene);
  if (text) shapes.push({ kind: "quote", direction, y: top + QUOTE_Y, text });
  const edge = layout.sent[0] ?? [BAND_TOP, BAND_TOP + thickness(item.end - item.start)];
  const y = top + (edge[0] + edge[1]) / 2;
  return [...shapes, { kind: "time", y, text: timeText(at, scene) }];
}

function blocks(
  item: Message,
  column: Column,
  verb: "send" | "recv",
  calls: readonly Call[],
  edges: readonly [number, number][],
  top: number,
): BlockShape[] {
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
      column,
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
