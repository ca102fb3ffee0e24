/** Listens on TCP for a page: binds where that is allowed, and hands on whoever comes, unread. */
import { createServer, type OnReadOpts, type Server, Socket } from "node:net";
import type { Address } from "../../shared/address.ts";
import type { Endpoint } from "../../shared/protocol.ts";
import type { Pair } from "../observe.ts";
import {
  bindAllowed,
  type Caller,
  ListenError,
  type Listening,
  type ListenOptions,
  listenError,
  plainHost,
} from "./bind.ts";
import { handleOf, isDisconnected } from "./handle.ts";

/**
 * Connections that the kernel may complete before we have accepted them. We accept at once, so the
 * number that counts for people is the one of the door.
 */
const KERNEL_BACKLOG = 511;
const SCHEMES: ReadonlySet<string> = new Set(["tcp", "tcp6"]);

/**
 * Binds and listens.
 *
 * libuv sets SO_REUSEADDR, so TIME_WAIT stands in the way only where the socket that left it did not.
 *
 * @throws {ListenError} as bindAllowed() does.
 */
export async function listen(address: Address, options: ListenOptions): Promise<Listening> {
  if (!SCHEMES.has(address.scheme)) {
    const detail = "A page listens on TCP or UDP: write tcp://host:port, or udp://host:port.";
    throw new ListenError("BAD_ADDRESS", detail);
  }
  return await bindAllowed(address, bind, options);
}

async function bind(host: string, port: number, options: ListenOptions): Promise<Listening> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  try {
    await bound(server, host, port);
  } catch (error) {
    throw listenError(error);
  }
  const onConnection = (socket: Socket) => options.onCaller(new TcpCaller(socket));
  server.on("error", (error) => options.onTrouble?.(error));
  server.on("connection", onConnection);
  const at = server.address() as { address: string; port: number };
  return {
    local: { host: at.address, port: at.port },
    stop() {
      server.off("connection", onConnection);
      // close(2) of the listening socket happens in this call.
      server.close();
    },
  };
}

function bound(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port, backlog: KERNEL_BACKLOG, exclusive: true }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

/** A connection that accept(2) gave us, paused. */
class TcpCaller implements Caller {
  readonly transport = "tcp";
  readonly pair: Pair | null;
  readonly heldBytes = null;
  readonly mayEnter = true;
  onHeld = null;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.pair = pairOf(socket);
    // What is written to nobody cannot fail; a reset of our own may.
    socket.on("error", ignore);
  }

  get fd(): number | null {
    const fd = handleOf(this.#socket)?.fd;
    return fd !== undefined && fd >= 0 ? fd : null;
  }

  /**
   * libuv does not look at a paused socket that an RST has ended, but getpeername(2) fails once the
   * connection is gone. False where that cannot be asked.
   */
  hasLeft(): boolean {
    if (this.#socket.destroyed) return true;
    return isDisconnected(this.#socket);
  }

  turnAway(): void {
    this.#socket.resetAndDestroy();
  }

  take(onread: OnReadOpts): Socket {
    this.#socket.off("error", ignore);
    return readInto(this.#socket, onread);
  }
}

const ignore = (): void => {};

function pairOf({ localAddress, localPort, remoteAddress, remotePort }: Socket): Pair | null {
  if (!localAddress || !localPort || !remoteAddress || !remotePort) return null;
  const end = (host: string, port: number): Endpoint => ({ host: plainHost(host), port });
  return { local: end(localAddress, localPort), remote: end(remoteAddress, remotePort) };
}

/**
 * Takes over a paused socket that was never read, to read it into memory of ours. `net` gives an
 * accepted socket no `onread`, and its streams read one piece more after pause(), which would be a lie
 * about who has read what. So the handle moves to a new Socket, the way Node itself moves one to another
 * process.
 * @returns the socket to use from now on, paused; what was given is of no use any more.
 */
function readInto(socket: Socket, onread: OnReadOpts): Socket {
  const handle = handleOf(socket);
  if (!handle || socket.destroyed) return socket;
  (socket as unknown as { _handle: null })._handle = null;
  const options = { handle, onread, allowHalfOpen: true, pauseOnCreate: true };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]);
}
