/**
 * Opens one stream to a target: look up once, judge every answer, dial what was judged. Of TLS this is
 * the connection below it; what is special about TLS and about Unix sockets has its own file.
 */
import {
  isIP,
  connect as netConnect,
  type OnReadOpts,
  type Socket,
  type TcpNetConnectOpts,
} from "node:net";
import type { SecureContext } from "node:tls";
import { type Address, formatEndpoint } from "../../shared/address.ts";
import type { Certificate, Endpoint } from "../../shared/protocol.ts";
import type { Pair } from "../observe.ts";
import { connected } from "./connected.ts";
import { secure } from "./dial-tls.ts";
import { dialUnix } from "./dial-unix.ts";
import { dialError, type Family, findAllowed, type LookupOptions } from "./judged.ts";
import { DialError, Limit } from "./limit.ts";
import { sameNumber } from "./numbers.ts";
import type { Policy } from "./policy.ts";

export { DialError, type Family };

export interface DialOptions extends LookupOptions {
  policy: LookupOptions["policy"] & Partial<Pick<Policy, "judgeUnix">>;
  /** For everything together: looking up the name and trying each address. Milliseconds. */
  timeoutMs: number;
  /** Aborting destroys what was begun and rejects with CANCELLED. */
  signal?: AbortSignal;
  /** Default: `net.connect`. */
  connect?: (options: TcpNetConnectOpts) => Socket;
  /** Told what each connect(2) was called with: from which address, to which. */
  onAttempt?: (pair: Pair) => void;
  /** Buffers to read into, handed to `net.connect` as they are. */
  onread?: OnReadOpts;
  /** Whom TLS is to trust. Default: Node's own list of authorities. */
  trust?: SecureContext | undefined;
  /** Told what the TLS handshake showed, before it is known here whether that will do. */
  onTls?: (shown: Certificate) => void;
}

/**
 * Connects to an address the policy allows.
 *
 * `net.connect` is never given a name: it would look it up itself, after the judgement. Nagle's
 * algorithm stays as the system has it, and the other end's FIN does not end our direction.
 *
 * @returns a connected socket. It has no listeners yet: add `error` before the next turn of the loop.
 * @throws {DialError} BAD_ADDRESS, NOT_ALLOWED (nothing was dialled), CONNECT_TIMEOUT, CANCELLED,
 *   ENOTFOUND, EAI_AGAIN, ECONNREFUSED and the system's others; of Unix sockets ENOENT, EAGAIN; of TLS
 *   those that begin with TLS_.
 */
export async function dial(address: Address, options: DialOptions): Promise<Socket> {
  const limit = new Limit(options.timeoutMs, options.signal);
  try {
    limit.check();
    if (address.scheme === "unix") return await dialUnix(address.host, options, limit);
    const answers = await findAllowed(address, options, limit);
    if (address.scheme !== "tls") return await dialInTurn(answers, address.port, options, limit);
    // Read by TLS, which hands on what was inside.
    const { onread: _, ...plain } = options;
    const tcp = await dialInTurn(answers, address.port, plain, limit);
    return await secure(tcp, address, options, limit);
  } finally {
    limit.release();
  }
}

/** Tries each address; the last one's failure is the answer when all fail. */
async function dialInTurn(
  answers: string[],
  port: number,
  options: DialOptions,
  limit: Limit,
): Promise<Socket> {
  let failure = new DialError("ENOTFOUND", "");
  for (const [index, ip] of answers.entries()) {
    // A fair share of the time that is left, so that a silent address does not use up the others'.
    const share = limit.remainingMs / (answers.length - index);
    try {
      return await attempt(ip, port, share, options, limit);
    } catch (error) {
      failure = dialError(error);
      if (failure.code === "CANCELLED" || limit.remainingMs <= 0) throw failure;
    }
  }
  throw failure;
}

/** One connect(2) to one number. */
async function attempt(
  ip: string,
  port: number,
  shareMs: number,
  options: DialOptions,
  limit: Limit,
): Promise<Socket> {
  const { connect = netConnect, onread } = options;
  const where = formatEndpoint({ host: ip, port });
  limit.check(where);
  const socket = connect({
    host: ip,
    port,
    family: isIP(ip),
    allowHalfOpen: true,
    autoSelectFamily: false,
    ...(onread && { onread }),
  });
  // net calls connect(2) on the next tick, before this one; the answer comes in a later turn of the loop.
  const { onAttempt } = options;
  if (onAttempt) process.nextTick(tellAttempt, socket, { host: ip, port }, onAttempt);
  try {
    await limit.during(connected(socket, where), "CONNECT_TIMEOUT", where, shareMs);
    checkRemote(socket, ip, where);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** Says from where to where; nothing where the system binds the socket only later, or it is gone. */
function tellAttempt(socket: Socket, remote: Endpoint, tell: (pair: Pair) => void): void {
  const { localAddress, localPort } = socket;
  if (localAddress && localPort) tell({ local: { host: localAddress, port: localPort }, remote });
}

function checkRemote(socket: Socket, ip: string, where: string): void {
  const remote = socket.remoteAddress;
  // getpeername(2) fails when an RST came in before we could look.
  if (remote === undefined) throw new DialError("ECONNRESET", "", where);
  if (!sameNumber(remote, ip)) {
    throw new DialError("NOT_ALLOWED", `The connection led to ${remote} instead of ${ip}.`, where);
  }
}
