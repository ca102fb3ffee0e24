/**
 * The ladder as drawing instructions: `ladder.ts` makes them from events, the view draws them, and
 * the SVG export draws the same ones. Nothing here knows SVG, React or pixels of a screen.
 *
 * Vertical lengths are in units of the normal text size (1 unit = 1 CSS pixel there), from the top of
 * the row. Horizontally there are only the two lifelines: a shape says which it belongs to. The `y` of
 * a text is its middle.
 */
import type { Direction } from "../../shared/conversation.ts";
import type { TcpState } from "../../shared/tcp.ts";
import type { Column } from "./ends.ts";
import type { ByteRange } from "./selection.ts";

/** A stretch of a lifeline within one row. */
export interface LifeShape {
  kind: "life";
  column: Column;
  top: number;
  bottom: number;
  /** Pattern: a TCP state; `hollow`: a socket that cannot be seen from here; `none`: no socket. */
  pattern: TcpState | "hollow" | "none";
  /** The kernel said so; else it was worked out from calls. */
  seen: boolean;
}

/** A state's name beside a lifeline, where it begins. */
export interface StateShape {
  kind: "state";
  column: Column;
  y: number;
  state: TcpState;
  seen: boolean;
}

/**
 * Bytes on their way, thickness by their number: from the sender's edge (`from`) to the receiver's
 * (`to`), each as top and bottom. One send read in two pieces makes two bands with one `from` block.
 */
export interface BandShape {
  kind: "band";
  direction: Direction;
  from: readonly [number, number];
  to: readonly [number, number];
  range: ByteRange;
  /** The sender's calls can be seen; else the band comes out of the open. */
  leaves: boolean;
  /** The receiver's call was seen; else the band ends in the open. */
  arrives: boolean;
}

/** A call on a socket, drawn outside its lifeline: `send 12 B`. */
export interface BlockShape {
  kind: "block";
  column: Column;
  direction: Direction;
  top: number;
  bottom: number;
  label: string;
  /** Absolute number of the event in the conversation. */
  event: number;
  /** The call's bytes within this row. */
  range: ByteRange;
  /** The call began in an earlier row (`above`), or goes on in a later one (`below`): that edge stays open. */
  goesOn: { above: boolean; below: boolean };
  /** `at 4.563`: long after the time of its row. */
  late?: string;
}

/** What the bytes say, above a band: `“Wake up, Neo”`. */
export interface QuoteShape {
  kind: "quote";
  direction: Direction;
  y: number;
  text: string;
}

/** A packet without bytes. Dashed when nobody saw it: SYN, SYN+ACK, ACK, and every RST. */
export interface PacketShape {
  kind: "packet";
  direction: Direction;
  /** At the sender's lifeline and at the receiver's. */
  fromY: number;
  toY: number;
  label: string;
  /** A second line in plain words: `may I talk to port 9090?` */
  note: string | null;
  /** `fin` ends in ‖, `rst` in ✕, `syn` and `ack` in an arrow head. */
  head: "arrow" | "fin" | "rst";
  seen: boolean;
  wrong: boolean;
}

/** A call without bytes, named beside its lifeline: `connect()`, `accept()`, `shutdown()`, `close()`. */
export interface CallShape {
  kind: "call";
  column: Column;
  y: number;
  text: string;
}

/** A pause: both lifelines are broken, and the gap says how long. */
export interface IdleShape {
  kind: "idle";
  y: number;
  text: string;
}

/** Many calls in a short time, drawn as one body that opens into its calls. */
export interface BundleShape {
  kind: "bundle";
  /** null: both ways, taking turns. */
  direction: Direction | null;
  top: number;
  bottom: number;
  /** `1,024 reads, 64.0 MiB in 3.2 s` */
  text: string;
}

/** Something said across the whole width: the link was lost, events are no longer kept. */
export interface NoteShape {
  kind: "note";
  y: number;
  text: string;
  tone: "calm" | "closing" | "wrong" | "good";
}

/** A time on the axis at the left. */
export interface TimeShape {
  kind: "time";
  y: number;
  text: string;
}

export type LadderShape =
  | LifeShape
  | StateShape
  | BandShape
  | BlockShape
  | QuoteShape
  | PacketShape
  | CallShape
  | IdleShape
  | BundleShape
  | NoteShape
  | TimeShape;

/**
 * One thing that happened, with what belongs to it; rows do not overlap. A row never changes: when
 * something in it does, its place included, there is another object with the same key.
 */
export interface LadderRow {
  /** Stays the same while the row grows. */
  key: number;
  /** From the top of the ladder. */
  top: number;
  height: number;
  /** Absolute numbers of the first event in it and of the last. */
  first: number;
  last: number;
  shapes: readonly LadderShape[];
  /** For a screen reader: `11.870 s, sent 23 bytes, read as 16 and 7: Follow the white rabbit`. */
  spoken: string;
  /** What selecting the row picks out. */
  range: ByteRange | null;
  /** It is a bundle that can be opened, or was. */
  opens: "closed" | "open" | null;
}

/** What a view needs of a ladder. Draw a window with `rowAt` and `row`; `rows` makes all of them. */
export interface LadderView {
  /** How many rows there are. */
  readonly length: number;
  /** Of all rows together. */
  readonly height: number;
  /** All rows, for a drawing of the whole; the same array until something changes. */
  readonly rows: readonly LadderRow[];
  row(index: number): LadderRow | undefined;
  /** Index of the row at `y` from the top; the first or the last when it is beyond; -1 without rows. */
  rowAt(y: number): number;
  /** Index of the row that shows an event, the closed bundle around it included; -1 when none does. */
  rowOfEvent(number: number): number;
  /** Index of the row with the first byte of the range; -1 when none has it. */
  rowOfRange(range: ByteRange): number;
  /** Opens a closed bundle, closes an open one; an open one is followed by its rows. */
  toggle(row: LadderRow): void;
  /** Takes in the events that came since. @returns false when there were none. */
  update(): boolean;
}
