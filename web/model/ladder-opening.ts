/** The first row: connect(2), what went out for it, and what came back. */
import { transportOf } from "../../shared/address.ts";
import { hasTcpStates, type Role } from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import { type Column, sideOf } from "./ends.ts";
import type { Opening, Span } from "./ladder-items.ts";
import { isVisible, life, type Scene, timeText } from "./ladder-scene.ts";
import type { LadderShape, PacketShape } from "./ladder-shapes.ts";
import { spoken } from "./sentences.ts";
import { overTransport } from "./sentences-sockets.ts";
import { neverLeft, neverMade } from "./wire.ts";

const CALL_Y = 10;
/** Where the SYN leaves, and each packet takes this much to the other side. */
const SYN_Y = 22;
const FLIGHT = 15;
const OPEN_HEIGHT = SYN_Y + 3 * FLIGHT + 12;
const ACCEPT_Y = SYN_Y + 3 * FLIGHT + 20;
/** Of a failed one there is room to read what happened. */
const TOLD_Y = 30;
const TOLD_FLIGHT = 30;
const ANSWER_Y = 104;
const NOTE_Y = 112;

/**
 * How an opening looks: made, under way, answered with no, not answered, or never begun; made without
 * a packet; made for TLS, which then failed.
 */
type Look = "open" | "waiting" | "refused" | "silent" | "nothing" | "plain" | "inside";

function lookOf(item: Opening): Look {
  const { outcome, attempt, asked } = item;
  if (outcome === "inside") return "open";
  const isOpen = outcome !== null && outcome !== "next" && outcome.kind === "open";
  if (isDatagram(item)) return "plain";
  if (asked && !hasTcpStates({ transport: transportOf(asked.address) }))
    return isOpen ? "plain" : "nothing";
  if (outcome === null) return attempt ? "waiting" : "nothing";
  if (outcome === "next") return "silent";
  if (outcome.kind !== "error") return "open";
  if (outcome.code === "ECONNREFUSED") return "refused";
  if (outcome.code.startsWith("TLS_")) return "inside";
  if (neverMade.has(outcome.code) || atHome.has(outcome.code)) return "nothing";
  return attempt || !neverLeft.has(outcome.code) ? "silent" : "nothing";
}

/** The page serves UDP, and what begins is a datagram. */
function isDatagram({ outcome }: Opening): boolean {
  return outcome !== null && typeof outcome !== "string" && outcome.kind === "arrival"
    ? outcome.transport === "udp"
    : false;
}

/** connect(2) itself said no, before anything left this machine. */
const atHome: ReadonlySet<FailureCode> = new Set(["EACCES", "EADDRNOTAVAIL", "ENETUNREACH"]);

export function openingHeight(item: Opening): number {
  switch (lookOf(item)) {
    case "open":
      return item.accepted ? ACCEPT_Y + 14 : OPEN_HEIGHT;
    case "waiting":
      return TOLD_Y + TOLD_FLIGHT + 24;
    case "refused":
      return ANSWER_Y + TOLD_FLIGHT + 24;
    case "silent":
      return NOTE_Y + 40;
    case "nothing":
      return item.outcome ? 84 : 40;
    case "plain":
      return 64;
    case "inside":
      return OPEN_HEIGHT + 40;
  }
}

export function drawOpening(
  item: Opening,
  top: number,
  height: number,
  scene: Scene,
): LadderShape[] {
  const look = lookOf(item);
  if (look === "open") return open(item, top, height, scene);
  if (look === "nothing") return nothing(item, top, height, scene);
  if (look === "plain") return drawPlain(item, top, height, scene);
  if (look === "inside") return inside(item, top, height, scene);
  const shapes: LadderShape[] = [
    ...asking(item, look, top, height),
    ...answer(item, look, top, scene),
    { kind: "call", column: "client", y: top + CALL_Y, text: "connect()" },
    packet("out", top + TOLD_Y, TOLD_FLIGHT, "SYN", question(item)),
    { kind: "time", y: top + TOLD_Y, text: timeText(item.attempt?.at ?? item.at, scene) },
  ];
  return shapes;
}

/** The three packets of a handshake, which nobody saw, and the states they lead to. */
function open(item: Opening, top: number, height: number, scene: Scene): LadderShape[] {
  const [syn, synAck, ack, end] = [0, 1, 2, 3].map((n) => top + SYN_Y + n * FLIGHT) as Four;
  const after = item.after ?? item.before;
  const client = sideOf(scene.role, "client");
  const side = sideOf(scene.role, "server");
  const listening: Span = { side, state: "LISTEN", seen: false };
  const arriving: Span = { side, state: "SYN_RECV", seen: false };
  // Nobody at the server's end saw the client call: it is known by its handshake, once that is complete.
  const begins = client === "near" ? { y: syn, at: item.attempt?.at } : { y: end, at: item.at };
  const shapes: LadderShape[] = [
    life(item.before[client], 0, syn, scene),
    life(item.syn, syn, ack, scene),
    life(after[client], ack, height, scene),
    life(listening, 0, synAck, scene),
    life(arriving, synAck, end, scene),
    life(after[side], end, height, scene),
    ...calling(item, scene, { syn, ack, call: top + CALL_Y }),
    packet("out", syn, FLIGHT, "SYN", null),
    packet("in", synAck, FLIGHT, "SYN+ACK", null),
    packet("out", ack, FLIGHT, "ACK", null),
    { kind: "time", y: begins.y, text: timeText(begins.at ?? item.at, scene) },
  ];
  if (isVisible(side, scene)) shapes.push(...named("server", after[side], end));
  if (item.accepted) {
    shapes.push({ kind: "call", column: "server", y: top + ACCEPT_Y, text: "accept()" });
  }
  return shapes;
}

/** The client's states and its call: as much of them as can be seen from the page's end. */
function calling(
  item: Opening,
  scene: Scene,
  y: Record<"syn" | "ack" | "call", number>,
): LadderShape[] {
  const client = sideOf(scene.role, "client");
  if (!isVisible(client, scene)) return [];
  const after = (item.after ?? item.before)[client];
  const { seen } = item.syn;
  const shapes: LadderShape[] = [
    { kind: "state", column: "client", y: y.syn, state: "SYN_SENT", seen },
    ...named("client", after, y.ack),
  ];
  if (client === "near") {
    shapes.push({ kind: "call", column: "client", y: y.call, text: "connect()" });
  }
  return shapes;
}

function named(column: Column, { state, seen }: Span, y: number): LadderShape[] {
  return state ? [{ kind: "state", column, y, state, seen }] : [];
}

type Four = [number, number, number, number];

/** Neither a Unix socket nor a datagram socket sends a packet to be opened. */
function drawPlain(item: Opening, top: number, height: number, scene: Scene): LadderShape[] {
  if (isDatagram(item)) {
    const text = `a datagram came: UDP has no handshake${item.accepted ? ", and no accept()" : ""}`;
    return [
      life(item.before.near, 0, height, scene),
      life(item.before.far, 0, height, scene),
      { kind: "time", y: top + CALL_Y, text: timeText(item.at, scene) },
      { kind: "note", y: top + 40, text, tone: "calm" },
    ];
  }
  const isUdp = scene.transport === "udp";
  const text = isUdp
    ? "nothing goes out: UDP has no connection"
    : "inside one machine: no packets, no handshake";
  return [
    life(item.before.near, 0, height, scene),
    life({ side: "far", state: null, seen: false }, 0, height, scene),
    { kind: "call", column: "client", y: top + CALL_Y, text: "connect()" },
    { kind: "time", y: top + CALL_Y, text: timeText(item.at, scene) },
    { kind: "note", y: top + 40, text, tone: "calm" },
  ];
}

/** TCP was connected; what was tried inside it failed, and this end closed. */
function inside(item: Opening, top: number, height: number, scene: Scene): LadderShape[] {
  const made: Opening["after"] = {
    near: { side: "near", state: "ESTABLISHED", seen: false },
    far: { side: "far", state: null, seen: false },
  };
  const over = top + OPEN_HEIGHT + 8;
  const closed: Span = { side: "near", state: "CLOSED", seen: item.after?.near.seen ?? false };
  return [
    ...open({ ...item, after: made }, top, over, scene),
    life(closed, over, height, scene),
    life(made.far, over, height, scene),
    { kind: "note", y: over + 12, text: failure(item), tone: "wrong" },
  ];
}

/** The near end from SYN_SENT to what became of it; at the far end nobody answered as a socket. */
function asking(item: Opening, look: Look, top: number, height: number): LadderShape[] {
  const over = top + (look === "refused" ? ANSWER_Y + TOLD_FLIGHT : NOTE_Y);
  const until = look === "waiting" ? height : over;
  const far = look === "refused" ? "none" : "hollow";
  const shapes: LadderShape[] = [
    { kind: "life", column: "client", top: 0, bottom: top + TOLD_Y, pattern: "none", seen: false },
    {
      kind: "life",
      column: "client",
      top: top + TOLD_Y,
      bottom: until,
      pattern: "SYN_SENT",
      seen: item.syn.seen,
    },
    { kind: "life", column: "server", top: 0, bottom: height, pattern: far, seen: false },
    { kind: "state", column: "client", y: top + TOLD_Y, state: "SYN_SENT", seen: item.syn.seen },
  ];
  if (look === "waiting") return shapes;
  const seen = item.after?.near.seen ?? false;
  shapes.push(
    { kind: "life", column: "client", top: until, bottom: height, pattern: "CLOSED", seen },
    { kind: "state", column: "client", y: until, state: "CLOSED", seen },
  );
  return shapes;
}

function answer(item: Opening, look: Look, top: number, scene: Scene): LadderShape[] {
  if (look === "waiting") return [];
  if (look === "refused") {
    const rst = packet("in", top + ANSWER_Y, TOLD_FLIGHT, "RST", "nobody here");
    return [{ ...rst, head: "rst", wrong: true }];
  }
  const calm = item.outcome === "next" || codeOf(item) === "CANCELLED";
  return [
    { kind: "note", y: top + NOTE_Y, text: silence(item, scene), tone: calm ? "calm" : "wrong" },
  ];
}

function codeOf(item: Opening): FailureCode | null {
  const { outcome } = item;
  return outcome && typeof outcome !== "string" && outcome.kind === "error" ? outcome.code : null;
}

/** Why nothing is drawn that came back. */
function silence(item: Opening, { projected }: Scene): string {
  if (item.outcome === "next") return "this address did not work, the next one is tried";
  switch (codeOf(item)) {
    case "CONNECT_TIMEOUT":
    case "ETIMEDOUT":
      return "no answer";
    case "EHOSTUNREACH":
      return "no machine there answered";
    case "CANCELLED":
      return projected ? "stopped waiting" : "you stopped waiting";
    default:
      return failure(item);
  }
}

function failure(item: Opening): string {
  const { outcome } = item;
  if (!outcome || typeof outcome === "string") return "";
  const said = spoken(outcome);
  return overTransport(said.slice(said.indexOf(", ") + 2), transportOfItem(item));
}

function transportOfItem(item: Opening) {
  if (isDatagram(item)) return "udp";
  return item.asked ? transportOf(item.asked.address) : "tcp";
}

/** Nothing left this machine: there is a reason to give, and no packet to draw. */
function nothing(item: Opening, top: number, height: number, scene: Scene): LadderShape[] {
  const y = top + (height - top) / 2;
  const pattern = "none";
  const shapes: LadderShape[] = [
    { kind: "life", column: "client", top: 0, bottom: height, pattern, seen: false },
    { kind: "life", column: "server", top: 0, bottom: height, pattern, seen: false },
    { kind: "time", y: top + CALL_Y, text: timeText(item.attempt?.at ?? item.at, scene) },
  ];
  if (!item.outcome) {
    return [
      ...shapes,
      { kind: "note", y: top + CALL_Y + 10, text: "asking the gateway to connect", tone: "calm" },
    ];
  }
  const tone = codeOf(item) === "CANCELLED" ? "calm" : "wrong";
  const isUnix = item.asked?.address.scheme === "unix" && codeOf(item) !== "NOT_ALLOWED";
  if (item.attempt || isUnix)
    shapes.push({ kind: "call", column: "client", y: top + CALL_Y, text: "connect()" });
  shapes.push(
    { kind: "note", y, text: failure(item), tone },
    { kind: "note", y: y + 20, text: "nothing was sent", tone: "calm" },
  );
  return shapes;
}

/** `may I talk to port 9090?` */
function question(item: Opening): string | null {
  const remote = item.attempt?.remote ?? item.asked?.address;
  return remote && "port" in remote ? `may I talk to port ${remote.port}?` : null;
}

function packet(
  direction: "out" | "in",
  fromY: number,
  flight: number,
  label: string,
  note: string | null,
): PacketShape {
  const toY = fromY + flight;
  return {
    kind: "packet",
    direction,
    fromY,
    toY,
    label,
    note,
    head: "arrow",
    seen: false,
    wrong: false,
  };
}

/** What the row says aloud. */
export function spokenOpening(item: Opening, role: Role): string {
  const { outcome, attempt, asked } = item;
  if (outcome === "next" && attempt) return `${spoken(attempt)}, and it did not work`;
  const transport = transportOfItem(item);
  if (outcome && typeof outcome !== "string") {
    const taken = transport === "udp" ? "taken in" : "accepted";
    const accepted = outcome.kind === "arrival" && item.accepted ? `, and was ${taken}` : "";
    return overTransport(spoken(outcome, undefined, role), transport) + accepted;
  }
  const event = attempt ?? asked;
  return event ? overTransport(spoken(event), transport) : "";
}
