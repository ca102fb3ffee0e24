/**
 * Speaks TLS on a connection that was dialled and judged as any other. The certificate is always
 * checked, and no byte goes out inside TLS before it has passed.
 */
import { isIP, type OnReadOpts, type Socket } from "node:net";
import { connect, type SecureContext, type TLSSocket } from "node:tls";
import { type Address, formatEndpoint } from "../../shared/address.ts";
import type { Certificate } from "../../shared/protocol.ts";
import { shownBy } from "./certificate.ts";
import { dialError } from "./judged.ts";
import { DialError, type Limit } from "./limit.ts";
import { remember } from "./reset.ts";

export interface TlsOptions {
  trust?: SecureContext | undefined;
  onread?: OnReadOpts;
  onTls?: (shown: Certificate) => void;
}

/**
 * The handshake, with the host's name as SNI (RFC 6066 section 3: never a number) and no ALPN.
 * @param tcp connected, and read by nobody.
 * @returns a paused TLS socket: `resume` it once it has its listeners.
 * @throws {DialError} TLS_TIMEOUT, TLS_ENDED, ECONNRESET, CANCELLED and the reasons of TLS.
 */
export async function secure(
  tcp: Socket,
  { host, port }: Address,
  options: TlsOptions,
  limit: Limit,
): Promise<TLSSocket> {
  const { trust, onread, onTls } = options;
  const where = formatEndpoint({ host, port });
  const socket = connect({
    socket: tcp,
    // Of a number the certificate has to name that number (RFC 6125 section 1.7.2, RFC 5280).
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(trust && { secureContext: trust }),
    rejectUnauthorized: true,
  });
  // What happens to the connection below is told by the TLS socket above it.
  tcp.on("error", () => {});
  remember(socket, tcp);
  try {
    await limit.during(handshake(socket, where, onTls), "TLS_TIMEOUT", where);
  } catch (error) {
    socket.destroy();
    tcp.destroy();
    throw error;
  }
  socket.pause();
  if (onread) feed(socket, onread);
  return socket;
}

function handshake(socket: TLSSocket, where: string, onTls: TlsOptions["onTls"]): Promise<void> {
  return new Promise((resolve, reject) => {
    let shown: Certificate | null = null;
    // Before Node judges the certificate: it can no longer be read of a socket that was given up.
    socket.prependOnceListener("secure", () => {
      shown = shownBy(socket, false);
    });
    const settle = (act: () => void, trusted?: boolean) => {
      socket.off("secureConnect", onSecure).off("error", onError).off("close", onClose);
      if (shown && trusted !== undefined) onTls?.({ ...shown, trusted });
      act();
    };
    const onSecure = () => settle(resolve, true);
    const onError = (error: Error) => settle(() => reject(tlsError(error, where)), false);
    const onClose = () => settle(() => reject(new DialError("TLS_ENDED", "", where)));
    socket.on("secureConnect", onSecure).on("error", onError).on("close", onClose);
  });
}

/** A FIN in the handshake has ECONNRESET too, but no system call that failed. */
function tlsError(error: NodeJS.ErrnoException, where: string): DialError {
  if (error.code === "ECONNRESET" && error.syscall === undefined)
    return new DialError("TLS_ENDED", "", where, error);
  return dialError(error, where);
}

/**
 * Reads into the buffers of `onread`, as `net.connect` would: a TLS socket made on top of another takes
 * none. When they say to stop, the socket is paused until somebody resumes it.
 */
function feed(socket: TLSSocket, { buffer, callback }: OnReadOpts): void {
  socket.on("data", (chunk: Buffer) => {
    for (let start = 0; start < chunk.length; ) {
      const room = typeof buffer === "function" ? buffer() : buffer;
      const length = chunk.copy(room, 0, start);
      start += length;
      if (callback(length, room) === false) socket.pause();
    }
  });
}
