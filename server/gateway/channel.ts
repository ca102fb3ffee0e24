/**
 * One socket with byte offsets and credit in each direction. The only place where a WebSocket and
 * the socket of a target meet.
 *
 *     far end ──read──▶ Sender (kept until the page acknowledges) ──frames──▶ page
 *     far end ◀─write── socket ◀──frames── Receiver (acknowledged once the socket took it) ◀── page
 *
 * States: connecting → open → closed. `closed` means the socket is gone; the channel lives on until
 * the page has acknowledged everything it was owed, the end (EOF or RST) included.
 */
import type { OnReadOpts } from "node:net";
import type { Duplex } from "node:stream";
import { type Address, transportOf } from "../../shared/address.ts";
import { FRAME_HEADER_BYTES, MAX_PAYLOAD_BYTES } from "../../shared/bounds.ts";
import type { LabOptions } from "../../shared/conversation.ts";
import { detailOfCode, type FailureCode, failureOfCode, wireNumber } from "../../shared/errors.ts";
import { FlowError, type Item, Receiver, Sender } from "../../shared/flow.ts";
import {
  ackCredit,
  encodeAck,
  encodeFrame,
  encodeReset,
  type Frame,
  FrameType,
  writeHeader,
} from "../../shared/frames.ts";
import type { Certificate, Endpoint, SocketState } from "../../shared/protocol.ts";
import type { Pair, SocketCall } from "../observe.ts";
import type { Caller } from "../sockets/bind.ts";
import type { DatagramCounts } from "../sockets/datagrams.ts";
import { onFin } from "../sockets/ended.ts";
import { resetSocket } from "../sockets/reset.ts";
import { Pacer } from "./pacer.ts";
import type { BufferBudget } from "./quota.ts";
import { COPY_BELOW_BYTES, freeSlab, roomOf, sharedSlab, takeSlab } from "./slabs.ts";

/** Is told what happens on a channel for others than its page: `Recording`. */
export interface ChannelTap {
  attempted(pair: Pair): void;
  opened(pair: Pair): void;
  /** What the TLS handshake showed. */
  shown(certificate: Certificate): void;
  counted(counts: DatagramCounts): void;
  /** One read; the bytes are the channel's again afterwards. */
  read(bytes: Uint8Array, offset: number): void;
  /** A send of the page, on its way to the kernel. */
  given(bytes: Uint8Array): void;
  /** The kernel has taken so many bytes of the page. */
  taken(length: number): void;
  /** The far end's FIN was read, or the kernel has taken that of the page. */
  ended(side: "near" | "far"): void;
  configured(options: LabOptions): void;
  /** The page has given it up. */
  aborted(): void;
  failed(code: FailureCode, detail: string): void;
  /** The page was lost, or is back. */
  link(link: "lost" | "resumed"): void;
  /** The socket is closed because nobody will ask for it again. */
  letGo(): void;
}

/** What a channel needs of the session it belongs to. */
export interface ChannelOwner {
  /** Whether a page is there now. */
  readonly attached: boolean;
  /** The session's clock, in steps of 10 µs. */
  clock(): number;
  /**
   * Hands a frame to the WebSocket; false when there is none now.
   * @param done for data that the page is owed: called when the WebSocket needs its bytes no longer.
   */
  sendFrame(frame: Uint8Array, done?: () => void): boolean;
  /** The channel's state changed and should be told. */
  stateChanged(channel: GatewayChannel): void;
  /** Bytes that crossed, for the metrics, the idle clock and the channel's witness. */
  moved(channel: GatewayChannel, direction: "up" | "down", bytes: number): void;
  /** The kernel took bytes of the page, perhaps long after they crossed. */
  wrote(channel: GatewayChannel): void;
  /** Where the channel's own calls are told to whoever may see them; null: nobody could. */
  publisher(channel: GatewayChannel, pair: Pair): Publisher | null;
  /** Lab controls have changed and should be told. */
  optionsChanged(channel: GatewayChannel): void;
  /** The next thing handed to the page begins at `offset`: what happened before it goes first. */
  handing(channel: GatewayChannel, offset: number): void;
  /** An end of a direction is known to the page now, or will be with what was handed to it last. */
  ended(channel: GatewayChannel): void;
  /** Its `certificate` or its `datagrams` changed and should be told. */
  news(channel: GatewayChannel): void;
  /** Nothing is owed in either direction any more. */
  finished(channel: GatewayChannel): void;
}

/** Says that the channel's socket made a call just now. */
export type Publisher = (call: SocketCall["call"], bytes?: number) => void;

export interface ChannelLimits {
  windowBytes: number;
  halfCloseTimeoutMs: number;
}

/** A connected socket of any kind. It may be paused, and then reads nothing before it is resumed. */
export interface Carried extends Duplex {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** Only where there is TCP. */
  setNoDelay?(on: boolean): unknown;
}

/** What is learned of a socket besides its bytes. */
export interface Told {
  onAttempt: (pair: Pair) => void;
  onTls: (shown: Certificate) => void;
  onCounts: (counts: DatagramCounts) => void;
}

/** Opens the socket; sockets/dial.ts and sockets/udp.ts with policy and time limit filled in. */
export type Dialer = (
  address: Address,
  onread: OnReadOpts,
  signal: AbortSignal,
  told: Told,
) => Promise<Carried>;

/** A frame kept for the page, and the slab it lives in when it was not copied. */
interface Kept extends Item {
  frame: Uint8Array;
  slab: Buffer | null;
  /** How often it is queued in a WebSocket right now. */
  inFlight: number;
  acked: boolean;
  /** What the kernel had taken of the page before this, and when. */
  taken: number;
  takenAt: number;
}

/**
 * A far end that sends single bytes makes frames that cost far more than those bytes. Beyond this
 * the kernel keeps them instead, and the next read finds many at once.
 */
const MAX_KEPT_FRAMES = 1024;

/** How long a teacher's hanging up waits for what a far end does not read. */
const HANG_UP_MS = 1_000;

const DEFAULT_OPTIONS: LabOptions = Object.freeze({
  noDelay: false,
  reading: true,
  delayMs: 0,
  pauseMs: 0,
});

export class GatewayChannel {
  readonly id: number;
  state: SocketState = "connecting";
  local: Endpoint | null = null;
  remote: Endpoint | null = null;
  options: LabOptions = DEFAULT_OPTIONS;
  /** Its two ends are TCP ports. */
  hasTcpPair = true;
  /** Lab controls were used. */
  isConfigured = false;
  /** What the TLS handshake showed. */
  certificate: Certificate | null = null;
  /** What became of datagrams, once there is something to tell. */
  datagrams: DatagramCounts | null = null;
  /** null: nobody follows. */
  tap: ChannelTap | null = null;
  readonly #owner: ChannelOwner;
  readonly #limits: ChannelLimits;
  readonly #budget: BufferBudget;
  readonly #down: Sender<Kept>;
  readonly #up: Receiver;
  readonly #dialling = new AbortController();
  #socket: Carried | null = null;
  #writer: Pacer | null = null;
  /** null: nobody could see the calls. */
  #publish: Publisher | null = null;
  /** The slab the next read goes into. */
  #slab = sharedSlab();
  readonly #onread: OnReadOpts = {
    buffer: () => roomOf(this.#slab),
    callback: (bytes) => this.#socketOnRead(bytes),
  };
  #reading = true;
  /** Frames that the page has not acknowledged. */
  #keptFrames = 0;
  #farEnded = false;
  /** The page's EOF has been handed to the socket (shutdown(2)). */
  #nearEnded = false;
  /** The page wants close(2) once what it sent is flushed. */
  #letGo = false;
  #flushed = false;
  /** Somebody else than the page closes it: what the page still sends has nowhere to go. */
  #hungUp = false;
  /** The session's clock as it began. */
  #hungUpAt: number | null = null;
  #hangUpTimer: NodeJS.Timeout | null = null;
  /** What the page sends waits before the socket's writer. */
  #held = false;
  #failure: { code: FailureCode; detail: string } | null = null;
  /** Nobody will ask for this channel again, so it owes nobody an end. */
  #forgotten = false;
  #halfCloseTimer: NodeJS.Timeout | null = null;
  /** The session's clock when the kernel last took something of the page. */
  #takenAt = 0;
  /** At the end of this turn of the loop: many small writes are one acknowledgement. */
  #ackTurn: NodeJS.Immediate | null = null;
  /** How far the page has been told, on this WebSocket. */
  #acknowledged = 0;

  constructor(id: number, owner: ChannelOwner, limits: ChannelLimits, budget: BufferBudget) {
    this.id = id;
    this.#owner = owner;
    this.#limits = limits;
    this.#budget = budget;
    this.#down = new Sender<Kept>(limits.windowBytes, (item) => this.#release(item));
    this.#up = new Receiver(limits.windowBytes);
  }

  /** Offsets for `welcome`: what the page must know to go on. */
  get offsets(): { rx: number; base: number; end: number } {
    return { rx: this.#up.rx, base: this.#down.acked, end: this.#down.end };
  }

  /** The next offset that will be read from the socket. */
  get readOffset(): number {
    // What the far end does from the hang-up on comes after the end that the page is told of.
    return this.#hungUp && this.state !== "closed" ? this.#down.end + 1 : this.#down.end;
  }
  /** The next offset that will be handed to the page. */
  get sentOffset(): number {
    return this.#down.sent;
  }
  /** Everything before this offset has arrived at the page. */
  get ackedOffset(): number {
    return this.#down.acked;
  }

  /** Connects, and from then on carries bytes both ways. Never rejects: a failure becomes an RST. */
  async start(address: Address, dial: Dialer): Promise<void> {
    this.hasTcpPair = ["tcp", "tls"].includes(transportOf(address));
    try {
      const socket = await dial(address, this.#onread, this.#dialling.signal, this.#told());
      this.#attach(socket, "connect", endsOf(socket, address), address.scheme !== "udp");
    } catch (error) {
      const { code, detail } = error as { code?: string; detail?: string };
      this.#fail(failureOfCode(code), detail ?? "");
      this.#socketClosed();
    }
  }

  /** Takes a visitor of a listening socket, and from then on carries bytes both ways. */
  admit({ caller, pair }: { caller: Caller; pair: Pair }): void {
    this.hasTcpPair = caller.transport === "tcp";
    const socket = caller.take(this.#onread, this.#told().onCounts);
    this.#attach(socket, "accept", pair, caller.transport !== "udp");
  }

  /** Takes a frame of the page. @throws {FlowError} when it breaks the rules. */
  receive(frame: Frame): void {
    switch (frame.type) {
      case FrameType.data:
        return this.#receiveData(frame);
      case FrameType.ack:
        this.#down.ack(frame.seq, ackCredit(frame));
        this.#halfCloseTimer?.refresh();
        return this.#goOn();
      case FrameType.eof:
        return this.#receiveEof(frame);
      case FrameType.rst:
        return this.#receiveReset(frame);
    }
  }

  /** Changes lab controls; those that are not named stay as they are. */
  configure(changes: { [K in keyof LabOptions]?: LabOptions[K] | undefined }): void {
    const named = Object.entries(changes).filter(([, value]) => value !== undefined);
    this.options = { ...this.options, ...Object.fromEntries(named) };
    this.isConfigured = true;
    this.#applyOptions();
    this.tap?.configured(this.options);
    this.#owner.optionsChanged(this);
  }

  /** No WebSocket: a silence that the page cannot break does not count as one. */
  pageAway(): void {
    this.#excuseSilence();
  }

  /** close(2): once everything the page sent is flushed, the socket is let go. */
  letGo(): void {
    this.#letGo = true;
    if (this.state === "connecting") return this.#cancel("CANCELLED");
    this.#letGoIfFlushed();
  }

  /** What the page sends waits from now on, its end too; or no longer. Nothing of it is lost. */
  hold(on: boolean): void {
    this.#held = on;
    if (this.#writer) this.#writer.held = on;
    if (on) this.#excuseSilence();
    else this.#watchHalfClose();
  }

  /**
   * close(2) without the page's asking: what it has sent is flushed as far as that goes at once, then the
   * socket is let go, and the page is told HUNG_UP.
   */
  hangUp(): void {
    if (this.state === "closed" || this.#hungUp) return;
    this.#hungUp = true;
    if (this.state === "connecting") return this.#cancel("HUNG_UP");
    // However it ends now, that is why.
    this.#fail("HUNG_UP", "");
    this.#hungUpAt = this.#owner.clock();
    const letGo = () => void this.#socket?.destroy();
    if (this.#flushed || this.#held) return letGo();
    this.#hangUpTimer = setTimeout(letGo, HANG_UP_MS);
    this.#nearEnded = true;
    this.#writer?.end(letGo);
  }

  /** Forgets everything and lets the socket go at once: the page will never ask again. */
  discard(): void {
    this.#forgotten = true;
    this.tap?.letGo();
    this.#cancel("SESSION_ENDED");
    this.#socket?.destroy();
    this.#down.clear();
  }

  /**
   * The page comes back: what it does not have will be sent again, and acknowledged again between that
   * what the kernel took, so that it learns of both in the order in which they happened.
   * @param rx next offset the page expects.
   * @throws {FlowError} when that can no longer be sent (a gap).
   */
  rewind(rx: number): void {
    this.#down.rewind(rx);
    // What was acknowledged on the old WebSocket may not have arrived.
    this.#acknowledged = 0;
  }

  /** Goes on, on a new WebSocket. */
  resume(): void {
    this.#watchHalfClose();
    this.#pump();
    // Also where nothing was taken: the page may have no credit yet.
    this.#acknowledge();
    this.#goOn();
  }

  #told(): Told {
    return {
      onAttempt: (pair) => this.#attempted(pair),
      onTls: (shown) => {
        this.certificate = shown;
        this.tap?.shown(shown);
        this.#owner.news(this);
      },
      onCounts: (counts) => {
        this.datagrams = counts;
        this.tap?.counted(counts);
        this.#owner.news(this);
      },
    };
  }

  #attempted({ local, remote }: Pair): void {
    if (this.state !== "connecting") return;
    this.local = local;
    this.remote = remote;
    this.tap?.attempted({ local, remote });
    this.#owner.stateChanged(this);
  }

  /**
   * @param call how it became one of ours.
   * @param isStream false where each write is a datagram.
   */
  #attach(socket: Carried, call: "connect" | "accept", pair: Pair, isStream = true): void {
    this.#socket = socket;
    this.#writer = new Pacer(socket, (bytes) => this.#written(bytes), isStream);
    this.#writer.held = this.#held;
    this.local = pair.local;
    this.remote = pair.remote;
    this.#publish = this.#owner.publisher(this, pair);
    this.#publish?.(call);
    this.#applyOptions();
    onFin(socket, () => this.#socketOnEnd());
    socket.on("error", ({ code }: NodeJS.ErrnoException) =>
      this.#fail(failureOfCode(code), detailOfCode(code)),
    );
    socket.on("close", (failed?: boolean) => {
      this.#publish?.(failed ? "reset" : "close");
      this.#socketClosed();
    });
    if (socket.destroyed) return this.#socketClosed();
    this.tap?.opened(pair);
    this.#setState("open");
    // A visitor was held unread until now. Who has stopped reading before goes on not reading.
    if (socket.isPaused() && this.options.reading) socket.resume();
  }

  /** One read of the kernel's queue became `length` bytes in the slab; false stops reading. */
  #socketOnRead(length: number): boolean {
    this.#publish?.("recv", length);
    const seq = this.#down.end;
    const header = { type: FrameType.data, channel: this.id, at: this.#owner.clock(), seq };
    let slab: Buffer | null = null;
    let frame: Uint8Array;
    if (length < COPY_BELOW_BYTES || this.#slab === sharedSlab()) {
      frame = encodeFrame(header, roomOf(this.#slab).subarray(0, length));
    } else {
      slab = this.#slab;
      frame = slab.subarray(0, FRAME_HEADER_BYTES + length);
      writeHeader(frame, header);
    }
    this.tap?.read(frame.subarray(FRAME_HEADER_BYTES), seq);
    this.#nextSlab(length, slab !== null);
    this.#keep("data", seq, length, frame, slab);
    this.#owner.moved(this, "down", length);
    this.#halfCloseTimer?.refresh();
    this.#reading = this.#mayRead();
    return this.#reading;
  }

  /** A stream of large reads gets slabs of its own; small ones share. */
  #nextSlab(length: number, used: boolean): void {
    const large = length >= COPY_BELOW_BYTES;
    if (large === (this.#slab !== sharedSlab()) && !used) return;
    if (!used) this.#returnSlab();
    this.#slab = large ? takeSlab() : sharedSlab();
  }

  #returnSlab(): void {
    if (this.#slab !== sharedSlab()) freeSlab(this.#slab);
    this.#slab = sharedSlab();
  }

  #applyOptions(): void {
    const { noDelay, reading, delayMs, pauseMs } = this.options;
    if (!this.#socket || !this.#writer || this.#socket.destroyed) return;
    this.#socket.setNoDelay?.(noDelay);
    this.#writer.pace = { delayMs, pauseMs };
    if (reading) return this.#readOn();
    // Read into memory of ours, it stops at once: not one piece more leaves the kernel's queue.
    this.#reading = false;
    this.#socket.pause();
  }

  #mayRead(): boolean {
    if (!this.options.reading) return false;
    const kept = this.#down.retained;
    if (kept + MAX_PAYLOAD_BYTES > this.#limits.windowBytes) return false;
    if (this.#keptFrames >= MAX_KEPT_FRAMES) return false;
    return kept === 0 || this.#budget.hasRoom(this.#wake);
  }

  #wake = (): void => this.#readOn();

  #readOn(): void {
    if (this.#reading || this.#farEnded || !this.#socket || this.#socket.destroyed) return;
    if (!this.#mayRead()) return;
    this.#reading = true;
    this.#socket.resume();
  }

  #socketOnEnd(): void {
    this.#publish?.("recv", 0);
    this.#farEnded = true;
    this.tap?.ended("far");
    this.#end("eof");
    this.#watchHalfClose();
  }

  #receiveData(frame: Frame): void {
    const skip = this.#up.accept(frame.seq, frame.payload.length);
    const bytes = skip ? frame.payload.subarray(skip) : frame.payload;
    if (bytes.length === 0) return this.#acknowledge();
    if (this.#hungUp) return; // The RST that says so is on its way.
    if (this.state === "connecting") throw new FlowError("data before the connection is open");
    if (this.#nearEnded) throw new FlowError("data after the end");
    this.#owner.moved(this, "up", bytes.length);
    this.#halfCloseTimer?.refresh();
    if (this.state === "closed") return; // The RST that says so is on its way.
    this.tap?.given(bytes);
    this.#writer?.write(bytes);
  }

  /** The kernel has taken bytes of the page. */
  #written(bytes: number): void {
    this.#up.consume(bytes);
    this.#halfCloseTimer?.refresh();
    this.#publish?.("send", bytes);
    this.tap?.taken(bytes);
    this.#owner.wrote(this);
    this.#takenAt = this.#owner.clock();
    // Long before the page's credit runs out.
    const owed = this.#up.consumed - this.#acknowledged;
    if (owed >= this.#limits.windowBytes / 4) this.#acknowledge();
    else this.#ackTurn ??= setImmediate(this.#onAckTurn);
  }

  readonly #onAckTurn = (): void => {
    this.#ackTurn = null;
    this.acknowledgeNow();
  };

  /** Sends the acknowledgement that is owed, if one is: of what came before that which is to be sent next. */
  acknowledgeNow(): void {
    const item = this.#down.next;
    const seq = item ? item.taken : this.#up.consumed;
    if (seq > this.#acknowledged) this.#acknowledge(seq, item ? item.takenAt : this.#takenAt);
  }

  #receiveEof(frame: Frame): void {
    const old = this.#up.accept(frame.seq, 1, "eof") === 1;
    if (old) return this.#acknowledge();
    if (this.#hungUp) return;
    if (this.state === "connecting") throw new FlowError("end before the connection is open");
    this.#endSocket(() => {
      this.#up.consume(1);
      this.#takenAt = this.#owner.clock();
      this.#acknowledge();
      this.#owner.ended(this);
    });
  }

  /** shutdown(2) after all that was written; `done` when the kernel has taken it. */
  #endSocket(done: () => void): void {
    if (this.#nearEnded || this.state !== "open" || !this.#writer) return;
    this.#nearEnded = true;
    this.#writer.end(() => {
      if (!this.#socket?.writableFinished) return; // Failed: "error" and "close" say why.
      this.#publish?.("shutdown");
      this.tap?.ended("near");
      done();
      this.#flushed = true;
      this.#letGoIfFlushed();
    });
    this.#watchHalfClose();
  }

  #letGoIfFlushed(): void {
    if (!this.#letGo || !this.#flushed || this.#farEnded || !this.#socket) return;
    this.#fail("CLOSED", "");
    this.#socket.destroy();
  }

  #receiveReset(frame: Frame): void {
    this.tap?.aborted();
    this.#up.skipTo(frame.seq + 1);
    this.#acknowledge();
    this.#cancel("CANCELLED");
    this.#down.clear();
    if (this.#socket && !this.#socket.destroyed) resetSocket(this.#socket);
    else if (this.state === "closed") this.#owner.finished(this);
  }

  #cancel(code: FailureCode): void {
    this.#fail(code, "");
    this.#dialling.abort();
  }

  /** The first reason is the true one; what follows is its echo. */
  #fail(code: FailureCode, detail: string): void {
    this.#failure ??= { code, detail };
  }

  #socketClosed(): void {
    if (this.state === "closed") return;
    if (this.#halfCloseTimer) clearTimeout(this.#halfCloseTimer);
    if (this.#hangUpTimer) clearTimeout(this.#hangUpTimer);
    this.#budget.forget(this.#wake);
    this.#writer?.stop();
    this.#returnSlab();
    this.acknowledgeNow();
    if (this.#ackTurn) clearImmediate(this.#ackTurn);
    const whole = this.#farEnded && this.#nearEnded && !this.#failure;
    if (!whole && !this.#forgotten) this.#end("rst");
    this.#setState("closed");
    this.#goOn();
  }

  /** Appends an end to what the page is owed. */
  #end(kind: "eof" | "rst"): void {
    const seq = this.#down.end;
    const { code, detail } = this.#failure ?? { code: "ECONNRESET", detail: "" };
    if (kind === "rst") this.tap?.failed(code, detail);
    const header = {
      type: kind === "eof" ? FrameType.eof : FrameType.rst,
      channel: this.id,
      at: this.#hungUpAt ?? this.#owner.clock(),
      seq,
    };
    const frame = encodeFrame(
      header,
      kind === "rst" ? encodeReset(wireNumber(code), detail) : undefined,
    );
    this.#keep(kind, seq, 1, frame, null);
  }

  #keep(
    kind: Kept["kind"],
    seq: number,
    length: number,
    frame: Uint8Array,
    slab: Buffer | null,
  ): void {
    this.#budget.retain(length);
    this.#keptFrames++;
    const taken = this.#up.consumed;
    const takenAt = this.#takenAt;
    this.#down.push({ kind, seq, length, frame, slab, taken, takenAt, inFlight: 0, acked: false });
    this.#pump();
  }

  #pump(): void {
    for (;;) {
      // What the page sent comes before the answer to it.
      this.acknowledgeNow();
      const item = this.#down.next;
      if (!item) break;
      this.#owner.handing(this, item.seq);
      this.#down.take();
      item.inFlight++;
      const sent = this.#owner.sendFrame(item.frame, () => {
        item.inFlight--;
        this.#recycle(item);
      });
      if (!sent) {
        // No WebSocket: what was taken is taken again after the resume.
        item.inFlight--;
        return;
      }
      if (item.kind !== "data") this.#owner.ended(this);
    }
    this.#owner.handing(this, this.#down.sent);
  }

  #release(item: Kept): void {
    item.acked = true;
    this.#budget.release(item.length);
    this.#keptFrames--;
    this.#recycle(item);
  }

  /** A slab is free when the page has its bytes and no WebSocket still holds them. */
  #recycle(item: Kept): void {
    if (!item.slab || !item.acked || item.inFlight > 0) return;
    freeSlab(item.slab);
    item.slab = null;
  }

  /** @param at the session's clock when the kernel had taken all before `seq`. */
  #acknowledge(seq = this.#up.consumed, at = this.#takenAt): void {
    this.#acknowledged = seq;
    this.#owner.sendFrame(encodeAck(this.id, at, seq, this.#up.credit));
  }

  #goOn(): void {
    this.#pump();
    this.#readOn();
    if (this.state === "closed" && this.#down.retained === 0) this.#owner.finished(this);
  }

  /**
   * Once one direction has ended: if the other stays silent for too long, nobody is there any more. What
   * the page may not break is no such silence: while it is away, or what it sends has to wait.
   */
  #watchHalfClose(): void {
    if (!this.#farEnded && !this.#nearEnded) return;
    if (this.#halfCloseTimer || this.state !== "open") return;
    if (this.#held || !this.#owner.attached) return;
    const ms = this.#limits.halfCloseTimeoutMs;
    this.#halfCloseTimer = setTimeout(() => {
      this.#fail("HALF_CLOSE_TIMEOUT", `${ms / 1000} s`);
      this.#socket?.destroy();
    }, ms);
  }

  #excuseSilence(): void {
    if (this.#halfCloseTimer) clearTimeout(this.#halfCloseTimer);
    this.#halfCloseTimer = null;
  }

  #setState(state: SocketState): void {
    this.state = state;
    this.#owner.stateChanged(this);
  }
}

/** Both ends of a socket that has connected; a Unix socket's end is named by its path. */
function endsOf(socket: Carried, { scheme, host }: Address): Pair {
  const there = scheme === "unix" ? host : "";
  return {
    local: { host: socket.localAddress ?? "", port: socket.localPort ?? 0 },
    remote: { host: socket.remoteAddress ?? there, port: socket.remotePort ?? 0 },
  };
}
