/**
 * Reads an upgraded connection into memory of our own. Node offers that for sockets one makes
 * (`onread` of `net.Socket`) and not for those a server accepts; there every read is given 64 KiB
 * of fresh memory, and giving it costs several times what moving the bytes does.
 */
import { type OnReadOpts, Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The part of Node's own handle that `onread` is built on. Not documented, so it is asked for. */
interface Handle {
  useUserBuffer(buffer: Uint8Array): void;
}

export interface Adopted {
  socket: Duplex;
  /** What had been read already. */
  early: Buffer;
}

/**
 * Moves a connection to a socket that reads through `onread`.
 * @param socket accepted by a server, with nobody reading it. When the new one closes, it does.
 * @returns null when it cannot be done (TLS, another Node): `socket` is then as it was.
 */
export function adopt(socket: Duplex, onread: OnReadOpts): Adopted | null {
  const holder = socket as Duplex & { _handle?: Partial<Handle> | null };
  const handle = holder._handle;
  const isPlain: boolean = Object.getPrototypeOf(socket) === Socket.prototype;
  if (!isPlain || typeof handle?.useUserBuffer !== "function") return null;
  const early = (socket.read() as Buffer | null) ?? Buffer.alloc(0);
  holder._handle = null;
  const options = { handle, onread, allowHalfOpen: true };
  const adopted = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  // Whoever counts connections waits for the "close" of the one it knows.
  adopted.once("close", () => socket.destroy());
  return { socket: adopted, early };
}
