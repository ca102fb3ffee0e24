/** What the model asks of whatever carries a conversation: a live link today, a recording later. */
import type { Address } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { FailureCode, Platform } from "../../shared/errors.ts";
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
  /** Servers the gateway runs or has a name for; the first is the one to start with. */
  servers: readonly { name: string; address: string; about: string }[];
}

/** One socket at the gateway, held by this page. */
export interface Channel {
  /** Bytes given to `send` that the gateway's kernel has not taken yet. */
  readonly pendingBytes: number;
  /** True once this end has been told to end: nothing more can be sent. */
  readonly ending: boolean;
  /** Sends bytes: one call is one send at the gateway, cut at 64 KiB. Never refuses; see `pendingBytes`. */
  send(bytes: Uint8Array): void;
  /** Ends our direction (FIN) after everything sent. */
  shutdown(): void;
  /** Lets go of the socket as close(2) does, after everything sent. */
  close(): void;
  /** Gives up at once: cancels connecting, or resets (RST). What was not sent is lost. */
  abort(): void;
  /** Takes back what has not left the page; returns how many bytes that was. */
  unsend(): number;
  /** Says that `length` received bytes have been used up (shown), so that more may come. */
  consumed(length: number): void;
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
}
