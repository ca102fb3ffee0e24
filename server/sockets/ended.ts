/** How the other side has ended a connection: libuv tells a reset that comes together with bytes as their end. */
import { isIP, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";

const NOTHING = Buffer.alloc(0);

/**
 * Listens to the `end` of a socket, and tells of those that were a FIN. After a reset the socket fails instead,
 * as it does after any other: `error` with ECONNRESET, and `close`.
 *
 * A short read with POLLHUP is the end to libuv (uv__stream_io), also where an RST was the reason and its error waits
 * to be fetched. send(2) fetches it, also with nothing to send. Where the FIN was here before the RST, it
 * is EPIPE (tcp_reset in net/ipv4/tcp_input.c of Linux): both are told then, in this order.
 * Once our direction has ended there is no send(2) any more, and the end is told as it came.
 */
export function onFin(socket: Duplex, told: () => void): void {
  socket.on("end", () => {
    if (!isTcp(socket) || socket.writableEnded || socket.destroyed) return told();
    // What waits to be sent meets the error by itself, in this turn of the loop.
    if (socket.writableLength > 0) {
      setImmediate(() => socket.destroyed || told());
      return;
    }
    socket.write(NOTHING, (error) => {
      if (!error || (error as NodeJS.ErrnoException).code === "EPIPE") told();
    });
  });
}

/** TLS says by itself how it ended, and a Unix socket's peer that is gone takes nothing more, however it went. */
function isTcp(socket: Duplex): boolean {
  if (!(socket instanceof Socket) || socket instanceof TLSSocket) return false;
  return isIP(socket.remoteAddress ?? "") !== 0;
}
