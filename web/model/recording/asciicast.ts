/**
 * A conversation as a terminal recording (asciicast v3): what the page's terminal shows, with the marks
 * of its margin as text. Of a peer's bytes only text is left, and no control character.
 */
import { formatAddress, type Transport } from "../../../shared/address.ts";
import {
  type ConversationEvent,
  type Direction,
  type EventOf,
  type Role,
  receives,
  sends,
} from "../../../shared/conversation.ts";
import { explain } from "../../../shared/errors.ts";
import { peerOf } from "../ends.ts";
import { bytes as amount, count } from "../format.ts";
import { LONGEST_PAUSE } from "../replay-times.ts";
import {
  certificateText,
  datagramsOver,
  droppedText,
  openedText,
  undeliveredText,
} from "../sentences-sockets.ts";
import { type EscapeStyle, SafeDecoder, safeText, visibleText } from "../visible.ts";
import { portions } from "./parts.ts";
import {
  addressOf,
  type Parts,
  type Recording,
  roleOf,
  transportOfRecording,
} from "./recording.ts";

const COLUMNS = 100;
const ROWS = 30;
/** Columns of the margin: `→ 12 B` fits, `→ 1.50 MiB` too. */
const MARGIN = 12;

/** Colours of the player's own palette. */
const sgr = {
  plain: "\x1b[0m",
  quiet: "\x1b[0;2m",
  out: "\x1b[0;33m",
  in: "\x1b[0;34m",
  closing: "\x1b[0;35m",
  error: "\x1b[0;1;31m",
} as const;
/** Of marks: the colour of their direction, as in the page. */
const markColours: Record<string, string> = { "→": sgr.out, "←": sgr.in, "×": sgr.error };
const arrows: Record<Direction, string> = { out: "→", in: "←" };
const escapes: Record<Direction, EscapeStyle> = {
  out: { open: "\x1b[93m", close: "\x1b[33m" },
  in: { open: "\x1b[36m", close: "\x1b[34m" },
};
/** What stands before what this end sent, and before each of its reads. */
const prompts: Record<Role, string> = { client: "Enter message: ", server: "Answer: " };
const heads: Record<Role, string> = { client: "", server: "Received: " };
/** A send up to this size is printed as the line that it probably was; a longer one is counted. */
const LONGEST_LINE_BYTES = 4 * 1024;

/** What the terminal says nothing about. */
type Unsaid = EventOf<"kernel" | "attempt" | "arrival" | "option">;
const unsaid: ReadonlySet<ConversationEvent["kind"]> = new Set<Unsaid["kind"]>([
  "kernel",
  "attempt",
  "arrival",
  "option",
]);
const isUnsaid = (event: ConversationEvent): event is Unsaid => unsaid.has(event.kind);

/** The whole file: a header, then `[seconds since the line before, code, text]`. */
export function writeAsciicast(recording: Recording): Parts {
  return portions(lines(recording));
}

function* lines(recording: Recording): Iterable<string> {
  const address = addressOf(recording);
  const header = {
    version: 3,
    term: { cols: COLUMNS, rows: ROWS, type: "xterm-256color" },
    timestamp: Math.floor(recording.startedAt / 1000),
    idle_time_limit: LONGEST_PAUSE,
    title: address ? `Wireside: ${formatAddress(address)}` : "Wireside",
  };
  yield `${JSON.stringify(header)}\n`;
  const screen = new Screen(recording);
  // Rounded against the beginning, so that many small pauses do not add up to an error.
  let told = 0;
  for (const event of recording.events) {
    const text = screen.show(event);
    if (text === "") continue;
    const now = Math.round(event.at * 1000);
    const pause = ((now - told) / 1000).toFixed(3);
    told = now;
    yield `[${pause},"o",${JSON.stringify(text)}]\n`;
    const label = markerOf(event, screen);
    if (label) yield `[0.000,"m",${JSON.stringify(label)}]\n`;
  }
}

/** Where a player can jump to. */
function markerOf(
  event: ConversationEvent,
  { role, transport }: Pick<Screen, "role" | "transport">,
): string | null {
  const [end, reset] = transport === "unix" ? ["End", "Broken off"] : ["FIN", "RST"];
  if (event.kind === "eof")
    return `${end} ${event.direction === sends(role) ? "sent" : "received"}`;
  if (event.kind === "reset") return reset;
  if (event.kind !== "open") return null;
  if (role === "server") return transport === "udp" ? "Taken in" : "Accepted";
  return transport === "udp" ? "Socket open" : "Connected";
}

/** What each event adds to the screen, as one text with colours. */
class Screen {
  /** Which end the page was. */
  readonly role: Role;
  readonly #recording: Recording;
  readonly #decoder: SafeDecoder;
  #target: { host: string; port: number } = { host: "", port: 0 };
  readonly transport: Transport;
  #opened = false;
  #ended = { out: false, in: false };
  #over = false;
  /** The next row is still to be begun. */
  #first = true;

  constructor(recording: Recording) {
    this.#recording = recording;
    this.transport = transportOfRecording(recording);
    this.role = roleOf(recording);
    this.#decoder = new SafeDecoder(escapes[receives(this.role)]);
  }

  show(event: ConversationEvent): string {
    if (event.side === "far" || isUnsaid(event)) return "";
    const { forgotten } = this.#recording;
    const before = this.#first && forgotten > 0 ? this.#say(forgottenText(forgotten)) : "";
    this.#first = false;
    return before + this.#text(event);
  }

  #text(event: Exclude<ConversationEvent, Unsaid>): string {
    switch (event.kind) {
      case "opening":
        this.#target = event.address;
        return this.#row("", sgr.plain, `$ talk ${formatAddress(event.address)}`);
      case "open":
        this.#opened = true;
        if (this.#target.host === "") this.#target = event.remote;
        return this.#say(openedText(event.remote, this.transport, this.role));
      case "data":
        return event.direction === sends(this.role) ? this.#sent(event) : this.#received(event);
      case "eof":
        return this.#eof(event);
      case "state":
        return event.link === "lost"
          ? this.#say("Link to the gateway lost. The gateway keeps the connection for a while.")
          : this.#say("Link is back, nothing lost.");
      case "tls":
        return this.#say(certificateText(event));
      case "undelivered":
        return this.#row("", sgr.error, undeliveredText(event));
      case "dropped":
        return this.#say(droppedText(event));
      default:
        return this.#end(event);
    }
  }

  #sent({ direction, bytes, length }: EventOf<"data">): string {
    const mark = `${arrows[direction]} ${amount(length)}`;
    const line = new TextDecoder().decode(bytes).replace(/\r?\n$/, "");
    if (bytes.length < length || length > LONGEST_LINE_BYTES || line.includes("\n")) {
      return this.#row(mark, sgr[direction], `Sent ${count(length, "byte")}`);
    }
    const typed = safeText(line, escapes[direction]);
    return this.#row(mark, sgr.quiet, `${prompts[this.role]}${sgr[direction]}${typed}`);
  }

  #received({ direction, bytes, length }: EventOf<"data">): string {
    let text = this.#decoder.decode(bytes);
    const lost = length - bytes.length;
    if (lost > 0) text += `${this.#decoder.end()}${sgr.quiet}… ${amount(lost)} not kept`;
    const mark = `${arrows[direction]} ${amount(length)}`;
    const head = heads[this.role];
    if (head === "") return this.#row(mark, sgr[direction], text);
    return this.#row(mark, sgr.quiet, `${head}${sgr[direction]}${text}`);
  }

  #eof({ direction }: EventOf<"eof">): string {
    const too = this.#ended.in || this.#ended.out;
    this.#ended[direction] = true;
    const mark = `${arrows[direction]} ${this.#fin}`;
    if (direction === sends(this.role))
      return this.#row(mark, sgr.plain, too ? "You hung up too." : "You hung up.");
    const text = `The ${peerOf(this.role)} hung up${too ? " too" : ""}.`;
    return this.#rest() + this.#row(mark, sgr.closing, text);
  }

  /** Only TCP ends with a FIN. */
  get #fin(): string {
    return this.transport === "unix" ? "end" : "FIN";
  }

  /** Half a character at the end is shown for what it is. */
  #rest(): string {
    const rest = this.#decoder.end();
    return rest === "" ? "" : this.#row("", sgr[receives(this.role)], rest);
  }

  #end(event: EventOf<"reset" | "error" | "closed">): string {
    if (this.#over) return "";
    this.#over = true;
    const rest = this.#rest();
    if (event.kind === "closed") {
      const closed = `Connection to ${peerOf(this.role)} closed`;
      return (
        rest +
        this.#row("", sgr.plain, this.transport === "udp" ? datagramsOver(this.role) : closed)
      );
    }
    const broken = event.kind === "reset" || event.code === "ECONNREFUSED";
    const isTcp = this.transport === "tcp" || this.transport === "tls";
    const mark = broken && isTcp ? "× RST" : "";
    if (event.code === "CLOSED" || event.code === "CANCELLED") {
      const cut = `Connection cut off${isTcp ? " (RST)" : ""}.`;
      const text = this.#opened ? cut : "Cancelled.";
      return rest + this.#row(mark, sgr.plain, text);
    }
    const context = { ...this.#target, detail: event.detail };
    const failure = explain(event.code, context, this.#recording.platform);
    const headline = this.#row(mark, sgr.error, visibleText(failure.headline));
    return `${rest}${headline}${this.#row("", sgr.plain, wrapped(visibleText(failure.sentence)))}`;
  }

  #say(text: string): string {
    return this.#row("", sgr.quiet, visibleText(text));
  }

  /** A mark in the margin and a text beside it; whatever comes next begins a row of its own. */
  #row(mark: string, colour: string, text: string): string {
    const margin = `${markColours[mark.charAt(0)] ?? sgr.plain}${mark.padEnd(MARGIN)}`;
    const indented = text.replace(/\r?\n$/, "").replaceAll(/\r?\n/g, `\r\n${" ".repeat(MARGIN)}`);
    return `${margin}${colour}${indented}${sgr.plain}\r\n`;
  }
}

/** Our own words in rows beside the margin; a word that is longer than a row stays whole. */
function wrapped(text: string): string {
  const rows: string[] = [];
  let row = "";
  for (const word of text.split(" ")) {
    if (row !== "" && row.length + 1 + word.length > COLUMNS - MARGIN) {
      rows.push(row);
      row = word;
    } else row = row === "" ? word : `${row} ${word}`;
  }
  return [...rows, row].join("\n");
}

function forgottenText(events: number): string {
  return `${count(events, "earlier event")} not kept.`;
}
