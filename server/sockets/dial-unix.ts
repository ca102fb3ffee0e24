/** Opens a Unix stream socket at a path that the policy allows. */
import { connect, type OnReadOpts, type Socket } from "node:net";
import { connected } from "./connected.ts";
import { DialError, type Limit } from "./limit.ts";
import type { Policy } from "./policy.ts";

export interface UnixOptions {
  /** Without `judgeUnix` no Unix socket is allowed. */
  policy: Partial<Pick<Policy, "judgeUnix">>;
  onread?: OnReadOpts;
}

/**
 * Connects to what the path leads to. There are no packets and no states: connect(2) puts both ends
 * together at once, or says no.
 * @throws {DialError} NOT_ALLOWED, BAD_ADDRESS, ENOENT, EACCES, ECONNREFUSED, EAGAIN, EPROTOTYPE.
 */
export async function dialUnix(path: string, options: UnixOptions, limit: Limit): Promise<Socket> {
  const verdict = options.policy.judgeUnix?.(path);
  if (!verdict) throw new DialError("NOT_ALLOWED", "");
  if (!verdict.allowed) throw new DialError(verdict.code, verdict.reason);
  const { onread } = options;
  const socket = connect({ path: verdict.path, allowHalfOpen: true, ...(onread && { onread }) });
  try {
    await limit.during(connected(socket, path), "CONNECT_TIMEOUT", path);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}
