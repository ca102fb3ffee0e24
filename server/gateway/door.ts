/**
 * The door of a listening page: visitors whose connection is complete, paused and unread, until the
 * page accepts them. The kernel's own queue in front of it is empty as a rule, because libuv accepts at
 * once; so this is the queue that fills, and beyond its length visitors are reset. Of UDP it is addresses
 * that datagrams came from, and those beyond its length are not told.
 */
import type { GatewayMessage, Visitor as VisitorNow } from "../../shared/protocol.ts";
import type { KernelSocket } from "../../shared/tcp.ts";
import type { Observer, Pair } from "../observe.ts";
import type { Caller } from "../sockets/bind.ts";
import type { Kernel, KernelWatch } from "../sockets/kernel.ts";
import { EarlyCalls } from "./early-calls.ts";
import { TokenBucket } from "./quota.ts";
import type { Sight } from "./sight.ts";

/** Somebody at the door. */
export interface Visitor {
  /** Counts the visitors of a listener from 1. */
  readonly n: number;
  readonly caller: Caller;
  /** `local` is the listener's end. */
  readonly pair: Pair;
  /** In the class; null: not known. Whether the page may know it is asked each time it is told. */
  readonly name: string | null;
  /** When accept(2) returned it, or its first datagram came: performance.now() of this process. */
  readonly arrivedAt: number;
  /** What its own program did since then, where that can be seen; null without TCP. */
  readonly early: EarlyCalls | null;
}

/** What a door needs of the listener it belongs to. */
export interface DoorOwner {
  readonly id: number;
  /** Whether a page is there now. */
  readonly attached: boolean;
  /** The page leaves so much unread that what can be said later should be. */
  readonly behind: boolean;
  /** The session's clock at a moment of performance.now(), in steps of 10 µs. */
  clockAt(now: number): number;
  send(message: GatewayMessage): void;
  /** Whose page of the class this visitor is; null: nobody's that is known. */
  nameOf(caller: Caller, pair: Pair): string | null;
  /** Whether the listening page may know it now. */
  readonly tellsNames: boolean;
  /** Why the first still waits although it was to be accepted. */
  readonly blocked: { code: string; detail: string } | null;
  /** So many visitors more (or fewer) are held. */
  held(change: number): void;
}

interface Waiting extends Visitor {
  /** What the kernel last said of our end; null: nobody looks, or it cannot be asked. */
  seen: KernelSocket | null;
  watch: KernelWatch | null;
}

/** How often a door is told of: at once as long as people come, and a crowd together. */
const SAY_RATE = { perSecond: 10, burst: 5 };
const SAY_AGAIN_MS = 100;
/** Asking costs a system call for each who waits: a flood of visitors must not multiply it. */
const PRUNE_RATE = { perSecond: 20, burst: 20 };

export class Door {
  readonly #owner: DoorOwner;
  readonly #observer: Observer;
  readonly #kernel: Kernel | null;
  #waiting: Waiting[] = [];
  #counts = { refused: 0, left: 0, accepted: 0 };
  #visitors = 0;
  #looking = false;
  readonly #rate = new TokenBucket(SAY_RATE);
  readonly #prunes = new TokenBucket(PRUNE_RATE);
  /** Something has changed that is not said yet. */
  #timer: NodeJS.Timeout | null = null;

  constructor(owner: DoorOwner, sight: Sight) {
    this.#owner = owner;
    this.#observer = sight.observer;
    this.#kernel = sight.kernel;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Somebody is connected and waits. Whoever sent a datagram may be long gone, and nobody can tell. */
  get isWaitedAt(): boolean {
    return this.#waiting.some(({ caller }) => caller.transport === "tcp");
  }

  /** Takes in a new visitor, as the last; its owner says that something changed. */
  come(caller: Caller): void {
    const { pair, transport } = caller;
    const n = ++this.#visitors;
    // Already gone: getpeername(2) knows of nobody.
    if (!pair) {
      this.#counts.left++;
      return caller.turnAway();
    }
    const arrivedAt = performance.now();
    const early = transport === "tcp" ? new EarlyCalls(this.#observer, pair, arrivedAt) : null;
    const name = this.#owner.nameOf(caller, pair);
    const visitor: Waiting = { n, caller, pair, name, arrivedAt, early, seen: null, watch: null };
    caller.onHeld = () => this.changed();
    this.#waiting.push(visitor);
    this.#owner.held(1);
    if (this.#looking) this.#watch(visitor);
  }

  /** Turns a new visitor away: there is no room. */
  refuse(caller: Caller): void {
    this.#visitors++;
    this.#counts.refused++;
    caller.turnAway();
    this.changed();
  }

  /** The first at the door, which goes in. */
  get first(): Visitor | undefined {
    return this.#waiting[0];
  }

  /** The first was accepted. */
  accepted(): void {
    const [visitor] = this.#waiting.splice(0, 1);
    if (!visitor) return;
    visitor.watch?.stop();
    visitor.caller.onHeld = null;
    this.#counts.accepted++;
    this.#owner.held(-1);
    this.changed();
  }

  /** Visitors that were reset by their own end make room for others. */
  prune(): void {
    if (!this.#prunes.take()) return;
    for (const visitor of this.#waiting.filter(({ caller }) => caller.hasLeft())) {
      this.#left(visitor);
    }
  }

  /** Whether somebody looks at the page: only then the kernel is asked. */
  look(on: boolean): void {
    if (on === this.#looking) return;
    this.#looking = on;
    for (const visitor of this.#waiting) {
      if (on) this.#watch(visitor);
      else this.#unwatch(visitor);
    }
  }

  /** Something is different from what was said: at once, or together with what follows soon. */
  changed(): void {
    if (this.#timer || !this.#owner.attached) return;
    if (!this.#owner.behind && this.#rate.take()) return this.say();
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.changed();
    }, SAY_AGAIN_MS).unref();
  }

  /** Says everything, also what was said before. */
  say(): void {
    const { id, attached, blocked } = this.#owner;
    if (!attached) return;
    this.#owner.send({
      type: "door",
      ch: id,
      at: this.#owner.clockAt(performance.now()),
      waiting: this.#waiting.map((visitor) => this.#view(visitor)),
      ...this.#counts,
      ...(blocked && { blocked }),
    });
  }

  /** Nobody listens any more: as the kernel does with its queue, everybody in it is reset. */
  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    for (const { watch, early, caller } of this.#waiting) {
      watch?.stop();
      early?.stop();
      caller.turnAway();
    }
    this.#owner.held(-this.#waiting.length);
    this.#waiting = [];
  }

  #view({ n, arrivedAt, pair, name, seen, caller }: Waiting): VisitorNow {
    return {
      n,
      at: this.#owner.clockAt(arrivedAt),
      remote: pair.remote,
      ...(name !== null && this.#owner.tellsNames && { name }),
      unread: caller.heldBytes ?? seen?.unread ?? null,
      ended: seen?.state === "CLOSE_WAIT",
    };
  }

  #watch(visitor: Waiting): void {
    const { pair, caller } = visitor;
    // The kernel's table is asked for TCP, and one of UDP's ports may be another's there.
    if (caller.transport !== "tcp") return;
    const report = ({ near }: { near?: KernelSocket }) => near && this.#seen(visitor, near);
    visitor.watch = this.#kernel?.watch(pair, report, "ESTABLISHED") ?? null;
  }

  #unwatch(visitor: Waiting): void {
    visitor.watch?.stop();
    visitor.watch = null;
    visitor.seen = null;
  }

  #seen(visitor: Waiting, near: KernelSocket): void {
    // No row may also be one that was missed; the socket itself knows.
    if (near.state === "CLOSED") return visitor.caller.hasLeft() ? this.#left(visitor) : undefined;
    visitor.seen = near;
    this.changed();
  }

  #left(visitor: Waiting): void {
    const place = this.#waiting.indexOf(visitor);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    visitor.watch?.stop();
    visitor.early?.stop();
    visitor.caller.turnAway();
    this.#counts.left++;
    this.#owner.held(-1);
    this.changed();
  }
}
