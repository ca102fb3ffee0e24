/** One conversation of a student as the wall tells of it: its state, its last line, and what its trace and the news show. */
import { formatAddress } from "../../shared/address.ts";
import type { WallMark } from "../../shared/classroom.ts";
import {
  type ConversationEvent,
  type ConversationState,
  type Direction,
  endsByHangUp,
  hasTcpStates,
  initialState,
  next,
  type Role,
  sends,
} from "../../shared/conversation.ts";
import type { StudentNow } from "../classroom/types.ts";
import type { Recorded } from "./recorder.ts";
import { LastLine } from "./wall-line.ts";

type Ending = NonNullable<NonNullable<WallMark["news"]>["by"]>;

export class WallTalk {
  readonly conversation: Recorded;
  #state = initialState;
  readonly #line = new LastLine();
  #last: StudentNow["last"] = null;

  constructor(conversation: Recorded) {
    this.conversation = conversation;
  }

  get isOpen(): boolean {
    return this.#state.phase === "open";
  }
  /** It was never made. */
  get hasFailed(): boolean {
    return this.#state.phase === "failed";
  }
  get last(): StudentNow["last"] {
    return this.#last;
  }

  /** @returns what is to be added to the trace. */
  event(event: ConversationEvent): WallMark[] {
    const before = this.#state;
    this.#state = next(before, event);
    if (event.side === "far") return [];
    const { role } = this.conversation;
    if (event.kind === "data") {
      const text = this.#line.push(event.bytes, event.direction, event.at);
      if (text !== null) this.#last = { direction: ownOf(role, event.direction), text };
    }
    const mark = this.#markOf(before, event);
    const news = this.#newsOf(before, event);
    return [...(mark ? [mark] : []), ...(news ? [news] : [])];
  }

  get now(): NonNullable<StudentNow["now"]> {
    const { key, role } = this.conversation;
    const { phase, local, remote, reset, error } = this.#state;
    const failure = (error ?? reset)?.code;
    const hasStates = hasTcpStates(this.#state);
    return {
      key,
      address: this.#address,
      role,
      phase: phase === "idle" ? "opening" : phase,
      state: hasStates ? this.#state.near : null,
      seen: hasStates && this.#state.kernel.near !== null,
      ...(failure !== undefined && { failure }),
      ...(local && { local }),
      ...(remote && { remote }),
    };
  }

  get #address(): string {
    const address = this.#state.address ?? this.conversation.address;
    return address ? formatAddress(address) : "";
  }

  #at({ at }: ConversationEvent): number {
    return Math.round(this.conversation.startedAt + at * 1000);
  }

  /** What of an event a trace shows; null: nothing. */
  #markOf(before: ConversationState, event: ConversationEvent): WallMark | null {
    const at = this.#at(event);
    const { role } = this.conversation;
    switch (event.kind) {
      case "data":
        return { at, kind: ownOf(role, event.direction), bytes: event.length };
      case "eof":
        return { at, kind: `end-${ownOf(role, event.direction)}`, bytes: 0 };
      case "reset":
        return { at, kind: "reset", bytes: 0 };
      case "error":
        // The gateway's close(2) for the page sends a FIN, as the page's would.
        if (endsByHangUp(before, event)) return { at, kind: "end-out", bytes: 0 };
        return { at, kind: this.#state.phase === "failed" ? "refused" : "reset", bytes: 0 };
      default:
        return null;
    }
  }

  /** The news that an event is, once for each turn a conversation takes; null: none. */
  #newsOf(before: ConversationState, event: ConversationEvent): WallMark | null {
    const state = this.#state;
    const { key, role } = this.conversation;
    const about = { key, address: this.#address, role };
    const mark = { at: this.#at(event), kind: "news", bytes: 0 } as const;
    if (before.phase !== "failed" && state.phase === "failed") {
      return { ...mark, news: { ...about, turn: "failed", failure: state.error?.code ?? "" } };
    }
    if (before.openedAt === null && state.openedAt !== null) {
      return { ...mark, news: { ...about, turn: "open" } };
    }
    if (state.openedAt === null || isEnding(before) || !isEnding(state)) return null;
    const by = endedBy(event, role);
    return { ...mark, news: { ...about, turn: "over", ...(by && { by }) } };
  }
}

/** Who ended a conversation with that event; null: nobody, it broke off. */
function endedBy(event: ConversationEvent, role: Role): Ending | null {
  switch (event.kind) {
    case "closed":
      return event.by;
    case "eof":
      return event.direction === sends(role) ? "near" : "far";
    case "reset":
      return event.direction === sends(role) ? "near" : "far";
    case "error":
      return event.code === "HUNG_UP" ? "teacher" : null;
    default:
      return null;
  }
}

/** The wire's direction as the student sees it, at whichever end: `out` is what the student sends. */
function ownOf(role: Role, direction: Direction): Direction {
  return direction === sends(role) ? "out" : "in";
}

function isEnding({ phase, outEnded, inEnded }: ConversationState): boolean {
  return phase === "closed" || outEnded !== null || inEnded !== null;
}
