/** What makes one lesson server differ from the next: how it meets a client and what it does with a read. */

import type { Pair } from "../observe.ts";

/** A client as a lesson sees it. Every call on its socket is told to whoever looks on. */
export interface Client {
  /** The other end, as people write it; "a client gone again" when it was too quick. */
  readonly name: string;
  /** Both ends, `local` the server's; null when it was too quick. */
  readonly pair: Pair | null;
  /** Takes one line that repeats what was read, without its line ending. Called often: it must not wait. */
  readonly log: (line: string) => void;
  /** @returns false when the kernel has not taken all of it yet: `drained` or the next read follows. */
  send(bytes: string | Uint8Array): boolean;
  /** Goes on reading where `heard` has said not to. */
  readOn(): void;
  /** Sends the last words and FIN after what was answered before. A lesson that never reads closes. */
  hangUp(lastWords?: string): void;
  /** Ends both directions at once with RST, and no FIN before it. */
  reset(): void;
}

/** What a lesson does with one client. */
export interface Manners {
  /**
   * What one recv(2) gave, at least one byte.
   * @returns false to read no further before `readOn`, which is called by itself once the kernel has
   *   taken all that was sent, unless there is a `drained`.
   */
  heard(bytes: Buffer): boolean;
  /** The kernel has taken all that was sent, after a `send` that returned false. */
  drained?(): void;
  /** The client's end was read, b"", and all before it was heard. Left out: hang up. */
  ended?(): void;
  /** The socket is closed, however that came. */
  gone?(): void;
}

export interface Rules {
  /** The most one read takes, in bytes; 0: it never reads, and so never sees a client's end either. */
  readonly readBytes: number;
  /** Each send leaves at once, also while an earlier one is unacknowledged (TCP_NODELAY). */
  readonly noDelay?: boolean;
  /** A client was accepted. */
  meet(client: Client): Manners;
}
