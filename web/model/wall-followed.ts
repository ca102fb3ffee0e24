/** The conversation of the student who is shown large: lines of a recording, read as they come. */
import type { Followed } from "../../shared/classroom.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import { LineProblem, readEvent, readHeader, Sequence } from "../../shared/recording-lines.ts";
import { Conversation } from "./conversation.ts";
import { roleOf } from "./recording/recording.ts";

/** What is known of it. `missing`: something of it did not come, or could not be read. */
export interface FollowedNow {
  student: string;
  key: string;
  conversation: Conversation;
  missing: boolean;
}

export class FollowedReader {
  #now: FollowedNow | null = null;
  #sequence = new Sequence(0);

  get now(): FollowedNow | null {
    return this.#now;
  }

  forget(): void {
    this.#now = null;
  }

  /** @returns false when it cannot be understood without what came before, which did not come. */
  take(message: Followed): boolean {
    if (message.whole) return this.#begin(message);
    const now = this.#now;
    if (now?.student !== message.student || now.key !== message.key) return false;
    const read = this.#read(message.lines);
    if (read.events.length > 0) now.conversation.appendAll(read.events);
    if (read.whole) return true;
    this.#now = { ...now, missing: true };
    return false;
  }

  #begin({ student, key, lines }: Followed): boolean {
    const [first, ...rest] = lines;
    this.#now = null;
    if (first === undefined) return true;
    try {
      const header = readHeader(first);
      this.#sequence = new Sequence(header.forgotten);
      const read = this.#read(rest);
      const role = roleOf(read);
      const conversation = new Conversation(header.startedAt, header.forgotten, role);
      if (read.events.length > 0) conversation.appendAll(read.events);
      this.#now = { student, key, conversation, missing: !read.whole };
      return read.whole;
    } catch (error) {
      if (error instanceof LineProblem) return false;
      throw error;
    }
  }

  /** The events of some lines, up to the first that does not fit. */
  #read(lines: readonly string[]): { events: ConversationEvent[]; whole: boolean } {
    const events: ConversationEvent[] = [];
    try {
      for (const line of lines) events.push(this.#sequence.next(readEvent(line)));
    } catch (error) {
      if (error instanceof LineProblem) return { events, whole: false };
      throw error;
    }
    return { events, whole: true };
  }
}
