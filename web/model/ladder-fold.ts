/** Events in, items out, one after the other: the same events make the same items, however they came. */
import {
  type ConversationEvent,
  type ConversationState,
  type Direction,
  type EventOf,
  endedAt,
  endsByHangUp,
  hasTcpStates,
  initialState,
  next,
  receives,
  type Side,
  sends,
} from "../../shared/conversation.ts";
import {
  type Bundle,
  type Ending,
  type Item,
  keyOfEvent,
  type Moment,
  type Opening,
  type Span,
  type Spans,
  whole,
} from "./ladder-items.ts";
import type { ItemRows } from "./ladder-rows.ts";
import { optionCalls, spoken } from "./sentences.ts";
import { overTransport } from "./sentences-sockets.ts";

/** A call belongs to the row before it when it came so soon after it. */
const SOON_SECONDS = 1;
type Data = EventOf<"data">;
type Lone = Exclude<ConversationEvent, { kind: "data" | "kernel" }>;

export class Fold {
  readonly #rows: ItemRows;
  /** Item of each event, from number `#first` on. */
  readonly #owners: (Item | null)[] = [];
  readonly #first: number;
  #state: ConversationState;
  /** connect(2) was called, and nobody knows yet what comes of it. */
  #opening: Opening | null = null;
  /** What the kernel said of each end while it was connecting. */
  #early: Partial<Record<Side, Span["state"]>> = {};
  /** TLS was spoken, and nothing else yet. */
  #inside = false;
  /** The other end's FIN has its row. */
  #finSeen = false;
  /** The other end can be seen: its calls, or its kernel's word. */
  farVisible = false;
  /** Its calls can be seen: what it has not read yet can be told. */
  farCalls = false;
  /** Grows when something changed that any row may show. */
  epoch = 0;

  /** @param first number of the first event that will be added, and `state` what there was before. */
  constructor(rows: ItemRows, first: number, state: ConversationState = initialState) {
    this.#rows = rows;
    this.#first = first;
    this.#state = state;
    if (state.near !== "CLOSED" || state.openedAt !== null) this.#move(false);
    this.#finSeen = endedAt(state, receives(state.role)) !== null;
  }

  get state(): ConversationState {
    return this.#state;
  }

  /** The item that shows an event; its bundle is not looked at. */
  owner(number: number): Item | null {
    const item = this.#owners[number - this.#first] ?? null;
    if (item?.kind === "moment" && item.into) return item.into;
    return item?.kind === "message" ? whole(item) : item;
  }

  add(event: ConversationEvent, number: number): void {
    if (event.side === "far" && !this.farVisible) {
      this.farVisible = true;
      this.epoch++;
    }
    if (event.side === "far" && event.kind !== "kernel" && !this.farCalls) {
      this.farCalls = true;
      this.epoch++;
    }
    if (event.kind === "data") this.#data(event, number);
    else if (event.kind === "kernel") this.#kernel(event, number);
    else this.#lone(event, number);
  }

  #data(event: Data, number: number): void {
    const { at, offset, length, direction, side, calls = 1 } = event;
    const call = { event: number, at, start: offset, end: offset + length, calls };
    const message = this.#rows.streams[direction].add(side, call);
    if (message) this.#rows.called(message, call, side === "near");
    this.#rows.happened(at);
    this.#own(message);
  }

  #own(item: Item | null): void {
    const tail = item ?? this.#rows.tail;
    this.#owners.push(tail?.kind === "bundle" ? (tail as Bundle).tail : tail);
  }

  /** An event without bytes: its item is new, or the last one when it belongs there. */
  #lone(event: Lone, number: number): void {
    const item = event.side === "far" ? this.#far(event, number) : this.#near(event, number);
    if (item) {
      item.last = number;
      this.#rows.list.changed(item);
    }
    this.#rows.happened(event.at);
    this.#own(item);
  }

  #near(event: Lone, number: number): Item | null {
    const begins = this.#rows.base(keyOfEvent(number), number, event.at);
    const before = this.#state;
    this.#state = next(before, event);
    switch (event.kind) {
      case "opening":
        return this.#begin(begins, event, null);
      case "attempt":
        return this.#attempt(begins, event);
      case "arrival":
        return this.#arrived(begins, event);
      case "option": {
        const text = optionCalls(event.options).join(", ");
        return this.#moment(begins, event, { side: "near", text }, null);
      }
      case "open":
        return this.#opened(begins, event);
      case "error":
        return endsByHangUp(before, event)
          ? this.#hungUp(begins, event)
          : this.#failed(begins, event);
      case "eof":
        this.#move(false);
        return this.#fin(begins, event);
      case "reset":
        this.#move(false);
        return this.#end(begins, "rst", event, null);
      case "state": {
        const tone = event.link === "lost" ? "closing" : "good";
        return this.#moment(begins, event, null, tone);
      }
      case "closed":
        return this.#closed(begins, event);
      case "tls": {
        this.#connectedInside();
        const after = { ...begins, before: this.#rows.spans };
        const moment = this.#moment(after, event, null, event.trusted ? "good" : "wrong");
        moment.handshake = true;
        return moment;
      }
      case "undelivered":
        return this.#moment(begins, event, null, "wrong");
      case "dropped":
        return this.#moment(begins, event, null, "closing");
    }
  }

  #fin(begins: Begin, event: EventOf<"eof">): Ending {
    const own = event.direction === sends(this.#state.role);
    if (!own) this.#finSeen = true;
    return this.#end(begins, "fin", event, own ? "shutdown()" : "recv b''");
  }

  /** The gateway called close(2) for the page. */
  #hungUp(begins: Begin, event: EventOf<"error">): Ending {
    this.#move(false);
    return this.#end(begins, "fin", event, "close()");
  }

  /** A call of the other end. Its data is not here, and its state is told by the near end or the kernel. */
  #far(event: Lone, number: number): Item | null {
    const begins = this.#rows.base(keyOfEvent(number), number, event.at);
    this.#state = next(this.#state, event);
    switch (event.kind) {
      case "open":
        // A visitor's connect(2), which is told when it was accepted and was drawn as its handshake.
        return this.#state.role === "server" ? null : this.#accepted(begins, event);
      case "eof":
        return event.direction === sends(this.#state.role)
          ? this.#farCall(begins, event, "recv b''", event.direction)
          : this.#farEnd(begins, event, "shutdown()");
      case "closed":
        return this.#farEnd(begins, event, "close()");
      case "reset":
        return this.#farReset(begins, event);
      default:
        return null;
    }
  }

  #begin(begins: Begin, asked: Opening["asked"], attempt: Opening["attempt"]): Opening {
    const syn: Span = { side: "near", state: "SYN_SENT", seen: this.#early.near === "SYN_SENT" };
    const opening: Opening = {
      ...begins,
      kind: "opening",
      asked,
      attempt,
      outcome: null,
      syn,
      after: null,
      accepted: false,
    };
    this.#opening = opening;
    return this.#rows.add(opening);
  }

  #attempt(begins: Begin, event: EventOf<"attempt">): Opening {
    const opening = this.#opening;
    if (!opening) return this.#begin(begins, null, event);
    if (opening.attempt) {
      opening.outcome = "next";
      opening.after = this.#rows.spans;
      this.#rows.list.changed(opening);
      return this.#begin(begins, null, event);
    }
    opening.attempt = event;
    return opening;
  }

  /** A visitor: both kernels have agreed, and no program at this end knows of it yet. */
  #arrived(begins: Begin, event: EventOf<"arrival">): Opening {
    const opening = this.#begin(begins, null, null);
    this.#opening = null;
    opening.outcome = event;
    // A datagram makes nobody anything.
    if (hasTcpStates(this.#state)) {
      opening.syn = { side: "far", state: "SYN_SENT", seen: false };
      this.#set("near", this.#state.near, false);
      this.#set("far", this.#state.far, false);
    }
    opening.after = this.#rows.spans;
    return opening;
  }

  #opened(begins: Begin, event: EventOf<"open">): Item {
    return this.#state.role === "server"
      ? this.#accepted(begins, event)
      : this.#connected(begins, event);
  }

  #connected(begins: Begin, event: EventOf<"open">): Opening {
    const opening = this.#opening ?? this.#begin(begins, null, null);
    opening.outcome = event;
    this.#opening = null;
    this.#move(false);
    for (const side of ["near", "far"] as const) {
      const span = this.#rows.spans[side];
      if (this.#early[side] === span.state) span.seen = true;
    }
    opening.after = this.#rows.spans;
    return opening;
  }

  /** TLS speaks before the page is told that it is connected: TCP is, or there would be nobody to hear. */
  #connectedInside(): void {
    const opening = this.#opening;
    if (!opening) return;
    opening.outcome = "inside";
    for (const side of ["near", "far"] as const) {
      this.#set(side, "ESTABLISHED", this.#early[side] === "ESTABLISHED");
    }
    opening.after = this.#rows.spans;
    this.#opening = null;
    this.#inside = true;
    this.#rows.list.changed(opening);
  }

  #failed(begins: Begin, event: EventOf<"error">): Item {
    this.#move(false);
    const never = this.#opening === null && this.#state.openedAt === null && !this.#inside;
    const opening = never ? this.#begin(begins, null, null) : this.#opening;
    if (!opening) return this.#moment(begins, event, null, "wrong");
    opening.outcome = event;
    opening.after = this.#rows.spans;
    this.#opening = null;
    return opening;
  }

  #closed(begins: Begin, event: EventOf<"closed">): Item {
    this.#move(false);
    const tail = this.#soon(event.at, "ending");
    // A peer of a page that serves UDP has no socket of its own to close.
    const text = this.#state.role === "server" && !hasTcpStates(this.#state) ? "let go" : "close()";
    if (!tail) return this.#moment(begins, event, { side: "near", text }, "calm");
    tail.after = this.#rows.spans;
    return tail;
  }

  /** The server's accept(2), whichever end that is. It belongs to the handshake unless it came late. */
  #accepted(begins: Begin, event: EventOf<"open">): Item {
    const opening = this.#opening ?? this.#soon(event.at, "opening");
    if (!opening) {
      const fromDoor = event.side === "near" && this.#rows.tail?.kind === "opening";
      const text = this.#state.transport === "udp" ? "taken in" : "accept()";
      const moment = this.#moment(begins, event, { side: event.side, text }, null);
      return Object.assign(moment, { fromDoor });
    }
    opening.accepted = true;
    return opening;
  }

  /** A FIN or RST at this page's socket; the far call that made it may have been seen just before. */
  #end(
    begins: Begin,
    packet: Ending["packet"],
    event: EventOf<"eof" | "reset" | "error">,
    call: string | null,
  ): Ending {
    const direction = event.kind === "error" ? sends(this.#state.role) : event.direction;
    const tail = this.#soon(event.at, "ending");
    const known = tail?.packet === packet && tail.direction === direction && !tail.arrived;
    const ending = known && tail ? tail : this.#ending(begins, packet, direction);
    ending.arrived = true;
    ending.event = event;
    ending.after = this.#rows.spans;
    if (call) ending.calls.near.push(call);
    return ending;
  }

  #ending(begins: Begin, packet: Ending["packet"], direction: Ending["direction"]): Ending {
    // The kernel may have told of the states before the program heard of the end.
    const told: Moment[] = [];
    for (;;) {
      const tail = this.#soon(begins.at, "moment");
      if (!tail || tail.call || tail.note) break;
      this.#rows.drop(tail);
      told.unshift(tail);
    }
    const { key, at, first, idle, before } = told[0] ?? begins;
    const ending = this.#rows.add<Ending>({
      ...begins,
      ...{ key, at, first, idle, before },
      kind: "ending",
      packet,
      direction,
      arrived: false,
      event: null,
      calls: { near: [], far: [] },
      after: this.#rows.spans,
    });
    for (const moment of told) moment.into = ending;
    return ending;
  }

  /** The other end's shutdown(2) or close(2): the first of them sends its FIN. */
  #farEnd(begins: Begin, event: Lone, text: string): Item {
    const tail = this.#soon(event.at, "ending");
    const direction = receives(this.#state.role);
    if (tail && (tail.direction === direction || tail.packet === "rst")) {
      tail.calls.far.push(text);
      return tail;
    }
    if (this.#finSeen || this.#state.phase !== "open")
      return this.#farCall(begins, event, text, null);
    this.#finSeen = true;
    const ending = this.#ending(begins, "fin", direction);
    ending.calls.far.push(text);
    return ending;
  }

  #farReset(begins: Begin, event: Lone): Item {
    const tail = this.#soon(event.at, "ending");
    const over = this.#state.phase !== "open";
    if (tail?.packet !== "rst" && over) return this.#farCall(begins, event, "close(), RST", null);
    const direction = receives(this.#state.role);
    const ending = tail?.packet === "rst" ? tail : this.#ending(begins, "rst", direction);
    ending.calls.far.push("close(), RST");
    return ending;
  }

  /** A far call beside the FIN of that direction, or on its own. */
  #farCall(begins: Begin, event: Lone, text: string, fin: Direction | null): Item {
    const tail = this.#soon(event.at, "ending");
    if (!tail || tail.direction !== fin)
      return this.#moment(begins, event, { side: "far", text }, null);
    tail.calls.far.push(text);
    return tail;
  }

  #moment(
    begins: Begin,
    event: ConversationEvent,
    call: Moment["call"],
    tone: NonNullable<Moment["note"]>["tone"] | null,
  ): Moment {
    const { role, transport } = this.#state;
    const said = overTransport(spoken(event, undefined, role), transport);
    const text = said.slice(said.indexOf(", ") + 2);
    const note = tone ? { text, tone } : null;
    const moment: Moment = {
      ...begins,
      kind: "moment",
      call,
      note,
      spoken: said,
      after: this.#rows.spans,
      fromDoor: false,
      into: null,
    };
    return this.#rows.add(moment);
  }

  /** The last row, when it is of this kind and was just now. */
  #soon<K extends Item["kind"]>(at: number, kind: K): Extract<Item, { kind: K }> | null {
    const tail = this.#rows.tail;
    if (tail?.kind !== kind || this.#rows.idle(at) >= SOON_SECONDS) return null;
    return tail as Extract<Item, { kind: K }>;
  }

  #kernel(event: EventOf<"kernel">, number: number): void {
    const { side, socket } = event;
    if (this.#opening) {
      this.#early[side] = socket.state;
      if (side === "near" && socket.state === "SYN_SENT") this.#confirm(this.#opening.syn);
      return this.#own(null);
    }
    const span = this.#rows.spans[side];
    this.#state = next(this.#state, event);
    if (span.state === socket.state) {
      this.#confirm(span);
      return this.#own(null);
    }
    const begins = this.#rows.base(keyOfEvent(number), number, event.at);
    this.#set(side, socket.state, true);
    const ending = this.#soon(event.at, "ending");
    if (ending && (ending.after[side] === ending.before[side] || !ending.after[side].seen)) {
      ending.after = this.#rows.spans;
      ending.last = number;
      this.#rows.list.changed(ending);
      return this.#own(ending);
    }
    const moment = this.#moment(begins, event, null, null);
    this.#rows.happened(event.at);
    this.#own(moment);
  }

  #confirm(span: Span): void {
    if (span.seen) return;
    span.seen = true;
    this.epoch++;
  }

  /** Begins new stretches where what has happened changes a state. */
  #move(seen: boolean): void {
    if (this.#state.phase === "opening" || !hasTcpStates(this.#state)) return;
    for (const side of ["near", "far"] as const) {
      if (this.#rows.spans[side].state !== this.#state[side])
        this.#set(side, this.#state[side], seen);
    }
  }

  #set(side: Side, state: Span["state"], seen: boolean): void {
    const spans: Spans = { ...this.#rows.spans };
    spans[side] = { side, state, seen };
    this.#rows.spans = spans;
  }
}

type Begin = ReturnType<ItemRows["base"]>;
