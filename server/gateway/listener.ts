/**
 * One listening socket of a page.
 *
 * States: binding → listening → closed. Whom it has accepted does not belong to it any more.
 */
import type { Address } from "../../shared/address.ts";
import type { FailureCode } from "../../shared/errors.ts";
import type { Endpoint, GatewayMessage, Holder } from "../../shared/protocol.ts";
import type { Pair } from "../observe.ts";
import {
  type Caller,
  hasConnections,
  ListenError,
  type Listening,
  wantedAt,
} from "../sockets/bind.ts";
import { Door, type DoorOwner, type Visitor } from "./door.ts";
import type { Sight } from "./sight.ts";

/** Binds; sockets/listen.ts and sockets/udp-listen.ts with where that is allowed filled in. */
export type Binder = (address: Address, onCaller: (caller: Caller) => void) => Promise<Listening>;

export interface Refusal {
  code: FailureCode;
  detail: string;
}

/** Why it does not listen; with the sockets that hold the port, where the kernel told. */
export interface Failure extends Refusal {
  holders?: Holder[];
}

/** What a listener needs of the session it belongs to. */
export interface ListenerOwner {
  readonly attached: boolean;
  readonly behind: boolean;
  clockAt(now: number): number;
  send(message: GatewayMessage): void;
  /** Whose page of the class a visitor is; null: nobody's that is known. */
  nameOf(caller: Caller, pair: Pair): string | null;
  /** Whether the listening page may know it now. */
  readonly tellsNames: boolean;
  /** The process holds as many sockets as it may. */
  readonly full: boolean;
  readonly sight: Sight;
  /** Why no visitor can be given a channel now; null: one can. */
  noRoom(): Refusal | null;
  /** Gives a visitor a channel of its own. */
  admit(listener: GatewayListener, visitor: Visitor): void;
  /** The sockets that have a port in the way of one who would listen there, as far as this page may know. */
  holdersOf(at: Endpoint): Holder[];
  /** So many visitors more (or fewer) wait. */
  waits(change: number): void;
  /** Somebody came, for the metrics and the idle clock. */
  came(how: "waits" | "refused"): void;
  /** Connections can be made to it from now on. */
  began(local: Endpoint): void;
  /** It is over: it never listened (`failure`), or does not any more. */
  over(listener: GatewayListener, failure?: Failure): void;
}

export class GatewayListener implements DoorOwner {
  readonly id: number;
  state: "binding" | "listening" | "closed" = "binding";
  /** Where it listens, once it does. */
  local: Endpoint | null = null;
  blocked: Refusal | null = null;
  readonly #owner: ListenerOwner;
  readonly #door: Door;
  #backlog: number;
  #atOnce: boolean;
  #listening: Listening | null = null;
  /** TCP; else UDP. */
  #isStream = true;
  /** How many were accepted by hand, and how many are to be. */
  #byHand = { accepted: 0, wanted: 0 };

  constructor(id: number, owner: ListenerOwner, options: { backlog: number; atOnce: boolean }) {
    this.id = id;
    this.#owner = owner;
    this.#backlog = options.backlog;
    this.#atOnce = options.atOnce;
    this.#door = new Door(this, owner.sight);
  }

  get attached(): boolean {
    return this.#owner.attached;
  }
  get behind(): boolean {
    return this.#owner.behind;
  }
  nameOf(caller: Caller, pair: Pair): string | null {
    return this.#owner.nameOf(caller, pair);
  }
  get tellsNames(): boolean {
    return this.#owner.tellsNames;
  }
  /** Somebody is connected and waits. */
  get isWaitedAt(): boolean {
    return this.#door.isWaitedAt;
  }

  /** Never rejects: a failure ends it. */
  async start(address: Address, bind: Binder): Promise<void> {
    try {
      const listening = await bind(address, (caller) => this.#onCaller(caller));
      // The page has stopped it while the system was asked.
      if (this.#isClosed()) return listening.stop();
      this.#listening = listening;
      this.local = listening.local;
      this.state = "listening";
      this.#isStream = hasConnections(address);
      // TCP at the same port number is somebody else's: nobody may connect there because of this.
      if (this.#isStream) this.#owner.began(this.local);
      this.say();
    } catch (error) {
      if (this.#isClosed()) return;
      this.state = "closed";
      this.#owner.over(this, this.#refusal(error, address));
    }
  }

  /** Another backlog, or another way of accepting. Who waits already stays. */
  configure({ backlog, atOnce }: { backlog: number; atOnce: boolean }): void {
    this.#backlog = backlog;
    this.#atOnce = atOnce;
    if (this.state !== "listening") return;
    this.say();
    this.retry();
  }

  /** Accepts until `count` were accepted by hand in all; said again, it changes nothing. */
  accept(count: number): void {
    this.#byHand.wanted = Math.max(this.#byHand.wanted, count);
    this.retry();
  }

  /** Accepts whoever is to be accepted, as far as there is room. */
  retry(): void {
    if (this.state !== "listening") return;
    this.#door.prune();
    const before = this.blocked;
    this.blocked = null;
    for (let visitor = this.#next(); visitor; visitor = this.#next()) {
      this.blocked = this.#owner.noRoom();
      if (this.blocked) break;
      if (this.#byHand.accepted < this.#byHand.wanted) this.#byHand.accepted++;
      this.#owner.admit(this, visitor);
      this.#door.accepted();
    }
    if (before?.code !== this.blocked?.code) this.#door.changed();
  }

  /**
   * Says everything about it, to a page that is new or has come back.
   * @param isAnew the page knows nothing of what it asked for before.
   */
  say(isAnew = false): void {
    if (this.state !== "listening" || !this.local) return;
    this.#owner.send({
      type: "listening",
      ch: this.id,
      at: this.clockAt(performance.now()),
      local: this.local,
      backlog: this.#backlog,
      atOnce: this.#atOnce,
      ...(!this.#isStream && { transport: "udp" as const }),
      ...(isAnew && { byHand: this.#byHand.wanted }),
    });
    this.#door.say();
  }

  look(on: boolean): void {
    this.#door.look(on);
  }

  /** Frees the port. Who waits is reset; who was accepted is not touched, but ends where it is UDP. */
  stop(): void {
    if (this.#isClosed()) return;
    this.state = "closed";
    this.#listening?.stop();
    this.#door.close();
    this.#owner.over(this);
  }

  clockAt(now: number): number {
    return this.#owner.clockAt(now);
  }
  send(message: GatewayMessage): void {
    this.#owner.send(message);
  }
  held(change: number): void {
    this.#owner.waits(change);
  }

  get #isToAccept(): boolean {
    return this.#atOnce || this.#byHand.accepted < this.#byHand.wanted;
  }

  /** Who is to be accepted next, if anybody is. */
  #next(): Visitor | undefined {
    return this.#isToAccept ? this.#door.first : undefined;
  }

  /** A method, so that the compiler does not conclude from one look that it stays so. */
  #isClosed(): boolean {
    return this.state === "closed";
  }

  #onCaller(caller: Caller): void {
    if (this.#door.size >= this.#backlog) this.#door.prune();
    // Who is accepted at once needs no place at the door, so a backlog of 0 does not keep him out.
    const goesIn = this.#isToAccept && this.#door.size === 0 && !this.#owner.noRoom();
    const hasRoom = !this.#owner.full && (goesIn || this.#door.size < this.#backlog);
    if (!hasRoom || !caller.mayEnter) {
      this.#owner.came("refused");
      return this.#door.refuse(caller);
    }
    this.#owner.came("waits");
    this.#door.come(caller);
    this.retry();
    this.#door.changed();
  }

  #refusal(error: unknown, address: Address): Failure {
    if (!(error instanceof ListenError)) throw error;
    const { code, detail } = error;
    // The kernel's table is asked for TCP.
    if (code !== "EADDRINUSE" || !hasConnections(address)) return { code, detail };
    return { code, detail, holders: this.#owner.holdersOf(wantedAt(address)) };
  }
}
