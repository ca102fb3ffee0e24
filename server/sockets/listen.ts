/** Listens for a page: binds where that is allowed, and hands on whoever comes, unread. */
import { randomInt } from "node:crypto";
import { createServer, type OnReadOpts, type Server, Socket } from "node:net";
import type { Address } from "../../shared/address.ts";
import { type FailureCode, failureOfCode } from "../../shared/errors.ts";
import type { Endpoint } from "../../shared/protocol.ts";
import type { Serving } from "./serving.ts";

export interface ListenOptions {
  serving: Serving;
  /**
   * Called with each connection that accept(2) gave us. It is paused: nothing was read of it, and
   * nothing is until it is resumed.
   */
  onVisitor: (socket: Socket) => void;
  /** accept(2) failed, as it does while descriptors have run out. It goes on listening. */
  onTrouble?: (error: Error) => void;
}

export interface Listening {
  /** Where it really listens. */
  readonly local: Endpoint;
  /** Frees the port at once. Who was handed on before is not touched. */
  stop(): void;
}

/** It cannot listen. `detail` is a sentence, where there is more to say than the code does. */
export class ListenError extends Error {
  readonly code: FailureCode;
  readonly detail: string;

  constructor(code: FailureCode, detail: string, cause?: unknown) {
    super(`${code} ${detail}`, { cause });
    this.code = code;
    this.detail = detail;
  }
}

/**
 * Connections that the kernel may complete before we have accepted them. We accept at once, so the
 * number that counts for people is the one of the door.
 */
const KERNEL_BACKLOG = 511;
const SCHEMES: ReadonlySet<string> = new Set(["tcp", "tcp6"]);
/** Ports tried at random when the system's own choice is outside the range. */
const TRIES = 64;

/**
 * Binds and listens.
 *
 * libuv sets SO_REUSEADDR, so TIME_WAIT stands in the way only where the socket that left it did not.
 *
 * @param address a port of 0 takes any free one of the range.
 * @throws {ListenError} LISTEN_NOT_ALLOWED or BAD_ADDRESS (nothing was bound), EADDRINUSE, EACCES,
 *   EADDRNOTAVAIL and the system's others.
 */
export async function listen(address: Address, options: ListenOptions): Promise<Listening> {
  const { scheme, port } = address;
  if (!SCHEMES.has(scheme)) {
    throw new ListenError("BAD_ADDRESS", "A page listens on TCP only: write tcp://host:port.");
  }
  const given = address.host === "localhost" && scheme === "tcp6" ? "::1" : address.host;
  const verdict = options.serving.judge(given, port);
  if (!verdict.allowed) throw new ListenError(verdict.code, verdict.reason);
  const { host } = verdict;
  if (scheme === "tcp6" && !host.includes(":")) {
    throw new ListenError("BAD_ADDRESS", "tcp6:// takes an IPv6 address; this is IPv4.");
  }
  return port === 0 ? await listenAnywhere(host, options) : await bind(host, port, options);
}

/** The system's choice, where it fits; else free ports of the range by chance. */
async function listenAnywhere(host: string, options: ListenOptions): Promise<Listening> {
  const { where } = options.serving;
  const { first, last } = where?.ports ?? { first: 1, last: 65_535 };
  const chosen = await bind(host, 0, options);
  const fits = (port: number) =>
    port >= first && port <= last && options.serving.judge(host, port).allowed;
  if (fits(chosen.local.port)) return chosen;
  chosen.stop();
  let failure = new ListenError("EADDRINUSE", "No free port was found.");
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(first, last + 1);
    if (!fits(port)) continue;
    try {
      return await bind(host, port, options);
    } catch (error) {
      failure = error as ListenError;
      if (failure.code !== "EADDRINUSE") break;
    }
  }
  throw failure;
}

async function bind(host: string, port: number, options: ListenOptions): Promise<Listening> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  try {
    await bound(server, host, port);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const failure = failureOfCode(code);
    throw new ListenError(failure, failure === "UNKNOWN" ? message : "", error);
  }
  server.on("error", (error) => options.onTrouble?.(error));
  server.on("connection", options.onVisitor);
  const at = server.address() as { address: string; port: number };
  return {
    local: { host: at.address, port: at.port },
    stop() {
      server.off("connection", options.onVisitor);
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

/** What libuv's handle of a TCP socket can do, as far as we ask it: none of it is promised by Node. */
interface Handle {
  /** The file descriptor; -1 once it is closed, absent on Windows. */
  readonly fd?: number;
  /** getpeername(2): 0, or an errno below 0. */
  getpeername?(out: object): number;
}

const handleOf = (socket: Socket): Handle | null =>
  (socket as unknown as { _handle?: Handle | null })._handle ?? null;

/** The file descriptor of a socket; null where the system does not tell. */
export function descriptorOf(socket: Socket): number | null {
  const fd = handleOf(socket)?.fd;
  return fd !== undefined && fd >= 0 ? fd : null;
}

/**
 * Whether an RST has ended a socket that nobody reads. libuv does not look at a paused one, but
 * getpeername(2) fails once the connection is gone. False where that cannot be asked.
 */
export function wasReset(socket: Socket): boolean {
  if (socket.destroyed) return true;
  return (handleOf(socket)?.getpeername?.({}) ?? 0) < 0;
}

/**
 * Takes over a paused socket that was never read, to read it into memory of ours. `net` gives an
 * accepted socket no `onread`, and its streams read one piece more after pause(), which would be a lie
 * about who has read what. So the handle moves to a new Socket, the way Node itself moves one to another
 * process.
 * @returns the socket to use from now on, paused; what was given is of no use any more.
 */
export function readInto(socket: Socket, onread: OnReadOpts): Socket {
  const handle = handleOf(socket);
  if (!handle || socket.destroyed) return socket;
  (socket as unknown as { _handle: null })._handle = null;
  const options = { handle, onread, allowHalfOpen: true, pauseOnCreate: true };
  return new Socket(options as ConstructorParameters<typeof Socket>[0]);
}
