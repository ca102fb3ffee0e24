/**
 * The listening sockets of one session, and the visitors they have accepted: their numbers, and what
 * a page that comes back has not heard of them.
 */
import { performance } from "node:perf_hooks";
import { parseAddress } from "../../shared/address.ts";
import { MAX_CHANNEL_ID } from "../../shared/bounds.ts";
import type { FailureCode } from "../../shared/errors.ts";
import {
  type Accepted,
  type Endpoint,
  type GatewayMessage,
  type Holder,
  MessageError,
  type PageMessage,
} from "../../shared/protocol.ts";
import type { Identity } from "../classroom/types.ts";
import type { Pair } from "../observe.ts";
import type { Caller } from "../sockets/bind.ts";
import type { Visitor } from "./door.ts";
import {
  type Binder,
  type Failure,
  GatewayListener,
  type ListenerOwner,
  type Refusal,
} from "./listener.ts";
import type { Sight } from "./sight.ts";

type ListenMessage = Extract<PageMessage, { type: "listen" }>;

/** A connection as the end that asked for it sees it; over UDP, where its datagrams come from and go to. */
export interface Call extends Pair {
  readonly transport: "tcp" | "udp";
}

/** What the listeners of a session need of it. */
export interface ListenersOwner {
  readonly attached: boolean;
  readonly behind: boolean;
  readonly identity: Identity;
  clockAt(now: number): number;
  send(message: GatewayMessage): void;
  /** Why there can be no further channel now; null: there can be one. */
  noRoom(): Refusal | null;
  /** Whether that channel is still somebody's, living or watched. */
  isTaken(ch: number): boolean;
  /** Makes the channel of a visitor. The page has been told. */
  admit(ch: number, visitor: Visitor): void;
  /** Something happened that keeps the session alive. */
  active(): void;
}

/** What the listeners of all sessions need of the gateway. */
export interface ListenersHost {
  readonly limits: { maxListeners: number };
  readonly draining: boolean;
  readonly full: boolean;
  readonly bind: Binder;
  readonly sight: Sight;
  /** Whether pages may know who talks with a port of this machine. */
  readonly tellsRemotes: boolean;
  /** A page of `owner` listens there from now on, or does no longer. */
  served(local: Endpoint, on: boolean, owner: Identity): void;
  /** Whose page of the class a visitor is; null: nobody's that is known. */
  nameOf(call: Call): string | null;
  /** Whether a page of `host` may know such names now. */
  tellsNames(host: Identity): boolean;
  /** So many listening sockets, or visitors at their doors, more (or fewer) are held. */
  heldServing(what: "listeners" | "waiting", change: number): void;
  listened(result: FailureCode | "requested"): void;
  visited(result: "accepted" | "waits" | "refused"): void;
}

export class Listeners implements ListenerOwner {
  readonly #owner: ListenersOwner;
  readonly #host: ListenersHost;
  readonly #listeners = new Map<number, GatewayListener>();
  /** What the page was told of each accepted visitor whose channel lives, names included; in order. */
  readonly #guests = new Map<number, Accepted>();
  #looking = false;
  /** The channel given to a visitor last. */
  #last = 0;
  /** Whether every even number has been given out. */
  #wrapped = false;

  constructor(owner: ListenersOwner, host: ListenersHost) {
    this.#owner = owner;
    this.#host = host;
  }

  get attached(): boolean {
    return this.#owner.attached;
  }
  get behind(): boolean {
    return this.#owner.behind;
  }
  get full(): boolean {
    return this.#host.full;
  }
  get sight(): Sight {
    return this.#host.sight;
  }
  get ids(): number[] {
    return [...this.#listeners.keys()];
  }
  /** Somebody is connected and waits to be accepted. */
  get hasVisitors(): boolean {
    return [...this.#listeners.values()].some(({ isWaitedAt }) => isWaitedAt);
  }

  has(ch: number): boolean {
    return this.#listeners.has(ch);
  }

  /** Whether a channel with this even number was ever given to a visitor. */
  wasGiven(ch: number): boolean {
    return this.#wrapped || ch <= this.#last;
  }

  /** @throws {MessageError} when a page can never mean it. */
  listen(message: ListenMessage, mayOpen: () => Refusal | null): void {
    const { ch, address: text } = message;
    if (ch % 2 === 0) throw new MessageError("the page opens odd channels only");
    const known = this.#listeners.get(ch);
    if (known) return known.configure(message);
    const parsed = parseAddress(text, "listen");
    if (!parsed.ok) return this.#refuse(ch, { code: "BAD_ADDRESS", detail: parsed.problem });
    const refusal = this.#refusal() ?? mayOpen();
    if (refusal) return this.#refuse(ch, refusal);
    const listener = new GatewayListener(ch, this, message);
    this.#listeners.set(ch, listener);
    this.#host.heldServing("listeners", 1);
    this.#host.listened("requested");
    listener.look(this.#looking);
    void listener.start(parsed.address, this.#host.bind);
  }

  /** A listener that is gone already is no mistake: the page could not know. */
  accept(ch: number, count: number): void {
    this.#listeners.get(ch)?.accept(count);
  }

  /** @returns false when it is no listener. */
  stop(ch: number): boolean {
    const listener = this.#listeners.get(ch);
    listener?.stop();
    return listener !== undefined;
  }

  stopAll(): void {
    for (const listener of [...this.#listeners.values()]) listener.stop();
  }

  /** Stops those that a page which comes back does not want any more. */
  keep(wanted: ReadonlySet<number>): void {
    for (const [id, listener] of [...this.#listeners]) {
      if (!wanted.has(id)) listener.stop();
    }
  }

  /** Channels of visitors that a page which comes back has not heard of; `heard` is the last it has. */
  unheard(heard: number): Accepted[] {
    const guests = [...this.#guests.values()].filter(({ ch }) => isLater(ch, heard));
    return guests.map((message) => this.#told(message));
  }

  /** The channel given to a visitor last; 0: to none yet. */
  get last(): number {
    return this.#last;
  }

  /** What the page was told of a visitor whose channel lives. */
  guest(ch: number): Accepted | undefined {
    const message = this.#guests.get(ch);
    return message && this.#told(message);
  }

  /**
   * Says everything to a page that has come back.
   * @param isAnew it knows nothing of what it asked for before.
   */
  say(isAnew = false): void {
    for (const listener of this.#listeners.values()) listener.say(isAnew);
  }

  look(on: boolean): void {
    this.#looking = on;
    for (const listener of this.#listeners.values()) listener.look(on);
  }

  /** A channel is over: there may be room for a visitor who waits. */
  channelOver(ch: number): void {
    this.#guests.delete(ch);
    for (const listener of [...this.#listeners.values()]) listener.retry();
  }

  clockAt(now: number): number {
    return this.#owner.clockAt(now);
  }
  send(message: GatewayMessage): void {
    this.#owner.send(message);
  }
  nameOf({ transport }: Caller, { local, remote }: Pair): string | null {
    return this.#host.nameOf({ transport, local: remote, remote: local });
  }
  get tellsNames(): boolean {
    return this.#host.tellsNames(this.#owner.identity);
  }
  noRoom(): Refusal | null {
    return this.#owner.noRoom();
  }

  admit(listener: GatewayListener, visitor: Visitor): void {
    const ch = this.#freeNumber();
    const { n, caller, pair, name, arrivedAt } = visitor;
    const message: Accepted = {
      type: "accepted",
      listener: listener.id,
      ch,
      n,
      at: this.clockAt(performance.now()),
      arrived: this.clockAt(arrivedAt),
      ...pair,
      ...(name !== null && { name }),
      fd: caller.fd,
      ...(caller.transport === "udp" && { transport: "udp" as const }),
    };
    this.#guests.set(ch, message);
    this.send(this.#told(message));
    this.#host.visited("accepted");
    this.#owner.active();
    this.#owner.admit(ch, visitor);
  }

  came(how: "waits" | "refused"): void {
    this.#host.visited(how);
    // A flood that is turned away keeps nobody's session alive.
    if (how === "waits") this.#owner.active();
  }

  waits(change: number): void {
    this.#host.heldServing("waiting", change);
  }

  holdersOf(at: Endpoint): Holder[] {
    const holders = this.sight.kernel?.holders(at) ?? [];
    return this.#host.tellsRemotes ? holders : holders.map(({ remote: _, ...rest }) => rest);
  }

  began(local: Endpoint): void {
    this.#host.served(local, true, this.#owner.identity);
  }

  over({ id, local }: GatewayListener, failure?: Failure): void {
    if (!this.#listeners.delete(id)) return;
    if (local) this.#host.served(local, false, this.#owner.identity);
    this.#host.heldServing("listeners", -1);
    if (failure) return this.#refuse(id, failure);
    this.send({ type: "state", ch: id, at: this.clockAt(performance.now()), state: "closed" });
  }

  /** A message as the page may have it now. */
  #told({ name, ...rest }: Accepted): Accepted {
    return name !== undefined && this.tellsNames ? { ...rest, name } : rest;
  }

  #refusal(): Refusal | null {
    const { limits, draining, full } = this.#host;
    if (draining) return { code: "DRAINING", detail: "" };
    if (this.#listeners.size >= limits.maxListeners)
      return { code: "TOO_MANY_LISTENERS", detail: `${limits.maxListeners}` };
    return full ? { code: "EMFILE", detail: "" } : null;
  }

  #refuse(ch: number, failure: Failure): void {
    this.#host.listened(failure.code);
    this.send({ type: "refused", ch, ...failure });
  }

  /** Ascending, and from the beginning again after very many; never one that is still known. */
  #freeNumber(): number {
    do {
      this.#last += 2;
      if (this.#last > MAX_CHANNEL_ID) {
        this.#last = 2;
        this.#wrapped = true;
      }
    } while (this.#owner.isTaken(this.#last));
    return this.#last;
  }
}

/** Even numbers below the highest: there are so many of them, times two. */
const NUMBERS = MAX_CHANNEL_ID - 1;

/** Whether `ch` was given out after `heard`: numbers begin again, but far less than half of them live. */
function isLater(ch: number, heard: number): boolean {
  if (heard === 0) return true;
  const distance = (ch - heard + NUMBERS) % NUMBERS;
  return distance > 0 && distance < NUMBERS / 2;
}
