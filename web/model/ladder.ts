/**
 * The ladder: a conversation as rows between two lifelines, with what both ends did. Events are taken
 * in one by one; a row's shapes are made when somebody looks at it.
 */
import { type ConversationState, initialState, next } from "../../shared/conversation.ts";
import type { Conversation } from "./conversation.ts";
import { count } from "./format.ts";
import { draw, heightOf } from "./ladder-draw.ts";
import { Fold } from "./ladder-fold.ts";
import type { Bundle, Item, Message } from "./ladder-items.ts";
import { List } from "./ladder-list.ts";
import { ItemRows, inBundle } from "./ladder-rows.ts";
import type { Scene } from "./ladder-scene.ts";
import type { LadderRow, LadderShape, LadderView } from "./ladder-shapes.ts";
import { spokenRow } from "./ladder-spoken.ts";
import type { ByteRange } from "./selection.ts";

/** A conversation that was over before this shows its times in milliseconds. */
const SHORT_SECONDS = 0.01;
/** The row that says that earlier events are no longer kept. */
const FORGOTTEN_KEY = -1;
const FORGOTTEN_HEIGHT = 40;

export class Ladder implements LadderView {
  readonly #conversation: Conversation;
  readonly #projected: boolean;
  #rows!: ItemRows;
  #fold!: Fold;
  #scene!: Scene;
  /** Number of the next event, and of the first that was still kept when this was built. */
  #next = 0;
  #begins = 0;
  /** What all rows were drawn with. */
  #epoch = 0;
  #all: LadderRow[] | null = null;
  #forgotten: LadderRow | null = null;

  /** @param projected see `Scene`. */
  constructor(conversation: Conversation, projected = false) {
    this.#conversation = conversation;
    this.#projected = projected;
    this.#build();
  }

  get length(): number {
    return this.#rows.list.length + this.#offset;
  }

  get height(): number {
    return this.#rows.list.height + this.#margin;
  }

  get rows(): readonly LadderRow[] {
    if (!this.#all) {
      this.#all = [];
      for (let i = 0; i < this.length; i++) this.#all.push(this.row(i) as LadderRow);
    }
    return this.#all;
  }

  row(index: number): LadderRow | undefined {
    if (this.#forgotten && index === 0) return this.#forgotten;
    const { list } = this.#rows;
    const item = list.at(index - this.#offset);
    if (!item) return undefined;
    // Its bottom as well, so that the item is measured.
    list.top(index - this.#offset + 1);
    const top = this.#rows.list.top(index - this.#offset) + this.#margin;
    const row = item.row;
    if (row && row.top === top) return row;
    item.row = new Row(item, this.#scene, top, row instanceof Row ? row : null);
    return item.row;
  }

  rowAt(y: number): number {
    if (this.#forgotten && (y < this.#margin || this.length === 1)) return 0;
    const found = this.#rows.list.indexAt(y - this.#margin);
    return found < 0 ? -1 : found + this.#offset;
  }

  rowOfEvent(number: number): number {
    if (this.#forgotten && number < this.#begins) return 0;
    const event = this.#conversation.event(number);
    if (event?.kind !== "data") return this.#indexOf(this.#fold.owner(number));
    // By its bytes: the row it came into may have been cut since.
    const { direction, offset, length } = event;
    return this.rowOfRange({ direction, start: offset, end: offset + length });
  }

  rowOfRange(range: ByteRange): number {
    const stream = this.#rows.streams[range.direction];
    const message = stream.messages.at(stream.indexOf(range.start));
    return message && message.start <= range.start ? this.#indexOf(message) : -1;
  }

  toggle(row: LadderRow): void {
    const bundle = row.opens ? this.#itemOf(row) : undefined;
    if (bundle?.kind !== "bundle") return;
    this.#rows.toggle(bundle);
    this.#all = null;
  }

  update(): boolean {
    const { total, forgotten } = this.#conversation;
    if (forgotten > this.#begins) return this.#rebuild();
    if (this.#next === total) return false;
    for (; this.#next < total; this.#next++) {
      const event = this.#conversation.event(this.#next);
      if (event) this.#fold.add(event, this.#next);
    }
    this.#all = null;
    this.#refresh();
    return true;
  }

  /** The row that says how much is forgotten comes before all items. */
  get #offset(): number {
    return this.#forgotten ? 1 : 0;
  }
  get #margin(): number {
    return this.#forgotten?.height ?? 0;
  }

  #build(): void {
    const { forgotten } = this.#conversation;
    this.#next = forgotten;
    this.#begins = forgotten;
    this.#epoch = 0;
    this.#all = null;
    this.#forgotten = forgotten > 0 ? forgottenRow(forgotten) : null;
    const list = new List((item) => heightOf(item, this.#scene));
    this.#rows = new ItemRows(list);
    this.#fold = new Fold(this.#rows, forgotten, stateBefore(this.#conversation));
    this.#scene = {
      role: this.#fold.state.role,
      streams: this.#rows.streams,
      event: (number) => this.#conversation.event(number),
      farVisible: false,
      farCalls: false,
      transport: "tcp",
      short: false,
      projected: this.#projected,
    };
    this.update();
  }

  /** Earlier events are gone: the rows are made again from what is kept, and open bundles stay open. */
  #rebuild(): boolean {
    const open: Message[] = [];
    for (const item of topLevel(this.#rows)) {
      if (item.kind === "bundle" && item.open) open.push(item.tail);
    }
    this.#build();
    for (const { direction, end } of open) {
      // By its last byte: its first may be forgotten.
      const stream = this.#rows.streams[direction];
      const bundle = stream.messages.at(stream.indexOf(end - 1))?.bundle;
      if (bundle && !bundle.open) this.#rows.toggle(bundle);
    }
    return true;
  }

  /** What every row shows may have changed: then all are made again, as they are asked for. */
  #refresh(): void {
    const { phase, lastAt, role, transport } = this.#fold.state;
    const over = phase === "failed" || phase === "closed";
    const short = over && lastAt < SHORT_SECONDS;
    const { epoch, farVisible, farCalls } = this.#fold;
    const before = this.#scene;
    const same = epoch === this.#epoch && role === before.role && transport === before.transport;
    if (same && short === before.short) return;
    this.#epoch = epoch;
    this.#scene = { ...before, role, transport, farVisible, farCalls, short };
    for (const item of topLevel(this.#rows)) {
      item.row = null;
      if (item.kind === "bundle") for (const message of inBundle(item)) message.row = null;
    }
  }

  /** The item of a row, which may have moved since: rows above it were opened or closed. */
  #itemOf(row: LadderRow): Item | undefined {
    const { list } = this.#rows;
    const near = list.at(this.rowAt(row.top) - this.#offset);
    if (near?.key === row.key) return near;
    for (let i = 0; i < list.length; i++) if (list.at(i)?.key === row.key) return list.at(i);
    return undefined;
  }

  #indexOf(item: Item | null): number {
    if (!item) return -1;
    const { bundle } = item;
    const shown = bundle && !bundle.open ? bundle : item;
    const index = this.#rows.list.indexOf(shown);
    return index < 0 ? -1 : index + this.#offset;
  }
}

/** A row whose shapes and sentence are made when they are asked for. */
class Row implements LadderRow {
  readonly key: number;
  readonly top: number;
  readonly height: number;
  readonly first: number;
  readonly last: number;
  readonly range: ByteRange | null;
  readonly opens: LadderRow["opens"];
  readonly #item: Item;
  readonly #scene: Scene;
  #shapes: readonly LadderShape[] | null;
  #spoken: string | null;

  constructor(item: Item, scene: Scene, top: number, same: Row | null) {
    this.key = item.key;
    this.top = top;
    this.height = item.height;
    this.first = item.first;
    this.last = item.last;
    this.range = rangeOf(item);
    this.opens = item.kind === "bundle" ? (item.open ? "open" : "closed") : null;
    this.#item = item;
    this.#scene = scene;
    this.#shapes = same ? same.#shapes : null;
    this.#spoken = same ? same.#spoken : null;
  }

  get shapes(): readonly LadderShape[] {
    this.#shapes ??= draw(this.#item, this.height, this.#scene);
    return this.#shapes;
  }

  get spoken(): string {
    this.#spoken ??= spokenRow(this.#item, this.#scene);
    return this.#spoken;
  }
}

function rangeOf(item: Item): ByteRange | null {
  if (item.kind === "message") {
    const { direction, start, end } = item;
    return { direction, start, end };
  }
  if (item.kind !== "bundle" || !item.direction) return null;
  return { direction: item.direction, start: item.head.start, end: (item as Bundle).tail.end };
}

function* topLevel(rows: ItemRows): Iterable<Item> {
  for (let item = rows.tail; item; item = item.prev) yield item;
}

function forgottenRow(forgotten: number): LadderRow {
  const text = `${count(forgotten, "earlier event")} ${forgotten === 1 ? "is" : "are"} no longer kept`;
  return {
    key: FORGOTTEN_KEY,
    top: 0,
    height: FORGOTTEN_HEIGHT,
    first: 0,
    last: forgotten - 1,
    shapes: [{ kind: "note", y: FORGOTTEN_HEIGHT / 2, text, tone: "calm" }],
    spoken: text,
    range: null,
    opens: null,
  };
}

/** How the ends were when the first event came that is still kept: as far as the others tell. */
function stateBefore(conversation: Conversation): ConversationState {
  const { state, forgotten, events } = conversation;
  const [first] = events;
  let before: ConversationState = { ...initialState, role: state.role };
  if (forgotten === 0 || !first || state.openedAt === null) return before;
  before = { ...before, address: state.address, transport: state.transport };
  const kept = new Set<string>();
  for (const event of events) {
    if (event.side !== "near") continue;
    if (event.kind === "open") return before;
    if (event.kind === "eof") kept.add(event.direction);
  }
  const { local, remote } = state;
  if (local && remote) {
    before = next(before, { kind: "open", at: state.openedAt, side: "near", local, remote });
  }
  const ends = [
    { direction: "out", at: state.outEnded },
    { direction: "in", at: state.inEnded },
  ] as const;
  for (const { direction, at } of [...ends].sort((a, b) => (a.at ?? 0) - (b.at ?? 0))) {
    if (at !== null && !kept.has(direction))
      before = next(before, { kind: "eof", at, side: "near", direction });
  }
  return before;
}
