/** Several sends on one WebSocket as one write: each write is a system call, and wakes the other end. */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";

/** ws does not show the socket it writes to; whoever upgraded it knows. */
const sockets = new WeakMap<WebSocket, Duplex>();

/** Remembers which connection a WebSocket was made of. */
export function tie(ws: WebSocket, socket: Duplex): void {
  sockets.set(ws, socket);
}

/** Runs `send`; what it sends on `ws` leaves together. */
export function together(ws: WebSocket, send: () => void): void {
  const socket = sockets.get(ws);
  socket?.cork();
  try {
    send();
  } finally {
    socket?.uncork();
  }
}
