/** How the other side has ended a connection: libuv tells a reset that comes together with bytes as their end. */
import type { Duplex } from "node:stream";
import { isDisconnected } from "./handle.ts";
import { tcpOf } from "./reset.ts";

const NOTHING = Buffer.alloc(0);

/**
 * Listens to the `end` of a socket, and tells of those that were a FIN. After a reset the socket fails instead,
 * as it does after any other: `error` with ECONNRESET, and `close`. Where a FIN had come before the reset,
 * both are told, in this order.
 *
 * A short read with POLLHUP is the end to libuv (uv__stream_io), also where an RST was the reason and its error waits
 * to be fetched. After a FIN alone the connection is still there as long as ours has not been sent; without
 * one it was reset. Once our direction has ended, the end is told as it came.
 */
export function onFin(socket: Duplex, told: () => void): void {
  const tcp = tcpOf(socket);
  socket.on("end", () => {
    if (!tcp || socket.destroyed || socket.writableFinished || !isDisconnected(tcp)) return told();
    // What waits to be sent fetches the error by itself, in this turn of the loop.
    if (tcp === socket && socket.writableLength > 0) return void tellBeforeError(socket, told);
    if (tcp !== socket || socket.writableEnded) return void socket.destroy(reset());
    socket.write(NOTHING, (error) => {
      if (hadFin(error)) told();
      socket.destroy(reset());
    });
  });
}

/** send(2) says EPIPE where the reset met a connection that a FIN had half closed (tcp_reset of Linux). */
const hadFin = (error: NodeJS.ErrnoException | null | undefined): boolean =>
  error?.code === "EPIPE";

function tellBeforeError(socket: Duplex, told: () => void): void {
  socket.prependOnceListener("error", (error) => {
    if (hadFin(error)) told();
  });
}

const reset = (): Error =>
  Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
