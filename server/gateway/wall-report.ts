/** What the wall is told of this gateway's students: their conversations, folded into one row for each. */
import { formatAddress } from "../../shared/address.ts";
import type { Followed, WallMark } from "../../shared/classroom.ts";
import {
  type ConversationEvent,
  type ConversationState,
  hasTcpStates,
  initialState,
  next,
} from "../../shared/conversation.ts";
import type { StudentNow } from "../classroom/types.ts";
import { ClassFeed } from "./class-feed.ts";
import type { Recorded, RecordingFollower } from "./recorder.ts";
import { LastLine } from "./wall-line.ts";

export interface WallReportOptions {
  /** The student of a user; null: it is none. */
  studentOf(user: string): string | null;
  report(student: string, now: StudentNow, marks: readonly WallMark[]): void;
}

interface Talk {
  conversation: Recorded;
  state: ConversationState;
  line: LastLine;
}

interface Seen {
  here: boolean;
  talks: Map<string, Talk>;
  /** The conversation in which something happened last, also after it is over. */
  latest: Talk | null;
  last: StudentNow["last"];
  feed: ClassFeed;
}

export class WallReport implements RecordingFollower {
  readonly #options: WallReportOptions;
  readonly #students = new Map<string, Seen>();
  /** Whose conversation it is, by its key. */
  readonly #owners = new Map<string, string>();

  constructor(options: WallReportOptions) {
    this.#options = options;
  }

  follows(user: string): boolean {
    return this.#options.studentOf(user) !== null;
  }

  began(conversation: Recorded): void {
    const student = this.#options.studentOf(conversation.user);
    if (student === null) return;
    this.#owners.set(conversation.key, student);
    const talk = { conversation, state: initialState, line: new LastLine() };
    this.#of(student).talks.set(conversation.key, talk);
  }

  event(conversation: Recorded, event: ConversationEvent): void {
    const student = this.#owners.get(conversation.key);
    const seen = student === undefined ? undefined : this.#students.get(student);
    const talk = seen?.talks.get(conversation.key);
    if (student === undefined || !seen || !talk) return;
    talk.state = next(talk.state, event);
    seen.latest = talk;
    seen.feed.event(conversation, event);
    if (event.kind === "data" && event.side === "near") {
      const text = talk.line.push(event.bytes, event.direction, event.at);
      if (text !== null) seen.last = { direction: event.direction, text };
    }
    const mark = markOf(event, talk);
    this.#tell(student, seen, mark ? [mark] : []);
  }

  over(conversation: Recorded): void {
    const student = this.#owners.get(conversation.key);
    const seen = student === undefined ? undefined : this.#students.get(student);
    this.#owners.delete(conversation.key);
    if (student === undefined || !seen?.talks.delete(conversation.key)) return;
    this.#tell(student, seen, []);
  }

  /** Whether a page of that student is there now. */
  presence(student: string, here: boolean): void {
    const seen = this.#of(student);
    seen.here = here;
    this.#tell(student, seen, []);
  }

  /** The student is in the class no longer. */
  forget(student: string): void {
    this.#students.get(student)?.feed.close();
    this.#students.delete(student);
  }

  /** Gives the conversation of a student; null: it is none of this gateway's. @returns stops. */
  feed(student: string, give: (followed: Followed) => void): (() => void) | null {
    return this.#students.get(student)?.feed.follow(give) ?? null;
  }

  close(): void {
    for (const student of [...this.#students.keys()]) this.forget(student);
  }

  #of(student: string): Seen {
    const known = this.#students.get(student);
    if (known) return known;
    const seen = {
      here: false,
      talks: new Map<string, Talk>(),
      latest: null,
      last: null,
      feed: new ClassFeed(student),
    };
    this.#students.set(student, seen);
    return seen;
  }

  #tell(student: string, seen: Seen, marks: readonly WallMark[]): void {
    const { here, talks, latest, last } = seen;
    let open = 0;
    for (const { state } of talks.values()) if (state.phase === "open") open++;
    this.#options.report(student, { here, open, now: latest && nowOf(latest), last }, marks);
  }
}

function nowOf({ conversation, state }: Talk): StudentNow["now"] {
  const { key, role } = conversation;
  const address = state.address ?? conversation.address;
  const { phase, local, remote, reset, error } = state;
  const failure = (error ?? reset)?.code;
  const hasStates = hasTcpStates(state);
  return {
    key,
    address: address ? formatAddress(address) : "",
    role,
    phase: phase === "idle" ? "opening" : phase,
    state: hasStates ? state.near : null,
    seen: hasStates && state.kernel.near !== null,
    ...(failure !== undefined && { failure }),
    ...(local && { local }),
    ...(remote && { remote }),
  };
}

/** What of an event a trace shows; null: nothing. Calls of the far end are of the same bytes. */
function markOf(event: ConversationEvent, { conversation, state }: Talk): WallMark | null {
  if (event.side === "far") return null;
  const at = Math.round(conversation.startedAt + event.at * 1000);
  switch (event.kind) {
    case "data":
      return { at, kind: event.direction, bytes: event.length };
    case "eof":
      return { at, kind: event.direction === "out" ? "end-out" : "end-in", bytes: 0 };
    case "reset":
      return { at, kind: "reset", bytes: 0 };
    case "error":
      return { at, kind: state.phase === "failed" ? "refused" : "reset", bytes: 0 };
    default:
      return null;
  }
}
