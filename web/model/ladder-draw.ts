/** Items as shapes: what each kind of row looks like. Nothing here remembers anything. */
import { type Direction, type Role, senderOf } from "../../shared/conversation.ts";
import { columnOf, peerOf } from "./ends.ts";
import { bytes, count, duration } from "./format.ts";
import type { Bundle, Ending, Item, Moment } from "./ladder-items.ts";
import { BAND_TOP, DROP, IDLE_HEIGHT, LINE_HEIGHT, ROW_GAP, thickness } from "./ladder-layout.ts";
import { drawMessage, messageBottom } from "./ladder-message.ts";
import { drawOpening, openingHeight } from "./ladder-opening.ts";
import { life, lives, type Scene, timeText } from "./ladder-scene.ts";
import type { LadderShape } from "./ladder-shapes.ts";

const NOTE_HEIGHT = 34;
/** Two packets that stand for all of a TLS handshake. */
const HANDSHAKE_HEIGHT = 52;
const FIN_TOP = 24;

/** Height of an item's row, in whole units: at the normal text size rows begin on whole pixels. */
export function heightOf(item: Item, scene: Scene): number {
  return Math.ceil(neededHeight(item, scene));
}

function neededHeight(item: Item, scene: Scene): number {
  const idle = item.idle > 0 ? IDLE_HEIGHT : 0;
  switch (item.kind) {
    case "message":
      return idle + messageBottom(item, scene) + ROW_GAP;
    case "bundle":
      return idle + bundleBottom(item) + ROW_GAP;
    case "opening":
      return idle + openingHeight(item);
    case "ending":
      return idle + FIN_TOP + DROP + LINE_HEIGHT * (1 + longest(item));
    case "moment":
      return idle + NOTE_HEIGHT + (item.handshake ? HANDSHAKE_HEIGHT : 0);
  }
}

/** An item's shapes, in the order in which they are drawn. */
export function draw(item: Item, height: number, scene: Scene): LadderShape[] {
  const top = item.idle > 0 ? IDLE_HEIGHT : 0;
  const shapes = shapesOf(item, top, height, scene);
  if (item.idle > 0) {
    shapes.push({ kind: "idle", y: IDLE_HEIGHT / 2, text: pauseText(item, scene) });
  }
  return shapes;
}

function pauseText(item: Item, { projected }: Scene): string {
  const pause = duration(item.idle);
  if (item.kind === "moment" && item.fromDoor) return `waits at the door, ${pause}`;
  return projected ? pause : `${pause} idle`;
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

/** Both lifelines of a row in which no state changes. */
function still(item: Item, height: number, scene: Scene): LadderShape[] {
  return [life(item.before.near, 0, height, scene), life(item.before.far, 0, height, scene)];
}

function bundleBottom(item: Bundle): number {
  const { near } = item.totals;
  return BAND_TOP + Math.max(LINE_HEIGHT * 2, thickness(near.out.bytes + near.in.bytes));
}

function drawBundle(item: Bundle, top: number, scene: Scene): LadderShape[] {
  const bottom = top + bundleBottom(item);
  return [
    {
      kind: "bundle",
      direction: item.direction,
      top: top + BAND_TOP,
      bottom,
      text: bundleText(item, scene.role),
    },
    { kind: "time", y: top + BAND_TOP + LINE_HEIGHT / 2, text: timeText(item.at, scene) },
  ];
}

/** `1,024 reads, 64.0 MiB in 3.2 s`; both ways: `40 sends, 40 B and 40 reads, 80 B in 0.4 s`. */
export function bundleText(item: Bundle, role: Role): string {
  const totals = [total(item, "out", role), total(item, "in", role)];
  const parts = totals.filter((part) => part !== null);
  return `${parts.join(" and ")} in ${duration(item.until - item.at)}`;
}

/** `1 send, 200 B, read in 200 calls`: the other end's calls are said when there were more of them. */
function total({ totals }: Bundle, direction: Direction, role: Role): string | null {
  const [near, far] = [totals.near[direction], totals.far[direction]];
  const isSend = senderOf(role, direction) === "near";
  const [own, other] = isSend ? ["send", "read"] : ["read", "sent"];
  const farCalls = `in ${count(far.calls, "call")}`;
  if (near.calls > 0) {
    const more = far.calls > near.calls ? `, ${other} ${farCalls}` : "";
    return `${count(near.calls, own)}, ${bytes(near.bytes)}${more}`;
  }
  return far.calls > 0 ? `the ${peerOf(role)} ${other} ${bytes(far.bytes)} ${farCalls}` : null;
}

const finLabels = { far: "FIN, hangs up", near: "FIN, no more to send" } as const;

/** A Unix socket ends without packets, and without their names. */
function endLabel({ packet, direction }: Ending, { transport, role }: Scene): string {
  const isUnix = transport === "unix";
  if (packet === "rst") return isUnix ? "broken off" : "RST";
  const label = finLabels[senderOf(role, direction)];
  return isUnix ? label.replace("FIN", "end") : label;
}

/** Lines that the calls of an ending take below their ends of the packet. */
function longest(item: Ending): number {
  return Math.max(item.calls.near.length, item.calls.far.length) > 0 ? 1 : 0;
}

function drawEnding(item: Ending, top: number, height: number, scene: Scene): LadderShape[] {
  const { direction, packet } = item;
  const fromY = top + FIN_TOP;
  const toY = fromY + DROP;
  const sender = senderOf(scene.role, direction);
  const at = sender === "near" ? { near: fromY, far: toY } : { near: toY, far: fromY };
  const shapes = lives(item.before, item.after, at, height, scene);
  const wrong = packet === "rst" && item.event?.kind === "reset" && item.event.code !== "CANCELLED";
  shapes.push({
    kind: "packet",
    direction,
    fromY,
    toY,
    label: endLabel(item, scene),
    note: null,
    head: packet,
    seen: packet === "fin" && item.arrived,
    wrong,
  });
  for (const side of ["near", "far"] as const) {
    const text = item.calls[side].join(", ");
    const column = columnOf(scene.role, side);
    if (text) shapes.push({ kind: "call", column, y: at[side] + LINE_HEIGHT, text });
  }
  // The page's own call, where there is one: a far call was told before the read that came before it.
  const time = timeText(item.event?.at ?? item.at, scene);
  return [...shapes, { kind: "time", y: fromY, text: time }];
}

function drawMoment(item: Moment, top: number, height: number, scene: Scene): LadderShape[] {
  const hands = item.handshake ? handshake(top) : [];
  const y = top + NOTE_HEIGHT / 2 + (item.handshake ? HANDSHAKE_HEIGHT : 0);
  const shapes = lives(item.before, item.after, { near: y, far: y }, height, scene);
  shapes.push(...hands);
  if (item.call) {
    const { side, text } = item.call;
    shapes.push({ kind: "call", column: columnOf(scene.role, side), y, text });
  } else if (item.note) shapes.push({ kind: "note", y, ...item.note });
  return [...shapes, { kind: "time", y, text: timeText(item.at, scene) }];
}

/** TLS agreed on keys and showed a certificate; which records carried that, nobody saw. */
function handshake(top: number): LadderShape[] {
  return (["out", "in"] as const).map((direction, n) => ({
    kind: "packet" as const,
    direction,
    fromY: top + 10 + n * 22,
    toY: top + 10 + n * 22 + 16,
    label: direction === "out" ? "TLS hello" : "certificate",
    note: null,
    head: "arrow" as const,
    seen: false,
    wrong: false,
  }));
}
