/** A table: the page as a server, with one visitor that it has accepted. */
import { formatEndpoint } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import { type Answer, answerTo, type Canned } from "./canned.ts";
import type { Carrier, Guest, Kept, StartChannel } from "./carrier.ts";
import { Conversation } from "./conversation.ts";
import { Dialogue } from "./dialogue.ts";
import { conversationOf } from "./kept.ts";
import type { Settings } from "./settings.ts";

/** Canned answers that may wait to be taken before no more is read from who does not read them. */
const MOST_UNSENT_BYTES = 64 * 1024;

export class Table extends Dialogue {
  readonly role = "server";
  readonly guest: Guest;
  #canned: Canned;
  /** Bytes shown whose acknowledgement is held back. */
  #held = 0;
  /** Canned answers that wait until a file no longer has this end's direction for itself. */
  readonly #owed: Answer[] = [];

  /**
   * @param start of the listener that accepted `guest`.
   * @param canned what it answers by itself.
   * @param kept what happened before the page was loaded anew.
   */
  constructor(
    carrier: Carrier,
    settings: Settings,
    guest: Guest,
    start: StartChannel,
    canned: Canned = "off",
    kept?: Kept,
  ) {
    super(carrier, settings);
    this.guest = guest;
    this.#canned = canned;
    const conversation = kept
      ? conversationOf(kept, this.role)
      : new Conversation(Date.now(), 0, this.role);
    this.begin(conversation);
    // What came while there was no page to answer it is answered before what has come since.
    this.carry(conversation, start, kept ? unseen(kept) : []);
    this.subscribe(() => {
      this.#answer();
      this.#release();
    });
  }

  get addressText(): string {
    return `${this.guest.transport}://${formatEndpoint(this.guest.local)}`;
  }

  /** All visitors of one port share their answers. */
  get addressKey(): string {
    const { transport, local } = this.guest;
    return `listen ${transport === "udp" ? "udp " : ""}${formatEndpoint(local)}`;
  }

  /** What it answers by itself to everything that is read from now on. */
  get canned(): Canned {
    return this.#canned;
  }
  set canned(canned: Canned) {
    this.#canned = canned;
    this.changed();
  }

  /** Those who answer by themselves do; a person decides that for themselves. */
  get hangsUpToo(): boolean {
    return this.#canned !== "off";
  }

  /** A server waits for others to come. */
  again(): boolean {
    return false;
  }

  /**
   * A visitor that sends and never reads would pile up answers in the page. As a program whose send(2)
   * blocks reads no further, nothing more is let in until they have left.
   */
  override consumed(conversation: Conversation, length: number): void {
    if (conversation === this.live && this.#isChoked) this.#held += length;
    else super.consumed(conversation, length);
  }

  get #isChoked(): boolean {
    if (this.#canned === "off") return false;
    const owed = this.#owed.reduce((sum, { bytes }) => sum + bytes.length, 0);
    return this.pendingBytes + owed > MOST_UNSENT_BYTES;
  }

  #release(): void {
    const { live } = this;
    if (this.#held === 0 || !live || this.#isChoked) return;
    const held = this.#held;
    this.#held = 0;
    super.consumed(live, held);
  }

  protected override happened(event: ConversationEvent): void {
    if (event.side !== "near" || this.#canned === "off") return;
    if (event.kind === "eof" && event.direction === "out") this.#owe(HANG_UP);
    if (event.kind !== "data" || event.direction !== "out") return;
    const answer = answerTo(this.#canned, event.bytes);
    if (answer) this.#owe(answer);
  }

  #owe(answer: Answer): void {
    this.#owed.push(answer);
    this.#answer();
  }

  #answer(): void {
    while (this.taker === null) {
      const answer = this.#owed.shift();
      if (!answer) return;
      this.reply(answer.bytes);
      if (answer.hangUp) this.close();
    }
  }
}

/** What canned answers do when the visitor has nothing more to say. */
const HANG_UP: Answer = { bytes: new Uint8Array(), hangUp: true };

/**
 * What a history says of the time without a page. A load in between that read and sent nothing counts as none:
 * it was loaded anew before it could. A history that another page took over from ends otherwise.
 */
function unseen({ events, waits }: Kept): readonly ConversationEvent[] {
  if (linkOf(events.at(-1)) !== "resumed") return [];
  let [isAway, first] = [true, events.length];
  for (let at = events.length - 1; at >= 0; at--) {
    const link = linkOf(events[at]);
    if (link !== undefined) isAway = link === "resumed";
    else if (!isAway && crosses(events[at])) break;
    if (link === "lost") first = at + 1;
    // It has answered something, and nobody can tell what.
    if (link === "lost" && waits) break;
  }
  return events.slice(first);
}

const linkOf = (event?: ConversationEvent) => (event?.kind === "state" ? event.link : undefined);

const crosses = (event?: ConversationEvent): boolean =>
  event?.side === "near" && (event.kind === "data" || event.kind === "eof");
