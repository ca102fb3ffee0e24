/**
 * One page: it owns channels, survives a lost WebSocket for a grace period, and turns the page's
 * commands into sockets.
 *
 * States: attached ⇄ detached → ended. Each attach raises the epoch; one session has one live page.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { performance } from "node:perf_hooks";
import type { WebSocket } from "ws";
import { parseAddress } from "../../shared/address.ts";
import { CLOCK_STEP_MICROSECONDS } from "../../shared/bounds.ts";
import type { FailureCode } from "../../shared/errors.ts";
import { FlowError } from "../../shared/flow.ts";
import { encodeAck, type Frame, FrameType } from "../../shared/frames.ts";
import {
  type GatewayMessage,
  type Hello,
  MessageError,
  type PageMessage,
  type ResumeFailedReason,
} from "../../shared/protocol.ts";
import type { Observer } from "../observe.ts";
import type { Kernel } from "../sockets/kernel.ts";
import { type ChannelOwner, type Dialer, GatewayChannel } from "./channel.ts";
import { type BufferBudget, TokenBucket } from "./quota.ts";
import { together } from "./together.ts";
import { Witness, type WitnessOwner } from "./witness.ts";

type Resume = NonNullable<Hello["resume"]>;
type Welcome = Extract<GatewayMessage, { type: "welcome" }>;

export interface SessionLimits {
  windowBytes: number;
  halfCloseTimeoutMs: number;
  maxChannels: number;
  openRate: { perSecond: number; burst: number };
  resumeGraceMs: number;
}

/** What a session needs of its gateway. */
export interface SessionHost {
  readonly limits: SessionLimits;
  readonly budget: BufferBudget;
  readonly dial: Dialer;
  /** What can be seen of a connection besides its bytes. */
  readonly sight: { observer: Observer; kernel: Kernel | null };
  /** The part of `welcome` that is the same for every session now; read at each welcome. */
  readonly greeting: Pick<Welcome, "os" | "servers">;
  readonly draining: boolean;
  /** True when the process holds as many sockets as it may. */
  readonly full: boolean;
  /** So many channels more (or fewer) are held. */
  held(channels: number): void;
  opened(result: FailureCode | "requested"): void;
  moved(direction: "up" | "down", bytes: number): void;
  /** The session has no channel left: nothing is owed to anybody. */
  settled(session: Session): void;
  /** The grace period is over, and the page may still ask. */
  expired(session: Session): void;
  ended(session: Session): void;
}

const hash = (token: string): Buffer => createHash("sha256").update(token).digest();
const newSecret = (): string => randomBytes(32).toString("base64url");
/** Of a frame without a mask, at the most (RFC 6455 section 5.2). */
const WS_HEADER_BYTES = 10;
const STEPS_PER_MS = 1000 / CLOCK_STEP_MICROSECONDS;

/** Besides data, which has its credit: what the page has not read when the kernel's words begin to wait. */
const BEHIND_BYTES = 16 * 1024;
/** Connections that are over and still seen, at most. */
const MAX_AFTERMATHS = 16;

export class Session implements ChannelOwner, WitnessOwner {
  readonly sid = newSecret();
  readonly user: string;
  readonly address: string;
  readonly startedAt = performance.now();
  /** When bytes last crossed, or a command came. */
  activeAt = this.startedAt;
  readonly #host: SessionHost;
  readonly #channels = new Map<number, GatewayChannel>();
  /** Of the channels, and of those that are over and may still be seen; oldest first. */
  readonly #witnesses = new Map<number, Witness>();
  /** Somebody looks at the page. */
  #looking = false;
  readonly #opens: TokenBucket;
  #ws: WebSocket | null = null;
  #epoch = 0;
  #token: Buffer = hash(newSecret());
  /** Valid until the first frame of the new epoch, or a lost `welcome` would strand the page. */
  #previousToken: Buffer | null = null;
  #graceTimer: NodeJS.Timeout | null = null;
  /** Of the present WebSocket; an older one counts down its own. */
  #queued = { bytes: 0 };
  #ended = false;
  /** The highest channel the page has ever asked for. */
  #highestChannel = 0;

  constructor(host: SessionHost, user: string, address: string) {
    this.#host = host;
    this.user = user;
    this.address = address;
    this.#opens = new TokenBucket(host.limits.openRate);
  }

  get attached(): boolean {
    return this.#ws !== null;
  }
  get behind(): boolean {
    if (!this.#ws) return false;
    return this.#ws.bufferedAmount > BEHIND_BYTES + this.#queued.bytes;
  }
  get channelCount(): number {
    return this.#channels.size;
  }
  /** Bytes of data that wait in the WebSocket because the page has not read them yet. */
  get queuedBytes(): number {
    return this.#queued.bytes;
  }

  /** Whether `user` may take this session back with what it says it knows; null when it may. */
  refuseResume(resume: Resume, user: string): ResumeFailedReason | null {
    if (user !== this.user) return "auth";
    const given = hash(resume.token);
    const valid = [this.#token, this.#previousToken].some(
      (token) => token && timingSafeEqual(given, token),
    );
    if (!valid) return resume.epoch < this.#epoch ? "superseded" : "auth";
    const gap = resume.channels.some(({ ch, rx }) => {
      const offsets = this.#channels.get(ch)?.offsets;
      return offsets && (rx < offsets.base || rx > offsets.end);
    });
    return gap ? "gap" : null;
  }

  /**
   * Makes `ws` the session's one WebSocket and welcomes the page on it.
   * @param resume what `refuseResume` found nothing wrong with.
   * @returns the WebSocket it replaces, for its owner to close.
   */
  attach(ws: WebSocket, resume?: Resume): WebSocket | null {
    const replaced = this.#ws;
    this.#ws = null;
    if (this.#graceTimer) clearTimeout(this.#graceTimer);
    this.#graceTimer = null;
    // On a new WebSocket nobody looks until it is said, also where the old one is not lost yet.
    this.#look(false);
    this.#forgetUnknown(resume);
    this.#epoch++;
    const token = newSecret();
    // The token the page used, not the one given last: that one may be lost with its welcome.
    this.#previousToken = resume ? hash(resume.token) : null;
    this.#token = hash(token);
    this.#ws = ws;
    this.#queued = { bytes: 0 };
    this.#sendWelcome(token);
    for (const { ch, far } of resume?.seen ?? []) this.#witnesses.get(ch)?.resume(far);
    for (const { ch, rx } of resume?.channels ?? []) {
      const channel = this.#channels.get(ch);
      if (!channel) continue;
      this.stateChanged(channel);
      channel.resume(rx);
    }
    for (const [id, witness] of [...this.#witnesses]) {
      if (!this.#channels.has(id)) witness.channelOver();
      witness.flush();
    }
    return replaced;
  }

  /** The WebSocket is gone; the sockets stay for the grace period. */
  detach(ws: WebSocket): void {
    if (ws !== this.#ws) return;
    this.#ws = null;
    this.#look(false);
    for (const channel of this.#channels.values()) channel.pageAway();
    this.#graceTimer = setTimeout(() => this.#expire(), this.#host.limits.resumeGraceMs);
  }

  /** The page says on `ws` that it needs the session no longer; on an older one that means nothing. */
  leave(ws: WebSocket): void {
    if (ws === this.#ws) this.end();
  }

  /** Closes every socket and forgets the session. Returns its WebSocket for its owner to close. */
  end(): WebSocket | null {
    if (this.#ended) return null;
    this.#ended = true;
    const ws = this.#ws;
    this.#ws = null;
    if (this.#graceTimer) clearTimeout(this.#graceTimer);
    for (const channel of this.#channels.values()) channel.discard();
    this.#host.held(-this.#channels.size);
    this.#channels.clear();
    for (const witness of [...this.#witnesses.values()]) this.gone(witness);
    this.#host.ended(this);
    return ws;
  }

  /** A command of the page. @throws {MessageError} when a page can never mean it. */
  command(message: Exclude<PageMessage, { type: "hello" }>): void {
    if (this.#ended) return;
    this.#heard();
    switch (message.type) {
      case "open":
        this.activeAt = performance.now();
        return this.#open(message.ch, message.address);
      case "close":
        return this.#channels.get(message.ch)?.letGo();
      case "ping":
        return this.send({ type: "pong", n: message.n, at: this.clock() });
      case "look":
        return this.#look(message.on);
    }
  }

  /** A binary frame of the page. @throws {FlowError} when it breaks the rules. */
  frame(frame: Frame): void {
    if (this.#ended) return;
    this.#heard();
    const channel = this.#channels.get(frame.channel);
    if (channel) return channel.receive(frame);
    // A late frame for a channel that is over. An end must be acknowledged, or it comes again.
    if (frame.type === FrameType.eof || frame.type === FrameType.rst) {
      this.sendFrame(encodeAck(frame.channel, this.clock(), frame.seq + 1, 0));
    } else if (frame.channel > this.#highestChannel) {
      throw new FlowError(`channel ${frame.channel} was never opened`);
    }
  }

  /**
   * Tells the page that the gateway is going, so that it ends its directions after what it has to
   * send. A page that is away is told when it comes back.
   */
  drain(deadlineMs: number): void {
    this.send({ type: "drain", deadlineMs });
  }

  send(message: GatewayMessage): void {
    // What is said of a channel comes after what happened to it before.
    if ("ch" in message && message.ch !== undefined) {
      this.#channels.get(message.ch)?.acknowledgeNow();
    }
    this.#ws?.send(JSON.stringify(message));
  }

  clock(): number {
    return this.clockAt(performance.now());
  }

  clockAt(now: number): number {
    return Math.max(0, Math.floor((now - this.startedAt) * STEPS_PER_MS));
  }

  sendFrame(frame: Uint8Array, done?: () => void): boolean {
    if (!this.#ws || this.#ws.readyState !== this.#ws.OPEN) return false;
    if (!done) {
      // An answer. Too many of them unread, and the page is cut: they must not count as data.
      this.#ws.send(frame, { binary: true });
      return true;
    }
    const queued = this.#queued;
    const bytes = frame.length + WS_HEADER_BYTES;
    queued.bytes += bytes;
    this.#ws.send(frame, { binary: true }, () => {
      queued.bytes -= bytes;
      done();
    });
    return true;
  }

  together(send: () => void): void {
    if (this.#ws) together(this.#ws, send);
    else send();
  }

  stateChanged(channel: GatewayChannel): void {
    const { id: ch, state, local, remote } = channel;
    const witness = this.#witnesses.get(ch);
    if (local && remote && state === "connecting") witness?.attempted({ local, remote });
    this.send({
      type: "state",
      ch,
      at: this.clock(),
      state,
      ...(local && { local }),
      ...(remote && { remote }),
    });
    // After the page knows that it is open: whom the server accepted is then no riddle.
    if (local && remote && state === "open") witness?.opened({ local, remote });
  }

  moved(channel: GatewayChannel, direction: "up" | "down", bytes: number): void {
    this.activeAt = performance.now();
    this.#witnesses.get(channel.id)?.moved();
    this.#host.moved(direction, bytes);
  }

  handing(channel: GatewayChannel, offset: number): void {
    this.#witnesses.get(channel.id)?.flush(offset);
  }

  ended(channel: GatewayChannel): void {
    this.#witnesses.get(channel.id)?.ended();
  }

  gone(witness: Witness): void {
    witness.stop();
    if (this.#witnesses.get(witness.id) === witness) this.#witnesses.delete(witness.id);
  }

  finished(channel: GatewayChannel): void {
    if (this.#channels.get(channel.id) !== channel) return;
    this.#channels.delete(channel.id);
    this.#host.held(-1);
    this.#witnesses.get(channel.id)?.channelOver();
    if (this.#channels.size === 0) this.#host.settled(this);
  }

  #expire(): void {
    this.#host.expired(this);
    this.end();
  }

  /** The first frame of an epoch proves that its `welcome` arrived. */
  #heard(): void {
    this.#previousToken = null;
  }

  /** Channels that the page does not name are over for it. */
  #forgetUnknown(resume: Resume | undefined): void {
    const known = new Set(resume?.channels.map(({ ch }) => ch));
    for (const [id, channel] of this.#channels) {
      if (known.has(id)) continue;
      channel.discard();
      this.#channels.delete(id);
      this.#host.held(-1);
    }
    const seen = new Set(resume?.seen?.map(({ ch }) => ch));
    for (const witness of [...this.#witnesses.values()]) {
      if (!seen.has(witness.id)) this.gone(witness);
    }
  }

  #look(on: boolean): void {
    this.#looking = on;
    for (const witness of [...this.#witnesses.values()]) witness.look(on);
  }

  /** Begins to see what happens around a channel. */
  #witness(channel: GatewayChannel): void {
    // A number is used again after very many channels: what it named before is history.
    const before = this.#witnesses.get(channel.id);
    if (before) this.gone(before);
    const witness = new Witness(channel, this, this.#host.sight);
    this.#witnesses.set(channel.id, witness);
    witness.look(this.#looking);
    if (this.#witnesses.size <= this.#channels.size + MAX_AFTERMATHS) return;
    const oldest = [...this.#witnesses.values()].find(({ id }) => !this.#channels.has(id));
    if (oldest) this.gone(oldest);
  }

  #sendWelcome(token: string): void {
    const { windowBytes, maxChannels, resumeGraceMs } = this.#host.limits;
    this.send({
      type: "welcome",
      sid: this.sid,
      token,
      epoch: this.#epoch,
      at: this.clock(),
      graceMs: resumeGraceMs,
      limits: { windowBytes, maxChannels },
      ...this.#host.greeting,
      channels: [...this.#channels.values()].map((channel) => ({
        ch: channel.id,
        state: channel.state,
        ...channel.offsets,
      })),
    });
  }

  #open(ch: number, text: string): void {
    if (ch % 2 === 0) throw new MessageError("the page opens odd channels only");
    if (this.#channels.has(ch)) return; // Repeated after a resume: nothing changes.
    this.#highestChannel = Math.max(this.#highestChannel, ch);
    const parsed = parseAddress(text);
    if (!parsed.ok) return this.#refuse(ch, "BAD_ADDRESS", parsed.problem);
    const { limits } = this.#host;
    if (this.#host.draining) return this.#refuse(ch, "DRAINING", "");
    if (this.#channels.size >= limits.maxChannels) {
      return this.#refuse(ch, "TOO_MANY_CONNECTIONS", `${limits.maxChannels}`);
    }
    if (this.#host.full) return this.#refuse(ch, "EMFILE", "");
    if (!this.#opens.take())
      return this.#refuse(ch, "TOO_FAST", `${limits.openRate.perSecond} a second`);
    const channel = new GatewayChannel(ch, parsed.address, this, limits, this.#host.budget);
    this.#channels.set(ch, channel);
    this.#witness(channel);
    this.#host.held(1);
    this.#host.opened("requested");
    this.stateChanged(channel);
    void channel.start(this.#host.dial);
  }

  #refuse(ch: number, code: FailureCode, detail: string): void {
    this.#host.opened(code);
    this.send({ type: "refused", ch, code, detail });
  }
}
