/**
 * One socket at the gateway, seen from the page: numbers what is sent, keeps it until the gateway
 * has it, and turns frames into the conversation's events.
 */
import { type Address, formatAddress, transportOf } from "../shared/address.ts";
import { CLOCK_STEPS_PER_SECOND, MAX_DATAGRAM_BYTES, MAX_PAYLOAD_BYTES } from "../shared/bounds.ts";
import {
  type ConversationEvent,
  type Direction,
  endedAt,
  initialState,
  type LabOptions,
  next,
  type Role,
  receives,
  type Side,
  sends,
} from "../shared/conversation.ts";
import { DatagramNews } from "../shared/datagram-news.ts";
import { type FailureCode, failureOfWire, wireNumber } from "../shared/errors.ts";
import { farHappening, type Happening } from "../shared/far-calls.ts";
import { type Item, Receiver, Sender } from "../shared/flow.ts";
import {
  ackCredit,
  encodeAck,
  encodeFrame,
  encodeReset,
  type Frame,
  FrameType,
  resetReason,
} from "../shared/frames.ts";
import type {
  Accepted,
  DatagramsMessage,
  Endpoint,
  FarCall,
  GatewayMessage,
  PageMessage,
  TlsMessage,
} from "../shared/protocol.ts";
import type { KernelSocket } from "../shared/tcp.ts";
import type { Channel } from "./model/carrier.ts";

type StateMessage = Extract<GatewayMessage, { type: "state" }>;
type OptionsMessage = Extract<GatewayMessage, { type: "options" }>;
type KernelMessage = Extract<GatewayMessage, { type: "kernel" }>;

/** What a channel needs of the link that carries it. */
export interface ChannelHost {
  /** False when there is no WebSocket now; after the resume it is asked for again. */
  sendFrame(frame: Uint8Array<ArrayBuffer>): boolean;
  sendMessage(message: PageMessage): boolean;
  /** Credit in each direction, as the gateway's `welcome` gave it. */
  readonly windowBytes: number;
  /** The gateway's session clock, estimated, in steps of 10 µs. */
  clock(): number;
  /** Nothing is owed in either direction any more. */
  finished(channel: LinkChannel): void;
}

interface Sent extends Item {
  frame: Uint8Array<ArrayBuffer>;
}

/** Where a channel comes from: asked for by this page, or a visitor of its listening socket. */
export type Origin = Address | Accepted;
export const isAccepted = (origin: Origin): origin is Accepted => "listener" in origin;

/** A conversation that an earlier load of this page had, and whose channel lives. */
export interface Adopted {
  events: readonly ConversationEvent[];
  /** The session's clock at its first event. */
  began: number;
  /** The next offset the gateway expects, and the next it will give out. */
  rx: number;
  end: number;
  /** Sends before `rx` that the gateway's kernel has not taken; null: the end. */
  waiting: readonly (Uint8Array | null)[];
}

/** How far this end has been told to end. */
type Ending = "no" | "shutdown" | "close";
type Life = "new" | "opening" | "open" | "over";

/** Small enough to stay far below any window, large enough not to answer every line of a flood. */
const ACK_STEP_BYTES = 32 * 1024;
/** Sends that the gateway has not taken yet, at most; and how long it may pause over those it has. */
const MAX_AHEAD = 1024;
const AHEAD_MS = 250;

export class LinkChannel implements Channel {
  readonly id: number;
  readonly #origin: Origin;
  readonly #role: Role;
  readonly #host: ChannelHost;
  readonly #follow: (event: ConversationEvent) => void;
  readonly #onPending: () => void;
  #up: Sender<Sent>;
  #down: Receiver;
  #life: Life = "new";
  /** Not yet numbered: beyond the window, so it can still be taken back. */
  #queue: { bytes: Uint8Array; piece: number }[] = [];
  #queuedBytes = 0;
  /** Numbered and not yet taken by the gateway's socket, oldest first. */
  #unconfirmed: { end: number; bytes: Uint8Array | null }[] = [];
  #confirmed = 0;
  #ending: Ending = "no";
  #eofSent = false;
  /** The gateway has been asked to let go, on this WebSocket. */
  #closeSaid = false;
  /** This end has given the connection up. */
  #aborted = false;
  /** FIN has crossed, of the page's own direction and of the other. */
  #sentEnded = false;
  #receivedEnded = false;
  #endedFirst: "near" | "far" = "near";
  /** Ends received whose offset is acknowledged once the bytes before them are used up. */
  #endsToConsume = 0;
  #acknowledged = 0;
  /** Session clock when the conversation began. */
  #began: number | null = null;
  #lastAt = 0;
  /** The two ends, once connect(2) was called. */
  #pair: { local: Endpoint; remote: Endpoint } | null = null;
  /** Adopted, and not resumed since: that the link was back is told already. */
  #isAdopted = false;
  /** Number of the last far call that is known. */
  farKnown = 0;
  /** Lab controls as the gateway has them, and what was asked for since. */
  #options: LabOptions = { noDelay: false, reading: true, delayMs: 0, pauseMs: 0 };
  #wanted: Partial<LabOptions> = {};
  /** What the TLS handshake showed, until it is told together with what came of it. */
  #tls: TlsMessage | null = null;
  #tlsTold = false;
  readonly #datagrams = new DatagramNews();

  constructor(
    id: number,
    origin: Origin,
    host: ChannelHost,
    follow: (event: ConversationEvent) => void,
    onPending: () => void,
  ) {
    this.id = id;
    this.#origin = origin;
    this.#role = isAccepted(origin) ? "server" : "client";
    this.#host = host;
    this.#follow = follow;
    this.#onPending = onPending;
    this.#up = new Sender<Sent>(host.windowBytes);
    this.#down = new Receiver(host.windowBytes);
  }

  /** For `hello`: the next offset expected, if the gateway may know of this channel. */
  get resumeOffset(): number | null {
    return this.#life === "new" ? null : this.#down.rx;
  }

  /** True once the gateway may know of this channel. */
  get announced(): boolean {
    return this.#life !== "new";
  }

  get isOver(): boolean {
    return this.#life === "over";
  }

  get pendingBytes(): number {
    if (this.#life === "over") return 0;
    const end = this.#eofSent && !this.#sentEnded ? 1 : 0;
    return this.#queuedBytes + this.#up.end - end - this.#confirmed;
  }

  get ending(): boolean {
    return this.#ending !== "no";
  }

  /** Tells the conversation that it begins, and the gateway when it can be reached. */
  begin(): void {
    const origin = this.#origin;
    if (isAccepted(origin)) return this.#accepted(origin);
    this.#emit({ kind: "opening", address: origin }, 0);
    this.announce();
  }

  /** Goes on with a conversation, in the place of `begin`. What has happened in it is told already. */
  adopt({ events, began, rx, end, waiting }: Adopted): void {
    const state = events.reduce(next, initialState);
    const { local, remote, phase } = state;
    this.#isAdopted = true;
    this.#began = began;
    this.#lastAt = state.lastAt;
    this.#pair = local && remote ? { local, remote } : null;
    this.#life = phase === "open" || phase === "opening" ? phase : "over";
    this.#aborted = state.reset?.code === "CANCELLED" || state.error?.code === "CANCELLED";
    this.#options = state.options;
    this.#tlsTold = state.tls !== null;
    this.#datagrams.startFrom(events);
    this.#sentEnded = endedAt(state, sends(this.#role)) !== null;
    this.#receivedEnded = endedAt(state, receives(this.#role)) !== null;
    this.#endedFirst = this.#sentEnded ? "near" : "far";
    this.#eofSent = this.#sentEnded || waiting.includes(null);
    if (this.#eofSent) this.#ending = "shutdown";
    this.#up.startAt(rx);
    this.#down.startAt(end);
    this.#acknowledged = end;
    this.#confirmed = rx - waiting.reduce((sum, bytes) => sum + (bytes?.length ?? 1), 0);
    let at = this.#confirmed;
    for (const bytes of waiting) {
      at += bytes?.length ?? 1;
      this.#unconfirmed.push({ end: at, bytes });
    }
  }

  #accepted({ at, arrived, local, remote, transport }: Accepted): void {
    this.#began = arrived;
    this.#pair = { local, remote };
    this.#life = "open";
    this.#emit({ kind: "arrival", local, remote, ...(transport && { transport }) }, arrived);
    this.#emit({ kind: "open", local, remote }, at);
  }

  /** Asks the gateway to connect; asking again changes nothing. */
  announce(): void {
    if (this.#life !== "new" && this.#life !== "opening") return;
    if (isAccepted(this.#origin)) return;
    if (this.#life === "new") {
      // The gateway that is asked now may have another window than the one known when this began.
      this.#up = new Sender<Sent>(this.#host.windowBytes);
      this.#down = new Receiver(this.#host.windowBytes);
    }
    const sent = this.#host.sendMessage({
      type: "open",
      ch: this.id,
      address: formatAddress(this.#origin),
    });
    if (sent) this.#life = "opening";
  }

  send(bytes: Uint8Array, pieceBytes = MAX_PAYLOAD_BYTES): void {
    if (this.#ending !== "no" || this.#life === "over" || bytes.length === 0) return;
    if (this.#isUdp && Math.min(bytes.length, pieceBytes) > MAX_DATAGRAM_BYTES) {
      // Two datagrams would be something else.
      return this.#emit({ kind: "undelivered", count: 1, code: "EMSGSIZE" });
    }
    this.#queue.push({ bytes, piece: Math.min(pieceBytes, MAX_PAYLOAD_BYTES) });
    this.#queuedBytes += bytes.length;
    this.#pump();
    this.#onPending();
  }

  unsend(): number {
    const dropped = this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#pump();
    this.#onPending();
    return dropped;
  }

  shutdown(): void {
    // UDP has no directions that could end: there is only letting go.
    if (this.#isUdp) return this.close();
    if (this.#ending === "no") this.#ending = "shutdown";
    this.#pump();
    this.#onPending();
  }

  close(): void {
    if (this.#ending === "close") return;
    this.#ending = "close";
    this.#pump();
    this.#onPending();
  }

  abort(): void {
    if (this.#life === "over") return;
    const code: FailureCode = "CANCELLED";
    this.#aborted = true;
    const opened = this.#life === "open";
    if (this.#life !== "new") {
      const header = { type: FrameType.rst, channel: this.id, at: 0, seq: this.#up.end };
      // Without a WebSocket the resume will not name this channel, and the gateway drops it.
      this.#host.sendFrame(encodeFrame(header, encodeReset(wireNumber(code))));
    }
    // There is nothing to reset: UDP tells nobody.
    if (opened && this.#isUdp) this.#emit({ kind: "closed", by: "near" });
    else if (opened) this.#emit({ kind: "reset", direction: sends(this.#role), code, detail: "" });
    else this.#emit({ kind: "error", code, detail: "" });
    this.#finish();
  }

  configure(options: Partial<LabOptions>): void {
    if (this.#life === "over") return;
    this.#wanted = { ...this.#wanted, ...options };
    this.#host.sendMessage({ type: "options", ch: this.id, ...options });
  }

  /** The gateway says which lab controls are in force now. */
  optionsNow({ at, noDelay, reading, delayMs, pauseMs }: OptionsMessage): void {
    const now: LabOptions = { noDelay, reading, delayMs, pauseMs };
    const changed = Object.entries(now).filter(
      ([name, value]) => this.#options[name as keyof LabOptions] !== value,
    );
    this.#options = now;
    if (changed.length > 0 && this.#life !== "over")
      this.#emit({ kind: "option", options: Object.fromEntries(changed) }, at);
  }

  consumed(length: number): void {
    if (this.#life === "over") return;
    this.#down.consume(length);
    this.#consumeEnds();
    const step = this.#down.consumed - this.#acknowledged;
    if (step >= ACK_STEP_BYTES || this.#down.consumed === this.#down.rx) this.#acknowledge();
  }

  /** The gateway says how its socket is. */
  state(message: StateMessage): void {
    this.#began ??= message.at;
    if (this.#life !== "opening") return;
    const none = { host: "", port: 0 };
    const { local = none, remote = none } = message;
    if (message.state === "connecting") return this.#attempted(local, remote, message.at);
    if (message.state !== "open") return;
    this.#life = "open";
    this.#pair = { local, remote };
    this.#emit({ kind: "open", local, remote }, message.at);
    this.#tellTls();
    this.#pump();
  }

  /** What the TLS handshake showed; said again after a resume. */
  tls(message: TlsMessage): void {
    this.#tls = message;
  }

  /** What became of datagrams; said again after a resume. */
  datagrams(message: DatagramsMessage): void {
    for (const news of this.#datagrams.since(message)) this.#emit(news, message.at);
  }

  /** After the opening, or before the reason why there was none. */
  #tellTls(): void {
    if (!this.#tls || this.#tlsTold) return;
    this.#tlsTold = true;
    const { type: _, ch: _ch, at, ...shown } = this.#tls;
    this.#emit({ kind: "tls", ...shown }, at);
  }

  get #isUdp(): boolean {
    const origin = this.#origin;
    return (isAccepted(origin) ? origin.transport : transportOf(origin)) === "udp";
  }

  /** Calls of the server's program, each once, whatever is said again after a resume. */
  farCalls(calls: readonly FarCall[]): void {
    for (const call of calls) {
      if (call.n <= this.farKnown) continue;
      this.farKnown = call.n;
      this.#emit(farHappening(call, this.#role, this.#pair), call.at, "far");
    }
  }

  /** What the gateway's kernel says of this socket, and of the other end if it is there too. */
  kernel({ near, far, at }: KernelMessage): void {
    const tell = (side: Side, socket: KernelSocket) => {
      // An RST ends both sockets at once: whatever else is said was on its way when we gave up.
      if (this.#aborted && socket.state !== "CLOSED") return;
      this.#emit({ kind: "kernel", socket }, at, side);
    };
    if (near) tell("near", near);
    if (far) tell("far", far);
  }

  /** connect(2) was called; said again after a resume. */
  #attempted(local: Endpoint, remote: Endpoint, at: number): void {
    if (local.port === 0 || local.port === this.#pair?.local.port) return;
    this.#pair = { local, remote };
    this.#emit({ kind: "attempt", local, remote }, at);
  }

  /** A frame of the gateway. @throws {FlowError} when it breaks the rules. */
  receive(frame: Frame): void {
    if (frame.type === FrameType.ack) return this.#receiveAck(frame);
    const length = frame.type === FrameType.data ? frame.payload.length : 1;
    const kind = frame.type === FrameType.data ? "data" : "eof";
    const skip = this.#down.accept(frame.seq, length, kind);
    if (skip === length) return this.#acknowledge();
    if (frame.type === FrameType.data) this.#receiveData(frame, skip);
    else this.#receiveEnd(frame);
  }

  /** The WebSocket is lost; the socket at the gateway lives on. */
  lost(): void {
    if (this.#life === "open") this.#emit({ kind: "state", link: "lost" });
  }

  /** A new WebSocket: sends again what the gateway does not have. @throws {FlowError} on a gap. */
  resume(rx: number): void {
    this.#closeSaid = false;
    const wanted = Object.entries(this.#wanted).some(
      ([name, value]) => this.#options[name as keyof LabOptions] !== value,
    );
    if (wanted) this.configure(this.#wanted);
    this.#up.rewind(rx);
    this.#acknowledge();
    if (this.#life === "open" && !this.#isAdopted) this.#emit({ kind: "state", link: "resumed" });
    this.#isAdopted = false;
    this.#pump();
  }

  /** The gateway has forgotten this channel: it was over, or it never heard of it. */
  unknown(): void {
    if (this.#life === "new" || this.#life === "opening") return this.announce();
    if (this.#receivedEnded && this.#eofSent) {
      this.#confirm(this.#up.end, this.#host.clock());
      return;
    }
    this.fail("SESSION_ENDED", "it no longer knows this connection");
  }

  /** The connection is over for a reason of the gateway's or the link's. */
  fail(code: FailureCode, detail: string): void {
    if (this.#life === "over") return;
    this.#emit({ kind: "error", code, detail });
    this.#finish();
  }

  #pump(): void {
    if (this.#life !== "open") return;
    const most = this.#mostAhead;
    for (;;) {
      const first = this.#queue[0];
      if (!first || this.#unconfirmed.length >= most) break;
      const piece = first.bytes.subarray(0, first.piece);
      if (this.#up.retained + piece.length > this.#up.window) break;
      if (piece.length === first.bytes.length) this.#queue.shift();
      else first.bytes = first.bytes.subarray(piece.length);
      this.#queuedBytes -= piece.length;
      this.#number(piece);
    }
    if (this.#ending !== "no" && !this.#eofSent && this.#queue.length === 0) {
      this.#eofSent = true;
      this.#number(null);
    }
    for (;;) {
      const item = this.#up.take();
      if (!item || !this.#host.sendFrame(item.frame)) break;
    }
    if (this.#eofSent && this.#ending === "close" && !this.#closeSaid)
      this.#closeSaid = this.#host.sendMessage({ type: "close", ch: this.id });
  }

  /**
   * Sends that may be on their way at once. Single bytes are few bytes and many frames. With a pause
   * between sends, those that have left the page can no longer be taken back: they are few.
   */
  get #mostAhead(): number {
    const { pauseMs } = { ...this.#options, ...this.#wanted };
    return pauseMs > 0 ? Math.min(MAX_AHEAD, 1 + Math.ceil(AHEAD_MS / pauseMs)) : MAX_AHEAD;
  }

  /** Gives bytes (or, for null, the end) their offset. */
  #number(bytes: Uint8Array | null): void {
    const seq = this.#up.end;
    const type = bytes ? FrameType.data : FrameType.eof;
    const length = bytes?.length ?? 1;
    const frame = encodeFrame({ type, channel: this.id, at: 0, seq }, bytes ?? undefined);
    this.#up.push({ seq, length, kind: bytes ? "data" : "eof", frame });
    this.#unconfirmed.push({ end: seq + length, bytes });
  }

  #receiveAck(frame: Frame): void {
    this.#up.ack(frame.seq, ackCredit(frame));
    this.#confirm(frame.seq, frame.at);
    this.#pump();
  }

  /** The gateway's socket has taken everything before `seq`: now it was really sent. */
  #confirm(seq: number, at: number): void {
    if (seq <= this.#confirmed) return;
    for (;;) {
      const first = this.#unconfirmed[0];
      if (!first || first.end > seq) break;
      this.#unconfirmed.shift();
      this.#confirmed = first.end;
      if (first.bytes) this.#emitSent(first.bytes, first.end, at);
      else this.#ended(sends(this.#role), at);
    }
    this.#onPending();
  }

  #emitSent(bytes: Uint8Array, end: number, at: number): void {
    const { length } = bytes;
    const direction = sends(this.#role);
    this.#emit({ kind: "data", direction, offset: end - length, length, bytes }, at);
  }

  #receiveData(frame: Frame, skip: number): void {
    const bytes = skip ? frame.payload.subarray(skip) : frame.payload;
    const offset = frame.seq + skip;
    const direction = receives(this.#role);
    this.#emit({ kind: "data", direction, offset, length: bytes.length, bytes }, frame.at);
  }

  #receiveEnd(frame: Frame): void {
    this.#endsToConsume++;
    this.#consumeEnds();
    if (frame.type === FrameType.eof) {
      this.#acknowledge();
      return this.#ended(receives(this.#role), frame.at);
    }
    this.#tellTls();
    const reason = resetReason(frame);
    const code = failureOfWire(reason.code);
    this.#emitReset(code, reason.detail, frame.at);
    // What is still on its way to the screen will not be acknowledged any more: this is the end.
    this.#host.sendFrame(encodeAck(this.id, 0, frame.seq + 1, 0));
    this.#finish();
  }

  #emitReset(code: FailureCode, detail: string, at: number): void {
    if (code === "CLOSED") return this.#emit({ kind: "closed", by: "near" }, at);
    const byPeer = code === "ECONNRESET" || code === "EPIPE";
    if (this.#life === "open" && byPeer)
      this.#emit({ kind: "reset", direction: receives(this.#role), code, detail }, at);
    else this.#emit({ kind: "error", code, detail }, at);
  }

  #ended(direction: Direction, at: number): void {
    const isOwn = direction === sends(this.#role);
    if (!this.#receivedEnded && !this.#sentEnded) this.#endedFirst = isOwn ? "near" : "far";
    if (isOwn) this.#sentEnded = true;
    else this.#receivedEnded = true;
    // The page's end only asks the gateway to let a datagram socket go; nobody hears of it.
    if (this.#isUdp) return;
    this.#emit({ kind: "eof", direction }, at);
    if (!this.#receivedEnded || !this.#sentEnded) return;
    this.#emit({ kind: "closed", by: this.#endedFirst }, at);
    this.#finishWhenConsumed();
  }

  /** Both ways are over; the gateway keeps the tail until the screen has used it up. */
  #finishWhenConsumed(): void {
    if (this.#down.consumed === this.#down.rx) this.#finish();
  }

  #consumeEnds(): void {
    if (this.#endsToConsume === 0 || this.#down.consumed + this.#endsToConsume !== this.#down.rx)
      return;
    this.#down.consume(this.#endsToConsume);
    this.#endsToConsume = 0;
    this.#acknowledge();
    if (this.#receivedEnded && this.#sentEnded) this.#finish();
  }

  #acknowledge(): void {
    this.#acknowledged = this.#down.consumed;
    this.#host.sendFrame(encodeAck(this.id, 0, this.#down.consumed, this.#down.credit));
  }

  #finish(): void {
    this.#life = "over";
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#up.clear();
    this.#confirmed = this.#up.end;
    this.#onPending();
    this.#host.finished(this);
  }

  /** @param at session clock in steps of 10 µs; the estimate of now when the gateway gave none. */
  #emit(happening: Happening, at: number = this.#host.clock(), side: Side = "near"): void {
    // Divided: a factor of 0.00001 is none that a double can hold, and a recording read again would differ.
    const seconds = Math.max(0, at - (this.#began ?? at)) / CLOCK_STEPS_PER_SECOND;
    this.#lastAt = Math.max(this.#lastAt, seconds);
    this.#follow({ ...happening, at: this.#lastAt, side } as ConversationEvent);
  }
}
