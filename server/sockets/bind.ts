/** Where a page's listening socket is bound, whatever its kind: what is allowed, and which port is free. */
import { randomInt } from "node:crypto";
import type { OnReadOpts } from "node:net";
import type { Duplex } from "node:stream";
import { type Address, transportOf } from "../../shared/address.ts";
import { type FailureCode, failureOfCode } from "../../shared/errors.ts";
import type { Endpoint } from "../../shared/protocol.ts";
import type { Pair } from "../observe.ts";
import type { DatagramCounts } from "./datagrams.ts";
import type { Serving } from "./serving.ts";

/** Somebody who has come to a listening socket, and whom nobody has read. */
export interface Caller {
  /**
   * tcp: a connection of its own, which the kernel knows and whose two ports are its name. udp: an
   * address that a datagram came from, and no more.
   */
  readonly transport: "tcp" | "udp";
  /** `local` is the listener's end. null: gone already. */
  readonly pair: Pair | null;
  /** The file descriptor of a socket of its own; null where it has none, or the system does not tell. */
  readonly fd: number | null;
  /** Bytes that this process holds of it; null: what is unread is in the kernel's queue. */
  readonly heldBytes: number | null;
  /** False where whoever answers might answer a forged address. */
  readonly mayEnter: boolean;
  /** Called when `heldBytes` has changed. */
  onHeld: (() => void) | null;
  /** Whether it ended what it began, so that there is nobody to take in. */
  hasLeft(): boolean;
  /** Sends it away as its kind can: RST where there is TCP; of UDP nobody is told. */
  turnAway(): void;
  /**
   * Makes a stream of it that reads into memory of ours; the caller is of no use any more.
   * @returns paused.
   */
  take(onread: OnReadOpts, onCounts: (counts: DatagramCounts) => void): Duplex;
}

export interface ListenOptions {
  serving: Serving;
  /** Called with each who comes. Nothing was read of it, and nothing is until it is taken and resumed. */
  onCaller: (caller: Caller) => void;
  /** The system could not hand on what came. It goes on listening. */
  onTrouble?: (error: Error) => void;
}

export interface Listening {
  /** Where it really listens. */
  readonly local: Endpoint;
  /** Frees the port at once. Who came with a connection of its own and was handed on is not touched. */
  stop(): void;
}

/** Binds one address that is allowed. Port 0: the system's choice. */
export type Bind = (host: string, port: number, options: ListenOptions) => Promise<Listening>;

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

/** Ports tried at random when the system's own choice is outside the range. */
const TRIES = 64;

/**
 * Binds where a page may listen.
 *
 * @param address a port of 0 takes any free one of the range.
 * @throws {ListenError} LISTEN_NOT_ALLOWED or BAD_ADDRESS (nothing was bound), EADDRINUSE, EACCES,
 *   EADDRNOTAVAIL and the system's others.
 */
export async function bindAllowed(
  address: Address,
  bind: Bind,
  options: ListenOptions,
): Promise<Listening> {
  const { scheme, port } = address;
  const verdict = options.serving.judge(wantedAt(address).host, port);
  if (!verdict.allowed) throw new ListenError(verdict.code, verdict.reason);
  const { host } = verdict;
  if (scheme === "tcp6" && !host.includes(":")) {
    throw new ListenError("BAD_ADDRESS", "tcp6:// takes an IPv6 address; this is IPv4.");
  }
  return port === 0 ? await bindAnywhere(host, bind, options) : await bind(host, port, options);
}

/** The IP address and the port that somebody who writes this wants; a name that is none of ours stays one. */
export function wantedAt({ scheme, host, port }: Address): Endpoint {
  const local = scheme === "tcp6" ? "::1" : "127.0.0.1";
  return { host: host === "localhost" ? local : host, port };
}

/** What the system said against it. */
export function listenError(error: unknown): ListenError {
  const { code, message } = error as NodeJS.ErrnoException;
  const failure = failureOfCode(code);
  return new ListenError(failure, failure === "UNKNOWN" ? message : "", error);
}

/** An IPv4 address as a socket on `::` writes it, in its own spelling (RFC 4291 section 2.5.5.2). */
export const plainHost = (host: string): string => host.replace(/^::ffff:(?=\d+\.)/i, "");

/** Whether what listens there has connections: UDP has none. */
export const hasConnections = (address: Address): boolean => transportOf(address) !== "udp";

/** The system's choice, where it fits; else free ports of the range by chance. */
async function bindAnywhere(host: string, bind: Bind, options: ListenOptions): Promise<Listening> {
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
