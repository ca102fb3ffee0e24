/**
 * A conversation: one socket connection as an ordered list of events, and the state they add up to.
 * Live and recorded conversations are the same list; every view is a view of it.
 */
import { type Address, type Transport, transportOf } from "./address.ts";
import type { FailureCode } from "./errors.ts";
import type { Certificate, Endpoint } from "./protocol.ts";
import type { KernelSocket, TcpState } from "./tcp.ts";

export type { TcpState };

/** `out` goes right, from the client to the server; `in` comes left. */
export type Direction = "out" | "in";
/** `near` is this page's socket. `far` is the other end's own calls, where they can be seen. */
export type Side = "near" | "far";

interface Happening {
  /** Seconds since the conversation began, by the gateway's clock. */
  at: number;
  side: Side;
}

export type ConversationEvent = Happening &
  (
    | { kind: "opening"; address: Address }
    /** connect(2) was called: a SYN leaves `local` for `remote`. Once for each address that is tried. */
    | { kind: "attempt"; local: Endpoint; remote: Endpoint }
    /** near: connected. far: the server's accept(2) returned this socket; `local` is the server's end. */
    | { kind: "open"; local: Endpoint; remote: Endpoint }
    /**
     * One send the kernel took, or one read. `bytes` may be shorter than `length` once the
     * conversation is too large to keep whole; of a far call it is empty, because they are the same
     * bytes as the near end's at the same offsets. `direction` is the wire's: a far `in` is its send.
     * `calls`: how many calls these are together, where so many came that they were added up.
     */
    | {
        kind: "data";
        direction: Direction;
        offset: number;
        length: number;
        bytes: Uint8Array;
        calls?: number;
      }
    /** FIN: this direction has ended, the other lives on. far `out`: the server's read came back empty. */
    | { kind: "eof"; direction: Direction }
    /** RST: both directions are over. `in`: the other end did it. */
    | { kind: "reset"; direction: Direction; code: FailureCode; detail: string }
    /** The connection failed, or was never made. */
    | { kind: "error"; code: FailureCode; detail: string }
    /** The page lost the gateway, or is back; the socket lived on meanwhile. */
    | { kind: "state"; link: "lost" | "resumed" }
    /** Both directions are over, or this end was let go with close(2). far: the server's close(2). */
    | { kind: "closed"; by: "near" | "far" }
    /** What the gateway's kernel said of one end; only when it differs from what it said before. */
    | { kind: "kernel"; socket: KernelSocket }
    /** The TLS handshake is over, and this is what the far end showed. Its bytes were not seen here. */
    | ({ kind: "tls" } & Certificate)
    /** So many sent datagrams came to nothing: ICMP, or the kernel, said why. The socket lives on. */
    | { kind: "undelivered"; count: number; code: FailureCode }
    /**
     * Datagrams that came and are not shown. `full`: nobody had taken those before, so the gateway
     * threw these away, as a kernel does. `empty`: they had no byte.
     */
    | { kind: "dropped"; why: "full" | "empty"; count: number; bytes: number }
  );

export type EventOf<K extends ConversationEvent["kind"]> = Extract<ConversationEvent, { kind: K }>;

export type Phase = "idle" | "opening" | "open" | "failed" | "closed";

export interface ConversationState {
  phase: Phase;
  address: Address | null;
  /** What carries the bytes; TCP until an address says otherwise. */
  transport: Transport;
  local: Endpoint | null;
  remote: Endpoint | null;
  /**
   * State of this page's socket, and of the other end's; null: none there, or nobody can know. Only
   * TCP has states: without it `near` stays CLOSED, which then means nothing (see `hasTcpStates`).
   */
  near: TcpState;
  far: TcpState | null;
  /** What the kernel last said of each end; null where `near` or `far` is derived from calls. */
  kernel: Record<Side, KernelSocket | null>;
  /** True once a call of the other end was seen: it is a server of this gateway. */
  farSeen: boolean;
  sentBytes: number;
  sends: number;
  receivedBytes: number;
  reads: number;
  /** When each direction ended, in seconds; null while it lives. */
  outEnded: number | null;
  inEnded: number | null;
  reset: { direction: Direction; code: FailureCode; detail: string } | null;
  error: { code: FailureCode; detail: string } | null;
  /** What the TLS handshake showed; null before it, and without TLS. */
  tls: Certificate | null;
  /** Datagrams sent that came to nothing, and those that came and are not shown. */
  datagrams: { undelivered: number; dropped: number };
  openedAt: number | null;
  /** When the last event happened, in seconds. */
  lastAt: number;
}

export const initialState: ConversationState = Object.freeze({
  phase: "idle",
  address: null,
  transport: "tcp",
  local: null,
  remote: null,
  near: "CLOSED",
  far: null,
  kernel: Object.freeze({ near: null, far: null }),
  farSeen: false,
  sentBytes: 0,
  sends: 0,
  receivedBytes: 0,
  reads: 0,
  outEnded: null,
  inEnded: null,
  reset: null,
  error: null,
  tls: null,
  datagrams: Object.freeze({ undelivered: 0, dropped: 0 }),
  openedAt: null,
  lastAt: 0,
});

/** Whether its sockets have the states of TCP: UDP knows no connection, and a Unix socket no packets. */
export function hasTcpStates({ transport }: Pick<ConversationState, "transport">): boolean {
  return transport === "tcp" || transport === "tls";
}

/** Events that leave both sockets as the kernel last described them. */
const CHANGES_NO_SOCKET: ReadonlySet<ConversationEvent["kind"]> = new Set([
  "data",
  "state",
  "tls",
  "undelivered",
  "dropped",
] as const);

/** The state after one more event. Pure: the same list always adds up to the same state. */
export function next(state: ConversationState, event: ConversationEvent): ConversationState {
  const s = advance(state, event);
  return hasTcpStates(s) ? s : { ...s, near: "CLOSED", far: null };
}

function advance(state: ConversationState, event: ConversationEvent): ConversationState {
  const s = { ...state, lastAt: Math.max(state.lastAt, event.at) };
  if (event.kind === "kernel") return observed(s, event.side, event.socket);
  if (event.side === "far") return { ...s, farSeen: true };
  if (!CHANGES_NO_SOCKET.has(event.kind)) s.kernel = initialState.kernel;
  switch (event.kind) {
    case "attempt":
      // Another address is tried: what the kernel said of the one before is not about this socket.
      return { ...s, local: event.local, remote: event.remote, near: "SYN_SENT", far: null };
    case "opening":
      return {
        ...s,
        phase: "opening",
        address: event.address,
        transport: transportOf(event.address),
        near: "SYN_SENT",
      };
    case "open":
      return {
        ...s,
        phase: "open",
        local: event.local,
        remote: event.remote,
        near: "ESTABLISHED",
        far: "ESTABLISHED",
        openedAt: event.at,
      };
    case "data":
      return event.direction === "out"
        ? { ...s, sentBytes: s.sentBytes + event.length, sends: s.sends + 1 }
        : { ...s, receivedBytes: s.receivedBytes + event.length, reads: s.reads + 1 };
    case "eof":
      return ended(s, event.direction, event.at);
    case "reset":
      return {
        ...s,
        phase: "closed",
        near: "CLOSED",
        far: "CLOSED",
        reset: { direction: event.direction, code: event.code, detail: event.detail },
      };
    case "error":
      return {
        ...s,
        phase: s.openedAt === null ? "failed" : "closed",
        near: "CLOSED",
        // Whatever it was, nobody can know it any more.
        far: null,
        error: { code: event.code, detail: event.detail },
      };
    case "closed":
      return closed(s, event.by);
    case "state":
      return s;
    case "tls": {
      const { at: _at, side: _side, kind: _kind, ...tls } = event;
      return { ...s, tls };
    }
    case "undelivered":
    case "dropped": {
      const datagrams = { ...s.datagrams };
      datagrams[event.kind] += event.count;
      return { ...s, datagrams };
    }
  }
}

/** The kernel knows better than what calls let us conclude. */
function observed(s: ConversationState, side: Side, socket: KernelSocket): ConversationState {
  return { ...s, [side]: socket.state, kernel: { ...s.kernel, [side]: socket } };
}

/** Who ended first waits in TIME_WAIT. Let go before the other's FIN came, its state is unknown. */
function closed(s: ConversationState, by: "near" | "far"): ConversationState {
  if (s.outEnded !== null && s.inEnded === null) {
    return { ...s, phase: "closed", near: "FIN_WAIT2", far: null };
  }
  return { ...s, phase: "closed", near: by === "near" ? "TIME_WAIT" : "CLOSED" };
}

function ended(s: ConversationState, direction: Direction, at: number): ConversationState {
  if (direction === "out") {
    return s.inEnded === null
      ? { ...s, outEnded: at, near: "FIN_WAIT2", far: "CLOSE_WAIT" }
      : { ...s, outEnded: at, near: "CLOSED", far: "TIME_WAIT" };
  }
  return s.outEnded === null
    ? { ...s, inEnded: at, near: "CLOSE_WAIT", far: "FIN_WAIT2" }
    : { ...s, inEnded: at, near: "TIME_WAIT", far: "CLOSED" };
}
