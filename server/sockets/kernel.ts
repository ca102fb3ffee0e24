/** What the kernel's table says of a connection's own two sockets, and of nobody else's. */
import type { KernelSocket } from "../../shared/tcp.ts";
import type { Pair } from "../observe.ts";

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
  stop(): void;
}

export interface Kernel {
  /**
   * Looks at a connection four times a second and whenever `soon` is called, until `stop`.
   * @param listener called with what differs from the time before; the first time with everything.
   */
  watch(pair: Pair, listener: (seen: Seen) => void): KernelWatch;
}

/** null where the system has no such table. */
export function createKernel(): Kernel | null {
  return null;
}
