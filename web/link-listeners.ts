/** The listening sockets of a page, and the visitors they have accepted, as the gateway tells of them. */
import type { Address } from "../shared/address.ts";
import { type FailureCode, wireNumber } from "../shared/errors.ts";
import { encodeFrame, encodeReset, FrameType } from "../shared/frames.ts";
import type { Accepted, GatewayMessage, Holder } from "../shared/protocol.ts";
import { LinkListener, type ListenerHost } from "./link-listener.ts";
import { LaterListening } from "./link-return.ts";
import type {
  ListenFollower,
  ListenOptions,
  ReturnFollower,
  StartChannel,
} from "./model/carrier.ts";

type Message<T extends GatewayMessage["type"]> = Extract<GatewayMessage, { type: T }>;

/** What the listeners need of the link that carries them. */
export interface ListenersHost extends Omit<ListenerHost, "stopped"> {
  sendFrame(frame: Uint8Array<ArrayBuffer>): boolean;
  /** What makes the channel of a visitor; null where it has one already. */
  guest(message: Accepted): StartChannel | null;
  /** A socket that an earlier load of this page listens on. */
  returned(...listener: Parameters<ReturnFollower["listener"]>): void;
}

export class LinkListeners {
  readonly #host: ListenersHost;
  readonly #listeners = new Map<number, LinkListener>();
  /** The channel of the last visitor that was told of. */
  #heard = 0;
  /** Those of an earlier load of this page, until the gateway has said what they are. */
  readonly #expected = new Set<number>();

  constructor(host: ListenersHost) {
    this.#host = host;
  }

  has(id: number): boolean {
    return this.#listeners.has(id) || this.#expected.has(id);
  }

  /** For `hello`: which the page still wants, and of which visitors it has heard. */
  get known(): { listeners: number[]; heard: number } {
    const wanted = [...this.#listeners.values()].filter(({ isWanted }) => isWanted);
    const ids = wanted.map(({ id }) => id);
    return { listeners: [...ids, ...this.#expected], heard: this.#heard };
  }

  /** @param id a free channel. */
  listen(
    id: number,
    address: Address,
    options: ListenOptions,
    follow: ListenFollower,
  ): LinkListener {
    const listener = this.#add(id, address, options, follow);
    listener.announce();
    return listener;
  }

  /**
   * Goes on where an earlier load of this page was.
   * @param ids its listening sockets.
   * @param heard the channel of the last visitor that is known; 0: of none.
   */
  adopt(ids: readonly number[], heard: number): void {
    for (const id of ids) this.#expected.add(id);
    this.#heard = heard;
  }

  #add(id: number, address: Address, options: ListenOptions, follow: ListenFollower) {
    const host: ListenerHost = {
      sendMessage: (message) => this.#host.sendMessage(message),
      timeOf: (at) => this.#host.timeOf(at),
      stopped: (listener) => this.#listeners.delete(listener.id),
    };
    const listener = new LinkListener(id, address, options, host, follow);
    this.#listeners.set(id, listener);
    return listener;
  }

  #returned({ ch, local, backlog, atOnce, transport, byHand }: Message<"listening">): void {
    const later = new LaterListening();
    const address: Address = { scheme: transport ?? "tcp", ...local };
    const listener = this.#add(ch, address, { backlog, atOnce }, later);
    listener.adopt(byHand ?? 0);
    this.#host.returned(address, { backlog, atOnce }, (follow) => {
      later.begin(follow);
      return listener;
    });
  }

  /** What the gateway says of a listening socket. */
  heard(message: Message<"listening" | "door" | "accepted">): void {
    if (message.type === "accepted") return this.#accepted(message);
    if (message.type === "listening" && this.#expected.delete(message.ch)) this.#returned(message);
    const listener = this.#listeners.get(message.ch);
    if (message.type === "listening") listener?.listening(message);
    else listener?.door(message);
  }

  state({ ch, state }: Message<"state">): void {
    if (state === "closed") this.#expected.delete(ch);
    if (state === "closed") this.#listeners.get(ch)?.closed();
  }

  refused(ch: number, code: FailureCode, detail: string, holders?: readonly Holder[]): void {
    this.#listeners.get(ch)?.fail(code, detail, holders);
  }

  /** A new WebSocket. @param living those that the gateway still has. */
  resume(living: readonly number[]): void {
    for (const listener of [...this.#listeners.values()]) {
      if (living.includes(listener.id)) listener.resumed();
      else listener.unknown();
    }
  }

  /** All of them are over. */
  end(code: FailureCode, detail: string): void {
    for (const listener of [...this.#listeners.values()]) listener.fail(code, detail);
  }

  /** The session is gone: its numbers begin again. */
  forget(code: FailureCode, detail: string): void {
    this.#heard = 0;
    this.#expected.clear();
    this.end(code, detail);
  }

  /** A visitor has a channel of its own now. Told again after a resume, it changes nothing. */
  #accepted(message: Accepted): void {
    // They come in the order in which their numbers were given out, also where those begin again.
    this.#heard = message.ch;
    const start = this.#host.guest(message);
    if (!start) return;
    const listener = this.#listeners.get(message.listener);
    if (listener) return listener.accepted(message, start);
    // Nobody is here for it any more.
    const header = { type: FrameType.rst, channel: message.ch, at: 0, seq: 0 };
    this.#host.sendFrame(encodeFrame(header, encodeReset(wireNumber("CANCELLED"))));
  }
}
