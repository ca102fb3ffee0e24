/** What the terminal says about a conversation: its events as lines, output and marks. */
import { formatAddress, formatEndpoint } from "../../shared/address.ts";
import type { ConversationEvent, EventOf } from "../../shared/conversation.ts";
import type { FailureCode } from "../../shared/errors.ts";
import type { Conversation } from "../model/conversation.ts";
import { bytes } from "../model/format.ts";
import type { ByteRange } from "../model/selection.ts";
import type { Talk } from "../model/talk.ts";
import { SafeDecoder, visibleText } from "../model/visible.ts";
import type { Gutter, Mark } from "./gutter.ts";
import type { Printer } from "./printer.ts";
import { Sent } from "./sent.ts";
import { inEscapes, sgr } from "./theme.ts";

/** Failures that the same address would meet again. */
const sameAgain: ReadonlySet<FailureCode> = new Set(["BAD_ADDRESS", "NOT_ALLOWED"]);
/** Lost and found again more often than this says nothing new; in seconds of the conversation. */
const FLAP_SECONDS = 10;
/** A flapping link that stays lost this long is mentioned after all, in milliseconds. */
const STILL_LOST_MS = 1500;

export interface ScriptParts {
  talk: Talk;
  printer: Printer;
  gutter: Gutter;
  /** Says a line to those who cannot see it. */
  announce: (text: string) => void;
}

export class Script {
  readonly #parts: ScriptParts;
  readonly #conversation: Conversation;
  readonly #unfollow: () => void;
  readonly sent: Sent;
  #decoder = new SafeDecoder(inEscapes);
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
    for (const [index, event] of conversation.events.entries()) {
      this.#follow(event, conversation.forgotten + index);
    }
    this.#unfollow = conversation.onEvent((event) => this.#follow(event, conversation.total - 1));
  }

  /** Prints one line of our own, and says it. */
  say(text: string, colour: string = sgr.ink2, mark?: Mark): void {
    this.#parts.announce(text);
    const part = { kind: "words", text: colour + visibleText(text) } as const;
    this.#parts.printer.print(mark ? { ...part, mark } : part);
  }

  /** Ctrl-D: our direction is to end. */
  sayShutdown(): void {
    const mark = this.#parts.gutter.make("fin-out", 0, true);
    this.#fin = { mark };
    this.say("You ended your direction (FIN). The server may still answer.", sgr.ink2, mark);
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
      case "attempt":
      case "kernel":
        return;
      case "open":
        return this.say(`Connected to ${formatEndpoint(event.remote)}`, sgr.ink3);
      case "data":
        return event.direction === "in" ? this.#received(event) : this.#confirmed(event);
      case "eof":
        return event.direction === "in" ? this.#hungUp() : this.#finSent();
      case "state":
        return event.link === "lost" ? this.#lost(event.at) : this.#resumed();
      default:
        return this.#over(event);
    }
  }

  #received(event: EventOf<"data">): void {
    const { talk, printer, gutter } = this.#parts;
    const text = this.#decoder.decode(event.bytes);
    const done = () => talk.consumed(this.#conversation, event.length);
    const mark = gutter.make("in", event.length);
    const { direction, offset, length } = event;
    mark.about = this.#about({ direction, start: offset, end: offset + length });
    printer.print({ kind: "output", text, mark, done });
  }

  #confirmed({ direction, offset, length }: EventOf<"data">): void {
    let start = offset;
    this.sent.confirm(length, (mark, taken) => {
      const range = { direction, start: mark.about?.range?.start ?? start, end: start + taken };
      mark.about = { ...this.#about(range), event: mark.about?.event ?? this.#number };
      start += taken;
    });
  }

  #about(range: ByteRange | null): NonNullable<Mark["about"]> {
    return { of: this.#conversation, event: this.#number, range };
  }

  /** A mark for the event that is being told, which carries no bytes. */
  #mark(kind: "fin-out" | "fin-in" | "rst"): Mark {
    const mark = this.#parts.gutter.make(kind);
    mark.about = this.#about(null);
    return mark;
  }

  /** Half a character at the end is shown for what it is. */
  #flush(): void {
    const text = this.#decoder.end();
    if (text !== "") this.#parts.printer.print({ kind: "output", text });
  }

  #hungUp(): void {
    this.#flush();
    const first = this.#conversation.state.outEnded === null;
    const text = first ? "The server hung up." : "The server hung up too.";
    this.say(text, sgr.closing, this.#mark("fin-in"));
    if (!first) return;
    if (this.#parts.talk.settings.choices.hangUpToo || this.#fin) return;
    this.say("Your end is still open: CLOSE_WAIT.");
    this.say("Press Close to hang up too.");
  }

  #finSent(): void {
    if (this.#fin && this.#fin !== "on the wire") {
      this.#fin.mark.pending = false;
      this.#fin.mark.about = this.#about(null);
      this.#parts.gutter.changed();
      this.#fin = null;
    } else if (this.#conversation.state.inEnded === null) {
      this.say("You hung up.", sgr.ink, this.#mark("fin-out"));
    } else this.#fin = "on the wire";
  }

  #lost(at: number): void {
    const say = () => {
      this.#lostIsSaid = true;
      this.#lostSaidAt = at;
      this.say("Link to the gateway lost. The gateway keeps the connection for a while.", sgr.ink3);
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
    const { openedAt } = this.#conversation.state;
    const useless = event.kind === "error" && sameAgain.has(event.code);
    const again = useless ? "Try another address." : "Press Enter to connect again.";
    this.say(openedAt === null ? `Nothing was sent. ${again}` : again);
  }

  #closed(): void {
    const mark = this.#fin === "on the wire" ? this.#mark("fin-out") : undefined;
    this.say("Connection to server closed", sgr.ink, mark);
  }

  #failed(event: EventOf<"reset" | "error">): void {
    const { talk } = this.#parts;
    const { openedAt, address } = this.#conversation.state;
    const wasOpen = openedAt !== null;
    const failure = talk.failure;
    if (!failure) {
      this.say(wasOpen ? "Connection cut off (RST)." : "Cancelled.", sgr.ink);
      return;
    }
    if (!wasOpen) this.#command(address ? formatAddress(address) : talk.addressText);
    const isReset = event.kind === "reset" || event.code === "ECONNREFUSED";
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
