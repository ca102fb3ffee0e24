/** Opens one TCP connection: look up once, judge every answer, dial what was judged. */
import { promises as dns } from "node:dns";
import {
  isIP,
  connect as netConnect,
  type OnReadOpts,
  type Socket,
  type TcpNetConnectOpts,
} from "node:net";
import { type Address, formatEndpoint } from "../../shared/address.ts";
import { failureOfCode } from "../../shared/errors.ts";
import type { Endpoint } from "../../shared/protocol.ts";
import type { Pair } from "../observe.ts";
import { DialError, Limit } from "./limit.ts";
import { sameNumber } from "./numbers.ts";
import type { Policy, Verdict } from "./policy.ts";

export { DialError };

/** 0: both families. */
export type Family = 0 | 4 | 6;

export interface DialOptions {
  policy: Pick<Policy, "judgeHost" | "judge">;
  /** For everything together: looking up the name and trying each address. Milliseconds. */
  timeoutMs: number;
  /** Aborting destroys what was begun and rejects with CANCELLED. */
  signal?: AbortSignal;
  /** Default: getaddrinfo(3), every answer in the system's order. */
  resolve?: (host: string, family: Family) => Promise<string[]>;
  /** Default: `net.connect`. */
  connect?: (options: TcpNetConnectOpts) => Socket;
  /** Told what each connect(2) was called with: from which address, to which. */
  onAttempt?: (pair: Pair) => void;
  /** Buffers to read into, handed to `net.connect` as they are. */
  onread?: OnReadOpts;
}

/**
 * Connects to an address the policy allows.
 *
 * `net.connect` is never given a name: it would look it up itself, after the judgement. Nagle's
 * algorithm stays as the system has it, and the other end's FIN does not end our direction.
 *
 * @returns a connected socket. It has no listeners yet: add `error` before the next turn of the loop.
 * @throws {DialError} BAD_ADDRESS, NOT_ALLOWED (nothing was dialled), CONNECT_TIMEOUT, CANCELLED,
 *   ENOTFOUND, EAI_AGAIN, ECONNREFUSED and the system's others.
 */
export async function dial(address: Address, options: DialOptions): Promise<Socket> {
  const limit = new Limit(options.timeoutMs, options.signal);
  try {
    limit.check();
    const answers = await findAllowed(address, options, limit);
    return await dialInTurn(answers, address.port, options, limit);
  } finally {
    limit.release();
  }
}

/** The numbers to dial, in order, all of them allowed. */
async function findAllowed(
  address: Address,
  options: DialOptions,
  limit: Limit,
): Promise<string[]> {
  const { policy, resolve = lookup } = options;
  const { host, port } = address;
  insist(policy.judgeHost(host, port));
  const family: Family = address.scheme === "tcp6" ? 6 : 0;
  const isLiteral = isIP(host) !== 0;
  if (isLiteral && family === 6 && isIP(host) !== 6) {
    throw new DialError("BAD_ADDRESS", "tcp6:// takes an IPv6 address or a name; this is IPv4.");
  }
  const answers = isLiteral
    ? [host]
    : await limit.during(
        lookedUp(() => resolve(host, family)),
        "EAI_AGAIN",
      );
  // One forbidden answer condemns them all: a name that points both outside and inside is a trap.
  for (const ip of answers) insist(policy.judge(ip, port, isLiteral ? undefined : host));
  const usable = [...new Set(answers)].filter((ip) => family === 0 || isIP(ip) === family);
  if (usable.length === 0) throw new DialError("ENOTFOUND", "");
  return usable;
}

function insist(verdict: Verdict): void {
  if (!verdict.allowed) throw new DialError(verdict.code, verdict.reason);
}

async function lookup(host: string, family: Family): Promise<string[]> {
  const answers = await dns.lookup(host, { all: true, verbatim: true, family });
  return answers.map((answer) => answer.address);
}

async function lookedUp(resolve: () => Promise<string[]>): Promise<string[]> {
  try {
    return await resolve();
  } catch (error) {
    throw dialError(error);
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

/**
 * Settles with the socket's first word, and takes its listeners off again. They stay on a socket
 * that was given up until its "close", so that no late error is without a listener.
 */
function connected(socket: Socket, where: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      socket.off("connect", onConnect).off("error", onError).off("close", onClose);
      act();
    };
    const onConnect = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(dialError(error, where)));
    const onClose = () => settle(() => reject(new DialError("CANCELLED", "", where)));
    socket.on("connect", onConnect).on("error", onError).on("close", onClose);
  });
}

function checkRemote(socket: Socket, ip: string, where: string): void {
  const remote = socket.remoteAddress;
  // getpeername(2) fails when an RST came in before we could look.
  if (remote === undefined) throw new DialError("ECONNRESET", "", where);
  if (!sameNumber(remote, ip)) {
    throw new DialError("NOT_ALLOWED", `The connection led to ${remote} instead of ${ip}.`, where);
  }
}

function dialError(error: unknown, where?: string): DialError {
  if (error instanceof DialError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const failure = failureOfCode(code);
  return new DialError(failure, failure === "UNKNOWN" ? message : "", where, error);
}
