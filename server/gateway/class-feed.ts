/**
 * The conversation of one student for those who look at it whole, as the lines of a recording: the one
 * that the wall shows, what is kept of it first, and from then on what happens, a few times a second.
 */
import type { Followed } from "../../shared/classroom.ts";
import type { ConversationEvent, EventOf } from "../../shared/conversation.ts";
import { eventLine, headerLine } from "../../shared/recording-write.ts";
import type { Recorded } from "./recorder.ts";

/** Between two messages, in milliseconds. */
const STEP_MS = 100;
/** In one message. */
const MAX_LINES = 200;
const MAX_CHARACTERS = 64 * 1024;
/** Kept of the bytes of one event. */
const MAX_BYTES = 256;
/** Beyond so many events in a step, calls are added up. */
const ADD_UP_FROM = 50;
/** Conversations of one student of which events are kept; of others only how many there were. */
const MAX_TALKS = 3;
/** Between two beginnings because it was too much, in milliseconds. */
const ANEW_MS = 1_000;

const platforms = ["linux", "darwin", "win32"] as const;
const platform = platforms.find((name) => name === process.platform) ?? "other";

interface Talk {
  conversation: Recorded;
  /** What came before the others and is kept all the same: how it began, and who has ended. */
  beginning: ConversationEvent[];
  /** The newest, in order; `forgotten` came before them. */
  events: ConversationEvent[];
  forgotten: number;
}

export class ClassFeed {
  readonly #student: string;
  /** Those of which something may be asked, the one with the newest event last. */
  readonly #talks = new Map<string, Talk>();
  readonly #takers = new Set<(followed: Followed) => void>();
  /** The conversation that is shown. */
  #shown: string | null = null;
  /** Events of the shown conversation that were not told. */
  #unsent: ConversationEvent[] = [];
  /** What takers know of is this conversation; null: nothing yet, or it has to begin anew. */
  #told: string | null = null;
  #beganAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  /** Events since `#stepAt`, by which haste is known. */
  #step = { at: Number.NEGATIVE_INFINITY, events: 0 };

  constructor(student: string) {
    this.#student = student;
  }

  event(conversation: Recorded, event: ConversationEvent): void {
    const talk = this.#touch(conversation);
    const kept = event.kind === "data" ? cut(event) : event;
    const isHasty = this.#isHasty();
    const isWanted = this.#takers.size > 0 && conversation.key === this.#shown;
    const last = talk.events.at(-1);
    // What was told already stays as it is.
    const isUnsent = !isWanted || (last !== undefined && this.#unsent.at(-1) === last);
    const sum = isHasty && isUnsent ? addedUp(last, kept) : null;
    if (sum) {
      talk.events[talk.events.length - 1] = sum;
      if (isWanted) this.#unsent[this.#unsent.length - 1] = sum;
    } else {
      talk.events.push(kept);
      // With the header: how it began is kept, and has its place among them.
      while (talk.beginning.length + talk.events.length > MAX_LINES - 1) forget(talk, 1);
      if (isWanted) this.#unsent.push(kept);
    }
    if (isWanted) this.#soon();
  }

  /** That conversation is the one to give from now on. */
  show(key: string): void {
    if (this.#shown === key) return;
    this.#shown = key;
    this.#unsent = [];
    if (this.#takers.size > 0) this.#soon();
  }

  /** That conversation is over, and is not shown again. */
  drop(key: string): void {
    this.#talks.delete(key);
  }

  /** @returns stops. */
  follow(take: (followed: Followed) => void): () => void {
    this.#takers.add(take);
    // Whoever comes second begins with everybody else: all of it comes once more.
    this.#told = null;
    this.#beganAt = Number.NEGATIVE_INFINITY;
    this.#tell();
    return () => {
      this.#takers.delete(take);
      if (this.#takers.size === 0) this.#rest();
    };
  }

  close(): void {
    this.#takers.clear();
    this.#rest();
    this.#talks.clear();
  }

  #rest(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#unsent = [];
    this.#told = null;
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => this.#tell(), STEP_MS);
  }

  /** Its conversation has the newest event now. */
  #touch(conversation: Recorded): Talk {
    const { key } = conversation;
    const talk = this.#talks.get(key) ?? { conversation, beginning: [], events: [], forgotten: 0 };
    this.#talks.delete(key);
    this.#talks.set(key, talk);
    const kept = [...this.#talks].filter(([, { events }]) => events.length > 0);
    const spare = kept.find(([other]) => other !== key && other !== this.#shown)?.[1];
    if (kept.length > MAX_TALKS && spare) forget(spare, spare.events.length);
    return talk;
  }

  #isHasty(): boolean {
    const now = performance.now();
    if (now - this.#step.at > STEP_MS) this.#step = { at: now, events: 0 };
    return ++this.#step.events > ADD_UP_FROM;
  }

  #tell(): void {
    this.#timer = null;
    const talk = this.#talks.get(this.#shown ?? "");
    if (!talk || this.#takers.size === 0) return;
    const { key } = talk.conversation;
    const lines = this.#told === key ? linesOf(this.#unsent) : null;
    if (lines) {
      this.#unsent = [];
      if (lines.length > 0) this.#give(key, false, lines);
      return;
    }
    // Too much of it was told anew a moment ago: not again at once.
    const waitMs = this.#told === key ? this.#beganAt + ANEW_MS - performance.now() : 0;
    if (waitMs > 0) {
      this.#timer = setTimeout(() => this.#tell(), waitMs);
      return;
    }
    this.#unsent = [];
    this.#told = key;
    this.#beganAt = performance.now();
    this.#give(key, true, whole(talk));
  }

  #give(key: string, isWhole: boolean, lines: string[]): void {
    for (const take of [...this.#takers]) {
      take({ type: "followed", student: this.#student, key, whole: isWhole, lines });
    }
  }
}

/** The oldest events go; without some of them nobody would know which end the student is. */
function forget(talk: Talk, count: number): void {
  const gone = talk.events.splice(0, count);
  const needed = gone.filter(isNeeded);
  talk.beginning.push(...needed);
  talk.forgotten += gone.length - needed.length;
}

function isNeeded({ kind, side }: ConversationEvent): boolean {
  return side === "near" && ["opening", "arrival", "open", "tls", "eof"].includes(kind);
}

/** Header, how it began, and the newest events, as many as one message may have. */
function whole({ conversation, beginning, events, forgotten }: Talk): string[] {
  const lines: string[] = [];
  let characters = 0;
  let first = events.length;
  while (first > 0) {
    const line = eventLine(events[first - 1] as ConversationEvent);
    characters += line.length;
    if (characters > MAX_CHARACTERS) break;
    lines.unshift(line);
    first--;
  }
  const { startedAt, address } = conversation;
  const needed = events.slice(0, first).filter(isNeeded);
  const header = headerLine({
    ...{ startedAt, platform, address },
    forgotten: forgotten + first - needed.length,
  });
  return [header, ...[...beginning, ...needed].map(eventLine), ...lines];
}

/** null: more than one message may have. */
function linesOf(events: readonly ConversationEvent[]): string[] | null {
  if (events.length > MAX_LINES) return null;
  const lines = events.map(eventLine);
  const characters = lines.reduce((sum, line) => sum + line.length, 0);
  return characters > MAX_CHARACTERS ? null : lines;
}

/** The bytes are another's once it is told: what is kept is copied. */
function cut(event: EventOf<"data">): EventOf<"data"> {
  return { ...event, bytes: event.bytes.slice(0, MAX_BYTES) };
}

/** Two events of data as one; null where that is not possible. */
function addedUp(
  before: ConversationEvent | undefined,
  event: ConversationEvent,
): EventOf<"data"> | null {
  if (before?.kind !== "data" || event.kind !== "data") return null;
  const isNext =
    before.side === event.side &&
    before.direction === event.direction &&
    before.offset + before.length === event.offset;
  if (!isNext) return null;
  const isWhole = before.bytes.length === before.length && before.length < MAX_BYTES;
  const bytes = isWhole
    ? Buffer.concat([before.bytes, event.bytes.subarray(0, MAX_BYTES - before.length)])
    : before.bytes;
  const calls = (before.calls ?? 1) + (event.calls ?? 1);
  return { ...before, length: before.length + event.length, bytes, calls };
}
