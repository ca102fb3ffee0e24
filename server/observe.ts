/**
 * What the program at the far end of a connection does, where that program is a server of this
 * process or another page. They publish their socket calls here, keyed by the pair of addresses that
 * only their connection has; a channel whose socket is the other end of that pair may follow them.
 */
import { performance } from "node:perf_hooks";
import type { Endpoint } from "../shared/protocol.ts";

/** The two ends of a connection, seen from one of them. */
export interface Pair {
  local: Endpoint;
  remote: Endpoint;
}

/** A call that has returned. `bytes` of recv and send; a recv of 0 is the end of the stream. */
export interface SocketCall {
  call: "connect" | "accept" | "recv" | "send" | "shutdown" | "close" | "reset";
  bytes?: number;
  /** How many calls these are together; absent: one. */
  calls?: number;
  /** When it returned: performance.now() of this process. */
  at: number;
}

export interface Observer {
  /**
   * Says that the socket with this pair made a call just now. The same object each time is quickest.
   * A connection begins with its connect or accept and is over after its close or reset.
   */
  publish(pair: Pair, call: SocketCall["call"], bytes?: number): void;
  /**
   * Follows the socket at the other end of `pair`. What it did before comes at once, in order.
   * @param since when connect(2) was called, by performance.now(): what is older was done on an
   *   earlier connection between the same two ports. Default: nothing is too old.
   * @returns stops following.
   */
  follow(pair: Pair, listener: Listener, since?: number): () => void;
}

type Listener = (call: SocketCall) => void;

interface Follower {
  listener: Listener;
  /** Its first call has come: what follows belongs to it. */
  begun: boolean;
}

/**
 * Calls kept of a connection that nobody follows. Whoever is connected follows within one turn of the
 * event loop, so more of them are those of another program's connection.
 */
const UNFOLLOWED_CALLS = 64;
/** Connections nobody follows, at most; the oldest are forgotten first. */
const UNFOLLOWED_PAIRS = 256;

export function createObserver(): Observer {
  const followers = new Map<string, Follower>();
  /** Of connections nobody follows, from their first call on and in that order. */
  const unfollowed = new Map<string, SocketCall[]>();
  return {
    publish(pair, call, bytes) {
      const key = keyOf(pair);
      const follower = followers.get(key);
      if (!follower && !isFirst(call) && !unfollowed.has(key)) return;
      const made: SocketCall = {
        call,
        at: performance.now(),
        ...(bytes !== undefined && { bytes }),
      };
      // A pair is used again once its connection is over: then it is another connection.
      if (!follower || (isFirst(call) && follower.begun)) {
        followers.delete(key);
        return keep(unfollowed, key, made);
      }
      if (isFirst(call)) follower.begun = true;
      else if (!follower.begun) return;
      if (isLast(made)) followers.delete(key);
      follower.listener(made);
    },
    follow({ local, remote }, listener, since = Number.NEGATIVE_INFINITY) {
      const key = keyOf({ local: remote, remote: local });
      const before = unfollowed.get(key) ?? [];
      unfollowed.delete(key);
      const calls = (before[0]?.at ?? 0) <= since ? [] : before;
      const follower: Follower = { listener, begun: calls.length > 0 };
      if (!calls.some(isLast)) followers.set(key, follower);
      for (const call of calls) listener(call);
      return () => {
        if (followers.get(key) === follower) followers.delete(key);
      };
    },
  };
}

/** Only what is known from its beginning is kept: whoever came in later would be told half of it. */
function keep(unfollowed: Map<string, SocketCall[]>, key: string, made: SocketCall): void {
  const calls = unfollowed.get(key);
  if (isFirst(made.call)) {
    unfollowed.delete(key);
    unfollowed.set(key, [made]);
    const [oldest] = unfollowed.keys();
    if (unfollowed.size > UNFOLLOWED_PAIRS && oldest !== undefined) unfollowed.delete(oldest);
  } else if (calls && calls.length < UNFOLLOWED_CALLS) {
    calls.push(made);
  } else {
    unfollowed.delete(key);
  }
}

const isFirst = (call: SocketCall["call"]): boolean => call === "accept" || call === "connect";
const isLast = ({ call }: SocketCall): boolean => call === "close" || call === "reset";

/** A server has one pair for each connection, and thousands of calls. */
const keys = new WeakMap<Pair, string>();

function keyOf(pair: Pair): string {
  const known = keys.get(pair);
  if (known !== undefined) return known;
  const key = `${plain(pair.local)} ${plain(pair.remote)}`;
  keys.set(pair, key);
  return key;
}

/** The same for IPv4 and for the IPv6 address that stands for it (RFC 4291 section 2.5.5.2). */
const plain = ({ host, port }: Endpoint): string =>
  `${host.replace(/^::ffff:(?=\d+\.)/i, "")} ${port}`;
