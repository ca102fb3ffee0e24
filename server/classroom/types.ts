/** What a gateway and a class ask of each other. `classroom.ts` is the class, server/gateway its gateway. */
import type {
  ClassAction,
  ClassNow,
  ClassRole,
  Followed,
  JoinRefused,
  Wall,
  WallMark,
  WallRow,
} from "../../shared/classroom.ts";
import type { LessonName } from "../../shared/lessons.ts";

/** Who a pass belongs to. */
export interface Identity {
  readonly role: ClassRole;
  /** Whose sessions these are: the same for every page of one student, of all teachers, of all watchers. */
  readonly user: string;
  /** Only of students. */
  readonly student?: { readonly id: string; readonly name: string };
}

export type Joined = { ok: true; pass: string; identity: Identity } | ({ ok: false } & JoinRefused);

/** What a student's gateway says of a student: all of it, each time; the class thins it out for walls. */
export type StudentNow = Pick<WallRow, "here" | "open" | "now" | "last">;

/** What only gateways can do. Told to every gateway of the class; each does it for its own pages. */
export type ClassEffect =
  | { do: "hang-up"; student?: string }
  | { do: "remove"; student: string }
  | { do: "lesson"; lesson: LessonName; port: number; on: boolean }
  | { do: "end" };

/** Where a student listens, and on which gateway. */
export interface ServedPort {
  student: string;
  host: string;
  port: number;
  scheme: "tcp" | "udp";
  gateway: string;
}

export interface ClassSettings {
  name: string;
  /** Students at most. */
  size: number;
  /** How long a pass lives, in milliseconds. */
  passMs: number;
  /** Conversations are kept, and for how long (null: until somebody deletes them). */
  keeps: { forMs: number | null } | null;
}

/** One class, as every gateway of it sees it. */
export interface Classroom {
  readonly id: string;
  readonly name: string;
  /** As it is typed and spoken: `7KQ42M`. Formatted for a board: `7KQ 42M`. */
  readonly code: string;
  readonly board: string;
  /** In the teacher's link, and in that of a second screen. */
  readonly teacherSecret: string;
  readonly watchSecret: string;
  readonly locked: boolean;
  readonly ended: boolean;
  /** This gateway's name among those of the class. */
  readonly gateway: string;
  /** Whether the bus to the other gateways is up; in one process it always is. */
  readonly online: boolean;

  /** Whose pass this is; null when it is nobody's (any more). */
  identify(pass: string): Identity | null;
  /**
   * A student comes in, or is renamed nothing and comes back where `pass` is a student's already.
   * @param address what wrong codes are counted for (limitKey of doors.ts).
   */
  join(request: { code: string; name: string; address: string; pass?: string }): Promise<Joined>;
  /** Exchanges the secret of a teacher's or watcher's link for a pass. */
  admit(
    secret: string,
    address: string,
  ): { ok: true; pass: string; identity: Identity } | { ok: false; retryAfterMs: number };
  /** Does what a teacher asks. Resolves to null, or to a sentence that says why not. */
  steer(identity: Identity, action: ClassAction): Promise<string | null>;

  /** The part of `ClassNow` the class itself knows; the gateway adds targets, urls and lessons. */
  stateFor(identity: Identity): Omit<ClassNow, "type" | "targets" | "servers" | "teacher" | "door">;
  /** Whether what that student sends has to wait. */
  isFrozen(student: string): boolean;
  readonly frozen: readonly string[];
  /** Targets the teacher added, `host:port`. */
  readonly added: readonly string[];
  /** Students who listen, of all gateways. */
  readonly served: readonly ServedPort[];
  /** Other gateways that are there now. */
  readonly others: number;
  nameOf(student: string): string | null;
  /** Whether somebody in the class has that name, or one that looks like it. */
  hasName(name: string): boolean;

  /** Calls `listener` after anything of the above has changed. @returns stops. */
  onChange(listener: () => void): () => void;
  onEffect(listener: (effect: ClassEffect) => void): () => void;

  /** This gateway's word on one of its students. `marks`: what was added to its trace since the last. */
  report(student: string, now: StudentNow, marks: readonly WallMark[]): void;
  /** This gateway's students listen here now: replaces what it said before. */
  serve(ports: readonly Omit<ServedPort, "gateway">[]): void;

  /** The wall of everybody, and from then on what changes, at most every WALL_STEP_MS. */
  watch(identity: Identity, follow: (wall: Wall) => void): () => void;
  /**
   * The conversation of one student, wherever its gateway is. On that gateway `feeds` gives it.
   * @returns stops.
   */
  follow(student: string, take: (followed: Followed) => void): () => void;
  /**
   * How this gateway gives the conversation of one of its students: called when the first wants it,
   * stopped when nobody does any more.
   */
  feed(source: (student: string, give: (followed: Followed) => void) => (() => void) | null): void;

  /** A line for the chat rooms of the class's other gateways, and theirs for ours. */
  readonly chat: {
    say(line: string): void;
    onLine(listener: (line: string) => void): () => void;
  };

  /** Where a session lives, so that a page which comes to another gateway can be brought there. */
  readonly sessions: {
    here(sid: string, on: boolean): void;
    /** The other gateway's address as this one reaches it (`http://host:port/`), or null. */
    find(sid: string): Promise<string | null>;
    /** Where the other gateways reach this one, once it listens. */
    reachableAt(url: string): void;
  };

  close(): Promise<void>;
}
