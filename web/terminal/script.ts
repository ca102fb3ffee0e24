/** What the terminal says about a conversation: its events as lines, output and marks. */
import { formatAddress, type Transport } from "../../shared/address.ts";
import {
  type ConversationEvent,
  type EventOf,
  endedAt,
  type Role,
  receives,
  sends,
} from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { peerOf } from "../model/ends.ts";
import { bytes, count } from "../model/format.ts";
import type { ByteRange } from "../model/selection.ts";
import {
  certificateText,
  datagramsOver,
  droppedText,
  openedText,
  overTransport,
  undeliveredText,
} from "../model/sentences-sockets.ts";
import { SafeDecoder, visibleText } from "../model/visible.ts";
import type { Gutter, Mark } from "./gutter.ts";
import type { Printer } from "./printer.ts";
import { receivedPart, restPart } from "./received-line.ts";
import { Sent } from "./sent.ts";
import { sentPart } from "./sent-line.ts";
import { escapes, sgr } from "./theme.ts";

/** Failures that the same address would meet again. */
const sameAgain: ReadonlySet<FailureCode> = new Set(["BAD_ADDRESS", "NOT_ALLOWED"]);
/** Lost and found again more often than this says nothing new; in seconds of the conversation. */
const FLAP_SECONDS = 10;
/** A flapping link that stays lost this long is mentioned after all, in milliseconds. */
const STILL_LOST_MS = 1500;

/** Of what has happened in a recording, the last events are printed, and of bytes no more than this. */
const MOST_PRINTED = { events: 4_000, bytes: 512 * 1024 };

export interface ScriptParts {
  talk: Dialogue;
  printer: Pick<Printer, "print">;
  gutter: Pick<Gutter, "make" | "changed">;
  /** It is a recording: nobody types, nothing is acknowledged, and nothing can be tried again. */
  recorded: boolean;
  /** Says a line to those who cannot see it. */
  announce: (text: string) => void;
}

export class Script {
  readonly #parts: ScriptParts;
  readonly #conversation: Conversation;
  readonly #unfollow: () => void;
  readonly sent: Sent;
  #decoder: SafeDecoder | null = null;
  /** The number of the event that is being told. */
  #number = 0;
  #ended = false;
  /** Our FIN: asked for with Ctrl-D, on the wire, or neither. */
  #fin: { mark: Mark } | "on the wire" | null = null;
  #lostSaidAt = Number.NEGATIVE_INFINITY;
  #lostIsSaid = false;
  #stillLost: ReturnType<typeof setTimeout> | undefined;

  /** Follows a conversation, beginning with what has already happened in it. */
  constructor(parts: ScriptParts, conversation: Conversation) {
    this.#parts = parts;
    this.#conversation = conversation;
    this.sent = new Sent(() => parts.gutter.changed());
    this.#catchUp(conversation);
    this.#unfollow = conversation.onEvent((event) => this.#follow(event, conversation.total - 1));
  }

  #catchUp({ events, forgotten }: Conversation): void {
    const first = this.#parts.recorded ? firstPrinted(events) : 0;
    // Of a conversation that goes on, those that are not known any more are not printed either.
    const unprinted = first > 0 ? first : this.#parts.recorded ? 0 : forgotten;
    if (unprinted > 0) this.say(`${count(unprinted, "earlier event")} not printed here.`, sgr.ink3);
    for (const [index, event] of events.entries()) {
      if (index >= first) this.#follow(event, forgotten + index);
    }
  }

  /** Prints one line of our own, and says it. */
  say(text: string, colour: string = sgr.ink2, mark?: Mark): void {
    this.#parts.announce(text);
    const part = { kind: "words", text: colour + visibleText(text) } as const;
    this.#parts.printer.print(mark ? { ...part, mark } : part);
  }

  /** Ctrl-D: our direction is to end. */
  sayShutdown(): void {
    if (this.#transport === "udp") {
      return this.say("UDP has no end to send. Press Close to let go of this end.");
    }
    const mark = this.#worded(this.#parts.gutter.make(`fin-${sends(this.#role)}`, 0, true));
    this.#fin = { mark };
    const then =
      this.#role === "client" ? "The server may still answer" : "The client may still send";
    const text = `You ended your direction (FIN). ${then}.`;
    this.say(overTransport(text, this.#transport), sgr.ink2, mark);
  }

  /** Which end the page is, or was when it was recorded. */
  get #role(): Role {
    return this.#conversation.state.role;
  }

  follows(conversation: Conversation): boolean {
    return conversation === this.#conversation;
  }

  dispose(): void {
    clearTimeout(this.#stillLost);
    this.#unfollow();
  }

  #follow(event: ConversationEvent, number: number): void {
    if (event.side === "far") return;
    this.#number = number;
    switch (event.kind) {
      case "opening":
      case "arrival":
      case "attempt":
      case "option":
      case "kernel":
        return;
      case "open":
        return this.say(openedText(event.remote, this.#transport, this.#role), sgr.ink3);
      case "data":
        return event.direction === sends(this.#role)
          ? this.#confirmed(event)
          : this.#received(event);
      case "eof":
        return event.direction === sends(this.#role) ? this.#finSent() : this.#hungUp();
      case "state":
        return event.link === "lost" ? this.#lost(event.at) : this.#resumed();
      case "tls":
        return this.say(certificateText(event), event.trusted ? sgr.ink3 : sgr.error);
      case "undelivered":
        return this.say(sentenceOf(undeliveredText(event)), sgr.error);
      case "dropped":
        return this.say(sentenceOf(droppedText(event)), sgr.closing);
      default:
        return this.#over(event);
    }
  }

  #received(event: EventOf<"data">): void {
    const { talk, printer, gutter } = this.#parts;
    // It goes into a file, and is acknowledged when it is there.
    if (!this.#parts.recorded && talk.diverted) return this.#flush();
    const { direction, offset, length } = event;
    this.#decoder ??= new SafeDecoder(escapes[direction]);
    const text = this.#decoder.decode(event.bytes);
    const consumed = () => talk.consumed(this.#conversation, length);
    const mark = gutter.make(direction, length);
    mark.about = this.#about({ direction, start: offset, end: offset + length });
    const part = { ...receivedPart(text, this.#role), mark };
    printer.print(this.#parts.recorded ? part : { ...part, done: consumed });
  }

  #confirmed(event: EventOf<"data">): void {
    const { direction, offset, length } = event;
    let at = 0;
    this.sent.confirm(length, (mark, taken) => {
      const start = offset + at;
      if (mark) {
        const range = { direction, start: mark.about?.range?.start ?? start, end: start + taken };
        mark.about = { ...this.#about(range), event: mark.about?.event ?? this.#number };
      } else this.#sentElsewhere(event, at, at + taken);
      at += taken;
    });
    if (at < length) this.#sentElsewhere(event, at, length);
  }

  /**
   * What nobody typed here is printed when it is told: in a recording, before this terminal was made,
   * or by an answer that the page gives by itself.
   */
  #sentElsewhere({ direction, offset, bytes }: EventOf<"data">, from: number, to: number): void {
    const mark = this.#parts.gutter.make(direction, to - from);
    mark.about = this.#about({ direction, start: offset + from, end: offset + to });
    const part = sentPart(bytes.subarray(from, to), to - from, this.#role);
    this.#parts.printer.print({ ...part, mark });
  }

  #about(range: ByteRange | null): NonNullable<Mark["about"]> {
    return { of: this.#conversation, event: this.#number, range };
  }

  get #transport(): Transport {
    return this.#conversation.state.transport;
  }

  /** FIN and RST are TCP's. */
  #worded(mark: Mark): Mark {
    if (this.#transport === "unix") mark.word = mark.kind === "rst" ? "cut" : "end";
    return mark;
  }

  /** A mark for the event that is being told, which carries no bytes. */
  #mark(kind: "fin-out" | "fin-in" | "rst"): Mark {
    const mark = this.#worded(this.#parts.gutter.make(kind));
    mark.about = this.#about(null);
    return mark;
  }

  /** Half a character at the end is shown for what it is. */
  #flush(): void {
    const text = this.#decoder?.end() ?? "";
    if (text !== "") this.#parts.printer.print(restPart(text, this.#role));
  }

  #hungUp(): void {
    this.#flush();
    const role = this.#role;
    const first = endedAt(this.#conversation.state, sends(role)) === null;
    const text = `The ${peerOf(role)} hung up${first ? "" : " too"}.`;
    this.say(text, sgr.closing, this.#mark(`fin-${receives(role)}`));
    if (!first || this.#parts.recorded) return;
    if (this.#parts.talk.hangsUpToo || this.#fin) return;
    this.say(`Your end is still open${this.#transport === "unix" ? "" : ": CLOSE_WAIT"}.`);
    this.say("Press Close to hang up too.");
  }

  #finSent(): void {
    if (this.#fin && this.#fin !== "on the wire") {
      this.#fin.mark.pending = false;
      this.#fin.mark.about = this.#about(null);
      this.#parts.gutter.changed();
      this.#fin = null;
    } else if (endedAt(this.#conversation.state, receives(this.#role)) === null) {
      this.say("You hung up.", sgr.ink, this.#mark(`fin-${sends(this.#role)}`));
    } else this.#fin = "on the wire";
  }

  #lost(at: number): void {
    const say = () => {
      this.#lostIsSaid = true;
      this.#lostSaidAt = at;
      const what = this.#transport === "udp" ? "socket" : "connection";
      const text = `Link to the gateway lost. The gateway keeps the ${what} for a while.`;
      this.say(text, sgr.ink3);
    };
    clearTimeout(this.#stillLost);
    if (at - this.#lostSaidAt >= FLAP_SECONDS) say();
    else this.#stillLost = setTimeout(say, STILL_LOST_MS);
  }

  #resumed(): void {
    clearTimeout(this.#stillLost);
    if (this.#lostIsSaid) this.say("Link is back, nothing lost.", sgr.ink3);
    this.#lostIsSaid = false;
  }

  #over(event: EventOf<"reset" | "error" | "closed">): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#stillLost);
    this.#flush();
    if (event.kind === "closed") this.#closed();
    else this.#failed(event);
    const unsent = this.sent.waiting;
    if (unsent > 0) this.say(`Never sent: ${bytes(unsent)}.`, sgr.ink);
    this.sent.drop(unsent);
    // A server waits for others: it has nobody to call again.
    if (this.#parts.recorded || this.#role === "server") return;
    const { openedAt } = this.#conversation.state;
    const useless = event.kind === "error" && sameAgain.has(event.code);
    const again = useless ? "Try another address." : "Press Enter to connect again.";
    this.say(openedAt === null ? `Nothing was sent. ${again}` : again);
  }

  #closed(): void {
    const fin = `fin-${sends(this.#role)}` as const;
    const mark = this.#fin === "on the wire" ? this.#mark(fin) : undefined;
    const closed = `Connection to ${peerOf(this.#role)} closed`;
    this.say(this.#transport === "udp" ? datagramsOver(this.#role) : closed, sgr.ink, mark);
  }

  #failed(event: EventOf<"reset" | "error">): void {
    const { talk } = this.#parts;
    const { openedAt, address } = this.#conversation.state;
    const wasOpen = openedAt !== null;
    const failure = talk.failureOf(this.#conversation);
    if (!failure) {
      const cut = overTransport("Connection cut off (RST).", this.#transport);
      this.say(wasOpen ? cut : "Cancelled.", sgr.ink);
      return;
    }
    if (!wasOpen && this.#role === "client")
      this.#command(address ? formatAddress(address) : talk.addressText);
    const isUnix = this.#transport === "unix";
    const isReset = event.kind === "reset" || (event.code === "ECONNREFUSED" && !isUnix);
    this.say(failure.headline, sgr.error, isReset ? this.#mark("rst") : undefined);
    // What to try is beside the terminal, where the failure is explained.
    this.say(failure.sentence, sgr.ink);
  }

  /** `$ talk tcp://…`: what was tried. */
  #command(address: string): void {
    const text = `${sgr.ink3}$ talk ${sgr.ink}${visibleText(address)}`;
    this.#parts.printer.print({ kind: "line", text });
  }
}

const sentenceOf = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Index of the first event that is printed when a recording is caught up with: the screen holds no more. */
function firstPrinted(events: readonly ConversationEvent[]): number {
  let first = Math.max(0, events.length - MOST_PRINTED.events);
  let kept = 0;
  for (let index = events.length - 1; index >= first; index--) {
    const event = events[index];
    if (event?.kind === "data") kept += event.bytes.length;
    if (kept > MOST_PRINTED.bytes && index < events.length - 1) first = index + 1;
  }
  return first;
}
