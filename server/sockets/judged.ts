/** From a target's host to the numbers that may be dialled: looked up once, every answer judged. */
import { promises as dns } from "node:dns";
import { isIP } from "node:net";
import type { Address } from "../../shared/address.ts";
import { detailOfCode, failureOfCode } from "../../shared/errors.ts";
import { DialError, type Limit } from "./limit.ts";
import type { Policy, Verdict } from "./policy.ts";

/** 0: both families. */
export type Family = 0 | 4 | 6;

export interface LookupOptions {
  policy: Pick<Policy, "judgeHost" | "judge">;
  /** Default: getaddrinfo(3), every answer in the system's order. */
  resolve?: (host: string, family: Family) => Promise<string[]>;
}

/**
 * The numbers to dial, in order, all of them allowed.
 * @throws {DialError} BAD_ADDRESS, NOT_ALLOWED, ENOTFOUND, EAI_AGAIN, CANCELLED.
 */
export async function findAllowed(
  address: Address,
  options: LookupOptions,
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

/** Whatever was thrown on the way to a connection, as the error that a dial ends in. */
export function dialError(error: unknown, where?: string): DialError {
  if (error instanceof DialError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const failure = failureOfCode(code);
  const detail = failure === "UNKNOWN" ? message : detailOfCode(code);
  return new DialError(failure, detail, where, error);
}
