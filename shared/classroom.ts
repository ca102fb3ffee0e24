/** What page and gateway say to each other about a class: who is in it, what they see, what the teacher does. */
import * as v from "valibot";
import { MAX_ADDRESS_CHARACTERS, MAX_OFFSET } from "./bounds.ts";
import { LESSON_NAMES } from "./lessons.ts";
import { TCP_STATES } from "./tcp.ts";

/** Longest name of a student, in characters; longer ones are cut. */
export const MAX_NAME_CHARACTERS = 24;
export const MAX_CLASS_NAME_CHARACTERS = 60;
export const MAX_NOTE_CHARACTERS = 280;
/** Longest last line that the wall is told, in characters. */
export const MAX_LINE_CHARACTERS = 80;
/** What a trace shows, in milliseconds. */
export const TRACE_MS = 60_000;
/** Between two updates of one student on the wall, at least, in milliseconds. */
export const WALL_STEP_MS = 100;
/** Targets that a teacher may add. */
export const MAX_CLASS_TARGETS = 16;

/**
 * What somebody is to the gateway. `owner`: there is no class, and this is whoever has the access code or
 * sits at the machine. `watch`: a second screen that shows the wall and can do nothing.
 */
export const ROLES = ["owner", "teacher", "student", "watch"] as const;
export type ClassRole = (typeof ROLES)[number];

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(MAX_OFFSET));
const id = v.pipe(v.string(), v.minLength(1), v.maxLength(40));
const text = v.pipe(v.string(), v.maxLength(1024));
const address = v.pipe(v.string(), v.maxLength(MAX_ADDRESS_CHARACTERS));
const endpoint = v.strictObject({ host: text, port: whole });

/** Something the teacher does. `student` left out: everybody. */
export const ClassAction = v.variant("do", [
  /** Nobody new can join while it is locked; who is in comes back as before. */
  v.strictObject({ do: v.literal("lock"), on: v.boolean() }),
  /** Screens show numbers in place of names. */
  v.strictObject({ do: v.literal("hide-names"), on: v.boolean() }),
  /** Empties the wall's lines and traces, and forgets students who are away. */
  v.strictObject({ do: v.literal("clear") }),
  /** Every page opens a connection to that address. */
  v.strictObject({ do: v.literal("point"), address, student: v.optional(id) }),
  /** A few words on every page; empty: take them away. */
  v.strictObject({
    do: v.literal("note"),
    text: v.pipe(v.string(), v.maxLength(MAX_NOTE_CHARACTERS)),
    student: v.optional(id),
  }),
  /** What students send waits at the gateway until they may type again. */
  v.strictObject({ do: v.literal("freeze"), on: v.boolean(), student: v.optional(id) }),
  /** Hangs up every connection, as close(2) does. */
  v.strictObject({ do: v.literal("hang-up"), student: v.optional(id) }),
  /** Ends the student's session and pass for good. */
  v.strictObject({ do: v.literal("remove"), student: id }),
  /** What students may reach besides lesson servers and each other: host:port. */
  v.strictObject({ do: v.literal("allow"), address, on: v.boolean() }),
  /** Starts a lesson server on a port of the gateway's loopback (0: any free one), or stops it. */
  v.strictObject({
    do: v.literal("lesson"),
    lesson: v.picklist(LESSON_NAMES),
    port: v.pipe(whole, v.maxValue(65_535)),
    on: v.boolean(),
  }),
  /** The class is over: passes are void, sessions end, the code is no code any more. */
  v.strictObject({ do: v.literal("end") }),
]);
export type ClassAction = v.InferOutput<typeof ClassAction>;

/** Teacher: do this. Answered by `steered` with the same number. */
export const Steer = v.strictObject({ type: v.literal("steer"), n: whole, action: ClassAction });
/** Teacher or watch: send the wall, and one student's conversation whole; null: none. Said again on each WebSocket. */
export const WatchWall = v.strictObject({
  type: v.literal("wall"),
  on: v.boolean(),
  student: v.nullable(id),
});

/** How a `steer` went: without a problem, or one sentence that says why not and what to do. */
export const Steered = v.strictObject({
  type: v.literal("steered"),
  n: whole,
  problem: v.optional(text),
});

/** Where a student listens. */
const ClassServer = v.strictObject({
  student: id,
  name: text,
  /** As it is dialled from this gateway: `tcp://127.0.0.1:9090`. */
  address,
});
/** Everything about the class that a page of its role may know, whenever something of it changes. */
export const ClassNow = v.strictObject({
  type: v.literal("class"),
  name: text,
  role: v.picklist(ROLES),
  /** The student this page belongs to. */
  student: v.optional(v.strictObject({ id, name: text })),
  locked: v.boolean(),
  namesHidden: v.boolean(),
  /** This student may not type; of the teacher: nobody may. */
  frozen: v.boolean(),
  /** What students may reach: lesson servers and targets the teacher or the gateway's owner added. */
  targets: v.array(v.strictObject({ name: text, address, about: text })),
  /** Students who listen now. */
  servers: v.array(ClassServer),
  /** The teacher's words for this page; `n` grows with each. */
  note: v.optional(v.strictObject({ n: whole, text })),
  /** Where every page shall connect, once; `n` grows with each. */
  point: v.optional(v.strictObject({ n: whole, address })),
  /** Conversations are kept in files on the gateway's machine, and for how long (null: until deleted). */
  keeps: v.boolean(),
  keepMs: v.optional(v.nullable(whole)),
  /** How many students are in it, here or away. */
  students: whole,
  /** Teacher only: what opens the door. */
  teacher: v.optional(
    v.strictObject({
      /** As it is written on a board: `7KQ 42M`. */
      code: text,
      /** What students open, without the code, and with it (for a QR code). */
      url: text,
      joinUrl: text,
      /** Opens the wall on a second screen. */
      watchUrl: text,
      /** Who may not type although the class may. */
      frozen: v.array(id),
      /** Lesson servers that run, and those the teacher started (`own`). */
      lessons: v.array(v.strictObject({ name: text, port: whole, own: v.boolean() })),
      /** Targets the teacher added. */
      added: v.array(address),
      /** Why not every conversation is kept to its end, in a sentence; nothing when all are. */
      keepProblem: v.optional(text),
      /** Other gateways of this class that are there now; 0 where there is only this one. */
      gateways: whole,
    }),
  ),
  /** For the wall of a second screen: what students open and the code, as the teacher's page shows them. */
  door: v.optional(v.strictObject({ code: text, url: text, joinUrl: text })),
});

/** A turn that a conversation of a student has taken. */
const Turn = v.strictObject({
  key: id,
  address,
  /** Which end the student is. */
  role: v.picklist(["client", "server"]),
  turn: v.picklist(["open", "over", "failed"]),
  /** Who was the first to end what is over: the student, the other end, or the teacher; left out: it broke off. */
  by: v.optional(v.picklist(["near", "far", "teacher"])),
  /** Why it failed. */
  failure: v.optional(text),
});
/** One moment of a trace. `out` is what the student sends, at whichever end of the wire. */
const Mark = v.strictObject({
  /** Milliseconds since 1970, by the clock of the student's gateway. */
  at: whole,
  /** `news` is not drawn: it says what has happened. */
  kind: v.picklist(["out", "in", "end-out", "end-in", "reset", "refused", "news"]),
  /** Of out and in. */
  bytes: whole,
  news: v.optional(Turn),
});
/** One student on the wall. */
export const WallRow = v.strictObject({
  id,
  /** Counts this student's rows: one with the same number or a lower is known already. */
  n: whole,
  /** Place on the wall: counts those who joined, from 1, and never changes. */
  seat: whole,
  /** Empty where names are hidden. */
  name: text,
  /** Its page is there now. */
  here: v.boolean(),
  frozen: v.boolean(),
  /** Conversations that are open. */
  open: whole,
  /** Ports on which the student listens; left out: none. */
  listens: v.optional(v.array(whole)),
  /** The newest conversation that is open, else the newest; null: none yet. */
  now: v.nullable(
    v.strictObject({
      /** Names it in `followed`. */
      key: id,
      address,
      /** Which end the student is. */
      role: v.picklist(["client", "server"]),
      phase: v.picklist(["opening", "open", "failed", "closed"]),
      /** Of the student's own socket; null where there is no TCP. */
      state: v.nullable(v.picklist(TCP_STATES)),
      /** The kernel said so; else it follows from the calls. */
      seen: v.boolean(),
      failure: v.optional(text),
      local: v.optional(endpoint),
      remote: v.optional(endpoint),
    }),
  ),
  /** The last line of that conversation, with what cannot be seen made visible. `out`: the student sent it. */
  last: v.nullable(v.strictObject({ direction: v.picklist(["out", "in"]), text })),
  /** What was added to its trace since the row before; in a whole wall, the last 60 s. */
  marks: v.array(Mark),
});
export type WallRow = v.InferOutput<typeof WallRow>;
export type WallTurn = v.InferOutput<typeof Turn>;
export type WallMark = v.InferOutput<typeof Mark>;

/** Students of whom something changed; `whole`: all there are, and nobody else. */
export const Wall = v.strictObject({
  type: v.literal("wall"),
  /** The gateway's clock when it was sent, in milliseconds since 1970. */
  at: whole,
  whole: v.boolean(),
  rows: v.array(WallRow),
  /** Students who are on the wall no longer. */
  gone: v.array(id),
});
/**
 * The conversation of the student who is followed, as the lines of a recording (docs/recordings.md).
 * `whole`: another conversation, or the same from its beginning; its first line is a recording's first.
 */
export const Followed = v.strictObject({
  type: v.literal("followed"),
  student: id,
  key: id,
  whole: v.boolean(),
  lines: v.array(v.string()),
});

/** What the page may say about a class, and what it is told. */
export const classCommands = [Steer, WatchWall] as const;
export const classMessages = [ClassNow, Steered, Wall, Followed] as const;

export type Steer = v.InferOutput<typeof Steer>;
export type WatchWall = v.InferOutput<typeof WatchWall>;
export type ClassCommand = Steer | WatchWall;
export type ClassNow = v.InferOutput<typeof ClassNow>;
export type Steered = v.InferOutput<typeof Steered>;
export type Wall = v.InferOutput<typeof Wall>;
export type Followed = v.InferOutput<typeof Followed>;
export type ClassMessage = ClassNow | Steered | Wall | Followed;

/** `POST join`: a student comes in. */
export const JoinRequest = v.strictObject({
  code: v.pipe(v.string(), v.maxLength(128)),
  name: v.pipe(v.string(), v.maxLength(200)),
});
/** Why somebody cannot join; the page has a sentence for each. */
export const JOIN_PROBLEMS = [
  "wrong-code",
  "too-many-tries",
  "locked",
  "full",
  "bad-name",
  "name-taken",
  "ended",
] as const;
export type JoinProblem = (typeof JOIN_PROBLEMS)[number];
/** The answer to `POST join` with a 4xx status; without one it is 204 and a cookie. */
export const JoinRefused = v.strictObject({
  problem: v.picklist(JOIN_PROBLEMS),
  /** Milliseconds until the next try is looked at. */
  retryAfterMs: v.optional(whole),
  /** A free name like the one that is taken. */
  suggestion: v.optional(text),
});
export type JoinRefused = v.InferOutput<typeof JoinRefused>;
/** `GET auth`: what the page has to ask for. */
export const AuthNow = v.strictObject({
  /** A code is needed. */
  required: v.boolean(),
  /** This browser has shown one. */
  ok: v.boolean(),
  /** There is a class; then the code is its join code, and goes to `POST join` with a name. */
  class: v.optional(
    v.strictObject({
      name: text,
      locked: v.boolean(),
      /** Conversations are kept in files, and for how long in milliseconds (null: until deleted). */
      keeps: v.optional(v.boolean()),
      keepMs: v.optional(v.nullable(whole)),
      /** Who this browser is, if it is anybody. */
      role: v.optional(v.picklist(ROLES)),
      student: v.optional(text),
    }),
  ),
});
export type AuthNow = v.InferOutput<typeof AuthNow>;

/** `GET recordings`: conversations the class has kept, the newest first. */
export const RecordingsNow = v.strictObject({
  /** Why not every conversation is kept to its end, in a sentence; nothing when all are. */
  problem: v.optional(text),
  recordings: v.array(
    v.strictObject({
      /** In `GET recordings/ID`, and the file's name without its ending. */
      id: v.pipe(v.string(), v.maxLength(80)),
      student: text,
      address: text,
      /** ISO 8601. */
      startedAt: text,
      bytes: whole,
      events: whole,
      /** It still goes on. */
      live: v.boolean(),
    }),
  ),
});
export type RecordingsNow = v.InferOutput<typeof RecordingsNow>;
