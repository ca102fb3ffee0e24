/** Lets go of a socket as rudely as its kind can: RST where there is TCP. */
import { isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The TCP connection below a TLS socket. */
const below = new WeakMap<Duplex, Socket>();

/** Says that `socket` speaks TLS on `tcp`. */
export function remember(socket: Duplex, tcp: Socket): void {
  below.set(socket, tcp);
}

/** The TCP socket itself, or the one below TLS; null for sockets of other kinds. */
export function tcpOf(socket: Duplex): Socket | null {
  const tcp = below.get(socket) ?? socket;
  // The other end's address is gone with the connection; ours stays.
  return tcp instanceof Socket && isIP(tcp.localAddress ?? "") !== 0 ? tcp : null;
}

/**
 * RST for TCP, also below TLS. A Unix socket is closed: its other end reads ECONNRESET where it had
 * sent what was not read here, and else the end (unix(7)). A datagram socket just closes.
 */
export function resetSocket(socket: Duplex): void {
  const tcp = tcpOf(socket);
  if (tcp) tcp.resetAndDestroy();
  else socket.destroy();
}
