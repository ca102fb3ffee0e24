/** What the model asks of whatever carries a conversation: a live link today, a recording later. */
import type { Address } from "../../shared/address.ts";
import type { ConversationEvent, LabOptions } from "../../shared/conversation.ts";
import type { FailureCode, Platform } from "../../shared/errors.ts";
import type { Endpoint, Holder, Serving } from "../../shared/protocol.ts";
import type { Unsubscribe } from "./store.ts";

/** The page's way to its gateway. */
export type LinkPhase =
  /** First connection, nothing reached yet. */
  | "connecting"
  /** Attached; `resumes` says how often it had to come back. */
  | "live"
  /** Lost; the sockets live on at the gateway, and the page keeps trying. */
  | "lost"
  /** The gateway is shutting down: it delivers what is under way and takes nothing new. */
  | "draining"
  /** Stopped for a reason that trying again would not change. */
  | "stopped";

export interface LinkStatus {
  phase: LinkPhase;
  /** Milliseconds of the page's clock (performance.now) when this phase began. */
  since: number;
  /** How often the session has been resumed with nothing lost. */
  resumes: number;
  /** Why it is lost or stopped. */
  failure: { code: FailureCode; detail: string } | null;
  /** How long the gateway keeps the sockets of a lost page, in milliseconds. */
  graceMs: number;
  /** Last measured round trip page ↔ gateway, in milliseconds; null while it is not known. */
  roundTripMs: number | null;
  /** The gateway's operating system; known once welcome. */
  platform: Platform;
  /** Sockets that the gateway holds for one page, at most. */
  maxChannels: number;
  /** Where this page may listen; null: nowhere. */
  serving: Serving | null;
  /** Servers the gateway runs or has a name for; the first is the one to start with. */
  servers: readonly { name: string; address: string; about: string }[];
  /** Of a student's page; null on every other. */
  student: InClass | null;
}

/** What a class says to the page of one of its students, as far as conversations have to know it. */
export interface InClass {
  /** The teacher has frozen typing: pages take no keys, and what was sent already waits at the gateway. */
  frozen: boolean;
  /** What may be reached: the class's targets, and other students who listen. */
  reach: LinkStatus["servers"];
}

/** One socket at the gateway, held by this page. */
export interface Channel {
  /** Bytes given to `send` that the gateway's kernel has not taken yet. */
  readonly pendingBytes: number;
  /** True once this end has been told to end: nothing more can be sent. */
  readonly ending: boolean;
  /**
   * Sends bytes: one call is one send at the gateway, cut at 64 KiB, or one send for each piece of
   * `pieceBytes`. Never refuses; see `pendingBytes`.
   */
  send(bytes: Uint8Array, pieceBytes?: number): void;
  /** Ends our direction (FIN) after everything sent. */
  shutdown(): void;
  /** Lets go of the socket as close(2) does, after everything sent. */
  close(): void;
  /** Gives up at once: cancels connecting, or resets (RST). What was not sent is lost. */
  abort(): void;
  /** Takes back what has not left the page; returns how many bytes that was. */
  unsend(): number;
  /** Changes lab controls. What they have become is told as an event, once the gateway has done it. */
  configure(options: Partial<LabOptions>): void;
  /** Says that `length` received bytes have been used up (shown), so that more may come. */
  consumed(length: number): void;
}

/** Somebody whose connection is complete and not accepted yet. */
export interface Visitor {
  /** Counts the visitors of a listener from 1. */
  n: number;
  remote: Endpoint;
  /** In the class; absent: not known. */
  name?: string | undefined;
  /** performance.now() of the page when it came. */
  since: number;
  /** Bytes in the kernel's queue that nobody has read; null where the kernel cannot be asked. */
  unread: number | null;
  /** It has hung up already. */
  ended: boolean;
}

/** The door of a listening socket. */
export interface DoorView {
  /** The first is accepted next. */
  waiting: readonly Visitor[];
  /** How many so far were reset because the backlog was full, left by themselves, and were accepted. */
  refused: number;
  left: number;
  accepted: number;
  /** Why the first still waits although it was to be accepted; null: it was not, or nobody waits. */
  blocked: { code: FailureCode; detail: string } | null;
}

/** One that was accepted; over UDP, where nobody is, an address that a datagram came from. */
export interface Guest {
  n: number;
  local: Endpoint;
  remote: Endpoint;
  /** In the class; absent: not known. */
  name?: string | undefined;
  /** The file descriptor of its socket; null where it has none of its own, or the system does not tell. */
  fd: number | null;
  transport: "tcp" | "udp";
}

export interface ListenOptions {
  /** Visitors that may wait at the door; further ones are reset. */
  backlog: number;
  atOnce: boolean;
}

/** What a listening socket tells whoever asked for it. */
export interface ListenFollower {
  /** It listens; said again when backlog or way of accepting has changed, and after a resume. */
  listening(local: Endpoint, options: ListenOptions): void;
  door(door: DoorView): void;
  /**
   * A visitor was accepted.
   * @param start takes the channel: events reach `follow` in order, beginning with `arrival` and `open`.
   */
  accepted(guest: Guest, start: StartChannel): void;
  /** It listens no longer, or never did. `failure` is null where this page asked for the end. */
  over(failure: ListenFailure | null): void;
}

export type StartChannel = (
  follow: (event: ConversationEvent) => void,
  onPending: () => void,
) => Channel;

/** A conversation that this page had before it was loaded anew. */
export interface Kept {
  /** Whom the page had accepted; null: it had dialled. */
  guest: Guest | null;
  /** Milliseconds since 1970. */
  startedAt: number;
  events: readonly ConversationEvent[];
  /** How many earlier events are not known any more. */
  forgotten: number;
  /** An earlier load has sent what is in no event yet: the gateway has it, and its kernel has not taken it. */
  waits: boolean;
  /** Takes its channel, which may be over. What has happened since `events` is told at once. */
  start: StartChannel;
}

/** What is given back to a page that was loaded anew. */
export interface ReturnFollower {
  /** Told once, before the link is live; in the order in which they began. */
  conversations(kept: readonly Kept[]): void;
  /**
   * A socket listens for this page.
   * @param start takes it. What has happened since is told at once.
   */
  listener(
    address: Address,
    options: ListenOptions,
    start: (follow: ListenFollower) => Listener,
  ): void;
}

export interface ListenFailure {
  code: FailureCode;
  detail: string;
  /** Sockets that hold the port, where the gateway's kernel told. */
  holders: readonly Holder[];
}

/** A listening socket at the gateway, held by this page. */
export interface Listener {
  configure(options: ListenOptions): void;
  /** Accepts the first at the door, or the next one to come. */
  accept(): void;
  /** Frees the port. Connections that were accepted live on; UDP's peers end with their socket. */
  stop(): void;
}

export interface Carrier {
  readonly status: LinkStatus;
  subscribe(listener: () => void): Unsubscribe;
  /**
   * Opens a connection. Events reach `follow` in order, beginning with `opening`; data events `in`
   * must be given back through `consumed`. `onPending` is called when `pendingBytes` changes.
   */
  open(
    address: Address,
    follow: (event: ConversationEvent) => void,
    onPending: () => void,
  ): Channel;
  /** Listens; what happens is told to `follow`, also that it cannot. */
  listen(address: Address, options: ListenOptions, follow: ListenFollower): Listener;
}
