/**
 * What the kernel's table says of a connection's own two sockets, and of nobody else's: rows are
 * found by the pair of addresses, and rows of other pairs are passed over unread. One reading serves
 * everybody who watches; while nobody does, nothing is read and no timer runs.
 */
import { performance } from "node:perf_hooks";
import type { Endpoint, Holder } from "../../shared/protocol.ts";
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";
import type { Pair } from "../observe.ts";
import { HolderRows } from "./kernel-holders.ts";
import { type Spellings, spellingsOf, WantedRows } from "./kernel-keys.ts";
import { Pace } from "./kernel-pace.ts";
import { TableReader } from "./kernel-table.ts";
import { Watched } from "./kernel-watch.ts";

/** Both ends of one connection, as far as they are on this host. */
export interface Seen {
  near?: KernelSocket;
  far?: KernelSocket;
  /** When the table was read: performance.now() of this process. */
  at: number;
}

export interface KernelWatch {
  /** Something has happened: look at once, together with all others who ask now. */
  soon(): void;
  /**
   * Looks at once, and tells everything, also what is as it was before.
   * @param reached how far the near socket has come by now, whether it was seen or not.
   */
  again(reached?: TcpState): void;
  stop(): void;
}

export interface Kernel {
  /**
   * Looks at a connection four times a second and whenever `soon` is called, until `stop`.
   * @param listener called with what differs from the time before; the first time with everything.
   * @param reached how far the near socket is known to have come. In the table it is at least there,
   * or CLOSED. Absent: it may not be in the table yet, or never be, and then nothing is told.
   */
  watch(pair: Pair, listener: (seen: Seen) => void, reached?: TcpState): KernelWatch;
  /**
   * The sockets that have a port in the way of one who would listen there, the most telling first; none where
   * the table cannot be read.
   * @param at an IP address and a port.
   */
  holders(at: Endpoint): Holder[];
  /** How often the table was read. */
  readonly readings: number;
}

export interface KernelOptions {
  /** Default: the tables of this process's network namespace. */
  tables?: { tcp: string; tcp6: string };
  /** Called once when the table cannot be read any longer; after that nothing is told. */
  onUnavailable?: (reason: string) => void;
}

const TABLES = { tcp: "/proc/net/tcp", tcp6: "/proc/net/tcp6" };

/** These pass: descriptors or memory had run out, or a signal came in between. */
const PASSING = new Set(["EMFILE", "ENFILE", "ENOMEM", "EINTR", "EAGAIN"]);

/** null where the system has no such table, or does not let us read it. */
export function createKernel(options: KernelOptions = {}): Kernel | null {
  const { tables = TABLES, onUnavailable = () => {} } = options;
  try {
    new TableReader().probe(tables.tcp);
    return new LinuxKernel(tables, onUnavailable);
  } catch {
    return null;
  }
}

/** A place in one of the tables where one end of a watched connection may stand. */
interface Place {
  rows: WantedRows;
  key: string;
  found: (socket: KernelSocket) => void;
  /** How often it was looked for in vain while the connection was there. */
  misses: number;
}

/** One `watch`: whom to tell what of which rows. */
interface Watcher {
  watched: Watched;
  listener: (seen: Seen) => void;
  places: Place[];
}

/** A socket stays where it is: where it was not seen so often, it is not looked for again. */
const ENOUGH_MISSES = 2;

class LinuxKernel implements Kernel {
  readings = 0;
  readonly #tables: { tcp: string; tcp6: string };
  readonly #onUnavailable: (reason: string) => void;
  readonly #reader = new TableReader();
  readonly #pace = new Pace(() => this.#look());
  readonly #watchers = new Set<Watcher>();
  readonly #wanted = { tcp: new WantedRows(), tcp6: new WantedRows() };
  #isAvailable = true;

  constructor(tables: { tcp: string; tcp6: string }, onUnavailable: (reason: string) => void) {
    this.#tables = tables;
    this.#onUnavailable = onUnavailable;
  }

  watch(pair: Pair, listener: (seen: Seen) => void, reached?: TcpState): KernelWatch {
    const near = spellingsOf(pair);
    const far = spellingsOf({ local: pair.remote, remote: pair.local });
    if (!near || !far || !this.#isAvailable) return { soon() {}, again() {}, stop() {} };
    const watched = new Watched(performance.now(), reached ?? null);
    const places = [
      ...this.#places(near, watched.foundNear),
      ...this.#places(far, watched.foundFar),
    ];
    const watcher = { watched, listener, places };
    let isStopped = false;
    this.#join(watcher);
    return {
      soon: () => this.#pace.soon(),
      again: (reached) => {
        if (isStopped || !this.#isAvailable) return;
        watched.tellAll(reached);
        this.#join(watcher);
      },
      stop: () => {
        isStopped = true;
        this.#leave(watcher);
      },
    };
  }

  holders(at: Endpoint): Holder[] {
    const rows = new HolderRows(at);
    try {
      this.#reader.read(this.#tables.tcp, 8, rows);
      this.#reader.read(this.#tables.tcp6, 32, rows);
    } catch {
      // A kernel without IPv6, or no descriptor left: what was found is true all the same.
    }
    return rows.holders;
  }

  /** Its rows are wanted, from now on and at once. */
  #join(watcher: Watcher): void {
    this.#watchers.add(watcher);
    for (const { rows, key, found } of watcher.places) rows.add(key, found);
    this.#pace.start();
  }

  #leave(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher)) return;
    for (const { rows, key, found } of watcher.places) rows.remove(key, found);
    if (this.#watchers.size === 0) this.#pace.stop();
  }

  /** An IPv4 socket stands in the one table, an IPv6 socket in the other, also when it talks IPv4. */
  #places({ tcp, tcp6 }: Spellings, offer: (socket: KernelSocket) => void): Place[] {
    const place = (rows: WantedRows, key: string): Place => {
      const found = (socket: KernelSocket) => {
        made.misses = -1;
        offer(socket);
      };
      const made: Place = { rows, key, found, misses: 0 };
      return made;
    };
    const inTcp6 = place(this.#wanted.tcp6, tcp6);
    return tcp ? [place(this.#wanted.tcp, tcp), inTcp6] : [inTcp6];
  }

  /**
   * Once a connection is made, both its sockets are where they will stay, or not on this host at
   * all. A table that nobody is in need not be read: walking through an empty one takes milliseconds.
   */
  #narrow(watcher: Watcher): void {
    for (const place of watcher.places) place.misses++;
    const isAway = ({ misses }: Place) => misses >= ENOUGH_MISSES;
    if (!watcher.places.some(isAway)) return;
    for (const { rows, key, found } of watcher.places.filter(isAway)) rows.remove(key, found);
    watcher.places = watcher.places.filter((place) => !isAway(place));
  }

  #look(): void {
    const at = performance.now();
    try {
      const pieces = this.#read();
      // Between two pieces the table may have changed, so that a row was missed.
      if (pieces > 1 && [...this.#watchers].some(({ watched }) => watched.isMissing)) this.#read();
    } catch (error) {
      return this.#fail(error as NodeJS.ErrnoException);
    }
    for (const watcher of [...this.#watchers]) {
      if (watcher.watched.isConnected) this.#narrow(watcher);
      const seen = watcher.watched.settle(at);
      // An earlier listener may have stopped it.
      if (seen && this.#watchers.has(watcher)) watcher.listener(seen);
      if (watcher.watched.isOver(at)) this.#leave(watcher);
    }
  }

  /** @returns in how many pieces the longer table came. */
  #read(): number {
    this.readings++;
    const { tcp, tcp6 } = this.#wanted;
    const pieces = tcp.size > 0 ? this.#reader.read(this.#tables.tcp, 8, tcp) : 0;
    if (tcp6.size === 0) return pieces;
    try {
      return Math.max(pieces, this.#reader.read(this.#tables.tcp6, 32, tcp6));
    } catch (error) {
      // A kernel without IPv6.
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return pieces;
      throw error;
    }
  }

  #fail(error: NodeJS.ErrnoException): void {
    if (PASSING.has(error.code ?? "")) return;
    this.#isAvailable = false;
    for (const watcher of [...this.#watchers]) this.#leave(watcher);
    this.#onUnavailable(error.message);
  }
}
