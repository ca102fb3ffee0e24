/** The desk: the conversations that are open on Talk, the server on Serve, and which of them is looked at. */
import type { Carrier, Kept } from "./carrier.ts";
import type { Dialogue } from "./dialogue.ts";
import { type Place, type ScreenId, screensOf } from "./place.ts";
import type { Serve } from "./serve.ts";
import type { Settings } from "./settings.ts";
import { isOver } from "./status.ts";
import { Store } from "./store.ts";
import { Talk } from "./talk.ts";

/** What would be lost if a conversation were closed now, in bytes. */
export interface Loss {
  /** Given to send, and not taken by the gateway's kernel yet. */
  unsent: number;
  /** Received, and not shown yet. */
  unread: number;
}

export class Desk extends Store {
  readonly carrier: Carrier;
  readonly settings: Settings;
  /** Those there are for whoever looks; the first is where the page begins. */
  readonly screens: readonly [ScreenId, ...ScreenId[]];
  #serve: Serve | null = null;
  #talks: Talk[];
  #current: Talk;
  #screen: ScreenId;
  #asked: Talk | null = null;
  /** Filled in by a link, until something else is. */
  #linked: { talk: Talk; address: string } | null = null;

  constructor(carrier: Carrier, settings: Settings, screens: Desk["screens"] = screensOf.owner) {
    super();
    this.carrier = carrier;
    this.settings = settings;
    this.screens = screens;
    this.#screen = screens[0];
    this.#current = new Talk(carrier, settings);
    this.#current.takeDraft();
    this.#talks = [this.#current];
  }

  /** In the order of their tabs; never none. */
  get talks(): readonly Talk[] {
    return this.#talks;
  }
  get current(): Talk {
    return this.#current;
  }
  get screen(): ScreenId {
    return this.#screen;
  }
  /** The server; null while nobody has gone there. */
  get serve(): Serve | null {
    return this.#serve;
  }
  /** The conversation whose closing waits for an answer. */
  get asked(): Talk | null {
    return this.#asked;
  }
  /** True while something has to be said of the conversation in front. */
  get hasNotice(): boolean {
    return this.#asked !== null || this.linkedTo(this.#current) !== null;
  }
  /** True while another conversation may be begun. */
  get hasRoom(): boolean {
    const { status } = this.carrier;
    return this.#talks.length < status.maxChannels && !isOver(status);
  }
  /** Every end that the page holds. */
  get dialogues(): readonly Dialogue[] {
    return [...this.#talks, ...(this.#serve?.visits.map(({ table }) => table) ?? [])];
  }

  /** The one server, made when its screen is first gone to: a first visit does not load it. */
  serveWith(make: (carrier: Carrier, settings: Settings) => Serve): Serve {
    if (this.#serve) return this.#serve;
    this.#serve = make(this.carrier, this.settings);
    this.changed();
    return this.#serve;
  }

  /** The address that a link has put into the bar of `talk`, while it is still there and not used. */
  linkedTo(talk: Talk): string | null {
    const linked = this.#linked;
    if (linked?.talk !== talk || talk.live || talk.addressText !== linked.address) return null;
    return linked.address;
  }

  /**
   * Goes to a screen; where there is none of that kind, to the first. An address is filled in, and waits
   * for a person to press Connect.
   */
  go({ screen, address }: Place): void {
    this.#screen = this.screens.includes(screen) ? screen : this.screens[0];
    if (address !== null) this.#fill(address);
    this.changed();
  }

  /** A new conversation beside the others, with the address of the current one, not connected yet. */
  add(): Talk {
    if (!this.hasRoom) return this.#current;
    const talk = new Talk(this.carrier, this.settings);
    talk.addressText = this.#current.addressText;
    this.#talks = [...this.#talks, talk];
    this.#current = talk;
    this.#asked = null;
    this.changed();
    return talk;
  }

  /** Puts conversations that were here before the page was loaded anew into tabs; the last is in front. */
  adopt(kept: readonly Kept[]): void {
    for (const each of kept) {
      const isFree = !this.#current.busy && !this.#current.live;
      if (!isFree && !this.hasRoom) return;
      const talk = isFree ? this.#current : this.add();
      talk.adopt(each);
    }
    this.changed();
  }

  choose(talk: Talk): void {
    if (!this.#talks.includes(talk)) return;
    this.#current = talk;
    this.#asked = null;
    this.changed();
  }

  /** The next tab, or the one before, round the end. */
  turn(step: 1 | -1): void {
    const { length } = this.#talks;
    const at = this.#talks.indexOf(this.#current);
    const next = this.#talks[(at + step + length) % length];
    if (next) this.choose(next);
  }

  /** Closes a tab; where bytes would be lost, asks first. */
  close(talk: Talk): void {
    if (!this.#talks.includes(talk)) return;
    if (losing(talk)) {
      this.#current = talk;
      this.#asked = talk;
      this.changed();
    } else this.#remove(talk);
  }

  /** Answers the question: what is still under way is given up (RST). */
  closeAnyway(): void {
    const talk = this.#asked;
    if (!talk) return;
    this.#asked = null;
    talk.reset();
    this.#remove(talk);
  }

  keepOpen(): void {
    this.#asked = null;
    this.changed();
  }

  #fill(address: string): void {
    const idle = this.#current.busy || this.#current.live ? null : this.#current;
    const talk = idle ?? (this.hasRoom ? this.add() : null);
    if (!talk) return;
    talk.addressText = address;
    this.#current = talk;
    this.#linked = { talk, address };
  }

  #remove(talk: Talk): void {
    talk.leave();
    talk.close();
    talk.abandon();
    const at = this.#talks.indexOf(talk);
    this.#talks = this.#talks.filter((each) => each !== talk);
    // There is always one to talk in.
    if (this.#talks.length === 0) this.#talks = [new Talk(this.carrier, this.settings)];
    if (this.#current === talk)
      this.#current = this.#talks[Math.min(at, this.#talks.length - 1)] ?? this.#current;
    this.changed();
  }
}

/** What closing it now would lose; null when that is nothing. */
export function losing(talk: Dialogue): Loss | null {
  if (talk.live?.state.phase !== "open") return null;
  const queued = talk.live.state.kernel.near?.unread ?? 0;
  const loss = { unsent: talk.pendingBytes, unread: talk.unshownBytes + queued };
  return loss.unsent > 0 || loss.unread > 0 ? loss : null;
}
