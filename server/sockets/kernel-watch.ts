/** One watched connection: what is new about its two ends since the time before. */
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";
import type { Seen } from "./kernel.ts";

/**
 * How far a connection has come in each state. It never goes back (RFC 9293 figure 5): a row that
 * does belongs to another connection, which uses the same pair of addresses again.
 */
const PROGRESS: Record<TcpState, number> = {
  LISTEN: 0,
  SYN_SENT: 0,
  SYN_RECV: 1,
  ESTABLISHED: 2,
  FIN_WAIT1: 3,
  CLOSE_WAIT: 3,
  FIN_WAIT2: 4,
  CLOSING: 4,
  LAST_ACK: 4,
  TIME_WAIT: 5,
  CLOSED: 6,
};

const CLOSED: KernelSocket = Object.freeze({
  state: "CLOSED",
  unread: 0,
  unsent: 0,
  timeWaitMs: null,
});

/** A countdown that is this much longer than it should be was started again. */
const RESTARTED_MS = 1000;
/** A socket that is in no table for so long, and for so many readings, was never made. */
const NEVER_MADE_MS = 2000;
const NEVER_MADE_READINGS = 4;

/** One end of a connection from reading to reading. */
class End {
  /** Its row in the reading that is under way. */
  row: KernelSocket | null = null;
  #last: KernelSocket | null = null;
  #reached: TcpState | null;
  #waitEndsAt = 0;

  constructor(reached: TcpState | null) {
    this.#reached = reached;
  }

  get reached(): TcpState | null {
    return this.#reached;
  }

  get isKnown(): boolean {
    return this.#reached !== null;
  }

  get isOver(): boolean {
    return this.#reached === "CLOSED";
  }

  get isConnected(): boolean {
    return this.row !== null && PROGRESS[this.row.state] >= PROGRESS.ESTABLISHED;
  }

  /** Its row is that of another connection, and then so is the other end's. */
  get isAnothers(): boolean {
    return this.row !== null && !this.#isOurs(this.row);
  }

  /** It was there before, and is not in this reading. */
  get isMissing(): boolean {
    return this.isKnown && !this.isOver && !this.row;
  }

  /** Takes a row of this reading. Of two, that of a socket which lives is the newer one. */
  offer(socket: KernelSocket): void {
    if (this.row && socket.state === "TIME_WAIT") return;
    this.row = socket;
  }

  /** It has come so far at least, seen or not. */
  reach(state: TcpState): void {
    if (this.#reached === null || PROGRESS[this.#reached] < PROGRESS[state]) this.#reached = state;
  }

  /** What was told before counts as not told. */
  forget(): void {
    this.#last = null;
  }

  /** What is to be told after a reading at `at`, if anything. */
  settle(at: number): KernelSocket | undefined {
    const { row } = this;
    this.row = null;
    if (!row && !this.isKnown) return;
    const now = row && this.#isOurs(row) ? row : CLOSED;
    this.#reached = now.state;
    const waitEndsAt = now.timeWaitMs === null ? 0 : at + now.timeWaitMs;
    const isRestarted = waitEndsAt > this.#waitEndsAt + RESTARTED_MS;
    if (same(now, this.#last) && !isRestarted) return;
    this.#last = now;
    this.#waitEndsAt = waitEndsAt;
    return now;
  }

  #isOurs(row: KernelSocket): boolean {
    return this.#reached === null || PROGRESS[row.state] >= PROGRESS[this.#reached];
  }
}

/** A countdown that goes on is no difference. */
const same = (a: KernelSocket, b: KernelSocket | null) =>
  a.state === b?.state && a.unread === b.unread && a.unsent === b.unsent;

/** Both ends of a watched connection. */
export class Watched {
  readonly #near: End;
  readonly #far = new End(null);
  readonly #since: number;
  #readings = 0;

  /** @param reached how far the near end is known to have come. */
  constructor(now: number, reached: TcpState | null) {
    this.#since = now;
    this.#near = new End(reached);
  }

  readonly foundNear = (socket: KernelSocket) => this.#near.offer(socket);
  readonly foundFar = (socket: KernelSocket) => this.#far.offer(socket);

  get isMissing(): boolean {
    return this.#near.isMissing || this.#far.isMissing;
  }

  /** In the reading that is under way, the near end stands in the table as connected. */
  get isConnected(): boolean {
    return this.#near.isConnected;
  }

  /** Tells everything after the next reading. @param reached how far the near end has come by now. */
  tellAll(reached?: TcpState): void {
    if (reached) this.#near.reach(reached);
    this.#near.forget();
    this.#far.forget();
  }

  /** Nothing more can be said of this connection. */
  isOver(now: number): boolean {
    if (this.#near.isKnown) {
      return this.#near.isOver && (this.#far.isOver || !this.#far.isKnown);
    }
    return this.#readings >= NEVER_MADE_READINGS && now - this.#since > NEVER_MADE_MS;
  }

  /** What differs after a reading at `at`; null when nothing does. */
  settle(at: number): Seen | null {
    this.#readings++;
    const isAnothers = this.#near.isAnothers;
    const near = this.#near.settle(at);
    if (isAnothers || !this.#isFarOurs()) this.#far.row = null;
    const far = this.#far.settle(at);
    if (!near && !far) return null;
    return { ...(near && { near }), ...(far && { far }), at };
  }

  /** TIME_WAIT while we still dial is what an earlier connection of this pair left behind. */
  #isFarOurs(): boolean {
    if (!this.#near.isKnown) return false;
    return !(this.#near.reached === "SYN_SENT" && this.#far.row?.state === "TIME_WAIT");
  }
}
