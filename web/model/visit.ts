/** One who was accepted, from accept to the end and after it: its table, and what its row on the screen says. */
import { formatEndpoint } from "../../shared/address.ts";
import type { ConversationEvent, Direction } from "../../shared/conversation.ts";
import { receives, sends } from "../../shared/conversation.ts";
import type { Guest } from "./carrier.ts";
import { excerpt } from "./format.ts";
import type { Table } from "./table.ts";
import { Trace } from "./trace.ts";

/** The last thing that crossed the wire. */
export interface LastLine {
  direction: Direction;
  text: string;
}

export class Visit {
  readonly table: Table;
  readonly guest: Guest;
  /** Counts everybody that the page has accepted: a listening socket counts only its own. */
  readonly order: number;
  readonly trace = new Trace();
  #last: LastLine | null = null;
  #owesSince: number | null = null;
  readonly #unfollow: () => void;

  /** @param clock milliseconds of the page's clock. */
  constructor(table: Table, order: number, clock: () => number) {
    this.table = table;
    this.guest = table.guest;
    this.order = order;
    const { live } = table;
    const told = live?.state.lastAt ?? 0;
    for (const event of live?.events ?? []) this.#follow(event, clock() - (told - event.at) * 1000);
    this.#unfollow = live?.onEvent((event) => this.#follow(event, clock())) ?? (() => {});
  }

  get name(): string {
    const { transport, name } = this.guest;
    const order = `${transport === "udp" ? "Peer" : "Visitor"} ${this.order}`;
    return name === undefined ? order : `${order}, ${name}`;
  }
  get address(): string {
    return formatEndpoint(this.guest.remote);
  }
  /** The number on its box: the file descriptor, or the order of coming where there is none. */
  get number(): number {
    return this.guest.fd ?? this.order;
  }
  get isOpen(): boolean {
    return this.table.live?.state.phase === "open";
  }
  /** It has ended its direction, and may still read. */
  get hasHungUp(): boolean {
    return this.isOpen && this.table.live?.state.outEnded !== null;
  }
  get last(): LastLine | null {
    return this.#last;
  }
  /** When the last thing said was said by the visitor: since then it waits, by the page's clock. */
  get owesSince(): number | null {
    return this.isOpen ? this.#owesSince : null;
  }
  /** What this server has read, and what it has sent. */
  get bytes(): { read: number; sent: number } {
    const state = this.table.live?.state;
    return { read: state?.receivedBytes ?? 0, sent: state?.sentBytes ?? 0 };
  }

  dispose(): void {
    this.#unfollow();
  }

  /** @param now when it happened, by the page's clock: as long before the last event as it was then. */
  #follow(event: ConversationEvent, now: number): void {
    if (event.side !== "near") return;
    if (event.kind === "data") {
      const { direction, length } = event;
      this.trace.add("data", direction, length, now);
      this.#last = { direction, text: excerpt(event.bytes, length) };
      this.#owesSince = direction === receives("server") ? (this.#owesSince ?? now) : null;
    } else if (event.kind === "eof") {
      this.trace.add("fin", event.direction, 0, now);
      this.#last = { direction: event.direction, text: "end of stream" };
      if (event.direction === sends("server")) this.#owesSince = null;
    } else if (event.kind === "reset") {
      this.trace.add("reset", event.direction, 0, now);
      this.#last = { direction: event.direction, text: "reset" };
    }
  }
}
