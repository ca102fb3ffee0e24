/** What libuv's handle of a TCP socket can tell, as far as we ask it: none of it is promised by Node. */
import type { Socket } from "node:net";

export interface Handle {
  /** The file descriptor; -1 once it is closed, absent on Windows. */
  readonly fd?: number;
  /** getpeername(2): 0, or an errno below 0. */
  getpeername?(out: object): number;
}

export const handleOf = (socket: Socket): Handle | null =>
  (socket as unknown as { _handle?: Handle | null })._handle ?? null;

/**
 * Whether the kernel has let go of the connection: after an RST, or once both directions have ended.
 * getpeername(2) fails then. False where that cannot be asked.
 */
export const isDisconnected = (socket: Socket): boolean =>
  (handleOf(socket)?.getpeername?.({}) ?? 0) < 0;
