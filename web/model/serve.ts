/** Serve: the page as a server. One listening socket, its door, and everybody it has accepted. */
import { type Address, formatAddress, formatEndpoint, parseAddress } from "../../shared/address.ts";
import { CANNED, type Canned } from "./canned.ts";
import type {
  Carrier,
  DoorView,
  Guest,
  Kept,
  Listener,
  ListenFailure,
  ListenFollower,
  ListenOptions,
  StartChannel,
} from "./carrier.ts";
import { proposed } from "./in-class.ts";
import { Journal } from "./journal.ts";
import { doorLines, tableLine } from "./serve-lines.ts";
import { LinkWatch } from "./serve-link.ts";
import type { Settings } from "./settings.ts";
import { Store } from "./store.ts";
import { Table } from "./table.ts";
import { Visit } from "./visit.ts";

export type ServePhase =
  /** Nothing listens, and nothing was asked for since. */
  | "idle"
  /** The gateway was asked to listen. */
  | "asking"
  | "listening"
  /** It was asked to stop. */
  | "ending"
  /** It could not listen, or had to stop; `failure` says why. */
  | "failed";

/** Connections that are over and still shown, at most. */
const KEPT_OVER = 8;
const emptyDoor: DoorView = { waiting: [], refused: 0, left: 0, accepted: 0, blocked: null };

export interface Clocks {
  /** Milliseconds that only grow (performance.now). */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
}

export class Serve extends Store {
  readonly carrier: Carrier;
  readonly settings: Settings;
  readonly #clocks: Clocks;
  readonly #journal: Journal;
  #phase: ServePhase = "idle";
  /** As typed, or as it listens; null: as it is proposed. */
  #addressText: string | null;
  #options: ListenOptions;
  #canned: Canned;
  /** Told apart from one that was given up: its last words are about nothing any more. */
  #listener: { socket: Listener | null } | null = null;
  #asked: Address | null = null;
  #local: { host: string; port: number } | null = null;
  #door: DoorView = emptyDoor;
  #failure: ListenFailure | null = null;
  #visits: Visit[] = [];
  #lastOrder = 0;
  #selected: Visit | null = null;
  #called: Visit | null = null;
  /** When accept() was called and nobody was there; null while none waits. */
  #acceptingSince: number | null = null;
  /** Of those that are no longer shown. */
  #gone = { accepted: 0, read: 0, sent: 0 };

  constructor(
    carrier: Carrier,
    settings: Settings,
    clocks: Clocks = { now: () => performance.now(), date: () => Date.now() },
  ) {
    super();
    this.carrier = carrier;
    this.settings = settings;
    this.#clocks = clocks;
    this.#journal = new Journal(clocks.date);
    const { address, backlog, atOnce, canned } = settings.serving;
    this.#addressText = address;
    this.#options = { backlog, atOnce };
    this.#canned = CANNED.find((each) => each === canned) ?? "off";
    const watch = new LinkWatch(carrier.status.phase);
    carrier.subscribe(() => this.#linkChanged(watch));
  }

  get phase(): ServePhase {
    return this.#phase;
  }
  /** Where to listen, as typed or proposed. */
  get addressText(): string {
    return this.#addressText ?? proposed(this.carrier.status);
  }
  set addressText(text: string) {
    if (this.isBusy) return;
    this.#addressText = text;
    this.changed();
  }
  /** True while the address cannot be changed: something listens, or is about to, or just did. */
  get isBusy(): boolean {
    return this.#phase === "asking" || this.#phase === "listening" || this.#phase === "ending";
  }
  get options(): ListenOptions {
    return this.#options;
  }
  /** What is answered by itself to those who come from now on. */
  get canned(): Canned {
    return this.#canned;
  }
  /** Where it listens; null while nothing does. */
  get local(): { host: string; port: number } | null {
    return this.#local;
  }
  get door(): DoorView {
    return this.#door;
  }
  get failure(): ListenFailure | null {
    return this.#failure;
  }
  /** The address that was asked for last; null when it was none. */
  get asked(): Address | null {
    return this.#asked;
  }
  /** What it serves, or would with the address of the field: UDP has no connections to accept. */
  get isUdp(): boolean {
    if (this.isBusy || this.#phase === "failed") return this.#asked?.scheme === "udp";
    const parsed = parseAddress(this.addressText, "listen");
    return parsed.ok && parsed.address.scheme === "udp";
  }
  /** The living in the order in which they were accepted, then some that are over. */
  get visits(): readonly Visit[] {
    return this.#visits;
  }
  get selected(): Visit | null {
    return this.#selected;
  }
  /** Who was accepted by hand last. */
  get called(): Visit | null {
    return this.#called;
  }
  /** Those that have a tab: the open ones, and one that is over while it is looked at. */
  get tabs(): readonly Visit[] {
    return this.#visits.filter((visit) => visit.isOpen || visit === this.#selected);
  }
  get journal(): Journal {
    return this.#journal;
  }
  /** Since when accept() waits for somebody to come, by the page's clock; null while it does not. */
  get acceptingSince(): number | null {
    return this.#acceptingSince;
  }
  /** Everybody so far. */
  get counts(): { accepted: number; open: number; read: number; sent: number } {
    const { accepted, read, sent } = this.#gone;
    const counts = { accepted: accepted + this.#visits.length, open: 0, read, sent };
    for (const visit of this.#visits) {
      if (visit.isOpen) counts.open++;
      counts.read += visit.bytes.read;
      counts.sent += visit.bytes.sent;
    }
    return counts;
  }

  /** Listens at the address of the field (or `text`), unless something does already. */
  listen(text: string = this.addressText): void {
    if (this.isBusy) return;
    // The next time something else may be free: a proposal is no choice.
    const isChosen = this.#addressText !== null || text !== this.addressText;
    this.#addressText = text;
    this.#failure = null;
    const parsed = parseAddress(text, "listen");
    this.#asked = parsed.ok ? parsed.address : null;
    if (parsed.ok) {
      if (isChosen) this.#keep({ address: text });
      const { address } = parsed;
      this.#listenAt((follow) => this.carrier.listen(address, this.#options, follow));
    } else this.#fail({ code: "BAD_ADDRESS", detail: parsed.problem, holders: [] });
    this.changed();
  }

  /** Frees the port. Those who were accepted stay; of UDP nobody does, for they share its socket. */
  stop(): void {
    if (this.#phase !== "listening" && this.#phase !== "asking") return;
    this.#phase = "ending";
    this.#acceptingSince = null;
    this.#listener?.socket?.stop();
    this.changed();
  }

  /** Takes the first at the door; when nobody is there, waits for the next, as accept(2) does. */
  accept(): void {
    if (this.#phase !== "listening" || this.#acceptingSince !== null) return;
    this.#acceptingSince = this.#clocks.now();
    this.#listener?.socket?.accept();
    this.changed();
  }

  /** Another backlog or way of accepting, also while it listens. */
  configure(options: Partial<ListenOptions>): void {
    this.#options = { ...this.#options, ...options };
    this.#keep(options);
    if (this.#phase === "listening" || this.#phase === "asking")
      this.#listener?.socket?.configure(this.#options);
    this.changed();
  }

  /** Canned answers for everybody who is here and for all who will come. */
  answerAll(canned: Canned): void {
    this.#canned = canned;
    this.#keep({ canned });
    for (const { table } of this.#visits) table.canned = canned;
    this.changed();
  }

  select(visit: Visit): void {
    this.#selected = visit;
    this.changed();
  }

  /** Takes one that is over off the screen. */
  dismiss(visit: Visit): void {
    if (visit.isOpen || !this.#visits.includes(visit)) return;
    this.#forget(visit);
    this.changed();
  }

  /** Hides the explanation of why it does not listen. */
  forgive(): void {
    if (this.#phase !== "failed") return;
    this.#phase = "idle";
    this.#failure = null;
    this.changed();
  }

  /** Conversations with visitors that were here before the page was loaded anew. */
  adopt(kept: readonly Kept[]): void {
    for (const each of kept) if (each.guest) this.#accepted(each.guest, each.start, each);
  }

  /** Goes on with a socket that listened before the page was loaded anew. */
  goOn(
    address: Address,
    options: ListenOptions,
    start: (follow: ListenFollower) => Listener,
  ): void {
    // One server has one socket: another one is not wanted any more.
    if (this.isBusy) return start(new Unwanted()).stop();
    this.#addressText = formatAddress(address).replace(/^tcp:\/\//, "");
    this.#asked = address;
    this.#options = options;
    this.#listenAt(start);
    this.changed();
  }

  #listenAt(begin: (follow: ListenFollower) => Listener): void {
    const listener: { socket: Listener | null } = { socket: null };
    const current = () => this.#listener === listener;
    this.#listener = listener;
    this.#phase = "asking";
    const socket = begin({
      listening: (local) => current() && this.#listening(local),
      door: (door) => current() && this.#doorChanged(door),
      accepted: (guest, start) => this.#accepted(guest, start),
      over: (failure) => current() && this.#over(failure),
    });
    // It may have failed before it was given back.
    if (current()) listener.socket = socket;
  }

  #listening(local: { host: string; port: number }): void {
    // Said again when an option has changed, and after a resume.
    const what = this.isUdp ? "Taking datagrams at" : "Listening on";
    if (this.#phase === "asking") this.#journal.add(`${what} ${formatEndpoint(local)}`);
    if (this.#phase === "asking") this.#phase = "listening";
    this.#local = local;
    this.changed();
  }

  #doorChanged(door: DoorView): void {
    for (const line of doorLines(this.#door, door, this.isUdp))
      this.#journal.add(line.text, line.who);
    this.#door = door;
    this.changed();
  }

  #accepted(guest: Guest, start: StartChannel, kept?: Kept): void {
    const byHand = this.#acceptingSince !== null;
    this.#acceptingSince = null;
    const table = new Table(this.carrier, this.settings, guest, start, this.#canned, kept);
    this.#lastOrder = Math.max(this.#lastOrder + 1, guest.n);
    const visit = new Visit(table, this.#lastOrder, this.#clocks.now);
    this.#visits = [...this.#visits, visit];
    this.#order();
    const isUdp = guest.transport === "udp";
    const what = kept
      ? "Still connected: "
      : isUdp
        ? "Datagrams from "
        : "Accepted connection from ";
    this.#journal.add(`${what}${visit.address}`);
    table.live?.onEvent((event) => {
      const line = tableLine(event, isUdp);
      if (line) this.#journal.add(line, visit.address, event.kind === "closed" ? "plain" : "wrong");
      if (line) this.#forgetOldest();
    });
    table.subscribe(() => {
      this.#order();
      this.changed();
    });
    // Who is called in by hand is talked to; who walks in interrupts nobody.
    if (byHand) this.#called = visit;
    if (byHand || !this.#selected?.isOpen) this.#selected = visit;
    this.changed();
  }

  #over(failure: ListenFailure | null): void {
    this.#listener = null;
    this.#local = null;
    this.#door = emptyDoor;
    this.#acceptingSince = null;
    if (failure) this.#fail(failure);
    else {
      this.#phase = "idle";
      this.#journal.add("Stopped listening");
    }
    this.changed();
  }

  #fail(failure: ListenFailure): void {
    const heard = this.#phase === "listening" || this.#phase === "ending";
    const where = this.#asked ? formatAddress(this.#asked).replace(/^tcp6?:\/\//, "") : "";
    this.#phase = "failed";
    this.#failure = failure;
    this.#journal.add(
      heard ? "No longer listening" : `Could not listen on ${where || this.addressText}`,
      failure.code,
      "wrong",
    );
  }

  /** Who is over goes behind the others. */
  #order(): void {
    const firstOver = this.#visits.findIndex((visit) => !visit.isOpen);
    const lastOpen = this.#visits.findLastIndex((visit) => visit.isOpen);
    if (firstOver < 0 || firstOver > lastOpen) return;
    const open = this.#visits.filter((visit) => visit.isOpen);
    this.#visits = [...open, ...this.#visits.filter((visit) => !visit.isOpen)];
  }

  #forgetOldest(): void {
    const over = this.#visits.filter((visit) => !visit.isOpen && visit !== this.#selected);
    for (const visit of over.slice(0, Math.max(0, over.length - KEPT_OVER))) this.#forget(visit);
  }

  #forget(visit: Visit): void {
    const at = this.#visits.indexOf(visit);
    this.#gone.accepted++;
    this.#gone.read += visit.bytes.read;
    this.#gone.sent += visit.bytes.sent;
    visit.dispose();
    visit.table.abandon();
    this.#visits = this.#visits.filter((each) => each !== visit);
    if (this.#called === visit) this.#called = null;
    if (this.#selected === visit) this.#selected = this.#visits[at] ?? this.#visits[at - 1] ?? null;
  }

  #linkChanged(watch: LinkWatch): void {
    const said = watch.changed(this.carrier.status.phase, this.isBusy || this.counts.open > 0);
    if (said) this.#journal.add(said.text, "", said.tone);
    this.changed();
  }

  #keep(changes: Partial<Settings["serving"]>): void {
    this.settings.serving = { ...this.settings.serving, ...changes };
  }
}

/** Of a socket that is not wanted: whoever it has accepted is not either. */
class Unwanted implements ListenFollower {
  listening(): void {}
  door(): void {}
  accepted(_guest: Guest, start: StartChannel): void {
    start(
      () => {},
      () => {},
    ).abort();
  }
  over(): void {}
}
