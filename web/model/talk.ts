/** Talk: the page as a client. One conversation at a time, with the tutorial client's manners. */
import { formatAddress, parseAddress } from "../../shared/address.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { Carrier, Kept } from "./carrier.ts";
import { Conversation } from "./conversation.ts";
import { Dialogue, recordedAddress } from "./dialogue.ts";
import { conversationOf } from "./kept.ts";
import type { Settings } from "./settings.ts";
import { isOver } from "./status.ts";

/** Where the first conversation goes when the gateway offers nothing else. */
export const TUTORIAL_ADDRESS = "tcp://127.0.0.1:8000";

export class Talk extends Dialogue {
  readonly role = "client";
  #addressText: string;

  constructor(carrier: Carrier, settings: Settings) {
    super(carrier, settings);
    this.#addressText = settings.lastAddress ?? TUTORIAL_ADDRESS;
  }

  /** What stands in the address bar. */
  get addressText(): string {
    return this.replay ? recordedAddress(this.replay) : this.#addressText;
  }
  set addressText(text: string) {
    if (this.replay) return;
    this.#addressText = text;
    this.changed();
  }

  get addressKey(): string {
    const parsed = parseAddress(this.#addressText);
    return parsed.ok ? formatAddress(parsed.address) : this.#addressText;
  }

  get hangsUpToo(): boolean {
    return this.settings.choices.hangUpToo;
  }

  again(): boolean {
    this.connect();
    return true;
  }

  /** Starts a conversation with the address in the bar (or `text`), unless one is running or the class is over. */
  connect(text: string = this.#addressText): void {
    if (this.busy || isOver(this.carrier.status)) return;
    this.#addressText = text;
    const conversation = new Conversation();
    this.begin(conversation);
    const parsed = parseAddress(text);
    if (parsed.ok) {
      const { address } = parsed;
      this.settings.lastAddress = formatAddress(address);
      this.carry(conversation, (...follow) => this.carrier.open(address, ...follow));
    } else
      conversation.append({
        kind: "error",
        at: 0,
        side: "near",
        code: "BAD_ADDRESS",
        detail: parsed.problem,
      });
    this.changed();
  }

  /** Goes on with a conversation of before the page was loaded anew. */
  adopt(kept: Kept): void {
    const conversation = conversationOf(kept, this.role);
    const { address } = conversation.state;
    const before = this.addressKey;
    if (address) this.#addressText = formatAddress(address);
    // What was taken for the address that the page began with is another conversation's, or this one's.
    if (this.addressKey !== before) {
      if (this.draft !== "") this.settings.keepDraft(before, this.draft);
      this.takeDraft();
    }
    this.begin(conversation);
    this.carry(conversation, kept.start);
    // What this page would have done if it had been there.
    const { phase, inEnded, outEnded } = conversation.state;
    const owes = phase === "open" && inEnded !== null && outEnded === null;
    if (owes && this.hangsUpToo) this.close();
    this.changed();
  }

  /** The tutorial's client hangs up when the answer is `closed`, and when the server does. */
  protected override happened(event: ConversationEvent): void {
    if (!this.hangsUpToo || event.side !== "near") return;
    const serverEnded = event.kind === "eof" && event.direction === "in";
    if (serverEnded || saysClosed(event)) this.close();
  }
}

function saysClosed(event: ConversationEvent): boolean {
  if (event.kind !== "data" || event.direction !== "in" || event.length > 8) return false;
  return new TextDecoder().decode(event.bytes).trimEnd().toLowerCase() === "closed";
}
