/**
 * The session seen from the page: one WebSocket to the gateway that comes back when it is lost,
 * and the channels that live through it.
 */
import type { Address } from "../shared/address.ts";
import {
  CLOCK_STEPS_PER_SECOND,
  DEFAULT_WINDOW_BYTES,
  MAX_CHANNEL_ID,
  PROTOCOL_VERSION,
  SUBPROTOCOL,
} from "../shared/bounds.ts";
import type { ClassCommand, ClassMessage } from "../shared/classroom.ts";
import type { ConversationEvent } from "../shared/conversation.ts";
import { type FailureCode, failureOfCode } from "../shared/errors.ts";
import { FlowError } from "../shared/flow.ts";
import { decodeFrame, encodeAck, FrameError, FrameType } from "../shared/frames.ts";
import {
  type Accepted,
  CloseCode,
  GatewayMessage,
  MessageError,
  type PageMessage,
  parseMessage,
  type ResumeFailedReason,
  type Welcome,
} from "../shared/protocol.ts";
import { type ChannelHost, isAccepted, LinkChannel } from "./link-channel.ts";
import { guestOf } from "./link-listener.ts";
import { LinkListeners, type ListenersHost } from "./link-listeners.ts";
import { Pulse } from "./link-pulse.ts";
import { type Reason, resumeFailures, stops } from "./link-reasons.ts";
import { Later, LinkReturn, type Story } from "./link-return.ts";
import type {
  Carrier,
  Channel,
  Kept,
  LinkPhase,
  LinkStatus,
  Listener,
  ListenFollower,
  ListenOptions,
  ReturnFollower,
  StartChannel,
} from "./model/carrier.ts";
import type { ClassCarrier, ClassFollower } from "./model/classroom.ts";
import { inClass } from "./model/in-class.ts";
import { Store, type Unsubscribe } from "./model/store.ts";

export interface LinkOptions {
  /** ws:// or wss:// address of the gateway's endpoint. */
  url: string;
  /** Opens a WebSocket; programs bring their own. */
  open?: (url: string, protocol: string) => WebSocket;
}

type RefusedMessage = Extract<GatewayMessage, { type: "refused" }>;

/** Connections that are over and still followed, at most. */
const MAX_AFTERMATHS = 16;
/** Until the gateway has said how many it allows. */
const DEFAULT_MAX_CHANNELS = 16;
const RETRY_MIN_MS = 250;
const RETRY_MAX_MS = 10_000;
const STEPS_PER_MS = CLOCK_STEPS_PER_SECOND / 1000;

/** A program without a page has nobody who looks. */
function isLookedAt(): boolean {
  return globalThis.document?.visibilityState === "visible";
}

export class Link extends Store implements Carrier, ChannelHost, ListenersHost, ClassCarrier {
  readonly #options: LinkOptions;
  readonly #channels = new Map<number, LinkChannel>();
  readonly #listeners = new LinkListeners(this);
  /** Channels of which far calls and kernel states may still come, the oldest first. */
  readonly #watched = new Map<number, LinkChannel>();
  readonly #classes = new Set<ClassFollower>();
  #status: LinkStatus;
  #ws: WebSocket | null = null;
  #session: { sid: string; token: string; epoch: number } | null = null;
  /** Loaded anew, this page gets its session back: it leaves without a goodbye. */
  #returns = false;
  /** This load of the page has had a session. */
  #wasAttached = false;
  /** A session is being given back. */
  #history: LinkReturn | null = null;
  #returnFollower: ReturnFollower | null = null;
  windowBytes = DEFAULT_WINDOW_BYTES;
  #nextChannel = 1;
  /** performance.now() at which the session clock was 0. */
  #clockZero = 0;
  #attempt = 0;
  #retryTimer: ReturnType<typeof setTimeout> | null = null;
  /** The page has been left. */
  #gone = false;
  readonly #pulse = new Pulse({
    ask: (n) => this.sendMessage({ type: "ping", n }),
    measured: (roundTripMs) => this.#update({ roundTripMs }),
    silent: () => this.#giveUp(),
  });
  /** What the gateway said before it closed. */
  #reason: Reason | null = null;

  constructor(options: LinkOptions) {
    super();
    this.#options = options;
    this.#status = {
      phase: "connecting",
      since: performance.now(),
      resumes: 0,
      failure: null,
      graceMs: 0,
      roundTripMs: null,
      platform: "linux",
      maxChannels: DEFAULT_MAX_CHANNELS,
      serving: null,
      servers: [],
      student: null,
    };
  }

  get status(): LinkStatus {
    return this.#status;
  }

  start(): void {
    globalThis.addEventListener?.("online", this.#nudge);
    globalThis.addEventListener?.("offline", this.#doubt);
    globalThis.addEventListener?.("pagehide", this.leave);
    globalThis.addEventListener?.("pageshow", this.#return);
    globalThis.document?.addEventListener("visibilitychange", this.#nudge);
    this.#pulse.start();
    this.#connect();
  }

  stop(): void {
    globalThis.removeEventListener?.("online", this.#nudge);
    globalThis.removeEventListener?.("offline", this.#doubt);
    globalThis.removeEventListener?.("pagehide", this.leave);
    globalThis.removeEventListener?.("pageshow", this.#return);
    globalThis.document?.removeEventListener("visibilitychange", this.#nudge);
    this.#pulse.stop();
    if (this.#retryTimer) clearTimeout(this.#retryTimer);
    const ws = this.#ws;
    this.#ws = null;
    ws?.close(CloseCode.done);
  }

  /** Tries again at once, whatever stopped it. */
  retry(): void {
    if (this.#ws && this.#status.phase !== "stopped") return;
    this.#attempt = 0;
    this.#setPhase(this.#session ? "lost" : "connecting");
    this.#connect();
  }

  open(
    address: Address,
    follow: (event: ConversationEvent) => void,
    onPending: () => void,
  ): Channel {
    const id = this.#freeChannel();
    const channel = new LinkChannel(id, address, this, follow, onPending);
    this.#channels.set(id, channel);
    this.#watch(channel);
    channel.begin();
    const { phase, failure } = this.#status;
    const unreached = phase === "lost" || (phase === "connecting" && failure !== null);
    if (phase === "draining") channel.fail("DRAINING", "");
    if (unreached || phase === "stopped")
      channel.fail(failure?.code ?? "GATEWAY_UNREACHABLE", failure?.detail ?? "");
    return channel;
  }

  listen(address: Address, options: ListenOptions, follow: ListenFollower): Listener {
    const { phase, failure } = this.#status;
    const id = this.#freeChannel();
    const listener = this.#listeners.listen(id, address, options, follow);
    if (phase === "draining") listener.fail("DRAINING", "");
    if (phase === "stopped")
      listener.fail(failure?.code ?? "GATEWAY_UNREACHABLE", failure?.detail ?? "");
    return listener;
  }

  /** Makes the channel of a visitor; null where it has one already. */
  guest(message: Accepted): StartChannel | null {
    const { ch } = message;
    if (this.#channels.has(ch)) return null;
    return (follow, onPending) => {
      const channel = new LinkChannel(ch, message, this, follow, onPending);
      this.#channels.set(ch, channel);
      this.#watch(channel);
      channel.begin();
      return channel;
    };
  }

  /** Who takes what a page that was loaded anew is given back; without one it asks for nothing. */
  onReturn(follower: ReturnFollower): void {
    this.#returnFollower = follower;
  }

  returned(...listener: Parameters<ReturnFollower["listener"]>): void {
    this.#returnFollower?.listener(...listener);
  }

  sendFrame(frame: Uint8Array<ArrayBuffer>): boolean {
    return this.#send(frame);
  }

  sendMessage(message: PageMessage): boolean {
    return this.#send(JSON.stringify(message));
  }

  sendClass(command: ClassCommand): boolean {
    return this.sendMessage(command);
  }

  onClass(follow: ClassFollower): Unsubscribe {
    this.#classes.add(follow);
    return () => this.#classes.delete(follow);
  }

  clock(): number {
    return Math.max(0, Math.round((performance.now() - this.#clockZero) * STEPS_PER_MS));
  }

  timeOf(at: number): number {
    return this.#clockZero + at / STEPS_PER_MS;
  }

  finished(channel: LinkChannel): void {
    if (this.#channels.get(channel.id) === channel) this.#channels.delete(channel.id);
  }

  #send(data: string | Uint8Array<ArrayBuffer>): boolean {
    const live = this.#status.phase === "live" || this.#status.phase === "draining";
    if (!live || this.#ws?.readyState !== 1) return false;
    this.#ws.send(data);
    return true;
  }

  #connect(): void {
    if (this.#retryTimer) clearTimeout(this.#retryTimer);
    this.#retryTimer = null;
    this.#history = null;
    const make = this.#options.open ?? ((url, protocol) => new WebSocket(url, protocol));
    const ws = make(this.#options.url, SUBPROTOCOL);
    ws.binaryType = "arraybuffer";
    this.#ws = ws;
    this.#pulse.connecting();
    this.#reason = null;
    // Events of a WebSocket that has been given up must not touch its successor.
    const live = () => this.#ws === ws;
    ws.addEventListener("open", () => live() && this.#hello(ws));
    ws.addEventListener("message", (event) => live() && this.#onMessage(event.data));
    ws.addEventListener("close", (event) => live() && this.#onClose(event.code));
    // "close" follows with whatever is known; the event itself says nothing more.
    ws.addEventListener("error", () => {});
  }

  #hello(ws: WebSocket): void {
    this.#pulse.heard();
    const channels = [...this.#channels].flatMap(([ch, channel]) => {
      const rx = channel.resumeOffset;
      return rx === null ? [] : [{ ch, rx }];
    });
    const isFirst = !this.#wasAttached && this.#channels.size === 0;
    const mayReturn = isFirst && this.#returnFollower !== null;
    const message: PageMessage = {
      type: "hello",
      v: PROTOCOL_VERSION,
      ...(mayReturn && { back: true }),
      ...(this.#session && {
        resume: {
          ...this.#session,
          channels,
          seen: this.#seen(),
          ...this.#listeners.known,
        },
      }),
    };
    ws.send(JSON.stringify(message));
  }

  #onMessage(data: unknown): void {
    this.#pulse.heard();
    try {
      if (typeof data === "string") this.#onText(data);
      else this.#onFrame(new Uint8Array(data as ArrayBuffer));
    } catch (error) {
      if (
        error instanceof FrameError ||
        error instanceof MessageError ||
        error instanceof FlowError
      ) {
        return this.#stop(
          "SESSION_ENDED",
          `page and gateway disagree (${error.message}); reload the page`,
        );
      }
      throw error;
    }
  }

  #onText(text: string): void {
    const message = parseMessage(GatewayMessage, text);
    switch (message.type) {
      case "welcome":
        return this.#onWelcome(message);
      case "state":
        this.#listeners.state(message);
        return this.#channels.get(message.ch)?.state(message);
      case "history":
        return this.#onHistory(message);
      case "refused":
        return this.#onRefused(message);
      case "listening":
      case "door":
      case "accepted":
        return this.#listeners.heard(message);
      case "options":
        return this.#channels.get(message.ch)?.optionsNow(message);
      case "resume_failed":
        return this.#onResumeFailed(message.reason);
      case "drain":
        return this.#onDrain();
      case "pong":
        return this.#pulse.answered(message.n);
      case "far":
        return this.#watched.get(message.ch)?.farCalls(message.calls);
      case "kernel":
        return this.#watched.get(message.ch)?.kernel(message);
      case "tls":
        return this.#channels.get(message.ch)?.tls(message);
      case "datagrams":
        return this.#channels.get(message.ch)?.datagrams(message);
      case "servers":
        return this.#update({ servers: message.servers });
      case "class":
      case "steered":
      case "wall":
      case "followed":
        return this.#onClass(message);
    }
  }

  #onClass(message: ClassMessage): void {
    if (message.type === "class") this.#update({ student: inClass(message) });
    for (const { heard } of this.#classes) heard(message);
  }

  /** A new channel takes the place of the oldest that is over. */
  #watch(channel: LinkChannel): void {
    this.#watched.delete(channel.id);
    this.#watched.set(channel.id, channel);
    if (this.#watched.size <= this.#channels.size + MAX_AFTERMATHS) return;
    const oldest = [...this.#watched.keys()].find((id) => !this.#channels.has(id));
    if (oldest !== undefined) this.#watched.delete(oldest);
  }

  /** For `hello`: of which channels something may still be seen, and how much is known already. */
  #seen(): { ch: number; far: number }[] {
    return [...this.#watched]
      .filter(([, channel]) => channel.announced)
      .map(([ch, channel]) => ({ ch, far: channel.farKnown }));
  }

  /** The gateway asks its kernel only while somebody looks. */
  #sayLooking(): void {
    this.sendMessage({ type: "look", on: isLookedAt() });
  }

  #onFrame(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    const channel = this.#channels.get(frame.channel);
    if (channel) return channel.receive(frame);
    // An end for a channel that is over here: acknowledged, or it would come again.
    if (frame.type === FrameType.eof || frame.type === FrameType.rst) {
      this.sendFrame(encodeAck(frame.channel, 0, frame.seq + 1, 0));
    }
  }

  #onWelcome(welcome: Welcome): void {
    if (welcome.back === undefined) return this.#attach(welcome);
    this.#history = new LinkReturn(welcome);
    this.#onHistory(null);
  }

  /** What an earlier load of this page knew. Only then it has the session. */
  #onHistory(message: Extract<GatewayMessage, { type: "history" }> | null): void {
    const back = this.#history;
    if (message) back?.heard(message);
    if (!back?.isWhole) return;
    const { welcome, stories } = back;
    this.#history = null;
    this.windowBytes = welcome.limits.windowBytes;
    this.#clockZero = performance.now() - welcome.at / STEPS_PER_MS;
    const kept = stories.map((story) => this.#adopt(story));
    const visitors = kept.flatMap(({ guest }, at) => (guest ? [stories[at]?.ch ?? 0] : []));
    this.#listeners.adopt(welcome.listeners ?? [], visitors.at(-1) ?? 0);
    this.#returnFollower?.conversations(kept);
    this.#attach(welcome);
  }

  #adopt(story: Story): Kept {
    const { ch, origin, startedAt, events, forgotten, waiting } = story;
    const later = new Later();
    const channel = new LinkChannel(ch, origin, this, later.follow, later.onPending);
    channel.adopt(story);
    if (channel.resumeOffset !== null && !channel.isOver) this.#channels.set(ch, channel);
    this.#watch(channel);
    if (ch % 2 === 1 && ch >= this.#nextChannel) this.#nextChannel = ch;
    const start: StartChannel = (...follow) => {
      later.begin(...follow);
      return channel;
    };
    const guest = isAccepted(origin) ? guestOf(origin) : null;
    return { guest, startedAt, events, forgotten, waits: waiting.length > 0, start };
  }

  #attach(welcome: Welcome): void {
    const resumed = this.#session !== null;
    this.#wasAttached = true;
    this.#returns = welcome.returns ?? false;
    this.#session = { sid: welcome.sid, token: welcome.token, epoch: welcome.epoch };
    this.#clockZero = performance.now() - welcome.at / STEPS_PER_MS;
    this.windowBytes = welcome.limits.windowBytes;
    this.#attempt = 0;
    // Those that are there before anybody hears of it: who opens one then announces it himself.
    const channels = [...this.#channels.values()];
    this.#update({
      phase: "live",
      since: performance.now(),
      failure: null,
      graceMs: welcome.graceMs,
      platform: welcome.os,
      servers: welcome.servers,
      maxChannels: welcome.limits.maxChannels,
      serving: welcome.serving ?? null,
      resumes: this.#status.resumes + (resumed ? 1 : 0),
    });
    const known = new Map(welcome.channels.map((channel) => [channel.ch, channel]));
    for (const channel of channels) {
      const there = known.get(channel.id);
      if (there) channel.resume(there.rx);
      else channel.unknown();
    }
    this.#listeners.resume(welcome.listeners ?? []);
    this.#sayLooking();
    for (const { attached } of this.#classes) attached();
    this.#pulse.attached();
  }

  #onRefused({ ch, code: name, detail, holders }: RefusedMessage): void {
    const code = failureOfCode(name);
    if (ch === undefined) this.#reason = { code, detail };
    else {
      this.#listeners.refused(ch, code, detail, holders);
      this.#channels.get(ch)?.fail(code, detail);
    }
  }

  /** The session is gone, and its sockets with it. The page never dials again by itself. */
  #onResumeFailed(reason: ResumeFailedReason): void {
    this.#session = null;
    const { code, detail } = resumeFailures[reason];
    for (const channel of [...this.#channels.values()]) {
      if (channel.resumeOffset !== null) channel.fail(code, detail);
    }
    this.#listeners.forget(code, detail);
    this.#update({ resumes: 0 });
    if (this.#ws) this.#hello(this.#ws);
  }

  /** What is queued goes out, then our end of every connection. */
  #onDrain(): void {
    this.#setPhase("draining");
    for (const channel of [...this.#channels.values()]) {
      if (channel.resumeOffset === null) channel.fail("DRAINING", "");
      else channel.shutdown();
    }
    this.#listeners.end("DRAINING", "");
  }

  #onClose(code: number): void {
    this.#ws = null;
    // 4408 without a word before it: this page was too slow to say hello, and may try again.
    const stop = code === CloseCode.timeout && !this.#reason ? undefined : stops[code];
    if (stop) {
      // A class says why it wants this page no longer.
      const told = code === CloseCode.forbidden ? this.#reason?.code : undefined;
      return this.#stop(told ?? stop.code, this.#reason?.detail || stop.detail);
    }
    this.#lose();
  }

  /** The way to the gateway is lost; the sockets live on there for a while. */
  #lose(): void {
    this.#pulse.rest();
    const { phase } = this.#status;
    if (phase === "live" || phase === "draining") {
      for (const channel of [...this.#channels.values()]) channel.lost();
      this.#update({ phase: "lost", since: performance.now(), roundTripMs: null });
      for (const { lost } of this.#classes) lost();
    }
    this.#update({ failure: this.#reason ?? { code: "GATEWAY_UNREACHABLE", detail: "" } });
    this.#retryTimer = setTimeout(() => this.#connect(), this.#retryDelay());
  }

  #stop(code: FailureCode, detail: string): void {
    this.#pulse.rest();
    const ws = this.#ws;
    this.#ws = null;
    ws?.close(CloseCode.done);
    if (code !== "ACCESS_CODE") this.#session = null;
    for (const channel of [...this.#channels.values()]) channel.fail(code, detail);
    this.#listeners.end(code, detail);
    this.#update({ phase: "stopped", since: performance.now(), failure: { code, detail } });
    for (const { lost } of this.#classes) lost();
  }

  /** At once, then full jitter below a bound that doubles from 0.25 to 10 s. */
  #retryDelay(): number {
    const attempt = this.#attempt++;
    if (attempt === 0) return 0;
    const bound = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** attempt);
    return RETRY_MIN_MS + Math.random() * (bound - RETRY_MIN_MS);
  }

  /** The network is back, or somebody looks: no reason to wait any longer. */
  #nudge = (): void => {
    this.#sayLooking();
    if (globalThis.document?.visibilityState === "hidden") return;
    if (this.#retryTimer) this.#connect();
    else this.#pulse.ask();
  };

  #doubt = (): void => this.#pulse.doubt();

  /** Closed or reloaded: the far ends shall know now, not when the gateway stops waiting for us. */
  readonly leave = (): void => {
    const ws = this.#ws;
    this.#gone = true;
    this.#ws = null;
    if (this.#retryTimer) clearTimeout(this.#retryTimer);
    // A page that returns says no goodbye: the gateway keeps its sockets for the next load.
    if (this.#returns) ws?.close();
    else ws?.close(CloseCode.done);
  };

  /** Brought back from the browser's cache of pages, after all. */
  #return = (): void => {
    if (!this.#gone) return;
    this.#gone = false;
    this.retry();
  };

  #giveUp(): void {
    const ws = this.#ws;
    this.#ws = null;
    // Without a code, which would be a goodbye.
    ws?.close();
    this.#lose();
  }

  #freeChannel(): number {
    const isTaken = () =>
      this.#channels.has(this.#nextChannel) || this.#listeners.has(this.#nextChannel);
    while (isTaken()) this.#advanceChannel();
    const id = this.#nextChannel;
    this.#advanceChannel();
    return id;
  }

  #advanceChannel(): void {
    this.#nextChannel = this.#nextChannel + 2 > MAX_CHANNEL_ID ? 1 : this.#nextChannel + 2;
  }

  #setPhase(phase: LinkPhase): void {
    this.#update({ phase, since: performance.now() });
  }

  #update(changes: Partial<LinkStatus>): void {
    this.#status = { ...this.#status, ...changes };
    this.changed();
  }
}
