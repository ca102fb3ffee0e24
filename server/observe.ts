/**
 * What the program at the far end of a connection does, where that program is a server of this
 * process. Servers publish their socket calls here, keyed by the pair of addresses that only their
 * connection has; a channel whose socket is the other end of that pair may follow them.
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
  call: "accept" | "recv" | "send" | "shutdown" | "close" | "reset";
  bytes?: number;
  /** When it returned: performance.now() of this process. */
  at: number;
}

export interface Observer {
  /** Says that the socket with this pair made a call just now. */
  publish(pair: Pair, call: SocketCall["call"], bytes?: number): void;
  /**
   * Follows the socket at the other end of `pair`. Calls that nobody followed yet come at once, in
   * order, as far as they are still known.
   * @returns stops following.
   */
  follow(pair: Pair, listener: (call: SocketCall) => void): () => void;
}

/** Calls kept of a connection that nobody follows: enough for whoever is just being connected. */
const UNFOLLOWED_CALLS = 64;
/** Connections nobody follows, at most; the oldest are forgotten first. */
const UNFOLLOWED_PAIRS = 256;

interface Track {
  listener: ((call: SocketCall) => void) | null;
  waiting: SocketCall[];
}

export function createObserver(): Observer {
  /** In the order in which they were first heard of. */
  const tracks = new Map<string, Track>();
  /** Of those, the ones nobody follows. */
  let unfollowed = 0;

  const forgetOldest = () => {
    for (const [key, track] of tracks) {
      if (track.listener) continue;
      tracks.delete(key);
      unfollowed--;
      return;
    }
  };

  return {
    publish(pair, call, bytes) {
      const key = keyOf(pair.local, pair.remote);
      let track = tracks.get(key);
      const made: SocketCall = {
        call,
        at: performance.now(),
        ...(bytes !== undefined && { bytes }),
      };
      if (track?.listener) return track.listener(made);
      // A pair is used again once its connection is over: then it is another connection.
      if (!track || call === "accept") {
        if (track) tracks.delete(key);
        else unfollowed++;
        track = { listener: null, waiting: [] };
        tracks.set(key, track);
        if (unfollowed > UNFOLLOWED_PAIRS) forgetOldest();
      }
      if (track.waiting.length < UNFOLLOWED_CALLS) track.waiting.push(made);
    },
    follow(pair, listener) {
      const key = keyOf(pair.remote, pair.local);
      const before = tracks.get(key);
      if (before && !before.listener) unfollowed--;
      const track: Track = { listener, waiting: [] };
      tracks.set(key, track);
      for (const call of before?.listener ? [] : (before?.waiting ?? [])) listener(call);
      return () => {
        if (tracks.get(key) === track) tracks.delete(key);
      };
    },
  };
}

/** The same for IPv4 and for the IPv6 address that stands for it (RFC 4291 section 2.5.5.2). */
function keyOf(local: Endpoint, remote: Endpoint): string {
  const plain = ({ host, port }: Endpoint) => `${host.replace(/^::ffff:(?=\d+\.)/i, "")} ${port}`;
  return `${plain(local)} ${plain(remote)}`;
}
