/** Talk: the page as a client. One conversation at a time, with the tutorial client's manners. */
import { type Address, formatAddress, parseAddress } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import { type Explanation, explain } from "../../shared/errors.ts";
import type { Carrier, Channel } from "./carrier.ts";
import { Conversation } from "./conversation.ts";
import { Selection } from "./selection.ts";
import type { LineEnding, Settings } from "./settings.ts";
import { Store, type Unsubscribe } from "./store.ts";

/** Where the first conversation goes when the gateway offers nothing else. */
export const TUTORIAL_ADDRESS = "tcp://127.0.0.1:8000";
/** From here on a send shows its progress and can be stopped. */
export const LONG_SEND_BYTES = 64 * 1024;

/** A send that takes a while. */
export interface LongSend {
  total: number;
  /** Bytes the gateway's kernel has taken. */
  taken: number;
}

/** Why a line was not sent. */
export type NotSent = "empty" | "not-connected" | "direction-ended";

const endings: Record<LineEnding, string> = { none: "", lf: "\n", crlf: "\r\n" };

export class Talk extends Store {
  readonly carrier: Carrier;
  readonly settings: Settings;
  /** What is picked out of the conversation on the screen. */
  readonly selection = new Selection();
  #addressText: string;
  #conversation: Conversation | null = null;
  #channel: Channel | null = null;
  /** A conversation that is over here may still owe its gateway the acknowledgement of its tail. */
  readonly #channels = new WeakMap<Conversation, Channel>();
  #longSend: { total: number } | null = null;
  #starts = new Set<(conversation: Conversation) => void>();
  #encoder = new TextEncoder();

  constructor(carrier: Carrier, settings: Settings) {
    super();
    this.carrier = carrier;
    this.settings = settings;
    this.#addressText = settings.lastAddress ?? TUTORIAL_ADDRESS;
  }

  /** What stands in the address bar. */
  get addressText(): string {
    return this.#addressText;
  }
  set addressText(text: string) {
    this.#addressText = text;
    this.changed();
  }

  /** The conversation on the screen: the running one, or the last. */
  get conversation(): Conversation | null {
    return this.#conversation;
  }
  /** Bytes given to send that the gateway's kernel has not taken yet. */
  get pendingBytes(): number {
    return this.#channel?.pendingBytes ?? 0;
  }
  /** True while there is a socket, connecting or open in at least one direction. */
  get busy(): boolean {
    const phase = this.#conversation?.state.phase;
    return phase === "opening" || phase === "open";
  }
  /** True while a line can be sent. */
  get canSend(): boolean {
    const state = this.#conversation?.state;
    return state?.phase === "open" && state.outEnded === null && this.#channel?.ending === false;
  }
  /** The send in progress, when it is long enough to show. */
  get longSend(): LongSend | null {
    const long = this.#longSend;
    if (!long) return null;
    return { total: long.total, taken: Math.max(0, long.total - this.pendingBytes) };
  }
  /** The failure that ended the conversation, explained; null when there was none. */
  get failure(): Explanation | null {
    const state = this.#conversation?.state;
    const failure = state?.error ?? state?.reset;
    if (!failure || failure.code === "CLOSED" || failure.code === "CANCELLED") return null;
    const target = state?.address ?? { host: this.#addressText, port: 0 };
    const context = { host: target.host, port: target.port, detail: failure.detail };
    return explain(failure.code, context, this.carrier.status.platform);
  }
  /** The address that history and line ending belong to. */
  get addressKey(): string {
    const parsed = parseAddress(this.#addressText);
    return parsed.ok ? formatAddress(parsed.address) : this.#addressText;
  }
  get lineEnding(): LineEnding {
    return this.settings.lineEnding(this.addressKey);
  }

  /** Calls `follow` for each conversation that starts, before its first event. */
  onStart(follow: (conversation: Conversation) => void): Unsubscribe {
    this.#starts.add(follow);
    return () => this.#starts.delete(follow);
  }

  /** Starts a conversation with the address in the bar (or `text`), unless one is running. */
  connect(text: string = this.#addressText): void {
    if (this.busy) return;
    this.#addressText = text;
    const conversation = new Conversation();
    this.#conversation = conversation;
    this.#channel = null;
    this.#longSend = null;
    this.selection.select(null);
    for (const follow of [...this.#starts]) follow(conversation);
    const parsed = parseAddress(text);
    if (parsed.ok) this.#open(conversation, parsed.address);
    else
      conversation.append({
        kind: "error",
        at: 0,
        side: "near",
        code: "BAD_ADDRESS",
        detail: parsed.problem,
      });
    this.changed();
  }

  /**
   * Sends a line with the address's line ending.
   * @returns why it was not sent, or null when it was.
   */
  sendLine(line: string): NotSent | null {
    const bytes = this.lineBytes(line);
    if (line === "") return "empty";
    const problem = this.sendBytes(bytes);
    if (!problem) this.settings.remember(this.addressKey, line);
    return problem;
  }

  /** A line as it is sent: UTF-8, with the address's line ending. */
  lineBytes(line: string): Uint8Array {
    return this.#encoder.encode(line + endings[this.lineEnding]);
  }

  /** Sends bytes as they are. */
  sendBytes(bytes: Uint8Array): NotSent | null {
    if (bytes.length === 0) return "empty";
    if (!this.canSend || !this.#channel) {
      return this.#conversation?.state.phase === "open" ? "direction-ended" : "not-connected";
    }
    this.#channel.send(bytes);
    if (this.#longSend) this.#longSend.total += bytes.length;
    else if (this.pendingBytes > LONG_SEND_BYTES) this.#longSend = { total: this.pendingBytes };
    this.changed();
    return null;
  }

  /** Stops a long send; returns how many bytes were never sent. */
  stopSending(): number {
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
    if (this.#conversation?.state.phase === "opening") this.#channel?.abort();
    else if (this.#conversation?.state.phase === "open") this.#channel?.close();
    this.changed();
  }

  /** Says that `length` bytes of `conversation` have been shown, so that more may come. */
  consumed(conversation: Conversation, length: number): void {
    this.#channels.get(conversation)?.consumed(length);
  }

  #open(conversation: Conversation, address: Address): void {
    this.settings.lastAddress = formatAddress(address);
    const channel = this.carrier.open(
      address,
      (event) => {
        conversation.append(event);
        if (conversation !== this.#conversation) return;
        this.#hangUpToo(event);
        this.changed();
      },
      () => {
        if (this.pendingBytes === 0) this.#longSend = null;
        this.changed();
      },
    );
    this.#channel = channel;
    this.#channels.set(conversation, channel);
  }

  /** The tutorial's client hangs up when the answer is `closed`, and when the server does. */
  #hangUpToo(event: ConversationEvent): void {
    if (!this.settings.choices.hangUpToo || event.side !== "near") return;
    const serverEnded = event.kind === "eof" && event.direction === "in";
    if (serverEnded || saysClosed(event)) this.close();
  }
}

function saysClosed(event: ConversationEvent): boolean {
  if (event.kind !== "data" || event.direction !== "in" || event.length > 8) return false;
  return new TextDecoder().decode(event.bytes).trimEnd().toLowerCase() === "closed";
}
