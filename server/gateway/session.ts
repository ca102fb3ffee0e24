/**
 * One page: it owns channels, survives a lost WebSocket for a grace period, and turns the page's
 * commands into sockets.
 *
 * States: attached ⇄ detached → ended. Each attach raises the epoch; one session has one live page.
 */
import { performance } from "node:perf_hooks";
import type { WebSocket } from "ws";
import { parseAddress } from "../../shared/address.ts";
import { CLOCK_STEPS_PER_SECOND, MAX_OFFSET } from "../../shared/bounds.ts";
import type { ClassCommand } from "../../shared/classroom.ts";
import type { FailureCode } from "../../shared/errors.ts";
import { FlowError } from "../../shared/flow.ts";
import { encodeAck, type Frame, FrameType } from "../../shared/frames.ts";
import {
  type Accepted,
  type Endpoint,
  type GatewayMessage,
  type Hello,
  MessageError,
  type PageMessage,
  type ResumeFailedReason,
} from "../../shared/protocol.ts";
import type { Identity } from "../classroom/types.ts";
import type { Pair } from "../observe.ts";
import { plainHost } from "../sockets/bind.ts";
import { type ChannelOwner, type Dialer, GatewayChannel, type Publisher } from "./channel.ts";
import type { Visitor } from "./door.ts";
import { History, type Kept } from "./history.ts";
import type { Refusal } from "./listener.ts";
import { type Call, Listeners, type ListenersHost, type ListenersOwner } from "./listeners.ts";
import { type BufferBudget, TokenBucket } from "./quota.ts";
import type { Recorder } from "./recorder.ts";
import type { Recording, RecordingSource } from "./recording.ts";
import { historyOf } from "./returning.ts";
import type { Sight } from "./sight.ts";
import { newSecret, Tokens } from "./tokens.ts";
import { Witnesses, type WitnessesOwner } from "./witnesses.ts";

type Resume = NonNullable<Hello["resume"]>;
/** What a page that comes back says it knows. */
type Known = Omit<Resume, "sid" | "token" | "epoch">;
type Welcome = Extract<GatewayMessage, { type: "welcome" }>;

export interface SessionLimits {
  windowBytes: number;
  halfCloseTimeoutMs: number;
  maxChannels: number;
  maxListeners: number;
  openRate: { perSecond: number; burst: number };
  resumeGraceMs: number;
}

/** What a session needs of its gateway. */
export interface SessionHost extends ListenersHost {
  readonly limits: SessionLimits;
  readonly budget: BufferBudget;
  /** Dials what somebody like this may reach. */
  dialFor(identity: Identity): Dialer;
  /** Why somebody like this opens nothing at all; null: it may. */
  mayOpen(identity: Identity): Refusal | null;
  /** The page says something about its class. */
  classCommand(session: Session, command: ClassCommand): void;
  /** The page is away, and may come back. */
  away(session: Session): void;
  /** Who follows conversations besides their page. */
  readonly recorder: Recorder;
  /** Whether a page of that user which was loaded anew gets its session back. */
  returns(identity: Identity): boolean;
  readonly sight: Sight;
  /** The part of `welcome` that is the same for every session now; read at each welcome. */
  readonly greeting: Pick<Welcome, "os" | "servers" | "serving">;
  /** Whether a page of this gateway listens there. */
  isServed(remote: Endpoint): boolean;
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

/** Of a frame without a mask, at the most (RFC 6455 section 5.2). */
const WS_HEADER_BYTES = 10;
const STEPS_PER_MS = CLOCK_STEPS_PER_SECOND / 1000;

/** Besides data, which has its credit: what the page has not read when the kernel's words begin to wait. */
const BEHIND_BYTES = 16 * 1024;

export class Session implements ChannelOwner, WitnessesOwner, ListenersOwner {
  readonly sid = newSecret();
  readonly identity: Identity;
  readonly address: string;
  readonly startedAt = performance.now();
  /** When bytes last crossed, or a command came. */
  activeAt = this.startedAt;
  readonly #host: SessionHost;
  readonly #channels = new Map<number, GatewayChannel>();
  readonly #listeners: Listeners;
  readonly #witnesses: Witnesses;
  readonly #tokens = new Tokens();
  /** What a page that returns has to be told; null: this user's pages do not. */
  readonly #history: History | null;
  readonly #opens: TokenBucket;
  #ws: WebSocket | null = null;
  #graceTimer: NodeJS.Timeout | null = null;
  /** Of the present WebSocket; an older one counts down its own. */
  #queued = { bytes: 0 };
  #ended = false;
  #held = false;
  /** The highest channel the page has ever asked for. */
  #highestChannel = 0;

  constructor(host: SessionHost, identity: Identity, address: string) {
    this.#host = host;
    this.identity = identity;
    this.address = address;
    this.#opens = new TokenBucket(host.limits.openRate);
    this.#listeners = new Listeners(this, host);
    this.#witnesses = new Witnesses(this, host.sight);
    const acknowledged = (ch: number) => this.#channels.get(ch)?.ackedOffset ?? 0;
    this.#history = host.returns(identity) ? new History(acknowledged) : null;
  }

  /** Whose session this is. */
  get user(): string {
    return this.identity.user;
  }
  get attached(): boolean {
    return this.#ws !== null;
  }
  /** A page that was loaded anew may have it back. */
  get isReturnable(): boolean {
    return this.#history !== null;
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
    const refusal = this.#tokens.refuse(resume.token, resume.epoch);
    if (refusal) return refusal;
    const gap = this.#expected(resume).some(({ ch, rx }) => {
      const offsets = this.#channels.get(ch)?.offsets;
      return offsets && (rx < offsets.base || rx > offsets.end);
    });
    return gap ? "gap" : null;
  }

  /**
   * Makes `ws` the session's one WebSocket and welcomes the page on it.
   * @param from what `refuseResume` found nothing wrong with; `anew`: the page was loaded anew, and is
   * told everything. Absent: it has just been made.
   * @returns the WebSocket it replaces, for its owner to close.
   */
  attach(ws: WebSocket, from?: Resume | "anew"): WebSocket | null {
    const isAnew = from === "anew";
    this.#linked("resumed");
    const kept = isAnew ? this.#toTell() : [];
    const resume = isAnew ? this.#everything(kept) : from;
    const replaced = this.#ws;
    this.#ws = null;
    if (this.#graceTimer) clearTimeout(this.#graceTimer);
    this.#graceTimer = null;
    // On a new WebSocket nobody looks until it is said, also where the old one is not lost yet.
    this.#look(false);
    this.#forgetUnknown(resume);
    const unheard = this.#unheard(resume);
    const rewound = this.#rewind(this.#expected(resume));
    const token = this.#tokens.next(isAnew ? undefined : from?.token);
    this.#ws = ws;
    this.#queued = { bytes: 0 };
    this.#sendWelcome(token, isAnew ? kept.length : undefined);
    for (const story of kept) this.#sendHistory(story);
    this.#witnesses.resume(resume?.seen ?? []);
    this.#listeners.say(isAnew);
    for (const message of unheard) this.send(message);
    for (const channel of rewound) {
      this.stateChanged(channel);
      if (channel.isConfigured) this.optionsChanged(channel);
      this.news(channel);
      channel.resume();
    }
    this.#witnesses.flush();
    return replaced;
  }

  /** The WebSocket is gone; the sockets stay for the grace period. */
  detach(ws: WebSocket): void {
    if (ws !== this.#ws) return;
    this.#ws = null;
    this.#look(false);
    for (const channel of this.#channels.values()) channel.pageAway();
    this.#linked("lost");
    this.#graceTimer = setTimeout(() => this.#expire(), this.#host.limits.resumeGraceMs);
    this.#host.away(this);
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
    this.#listeners.stopAll();
    for (const channel of this.#channels.values()) channel.discard();
    this.#host.held(-this.#channels.size);
    this.#channels.clear();
    this.#witnesses.stop();
    this.#host.ended(this);
    return ws;
  }

  /** A command of the page. @throws {MessageError} when a page can never mean it. */
  command(message: Exclude<PageMessage, { type: "hello" }>): void {
    if (this.#ended) return;
    this.#tokens.proved();
    switch (message.type) {
      case "open":
        this.active();
        this.#insistUnused(message.ch, this.#listeners, "a listening socket");
        return this.#open(message.ch, message.address);
      case "listen":
        this.active();
        this.#insistUnused(message.ch, this.#channels, "a connection");
        return this.#listeners.listen(
          message,
          () => this.#host.mayOpen(this.identity) ?? this.#tooFast(),
        );
      case "accept":
        this.#insistUnused(message.ch, this.#channels, "a connection");
        return this.#listeners.accept(message.ch, message.count);
      case "options": {
        const { type: _, ch, ...changes } = message;
        return this.#channels.get(ch)?.configure(changes);
      }
      case "close":
        if (this.#listeners.stop(message.ch)) return;
        return this.#channels.get(message.ch)?.letGo();
      case "ping":
        return this.send({ type: "pong", n: message.n, at: this.clock() });
      case "look":
        return this.#look(message.on);
      case "steer":
      case "wall":
        this.active();
        return this.#host.classCommand(this, message);
    }
  }

  /** What the page sends waits from now on, on every channel; or no longer. */
  hold(on: boolean): void {
    if (on === this.#held) return;
    this.#held = on;
    for (const channel of this.#channels.values()) channel.hold(on);
  }

  /** Closes every connection as close(2) does, and tells the page who did. */
  hangUp(): void {
    for (const channel of [...this.#channels.values()]) channel.hangUp();
  }

  /** A binary frame of the page. @throws {FlowError} when it breaks the rules. */
  frame(frame: Frame): void {
    if (this.#ended) return;
    this.#tokens.proved();
    const channel = this.#channels.get(frame.channel);
    if (channel) return channel.receive(frame);
    // A late frame for a channel that is over. An end must be acknowledged, or it comes again.
    if (frame.type === FrameType.eof || frame.type === FrameType.rst) {
      this.sendFrame(encodeAck(frame.channel, this.clock(), frame.seq + 1, 0));
    } else if (!this.#wasOpened(frame.channel)) {
      throw new FlowError(`channel ${frame.channel} was never opened`);
    }
  }

  /**
   * Tells the page that the gateway is going, so that it ends its directions after what it has to
   * send. A page that is away is told when it comes back.
   */
  drain(deadlineMs: number): void {
    this.send({ type: "drain", deadlineMs });
    // After the word that says why.
    this.#listeners.stopAll();
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

  stateChanged(channel: GatewayChannel): void {
    const { id: ch, state, local, remote } = channel;
    // The kernel's table and the calls of servers are found by a pair of TCP ports, which only TCP has.
    const witness = channel.hasTcpPair ? this.#witnesses.of(channel) : undefined;
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

  news({ id: ch, certificate, datagrams }: GatewayChannel): void {
    const at = this.clock();
    if (certificate) this.send({ type: "tls", ch, at, ...certificate });
    if (datagrams) this.send({ type: "datagrams", ch, at, ...datagrams });
  }

  moved(channel: GatewayChannel, direction: "up" | "down", bytes: number): void {
    this.active();
    this.#witnesses.of(channel)?.moved();
    this.#host.moved(direction, bytes);
  }

  wrote(channel: GatewayChannel): void {
    this.active();
    this.#witnesses.of(channel)?.moved();
  }

  publisher({ id, hasTcpPair }: GatewayChannel, pair: Pair): Publisher | null {
    if (!hasTcpPair) return null;
    const isVisitor = id % 2 === 0;
    if (!isVisitor && !this.#host.isServed(pair.remote)) return null;
    const { observer } = this.#host.sight;
    return (call, bytes) => observer.publish(pair, call, bytes);
  }

  optionsChanged({ id: ch, options }: GatewayChannel): void {
    this.send({ type: "options", ch, at: this.clock(), ...options });
  }

  handing(channel: GatewayChannel, offset: number): void {
    this.#witnesses.of(channel)?.flush(offset);
  }

  ended(channel: GatewayChannel): void {
    this.#witnesses.of(channel)?.ended();
  }

  finished(channel: GatewayChannel): void {
    if (this.#channels.get(channel.id) !== channel) return;
    this.#channels.delete(channel.id);
    this.#host.held(-1);
    this.#witnesses.of(channel)?.channelOver();
    this.#listeners.channelOver(channel.id);
    if (this.#channels.size === 0) this.#host.settled(this);
  }

  active(): void {
    this.activeAt = performance.now();
  }

  /** Whether that connection is a channel of this page: the kernel gives a port again for another destination. */
  makes({ transport, local, remote }: Call): boolean {
    for (const channel of this.#channels.values()) {
      if (channel.id % 2 === 0 || channel.state === "closed") continue;
      if (channel.hasTcpPair !== (transport === "tcp") || !isAt(channel.local, local)) continue;
      // A UDP socket that listens on all addresses does not know at which of them it was called.
      const there = transport === "tcp" ? remote : { ...remote, host: channel.remote?.host ?? "" };
      if (isAt(channel.remote, there)) return true;
    }
    return false;
  }

  /** Somebody waits at a door of this page. */
  get hasVisitors(): boolean {
    return this.#listeners.hasVisitors;
  }

  isOpen(ch: number): boolean {
    return this.#channels.has(ch);
  }

  isTaken(ch: number): boolean {
    return this.#channels.has(ch) || this.#witnesses.of({ id: ch }) !== undefined;
  }

  noRoom(): Refusal | null {
    const { limits, draining, full } = this.#host;
    if (draining) return { code: "DRAINING", detail: "" };
    if (this.#channels.size >= limits.maxChannels)
      return { code: "TOO_MANY_CONNECTIONS", detail: `${limits.maxChannels}` };
    return full ? { code: "EMFILE", detail: "" } : null;
  }

  admit(ch: number, visitor: Visitor): void {
    const recording = this.#host.recorder.visited(this.#sourceOf(ch), visitor);
    const channel = this.#newChannel(ch, recording);
    if (visitor.early) this.#witnesses.of(channel)?.expect(visitor.early);
    channel.admit(visitor);
  }

  #expire(): void {
    this.#host.expired(this);
    this.end();
  }

  #toTell(): Kept[] {
    return this.#history?.toTell((ch) => this.#channels.has(ch)) ?? [];
  }

  /** What a page knows that has just been told of all these. */
  #everything(kept: readonly Kept[]): Known {
    const channels = [...this.#channels.values()];
    return {
      channels: channels.map(({ id, offsets }) => ({ ch: id, rx: offsets.end })),
      listeners: this.#listeners.ids,
      heard: this.#listeners.last,
      seen: kept.map(({ recording }) => ({ ch: recording.ch, far: MAX_OFFSET })),
    };
  }

  #sendHistory(kept: Kept): void {
    const { ch } = kept.recording;
    const channel = this.#channels.get(ch);
    const accepted = this.#listeners.guest(ch);
    const living = channel ? { rx: channel.offsets.rx, accepted } : null;
    for (const message of historyOf(kept, living)) this.#sendLong(message);
  }

  /** What is long counts as data does: a page that has yet to read it is not one that reads nothing. */
  #sendLong(message: GatewayMessage): void {
    const bytes = Buffer.from(JSON.stringify(message));
    const queued = this.#queued;
    queued.bytes += bytes.length;
    this.#ws?.send(bytes, { binary: false }, () => (queued.bytes -= bytes.length));
  }

  /** Of visitors that the page has not heard of. */
  #unheard(resume: Known | undefined): Accepted[] {
    return resume ? this.#listeners.unheard(resume.heard ?? 0) : [];
  }

  /** Of each channel the next offset that the page expects; of a visitor it has not heard of, the first. */
  #expected(resume: Known | undefined): Known["channels"] {
    const named = resume?.channels ?? [];
    const isNamed = new Set(named.map(({ ch }) => ch));
    const others = this.#unheard(resume).filter(({ ch }) => !isNamed.has(ch));
    return [...named, ...others.map(({ ch }) => ({ ch, rx: 0 }))];
  }

  /** Channels that the page does not name are over for it. */
  #forgetUnknown(resume: Known | undefined): void {
    this.#listeners.keep(new Set(resume?.listeners));
    const known = new Set(this.#expected(resume).map(({ ch }) => ch));
    // Each of them may make room for a visitor, who gets a channel that the page cannot name yet.
    for (const [id, channel] of [...this.#channels]) {
      if (known.has(id)) continue;
      channel.discard();
      this.#channels.delete(id);
      this.#host.held(-1);
      this.#listeners.channelOver(id);
    }
    const seen = [...(resume?.seen ?? []), ...this.#unheard(resume)];
    this.#witnesses.keep(new Set(seen.map(({ ch }) => ch)));
  }

  /** @returns the channels of which the page is told again from an offset on. */
  #rewind(known: readonly { ch: number; rx: number }[]): GatewayChannel[] {
    return known.flatMap(({ ch, rx }) => {
      const channel = this.#channels.get(ch);
      channel?.rewind(rx);
      return channel ?? [];
    });
  }

  #look(on: boolean): void {
    this.#listeners.look(on);
    this.#witnesses.look(on);
  }

  #sendWelcome(token: string, back?: number): void {
    const { windowBytes, maxChannels, resumeGraceMs } = this.#host.limits;
    this.send({
      type: "welcome",
      sid: this.sid,
      token,
      epoch: this.#tokens.epoch,
      at: this.clock(),
      graceMs: resumeGraceMs,
      limits: { windowBytes, maxChannels },
      ...this.#host.greeting,
      ...(this.isReturnable && { returns: true }),
      ...(back !== undefined && { back }),
      listeners: this.#listeners.ids,
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
    const refusal = this.#host.mayOpen(this.identity) ?? this.noRoom() ?? this.#tooFast();
    const { recorder } = this.#host;
    const source = this.#sourceOf(ch);
    if (refusal) {
      const { code, detail } = refusal;
      recorder.refused(source, parsed.address, code, detail);
      return this.#refuse(ch, code, detail);
    }
    const channel = this.#newChannel(ch, recorder.dialled(source, parsed.address));
    this.#host.opened("requested");
    this.stateChanged(channel);
    void channel.start(parsed.address, this.#host.dialFor(this.identity));
  }

  #newChannel(ch: number, recording: Recording | null): GatewayChannel {
    const channel = new GatewayChannel(ch, this, this.#host.limits, this.#host.budget);
    channel.tap = recording;
    channel.hold(this.#held);
    this.#channels.set(ch, channel);
    this.#witnesses.add(channel, recording);
    this.#host.held(1);
    return channel;
  }

  #sourceOf(ch: number): RecordingSource {
    return { user: this.user, ch, clockAt: (now) => this.clockAt(now), own: this.#history };
  }

  /** The page was lost, or is back: whoever follows its conversations is told. */
  #linked(link: "lost" | "resumed"): void {
    for (const channel of this.#channels.values()) channel.tap?.link(link);
  }

  #tooFast(): Refusal | null {
    const { perSecond } = this.#host.limits.openRate;
    return this.#opens.take() ? null : { code: "TOO_FAST", detail: `${perSecond} a second` };
  }

  /** @throws {MessageError} when the number is that of something else. */
  #insistUnused(ch: number, others: { has(ch: number): boolean }, what: string): void {
    if (others.has(ch)) throw new MessageError(`channel ${ch} is ${what}`);
  }

  #wasOpened(ch: number): boolean {
    return ch % 2 === 0 ? this.#listeners.wasGiven(ch) : ch <= this.#highestChannel;
  }

  #refuse(ch: number, code: FailureCode, detail: string): void {
    this.#host.opened(code);
    this.send({ type: "refused", ch, code, detail });
  }
}

/** Whether a socket's end is there, in either spelling of an IPv4 address. */
const isAt = (end: Endpoint | null, { host, port }: Endpoint): boolean =>
  end?.port === port && plainHost(end.host) === plainHost(host);
