/**
 * One end of a connection as a person uses it: its conversation, what is sent into it, and the
 * recording that may lie over it. `Talk` is the end that connects, `Table` the one that accepts.
 */

import { formatAddress, formatEndpoint } from "../../shared/address.ts";
import { MAX_DATAGRAM_BYTES } from "../../shared/bounds.ts";
import {
  type ConversationEvent,
  type EventOf,
  endedAt,
  type LabOptions,
  type Role,
  receives,
  sends,
} from "../../shared/conversation.ts";
import { type Explanation, explain } from "../../shared/errors.ts";
import type { Carrier, Channel, StartChannel } from "./carrier.ts";
import type { Conversation } from "./conversation.ts";
import { type ReadLine, readLine } from "./escapes.ts";
import { reachable } from "./in-class.ts";
import { Lab } from "./lab.ts";
import type { Replay } from "./replay.ts";
import { Selection } from "./selection.ts";
import type { LineEnding, Settings } from "./settings.ts";
import { Store, type Unsubscribe } from "./store.ts";

/** From here on a send shows its progress and can be stopped. */
export const LONG_SEND_BYTES = 64 * 1024;

/** A send that takes a while. */
export interface LongSend {
  total: number;
  /** Bytes the gateway's kernel has taken. */
  taken: number;
}

/** A conversation's channel, and how many received bytes have not been shown yet. */
interface Carried {
  channel: Channel | null;
  unshown: number;
}

/** Why a line was not sent. `taken`: something long, such as a file, is being sent. */
export type NotSent =
  | "empty"
  | "not-connected"
  | "direction-ended"
  | "recorded"
  | "taken"
  | "bad-escape"
  | "too-long";

/** Whoever has an end's direction for itself, until it gives it back. */
export interface Taker {
  /** Somebody wants it to stop. */
  stop(): void;
}

/** A datagram of a file, where no pieces were chosen: small enough not to be cut on nearly any way. */
const FILE_DATAGRAM_BYTES = 1_200;

const endings: Record<LineEnding, string> = { none: "", lf: "\n", crlf: "\r\n" };

export abstract class Dialogue extends Store {
  /** Which end the page is. */
  abstract readonly role: Role;
  /** What history and line ending are kept for. */
  abstract readonly addressKey: string;
  readonly carrier: Carrier;
  readonly settings: Settings;
  /** What is picked out of the conversation on the screen. */
  readonly selection = new Selection();
  /** What was being typed when the page was left. */
  draft = "";
  /** How this end sends, and what was asked of its socket. */
  readonly lab = new Lab();
  #live: Conversation | null = null;
  #replay: { replay: Replay; unfollow: () => void } | null = null;
  #channel: Channel | null = null;
  /** A conversation that is over here may still owe its gateway the acknowledgement of its tail. */
  readonly #carried = new WeakMap<Conversation, Carried>();
  #abandoned = false;
  #longSend: { total: number } | null = null;
  #taker: Taker | null = null;
  #diversion: ((event: EventOf<"data">) => void) | null = null;
  #starts = new Set<(conversation: Conversation) => void>();
  #encoder = new TextEncoder();

  constructor(carrier: Carrier, settings: Settings) {
    super();
    this.carrier = carrier;
    this.settings = settings;
  }

  /** The address of the server's end. */
  abstract get addressText(): string;
  /** Whether this end hangs up by itself when the other has. */
  abstract get hangsUpToo(): boolean;
  /** What Enter on an empty line does while there is no connection; false: nothing. */
  abstract again(): boolean;

  /** The conversation on the screen: a recorded one, or the page's own. */
  get conversation(): Conversation | null {
    return this.replay?.conversation ?? this.#live;
  }
  /** The page's own conversation, the running one or the last; it goes on behind a recording. */
  get live(): Conversation | null {
    return this.#live;
  }
  /** The recording on the screen. */
  get replay(): Replay | null {
    return this.#replay?.replay ?? null;
  }
  /** Bytes given to send that the gateway's kernel has not taken yet. */
  get pendingBytes(): number {
    return this.#channel?.pendingBytes ?? 0;
  }
  /** True while nothing can be dialled: there is a socket, or a recording is on the screen. */
  get busy(): boolean {
    const phase = this.#live?.state.phase;
    return this.#replay !== null || phase === "opening" || phase === "open";
  }
  /** Who has this end's direction for itself, so that nothing else is sent meanwhile. */
  get taker(): Taker | null {
    return this.#taker;
  }
  /** True while what arrives goes elsewhere than to the screen. */
  get diverted(): boolean {
    return this.#diversion !== null;
  }
  /** True while a line can be sent. */
  get canSend(): boolean {
    return this.#taker === null && this.#replay === null && this.#mayFeed;
  }
  /** Our direction lives; also behind a recording. */
  get #mayFeed(): boolean {
    const state = this.#live?.state;
    if (state?.phase !== "open" || this.#channel?.ending !== false) return false;
    return endedAt(state, sends(this.role)) === null;
  }
  /** The send in progress, when it is long enough to show. */
  get longSend(): LongSend | null {
    const long = this.#longSend;
    if (!long || this.#replay) return null;
    return { total: long.total, taken: Math.max(0, long.total - this.pendingBytes) };
  }
  /** The failure that ended the conversation, explained; null when there was none. */
  get failure(): Explanation | null {
    return this.failureOf(this.conversation);
  }
  get lineEnding(): LineEnding {
    return this.settings.lineEnding(this.addressKey);
  }

  /** The failure that ended `conversation`, explained by the system it happened on. */
  failureOf(conversation: Conversation | null): Explanation | null {
    const state = conversation?.state;
    const failure = state?.error ?? state?.reset;
    if (!failure || failure.code === "CLOSED" || failure.code === "CANCELLED") return null;
    const target = state?.address ?? state?.remote ?? { host: this.addressText, port: 0 };
    const recorded = conversation === this.replay?.conversation ? this.replay?.recording : null;
    const platform = recorded?.platform ?? this.carrier.status.platform;
    const reach = recorded ? null : reachable(this.carrier.status);
    const { host, port } = target;
    const context = { host, port, detail: failure.detail, ...(reach && { reach }) };
    return explain(failure.code, context, platform);
  }
  /**
   * Calls `follow` for each conversation that comes on the screen: one of the page's own before its
   * first event; a recorded one, or the page's own when it is back, with what has happened in it.
   */
  onStart(follow: (conversation: Conversation) => void): Unsubscribe {
    this.#starts.add(follow);
    return () => this.#starts.delete(follow);
  }

  /** Puts a recording on the screen. The page's own conversation goes on behind it. */
  show(replay: Replay): void {
    this.#forgetReplay();
    const unchange = replay.subscribe(() => this.changed());
    const unfollow = replay.onConversation((conversation) => {
      const { selected } = this.selection;
      if (selected && selected.event >= conversation.total) this.selection.select(null);
      for (const follow of [...this.#starts]) follow(conversation);
    });
    const undo = () => {
      unchange();
      unfollow();
    };
    this.#replay = { replay, unfollow: undo };
    this.#started(replay.conversation);
    this.changed();
  }

  /** Takes the recording off the screen: the page's own conversation is back. */
  leave(): void {
    if (!this.#replay) return;
    this.#forgetReplay();
    this.selection.select(null);
    if (this.#live) this.#started(this.#live);
    this.changed();
  }

  /**
   * Sends a line with the address's line ending.
   * @returns why it was not sent, or null when it was.
   */
  sendLine(line: string): NotSent | null {
    if (line === "") return "empty";
    const read = this.readLine(line);
    if (!read.ok) return "bad-escape";
    const problem = this.sendBytes(read.bytes);
    if (!problem) this.settings.remember(this.addressKey, line);
    return problem;
  }

  /** Half a line that was typed for this address before the page was loaded anew. */
  takeDraft(): void {
    this.draft = this.settings.draft(this.addressKey);
  }

  /** What a typed line is as bytes, with the address's line ending; or what is wrong with it. */
  readLine(line: string): ReadLine {
    const read = readLine(line, this.lab.choices.form);
    if (!read.ok || this.lineEnding === "none") return read;
    const ending = this.#encoder.encode(endings[this.lineEnding]);
    const bytes = new Uint8Array(read.bytes.length + ending.length);
    bytes.set(read.bytes);
    bytes.set(ending, read.bytes.length);
    return { ok: true, bytes };
  }

  /** A line as it stands, in UTF-8, with the address's line ending. */
  lineBytes(line: string): Uint8Array {
    return this.#encoder.encode(line + endings[this.lineEnding]);
  }

  /** What Enter sends in raw mode: the address's line ending, or CR, as a terminal's key does. */
  enterBytes(): Uint8Array {
    return this.#encoder.encode(endings[this.lineEnding] || "\r");
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): NotSent | null {
    if (bytes.length === 0) return "empty";
    const problem = this.whyNot(bytes.length);
    if (!problem) this.#send(bytes);
    return problem;
  }

  /** Sends what nobody types, behind a recording too; nothing once this end has ended. */
  protected reply(bytes: Uint8Array): void {
    if (bytes.length > 0 && this.#mayFeed) this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    this.#give(bytes, this.lab.choices.pieceBytes);
    if (this.#longSend) this.#longSend.total += bytes.length;
    else if (this.pendingBytes > LONG_SEND_BYTES) this.#longSend = { total: this.pendingBytes };
    this.changed();
  }

  /** Why a send of so many bytes would be refused now; null when it would not be. */
  whyNot(length = 0): NotSent | null {
    const longest = Math.min(length, this.lab.choices.pieceBytes ?? length);
    if (this.canSend) return this.#isUdp && longest > MAX_DATAGRAM_BYTES ? "too-long" : null;
    if (this.#replay) return "recorded";
    if (this.#taker) return "taken";
    return this.#live?.state.phase === "open" ? "direction-ended" : "not-connected";
  }

  get #isUdp(): boolean {
    return this.#live?.state.transport === "udp";
  }

  #give(bytes: Uint8Array, pieceBytes: number | null): void {
    this.#channel?.send(bytes, pieceBytes ?? undefined);
  }

  /**
   * Takes this end's direction for something long: until `release` nothing but `feed` sends.
   * @returns why it cannot be had, or null when it is taken.
   */
  take(taker: Taker): NotSent | null {
    const problem = this.whyNot();
    if (problem) return problem;
    this.#taker = taker;
    this.changed();
    return null;
  }

  /** Sends bytes of whoever has the direction; false when nothing can be sent any more. */
  feed(bytes: Uint8Array): boolean {
    if (!this.#mayFeed) return false;
    const { pieceBytes } = this.lab.choices;
    this.#give(bytes, pieceBytes ?? (this.#isUdp ? FILE_DATAGRAM_BYTES : null));
    return true;
  }

  release(taker: Taker): void {
    if (this.#taker !== taker) return;
    this.#taker = null;
    this.changed();
  }

  /**
   * From now on what arrives goes to `take`, and not to the screen; whoever takes it says when it is
   * `consumed`. Null: to the screen again.
   */
  divert(take: ((event: EventOf<"data">) => void) | null): void {
    this.#diversion = take;
    this.changed();
  }

  /** Stops a long send; returns how many bytes were never sent. */
  stopSending(): number {
    this.#taker?.stop();
    const dropped = this.#channel?.unsend() ?? 0;
    this.#longSend = null;
    this.changed();
    return dropped;
  }

  /** Ends our direction: the other end reads an end of stream, and may still answer. */
  shutdown(): void {
    if (!this.canSend) return;
    this.#channel?.shutdown();
    this.changed();
  }

  /** Hangs up, or cancels connecting. */
  close(): void {
    if (this.#live?.state.phase === "opening") this.#channel?.abort();
    else if (this.#live?.state.phase === "open") this.#channel?.close();
    this.changed();
  }

  /** Gives the connection up at once (RST): what was not sent is lost. */
  reset(): void {
    const phase = this.#live?.state.phase;
    if (phase === "opening" || phase === "open") this.#channel?.abort();
    this.changed();
  }

  /** Changes lab controls of the connection. */
  configure(options: Partial<LabOptions>): void {
    if (this.#live?.state.phase !== "open") return;
    this.#channel?.configure(options);
    this.lab.ask(options);
  }

  /** Says that `length` bytes of `conversation` have been shown, so that more may come. */
  consumed(conversation: Conversation, length: number): void {
    const carried = this.#carried.get(conversation);
    if (!carried?.channel) return;
    const shown = Math.min(length, carried.unshown);
    carried.unshown -= shown;
    if (shown > 0) carried.channel.consumed(shown);
  }

  /** Bytes of the live conversation that were received and have not been shown yet. */
  get unshownBytes(): number {
    return (this.#live && this.#carried.get(this.#live)?.unshown) ?? 0;
  }

  /** Nobody will show it any more: what has come, and what still comes, is used up at once. */
  abandon(): void {
    this.#abandoned = true;
    if (this.#live) this.consumed(this.#live, this.unshownBytes);
  }

  #started(conversation: Conversation): void {
    this.selection.select(null);
    for (const follow of [...this.#starts]) follow(conversation);
  }

  #forgetReplay(): void {
    this.#replay?.unfollow();
    this.#replay?.replay.dispose();
    this.#replay = null;
  }

  /** A conversation begins, and is the one on the screen. Its channel comes with `carry`. */
  protected begin(conversation: Conversation): void {
    this.#live = conversation;
    this.#channel = null;
    this.#longSend = null;
    this.lab.begin();
    this.#started(conversation);
  }

  /**
   * Opens the channel of a conversation that has begun.
   * @param missed events it has already, which nobody was here for.
   */
  protected carry(
    conversation: Conversation,
    start: StartChannel,
    missed: readonly ConversationEvent[] = [],
  ): void {
    const carried: Carried = { channel: null, unshown: 0 };
    this.#carried.set(conversation, carried);
    const happened = (event: ConversationEvent) => {
      if (isReceived(event, this.role)) carried.unshown += event.length;
      conversation.append(event);
      if (this.#abandoned) this.consumed(conversation, carried.unshown);
      if (conversation !== this.#live) return;
      if (isReceived(event, this.role)) this.#diversion?.(event);
      this.happened(event);
      this.changed();
    };
    // What is told before there is a channel may want to be answered: it waits until there is one.
    const early: ConversationEvent[] = [];
    const channel = start(
      (event) => {
        if (carried.channel) happened(event);
        else early.push(event);
      },
      () => {
        if (this.pendingBytes === 0) this.#longSend = null;
        this.changed();
      },
    );
    this.#channel = channel;
    carried.channel = channel;
    for (const event of missed) this.happened(event);
    for (const event of early) happened(event);
  }

  /** Something happened in the live conversation. */
  protected happened(_event: ConversationEvent): void {}
}

function isReceived(event: ConversationEvent, role: Role): event is EventOf<"data"> {
  return event.kind === "data" && event.side === "near" && event.direction === receives(role);
}

/** The address that was dialled, where the recording still has it. */
export function recordedAddress({ recording }: Replay): string {
  for (const event of recording.events) {
    if (event.kind === "opening") return formatAddress(event.address);
    if (event.kind === "arrival")
      return `${event.transport ?? "tcp"}://${formatEndpoint(event.local)}`;
    // Without its beginning nobody was called but by a client: a server's arrival is always kept.
    if (event.kind === "open" && event.side === "near")
      return formatAddress({
        scheme: event.remote.host.startsWith("/") ? "unix" : "tcp",
        ...event.remote,
      });
  }
  return "";
}
