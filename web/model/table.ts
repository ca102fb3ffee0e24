/** A table: the page as a server, with one visitor that it has accepted. */
import { formatEndpoint } from "../../shared/address.ts";
import type { Carrier, Guest, StartChannel } from "./carrier.ts";
import { Conversation } from "./conversation.ts";
import { Dialogue } from "./dialogue.ts";
import type { Settings } from "./settings.ts";

export class Table extends Dialogue {
  readonly role = "server";
  readonly guest: Guest;

  /** @param start of the listener that accepted `guest`. */
  constructor(carrier: Carrier, settings: Settings, guest: Guest, start: StartChannel) {
    super(carrier, settings);
    this.guest = guest;
    const conversation = new Conversation(Date.now(), 0, this.role);
    this.begin(conversation);
    this.carry(conversation, start);
  }

  get addressText(): string {
    return `tcp://${formatEndpoint(this.guest.local)}`;
  }

  /** All visitors of one port share their answers. */
  get addressKey(): string {
    return `listen ${formatEndpoint(this.guest.local)}`;
  }

  /** A server waits for others to come. */
  again(): boolean {
    return false;
  }
}
