/** A page that was loaded anew: the histories it is told become conversations that go on. */
import { fromBase64 } from "../shared/base64.ts";
import type { ConversationEvent } from "../shared/conversation.ts";
import { type GatewayMessage, MessageError, type Welcome } from "../shared/protocol.ts";
import { LineProblem, readEvent } from "../shared/recording-lines.ts";
import type { Adopted, Origin } from "./link-channel.ts";
import type { ListenFollower } from "./model/carrier.ts";

type HistoryMessage = Extract<GatewayMessage, { type: "history" }>;

/** What was told of one channel. */
export interface Story extends Adopted {
  ch: number;
  startedAt: number;
  forgotten: number;
  origin: Origin;
}

/** Collects what follows a `welcome` that gives a session back. */
export class LinkReturn {
  readonly welcome: Welcome;
  readonly stories: Story[] = [];
  #left: number;
  #events: ConversationEvent[] = [];

  constructor(welcome: Welcome) {
    this.welcome = welcome;
    this.#left = welcome.back ?? 0;
  }

  /** Everything has been told. */
  get isWhole(): boolean {
    return this.#left === 0;
  }

  /** @throws {MessageError} when it is not what a gateway says. */
  heard(message: HistoryMessage): void {
    for (const line of message.lines) this.#events.push(eventOf(line));
    if (message.more) return;
    const events = this.#events;
    this.#events = [];
    this.#left--;
    const origin = message.accepted ?? originOf(events);
    // A visitor who is gone has no place on the screen any more.
    if (!origin) return;
    const { ch, startedAt, began, forgotten, waiting = [] } = message;
    const { rx = 0, end = 0 } = this.welcome.channels.find((channel) => channel.ch === ch) ?? {};
    const told = { ch, startedAt, began, forgotten, events, origin, rx, end };
    this.stories.push({ ...told, waiting: waiting.map(sendOf) });
  }
}

function originOf(events: readonly ConversationEvent[]): Origin | null {
  for (const event of events) if (event.kind === "opening") return event.address;
  return null;
}

function eventOf(line: string): ConversationEvent {
  try {
    return readEvent(line);
  } catch (error) {
    if (error instanceof LineProblem) throw new MessageError(`a line of history ${error.message}`);
    throw error;
  }
}

function sendOf(text: string): Uint8Array | null {
  if (text === "") return null;
  const bytes = fromBase64(text);
  if (!bytes) throw new MessageError("bytes that wait are not base64");
  return bytes;
}

/** Keeps what happens until somebody follows. */
export class Later {
  #happened: ((event: ConversationEvent) => void) | null = null;
  #pending: () => void = () => {};
  #events: ConversationEvent[] = [];

  readonly follow = (event: ConversationEvent): void => {
    if (this.#happened) this.#happened(event);
    else this.#events.push(event);
  };
  readonly onPending = (): void => this.#pending();

  begin(follow: (event: ConversationEvent) => void, onPending: () => void): void {
    this.#happened = follow;
    this.#pending = onPending;
    for (const event of this.#events.splice(0)) follow(event);
  }
}

/** The same for a listening socket. */
export class LaterListening implements ListenFollower {
  #follow: ListenFollower | null = null;
  #calls: ((follow: ListenFollower) => void)[] = [];

  begin(follow: ListenFollower): void {
    this.#follow = follow;
    for (const call of this.#calls.splice(0)) call(follow);
  }

  listening(...told: Parameters<ListenFollower["listening"]>): void {
    this.#tell((follow) => follow.listening(...told));
  }
  door(...told: Parameters<ListenFollower["door"]>): void {
    this.#tell((follow) => follow.door(...told));
  }
  accepted(...told: Parameters<ListenFollower["accepted"]>): void {
    this.#tell((follow) => follow.accepted(...told));
  }
  over(...told: Parameters<ListenFollower["over"]>): void {
    this.#tell((follow) => follow.over(...told));
  }

  #tell(call: (follow: ListenFollower) => void): void {
    if (this.#follow) call(this.#follow);
    else this.#calls.push(call);
  }
}
