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
  /** What came while there was no page to answer it. */
  #unseen: readonly ConversationEvent[];
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
    this.#unseen = unseen(kept?.events ?? []);
    const conversation = kept
      ? conversationOf(kept, this.role)
      : new Conversation(Date.now(), 0, this.role);
    this.begin(conversation);
    this.carry(conversation, start);
    this.subscribe(() => {
      this.#answer();
      this.#release();
    });
    this.#catchUp();
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
    this.#catchUp();
    if (event.side !== "near" || this.#canned === "off") return;
    if (event.kind === "eof" && event.direction === "out") this.#owe(HANG_UP);
    if (event.kind !== "data" || event.direction !== "out") return;
    const answer = answerTo(this.#canned, event.bytes);
    if (answer) this.#owe(answer);
  }

  /** Before anything that came later, which may be told before this table is complete. */
  #catchUp(): void {
    const unseen = this.#unseen;
    this.#unseen = [];
    for (const event of unseen) this.happened(event);
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

/** What a history says of the time without a page. One that another page took over from ends otherwise. */
function unseen(events: readonly ConversationEvent[]): readonly ConversationEvent[] {
  const last = events.at(-1);
  if (last?.kind !== "state" || last.link !== "resumed") return [];
  const lost = events.findLastIndex((event) => event.kind === "state" && event.link === "lost");
  return lost < 0 ? [] : events.slice(lost + 1, -1);
}
