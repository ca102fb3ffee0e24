/**
 * Conversations as the gateway itself sees them, for whoever follows a class: the same events that a page
 * makes of what it is told, made where the sockets are. Nothing of it is there unless somebody follows.
 */

import type { Address } from "../../shared/address.ts";
import type { ConversationEvent, Role } from "../../shared/conversation.ts";

/** One conversation of one user, while it lives and for what comes after. */
export interface Recorded {
  /** Unique among all conversations of this gateway's life. */
  readonly key: string;
  /** Whose session it belongs to (Identity.user), and the channel there. */
  readonly user: string;
  readonly ch: number;
  /** Milliseconds since 1970 of its first event. */
  readonly startedAt: number;
  readonly role: Role;
  /** What was dialled, or served. */
  readonly address: Address | null;
}

/**
 * Is told every event, in order, with the bytes. They are the caller's again once it returns, so whoever
 * keeps them copies them. Called on the byte path: it must be quick.
 */
export interface RecordingFollower {
  began(conversation: Recorded): void;
  event(conversation: Recorded, event: ConversationEvent): void;
  /** Nothing more will happen. */
  over(conversation: Recorded): void;
}
