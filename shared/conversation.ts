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
/** Which end the page is: the one that connected, or the one that accepted. */
export type Role = "client" | "server";

/** The direction of the wire in which an end sends. */
export const sends = (role: Role): Direction => (role === "client" ? "out" : "in");
/** The direction of the wire in which an end receives. */
export const receives = (role: Role): Direction => (role === "client" ? "in" : "out");
/** Whose calls with the bytes of `direction` are sends: the client sends right, the server left. */
export const senderOf = (role: Role, direction: Direction): Side =>
  sends(role) === direction ? "near" : "far";

/** Lab controls of a connection; what they do is said in `Options` of protocol.ts. */
export interface LabOptions {
  noDelay: boolean;
  reading: boolean;
  delayMs: number;
  pauseMs: number;
}

interface Happening {
  /** Seconds since the conversation began, by the gateway's clock. */
  at: number;
  side: Side;
}

export type ConversationEvent = Happening &
  (
    | { kind: "opening"; address: Address }
    /**
     * The first event where the page is the server: the kernel has completed a visitor's handshake, and
     * it waits at the door. `open` follows when it is accepted. Over UDP its first datagram has come.
     */
    | { kind: "arrival"; local: Endpoint; remote: Endpoint; transport?: "udp" }
    /** connect(2) was called: a SYN leaves `local` for `remote`. Once for each address that is tried. */
    | { kind: "attempt"; local: Endpoint; remote: Endpoint }
    /**
     * near: connected, or accepted where the page is the server. far: the server's accept(2) returned
     * this socket; `local` is the server's end.
     */
    | { kind: "open"; local: Endpoint; remote: Endpoint }
    /**
     * One send the kernel took, or one read. `bytes` may be shorter than `length` once the
     * conversation is too large to keep whole; of a far call it is empty, because they are the same
     * bytes as the near end's at the same offsets. `direction` is the wire's: `in` is a send of the
     * server, whichever end that is.
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
    /** RST: both directions are over. It travelled in `direction`. */
    | { kind: "reset"; direction: Direction; code: FailureCode; detail: string }
    /** The connection failed, or was never made. */
    | { kind: "error"; code: FailureCode; detail: string }
    /** The page lost the gateway, or is back; the socket lived on meanwhile. */
    | { kind: "state"; link: "lost" | "resumed" }
    /** Both directions are over, or this end was let go with close(2). far: the server's close(2). */
    | { kind: "closed"; by: "near" | "far" }
    /** Lab controls were changed: these are now so. */
    | { kind: "option"; options: Partial<LabOptions> }
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
  role: Role;
  address: Address | null;
  /** What carries the bytes; TCP until an address or an arrival says otherwise. */
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
  /** What the page's own end sent and read. */
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
  options: LabOptions;
  /** When the last event happened, in seconds. */
  lastAt: number;
}

export const initialState: ConversationState = Object.freeze({
  phase: "idle",
  role: "client",
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
  options: Object.freeze({ noDelay: false, reading: true, delayMs: 0, pauseMs: 0 }),
  lastAt: 0,
});

/** Whether its sockets have the states of TCP: UDP knows no connection, and a Unix socket no packets. */
export function hasTcpStates({ transport }: Pick<ConversationState, "transport">): boolean {
  return transport === "tcp" || transport === "tls";
}

/** Events from which no state is concluded: what the kernel said before them still holds. */
const KEEPS_KERNEL: ReadonlySet<ConversationEvent["kind"]> = new Set([
  "data",
  "state",
  "option",
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
  if (!KEEPS_KERNEL.has(event.kind)) s.kernel = initialState.kernel;
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
    case "arrival":
      return {
        ...s,
        phase: "opening",
        role: "server",
        transport: event.transport ?? "tcp",
        local: event.local,
        remote: event.remote,
        near: "ESTABLISHED",
        far: "ESTABLISHED",
      };
    case "option":
      return { ...s, options: { ...s.options, ...event.options } };
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
      return event.direction === sends(s.role)
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
      if (event.code === "HUNG_UP" && s.openedAt !== null && s.transport !== "udp") {
        return hungUp(s, event);
      }
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
  const own = endedAt(s, sends(s.role));
  if (own !== null && endedAt(s, receives(s.role)) === null) {
    return { ...s, phase: "closed", near: "FIN_WAIT2", far: null };
  }
  return { ...s, phase: "closed", near: by === "near" ? "TIME_WAIT" : "CLOSED" };
}

/** The gateway closed a connection for its page, as close(2) does: a FIN, and nothing broken. */
function hungUp(s: ConversationState, { at, code, detail }: EventOf<"error">): ConversationState {
  const end = sends(s.role);
  const farFirst = endedAt(s, receives(s.role)) !== null;
  const now = { ...s, [end === "out" ? "outEnded" : "inEnded"]: endedAt(s, end) ?? at };
  return { ...closed(now, farFirst ? "far" : "near"), error: { code, detail } };
}

/** Whether an event is a close(2) for the page that ends its direction: not of datagrams, and not once it has ended. */
export function endsByHangUp(before: ConversationState, event: EventOf<"error">): boolean {
  const { openedAt, transport, role } = before;
  const lives = openedAt !== null && endedAt(before, sends(role)) === null;
  return event.code === "HUNG_UP" && lives && transport !== "udp";
}

/** When a direction ended, in seconds; null while it lives. */
export const endedAt = (s: ConversationState, direction: Direction): number | null =>
  direction === "out" ? s.outEnded : s.inEnded;

function ended(s: ConversationState, direction: Direction, at: number): ConversationState {
  const now = direction === "out" ? { ...s, outEnded: at } : { ...s, inEnded: at };
  const isFirst = endedAt(s, direction === "out" ? "in" : "out") === null;
  if (direction === sends(s.role)) {
    return isFirst
      ? { ...now, near: "FIN_WAIT2", far: "CLOSE_WAIT" }
      : { ...now, near: "CLOSED", far: "TIME_WAIT" };
  }
  return isFirst
    ? { ...now, near: "CLOSE_WAIT", far: "FIN_WAIT2" }
    : { ...now, near: "TIME_WAIT", far: "CLOSED" };
}
