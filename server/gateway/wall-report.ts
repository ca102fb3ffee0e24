/** What the wall is told of this gateway's students: their conversations, folded into one row for each. */
import type { Followed, WallMark } from "../../shared/classroom.ts";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { StudentNow } from "../classroom/types.ts";
import { ClassFeed } from "./class-feed.ts";
import type { Recorded, RecordingFollower } from "./recorder.ts";
import { WallTalk } from "./wall-talk.ts";

export interface WallReportOptions {
  /** The student of a user; null: it is none. */
  studentOf(user: string): string | null;
  report(student: string, now: StudentNow, marks: readonly WallMark[]): void;
}

interface Seen {
  here: boolean;
  /** Those that are not over, the newest last. */
  talks: Map<string, WallTalk>;
  /** The one that began last, also after it is over. */
  newest: WallTalk | null;
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
    const seen = this.#of(student);
    const before = seen.newest?.conversation.key;
    if (before !== undefined && !seen.talks.has(before)) seen.feed.drop(before);
    seen.newest = new WallTalk(conversation);
    seen.talks.set(conversation.key, seen.newest);
  }

  event(conversation: Recorded, event: ConversationEvent): void {
    const student = this.#owners.get(conversation.key);
    const seen = student === undefined ? undefined : this.#students.get(student);
    const talk = seen?.talks.get(conversation.key);
    if (student === undefined || !seen || !talk) return;
    const marks = talk.event(event);
    seen.feed.event(conversation, event);
    this.#tell(student, seen, marks);
  }

  over(conversation: Recorded): void {
    const student = this.#owners.get(conversation.key);
    const seen = student === undefined ? undefined : this.#students.get(student);
    this.#owners.delete(conversation.key);
    if (student === undefined || !seen?.talks.delete(conversation.key)) return;
    this.#tell(student, seen, []);
    // The newest may be shown again when another that is open now is over.
    if (seen.newest?.conversation !== conversation) seen.feed.drop(conversation.key);
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
      talks: new Map<string, WallTalk>(),
      newest: null,
      feed: new ClassFeed(student),
    };
    this.#students.set(student, seen);
    return seen;
  }

  /**
   * The row and the large student show the same one: the newest that is open; but when the newest of all
   * was never made, as where nobody listened, that is what there is to see.
   */
  #tell(student: string, { here, talks, newest, feed }: Seen, marks: readonly WallMark[]): void {
    let shown = newest;
    let open = 0;
    for (const talk of talks.values()) {
      if (!talk.isOpen) continue;
      if (!newest?.hasFailed) shown = talk;
      open++;
    }
    if (shown) feed.show(shown.conversation.key);
    const now = { here, open, now: shown?.now ?? null, last: shown?.last ?? null };
    this.#options.report(student, now, marks);
  }
}
