/**
 * Conversations as the gateway itself sees them, for whoever follows a class: the same events that a page
 * makes of what it is told, made where the sockets are. Nothing of it is there unless somebody follows.
 */

import type { Address } from "../../shared/address.ts";
import type { ConversationEvent, Role } from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import type { Visitor } from "./door.ts";
import { Recording, type RecordingSource } from "./recording.ts";

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
  /** Whose conversations it follows, asked when one begins. Absent: everybody's. */
  follows?(user: string): boolean;
  /**
   * Whether the kernel is asked for it, also while nobody looks at the page. Absent: no; then it is told
   * what the page is told. When it changes, `Recorder.looksChanged` has to be called.
   */
  readonly looks?: boolean;
}

export class Recorder {
  readonly #followers = new Set<RecordingFollower>();
  readonly #living = new Set<Recording>();
  #begun = 0;

  /** Tells `follower` of conversations that begin from now on. @returns stops. */
  add(follower: RecordingFollower): () => void {
    this.#followers.add(follower);
    return () => {
      if (!this.#followers.delete(follower)) return;
      for (const recording of this.#living) recording.forget(follower);
    };
  }

  /** `looks` of a follower is another now. */
  looksChanged(): void {
    for (const recording of [...this.#living]) recording.looksChanged();
  }

  /** A page dials. @returns what to tell of it; null: nobody follows. */
  dialled(source: RecordingSource, address: Address): Recording | null {
    const recording = this.#begin(source, { role: "client", address });
    recording?.dialled(address);
    return recording;
  }

  /** A page has accepted somebody. @returns what to tell of it; null: nobody follows. */
  visited(source: RecordingSource, visitor: Visitor): Recording | null {
    const { caller, pair, arrivedAt } = visitor;
    const address: Address = { scheme: caller.transport, ...pair.local };
    const recording = this.#begin(source, { role: "server", address, arrivedAt });
    recording?.arrived(pair, caller.transport);
    return recording;
  }

  /** A page wanted to dial, and no socket was made for it. */
  refused(source: RecordingSource, address: Address, code: FailureCode, detail: string): void {
    const recording = this.dialled(source, address);
    recording?.failed(code, detail);
    recording?.over();
  }

  #begin(
    source: RecordingSource,
    kind: { role: Role; address: Address; arrivedAt?: number },
  ): Recording | null {
    if (this.#followers.size === 0 && !source.own) return null;
    const followers = [...this.#followers].filter(
      (follower) => follower.follows?.(source.user) ?? true,
    );
    if (source.own) followers.push(source.own);
    if (followers.length === 0) return null;
    const key = `${++this.#begun}`;
    const ended = () => this.#living.delete(recording);
    const recording = new Recording(key, source, kind, followers, ended);
    this.#living.add(recording);
    return recording;
  }
}
