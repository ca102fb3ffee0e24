/** Lets go of a socket as rudely as its kind can: RST where there is TCP. */
import { isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The TCP connection below a TLS socket. */
const below = new WeakMap<Duplex, Socket>();

/** Says that `socket` speaks TLS on `tcp`. */
export function remember(socket: Duplex, tcp: Socket): void {
  below.set(socket, tcp);
}

/**
 * RST for TCP, also below TLS. A Unix socket is closed: its other end reads ECONNRESET where it had
 * sent what was not read here, and else the end (unix(7)). A datagram socket just closes.
 */
export function resetSocket(socket: Duplex): void {
  const tcp = below.get(socket) ?? socket;
  if (tcp instanceof Socket && isIP(tcp.remoteAddress ?? "") !== 0) tcp.resetAndDestroy();
  else tcp.destroy();
}
