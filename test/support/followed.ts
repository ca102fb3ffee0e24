/** What a gateway's recorder tells a follower, kept conversation by conversation, and as the lines of a file. */
import type { Recorded, RecordingFollower } from "../../server/gateway/recorder.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import { eventLine, headerLine } from "../../shared/recording-write.ts";

export interface FollowedConversation {
  recorded: Recorded;
  events: ConversationEvent[];
  isOver: boolean;
}

/** Follows everybody, or whoever `follows` says. */
export class Follower implements RecordingFollower {
  readonly conversations: FollowedConversation[] = [];
  looks: boolean;
  readonly #follows: (user: string) => boolean;

  constructor(options: { looks?: boolean; follows?: (user: string) => boolean } = {}) {
    this.looks = options.looks ?? false;
    this.#follows = options.follows ?? (() => true);
  }

  follows(user: string): boolean {
    return this.#follows(user);
  }

  began(recorded: Recorded): void {
    this.conversations.push({ recorded, events: [], isOver: false });
  }

  event(recorded: Recorded, event: ConversationEvent): void {
    // The bytes are lent.
    const kept = event.kind === "data" ? { ...event, bytes: Uint8Array.from(event.bytes) } : event;
    this.#of(recorded).events.push(kept);
  }

  over(recorded: Recorded): void {
    this.#of(recorded).isOver = true;
  }

  #of(recorded: Recorded): FollowedConversation {
    const found = this.conversations.find((each) => each.recorded === recorded);
    if (!found || found.isOver) throw new Error(`nothing began, or all is over: ${recorded.key}`);
    return found;
  }
}

/** A conversation as a saved recording. */
export function fileOf({ recorded, events }: FollowedConversation): string {
  const { startedAt, address } = recorded;
  const header = headerLine({ startedAt, address, platform: "linux", forgotten: 0 });
  return [header, ...events.map(eventLine), ""].join("\n");
}
