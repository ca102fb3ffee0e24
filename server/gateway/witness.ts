/**
 * What can be seen of a connection besides its own bytes: the calls of the program at its far end,
 * where that is a server of this process, and what the kernel says of both sockets. A witness
 * outlives its channel: the far end's close(2) and TIME_WAIT come after the last byte.
 *
 * Far calls reach the page in their place among the bytes, also after a resume: each is kept with the
 * offset that had been read when it happened, and given out before the frame that begins there.
 */
import { performance } from "node:perf_hooks";
import type { Endpoint, FarCall, GatewayMessage } from "../../shared/protocol.ts";
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";
import type { Observer, Pair, SocketCall } from "../observe.ts";
import type { Kernel, KernelWatch, Seen } from "../sockets/kernel.ts";
import type { EarlyCalls } from "./early-calls.ts";
import type { Recording } from "./recording.ts";
import type { Sight } from "./sight.ts";

/** What a witness needs of the session it reports to. */
export interface WitnessOwner {
  /** Whether a page is there now. */
  readonly attached: boolean;
  /** The page leaves so much unread that what can be said later should be. */
  readonly behind: boolean;
  /** The session's clock at a moment of performance.now(), in steps of 10 µs. */
  clockAt(now: number): number;
  send(message: GatewayMessage): void;
  /** Nothing more can be seen. */
  gone(witness: Witness): void;
}

/** The offsets of the channel it belongs to, as far as they order what it reports. */
export interface Witnessed {
  readonly id: number;
  /** The next offset that will be read from the socket. */
  readonly readOffset: number;
  /** The next offset that will be handed to the page. */
  readonly sentOffset: number;
  /** Everything before this offset has arrived at the page. */
  readonly ackedOffset: number;
}

interface Entry {
  call: FarCall;
  /** Offset of the first byte that was read after it. */
  before: number;
}

/** Calls that wait for their message; from here on they are added up, kind by kind. */
const MANY_CALLS = 64;
/**
 * Calls kept until the page acknowledges what came after them: 140 KiB at most. The oldest go first.
 * A page that is there has long heard them; one that comes back and has not sees it by the numbers.
 */
const MAX_KEPT = 1024;
/** A page that is behind is told what the kernel says after this time, or a multiple of it. */
const TELL_AGAIN_MS = 250;
/** After the last byte: the far end lingers for a second, and TIME_WAIT lasts 60 s on Linux. */
const AFTERMATH_MS = 70_000;

export class Witness {
  #channel: Witnessed;
  readonly #owner: WitnessOwner;
  readonly #observer: Observer;
  readonly #kernel: Kernel | null;
  /** Is told the same, in its own time; null: nobody follows. */
  readonly #recording: Recording | null;
  #pair: Pair | null = null;
  /** When connect(2) was called last, of performance.now. */
  #attemptedAt = Number.NEGATIVE_INFINITY;
  /** How far its socket is known to have come: what the kernel shows of the pair is that, or later. */
  #reached: TcpState | undefined;
  /** Of a visitor that waited at the door: its calls since then. */
  #early: EarlyCalls | null = null;
  #unfollow: (() => void) | null = null;
  #watch: KernelWatch | null = null;
  #looking = false;
  #tellAgain: NodeJS.Timeout | null = null;
  #far: Entry[] = [];
  /** Entries before this index were handed to the WebSocket. */
  #next = 0;
  #calls = 0;
  #offsets = { recv: 0, send: 0 };
  #flushing = false;
  #farClosed = false;
  #seen: { near: KernelSocket | null; far: KernelSocket | null } = { near: null, far: null };
  /** The channel is over; what is still seen is its aftermath. */
  #aftermath: NodeJS.Timeout | null = null;
  #over = false;
  #ended = false;

  constructor(
    channel: Witnessed,
    owner: WitnessOwner,
    sight: Sight,
    recording: Recording | null = null,
  ) {
    this.#channel = channel;
    this.#owner = owner;
    this.#observer = sight.observer;
    this.#kernel = sight.kernel;
    this.#recording = recording;
    if (!recording) return;
    recording.onLooks = () => this.#watchAnew();
    recording.onEnd = () => this.#watch?.again();
  }

  get id(): number {
    return this.#channel.id;
  }

  /** connect(2) was called from and to these addresses; said again after a resume. */
  attempted(pair: Pair): void {
    if (this.#pair && samePair(this.#pair, pair)) return;
    this.#attemptedAt = performance.now();
    this.#pair = pair;
    this.#watchAnew();
  }

  /** The channel is that of a visitor, whose calls were followed already. */
  expect(early: EarlyCalls): void {
    this.#early = early;
  }

  /** Connected: from now on the far end's calls can be known. */
  opened(pair: Pair): void {
    const same = this.#pair?.local.port === pair.local.port;
    this.#pair = pair;
    this.#reached = "ESTABLISHED";
    const called = (call: SocketCall) => this.#called(call);
    this.#unfollow ??= this.#early
      ? this.#early.follow(called)
      : this.#observer.follow(pair, called, this.#attemptedAt);
    // From the opening the page concludes states anew, so that all is said again.
    if (same) this.#watch?.again(this.#reached);
    else this.#watchAnew();
  }

  /** Whether somebody looks at the page: only then the kernel is asked. */
  look(on: boolean): void {
    if (on === this.#looking) return;
    this.#looking = on;
    this.#watchAnew();
    this.#endIfNothingLeft();
  }

  /** Bytes crossed: the kernel's queues may have changed. */
  moved(): void {
    this.#watch?.soon();
  }

  /**
   * An end was handed to the page, which now concludes a state from it. What the kernel says is said
   * again, even if it is what it was before.
   */
  ended(): void {
    this.#seen = { near: null, far: null };
    this.#watch?.again();
  }

  /** Hands out the far calls that come before the byte at `offset`. */
  flush(offset = this.#over ? Number.POSITIVE_INFINITY : this.#channel.sentOffset): void {
    // While the page is away they wait, and are added up.
    if (!this.#owner.attached) return;
    const first = this.#next;
    while (this.#next < this.#far.length && (this.#far[this.#next]?.before ?? 0) <= offset) {
      this.#next++;
    }
    if (this.#next === first) return;
    const calls = this.#far.slice(first, this.#next).map(({ call }) => call);
    this.#owner.send({ type: "far", ch: this.id, calls });
    this.#prune();
  }

  /** @param known how many far calls the page knows of. */
  resume(known: number): void {
    const first = this.#far.findIndex(({ call }) => call.n > known);
    this.#drop(first < 0 ? this.#far.length : first);
    this.#next = 0;
  }

  /** The channel is over; what follows is its aftermath. */
  channelOver(): void {
    if (this.#over) return;
    this.#over = true;
    // Its socket is let go: by now it has sent its FIN at least, or it never was connected.
    this.#reached = this.#reached ? "FIN_WAIT1" : "CLOSED";
    // Its offsets stay; the channel itself, and its socket, need not be kept for them.
    const { id, readOffset, sentOffset, ackedOffset } = this.#channel;
    this.#channel = { id, readOffset, sentOffset, ackedOffset };
    this.flush();
    this.#aftermath = setTimeout(() => this.#owner.gone(this), AFTERMATH_MS);
    this.#aftermath.unref();
    this.#endIfNothingLeft();
  }

  /** Sees nothing any more. */
  stop(): void {
    this.#ended = true;
    if (this.#aftermath) clearTimeout(this.#aftermath);
    if (this.#tellAgain) clearTimeout(this.#tellAgain);
    this.#unfollow?.();
    this.#watch?.stop();
    this.#watch = null;
    this.#recording?.over();
  }

  #called({ call, bytes = 0, calls = 1, at }: SocketCall): void {
    this.#calls += calls;
    const made: FarCall = { n: this.#calls, at: this.#owner.clockAt(at), call };
    if (calls > 1) made.calls = calls;
    if (call === "recv" || call === "send") {
      made.offset = this.#offsets[call];
      made.bytes = bytes;
      this.#offsets[call] += bytes;
    }
    if (call === "close" || call === "reset") this.#farClosed = true;
    this.#recording?.far(made);
    if (!this.#addUp(made)) this.#far.push({ call: made, before: this.#channel.readOffset });
    if (this.#far.length > MAX_KEPT) this.#drop(this.#far.length - MAX_KEPT);
    this.moved();
    this.#flushSoon();
  }

  /** Where very many calls wait, those of one kind become one, with the sum of their bytes. */
  #addUp(made: FarCall): boolean {
    if (this.#far.length - this.#next < MANY_CALLS || !made.bytes) return false;
    for (let i = this.#far.length - 1; i >= this.#next; i--) {
      const entry = this.#far[i];
      if (!entry?.call.bytes) return false;
      if (entry.call.call !== made.call) continue;
      const { call } = entry;
      call.n = made.n;
      call.at = made.at;
      call.bytes = (call.bytes ?? 0) + made.bytes;
      call.calls = (call.calls ?? 1) + (made.calls ?? 1);
      entry.before = this.#channel.readOffset;
      return true;
    }
    return false;
  }

  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      if (this.#ended) return;
      this.flush();
      this.#endIfNothingLeft();
    });
  }

  /** What the page has acknowledged bytes behind has arrived there as well. */
  #prune(): void {
    const { ackedOffset } = this.#channel;
    let known = 0;
    while (known < this.#next && (this.#far[known]?.before ?? 0) < ackedOffset) known++;
    if (known > 0) this.#drop(known);
  }

  #drop(entries: number): void {
    this.#far.splice(0, entries);
    this.#next = Math.max(0, this.#next - entries);
  }

  /** Begins to look, or ends; the first report has everything. */
  #watchAnew(): void {
    this.#watch?.stop();
    this.#watch = null;
    const isWanted = this.#looking || this.#recording?.looks === true;
    if (!isWanted || !this.#pair || !this.#kernel || this.#ended) return;
    // What was seen to be gone is gone: a row of the pair is another connection's by now.
    const isGone = this.#over && this.#seen.near?.state === "CLOSED";
    const reached = isGone ? "CLOSED" : this.#reached;
    this.#watch = this.#kernel.watch(this.#pair, (seen) => this.#report(seen), reached);
  }

  #report({ near, far, at }: Seen): void {
    this.#recording?.kernel(
      { ...(near && { near }), ...(far && { far }) },
      this.#owner.clockAt(at),
    );
    // A page that looks away is told once it looks again.
    if (!this.#looking) return;
    if (this.#owner.behind) return this.#reportLater();
    if (near) this.#seen.near = near;
    if (far) this.#seen.far = far;
    this.#owner.send({
      type: "kernel",
      ch: this.id,
      at: this.#owner.clockAt(at),
      ...(near && { near }),
      ...(far && { far }),
    });
    this.#endIfNothingLeft();
  }

  /** What the kernel says then is the newest: all of it, instead of each step on the way. */
  #reportLater(): void {
    this.#tellAgain ??= setTimeout(() => {
      this.#tellAgain = null;
      this.#watch?.again();
    }, TELL_AGAIN_MS).unref();
  }

  #endIfNothingLeft(): void {
    if (!this.#over || this.#ended) return;
    const { near, far } = this.#seen;
    const gone = (socket: KernelSocket | null) => !socket || socket.state === "CLOSED";
    // Whoever looks away may look again: TIME_WAIT lasts longer than that.
    const mayTell = this.#kernel !== null && this.#pair !== null && this.#reached !== "CLOSED";
    const kernelSilent = !mayTell || (near !== null && gone(near) && gone(far));
    const farSilent = this.#calls === 0 || this.#farClosed;
    // What was handed out last may be lost with its WebSocket: it is kept for a page that comes back.
    if (kernelSilent && farSilent && this.#far.length === 0) this.#owner.gone(this);
  }
}

const samePair = (a: Pair, b: Pair): boolean =>
  sameEnd(a.local, b.local) && sameEnd(a.remote, b.remote);
const sameEnd = (a: Endpoint, b: Endpoint): boolean => a.host === b.host && a.port === b.port;
