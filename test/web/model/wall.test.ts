/** The wall: who is on it, in which order, what stands still while it is paused, and which page is shown. */
import { beforeEach, describe, expect, it } from "vitest";
import type {
  Followed,
  WallMark,
  Wall as WallMessage,
  WallRow,
  WallTurn,
} from "../../../shared/classroom.ts";
import { eventLine, headerLine } from "../../../shared/recording-write.ts";
import type { WallFollower } from "../../../web/model/classroom.ts";
import { Wall } from "../../../web/model/wall.ts";

const START = 1_700_000_000_000;

/** The class as the wall asks it, and a clock that is set by hand. */
class Desk {
  now = START;
  frames: (() => void)[] = [];
  followed: (string | null)[] = [];
  tell!: WallFollower;
  readonly wall = new Wall(
    {
      watch: (follower) => {
        this.tell = follower;
        return () => {};
      },
      follow: (student) => this.followed.push(student),
    },
    { now: () => this.now, soon: (run) => this.frames.push(run) },
  );

  frame(): void {
    for (const run of this.frames.splice(0)) run();
  }

  all(rows: WallRow[]): void {
    this.tell.wall(message({ whole: true, rows, at: this.now }));
    this.frame();
  }

  some(rows: WallRow[], more: Partial<WallMessage> = {}): void {
    this.tell.wall(message({ rows, at: this.now, ...more }));
    this.frame();
  }

  hear(more: Partial<Followed>): void {
    this.tell.followed({
      type: "followed",
      student: "s1",
      key: "k1",
      whole: false,
      lines: [],
      ...more,
    });
    this.frame();
  }
}

function message(more: Partial<WallMessage>): WallMessage {
  return { type: "wall", at: START, whole: false, rows: [], gone: [], ...more };
}

function row(seat: number, more: Partial<WallRow> = {}): WallRow {
  const now = {
    key: `k${seat}`,
    address: "tcp://127.0.0.1:8000",
    role: "client",
    phase: "open",
    state: "ESTABLISHED",
    seen: true,
  } as const;
  const name = `Name ${seat}`;
  const plain = { here: true, frozen: false, open: 1, now, last: null, marks: [] };
  return { id: `s${seat}`, n: 1, seat, name, ...plain, ...more };
}

const rows = (count: number): WallRow[] => Array.from({ length: count }, (_, i) => row(i + 1));
const mark = (at: number, more: Partial<WallMark> = {}): WallMark => ({
  at,
  kind: "out",
  bytes: 1,
  ...more,
});
const seats = (wall: Wall): number[] => wall.students.map(({ seat }) => seat);
const withPhase = (seat: number, now: Partial<NonNullable<WallRow["now"]>>): WallRow => {
  const plain = row(seat);
  return { ...plain, now: plain.now && { ...plain.now, ...now } };
};

let desk: Desk;
let wall: Wall;
beforeEach(() => {
  desk = new Desk();
  wall = desk.wall;
  wall.start();
});

describe("rows", () => {
  it("stand in the order of their seats, whatever order they came in", () => {
    desk.all([row(3), row(1)]);
    desk.some([row(2)]);
    expect(seats(wall)).toEqual([1, 2, 3]);
  });

  it("are taken in once a frame, as one change", () => {
    desk.all(rows(2));
    let changes = 0;
    wall.subscribe(() => changes++);
    desk.tell.wall(message({ rows: [row(1, { n: 2 })] }));
    desk.tell.wall(message({ rows: [row(2, { n: 2 })] }));
    expect(changes).toBe(0);
    desk.frame();
    expect(changes).toBe(1);
  });

  it("with a number that is known already change nothing", () => {
    desk.all([row(1, { n: 5, marks: [mark(START)] })]);
    const before = wall.students[0];
    desk.some([row(1, { n: 5, marks: [mark(START)] })]);
    desk.some([row(1, { n: 4, name: "older" })]);
    expect(wall.students[0]).toBe(before);
  });

  it("of nobody else become other objects when one changes", () => {
    desk.all(rows(3));
    const [first, second] = wall.students;
    desk.some([row(1, { n: 2, last: { direction: "out", text: "hello?" } })]);
    expect(wall.students[0]).not.toBe(first);
    expect(wall.students[1]).toBe(second);
  });

  it("keep the marks of the last minute, and let older ones go", () => {
    desk.all([row(1, { marks: [mark(START - 50_000), mark(START - 10_000)] })]);
    desk.now += 20_000;
    desk.some([row(1, { n: 2, marks: [mark(START + 20_000, { kind: "in" })] })]);
    expect(wall.students[0]?.marks.map(({ at }) => at - START)).toEqual([-10_000, 20_000]);
  });

  it("count marks that lie close together as one", () => {
    const close = [mark(START, { bytes: 3 }), mark(START + 100, { bytes: 4 }), mark(START + 600)];
    desk.all([row(1, { marks: close })]);
    expect(wall.students[0]?.marks.map(({ bytes }) => bytes)).toEqual([7, 1]);
  });

  it("that a whole wall does not name are gone", () => {
    desk.all(rows(3));
    desk.all([row(1), row(3)]);
    expect(seats(wall)).toEqual([1, 3]);
    desk.some([], { gone: ["s1"] });
    expect(seats(wall)).toEqual([3]);
  });

  it("of a gateway that counts from the start again are believed", () => {
    desk.all([row(1, { n: 90, name: "Trinity" })]);
    desk.all([row(1, { n: 2, name: "" })]);
    expect(wall.students[0]?.name).toBe("");
  });
});

describe("counts", () => {
  it("are those of everybody, also of who is on another page", () => {
    wall.fit(1);
    desk.all([
      row(1),
      withPhase(2, { state: "CLOSE_WAIT" }),
      withPhase(3, { phase: "closed", state: "TIME_WAIT" }),
      withPhase(4, { phase: "failed", failure: "ECONNREFUSED", state: null }),
      withPhase(5, { phase: "failed", failure: "CONNECT_TIMEOUT", state: null }),
      withPhase(6, { phase: "opening", state: "SYN_SENT" }),
      row(7, { now: null }),
    ]);
    expect(wall.page.items).toHaveLength(1);
    expect(wall.counts).toEqual({ joined: 7, connected: 1, over: 2, failed: 2, unanswered: 1 });
  });
});

describe("pages", () => {
  it("hold as many as fit, and turn round the end", () => {
    wall.fit(14);
    desk.all(rows(24));
    expect(wall.page).toMatchObject({ from: 1, to: 14, of: 24, pages: 2 });
    wall.turn();
    expect(wall.page).toMatchObject({ from: 15, to: 24, of: 24 });
    wall.turn();
    expect(wall.page.from).toBe(1);
  });

  it("stop turning when somebody chooses one, a student, or a pause, and go on with Back", () => {
    wall.fit(5);
    desk.all(rows(12));
    expect(wall.turns).toBe(true);
    wall.turnTo(-1);
    expect([wall.turns, wall.page.from]).toEqual([false, 11]);
    wall.back();
    expect(wall.turns).toBe(true);
    wall.choose("s7");
    expect([wall.turns, wall.page.from]).toEqual([false, 6]);
    wall.back();
    wall.pause();
    expect(wall.turns).toBe(false);
    wall.turn();
    expect(wall.page.from).toBe(6);
    wall.resume();
    expect(wall.turns).toBe(true);
  });

  it("keep the first who is seen in sight when the room changes, and no page is empty", () => {
    wall.fit(10);
    desk.all(rows(30));
    wall.turnTo(1);
    wall.fit(4);
    expect(wall.page).toMatchObject({ from: 9, to: 12 });
    desk.all(rows(3));
    expect(wall.page).toMatchObject({ from: 1, to: 3, of: 3, pages: 1 });
  });
});

describe("the chosen student", () => {
  it("is followed, is the next or the one before round the end, and nobody's after Back", () => {
    desk.all(rows(3));
    wall.next();
    wall.next();
    wall.next(-1);
    wall.next(-1);
    expect(wall.chosen?.seat).toBe(3);
    wall.next();
    expect(wall.chosen?.seat).toBe(1);
    wall.back();
    expect(wall.chosen).toBeNull();
    expect(desk.followed).toEqual(["s1", "s2", "s1", "s3", "s1", null]);
  });

  it("who leaves the class is shown no longer", () => {
    desk.all(rows(2));
    wall.choose("s2");
    desk.some([], { gone: ["s2"] });
    expect([wall.chosen, desk.followed.at(-1)]).toEqual([null, null]);
  });
});

const local = { host: "127.0.0.1", port: 50_000 };
const remote = { host: "127.0.0.1", port: 8000 };
const header = headerLine({ startedAt: START, platform: "linux", address: null, forgotten: 0 });
const opened = eventLine({ at: 0.1, side: "near", kind: "open", local, remote });
const bytes = new TextEncoder().encode("knock");
const said = (offset: number): string =>
  eventLine({ at: 1, side: "near", kind: "data", direction: "out", offset, length: 5, bytes });

describe("the large student's conversation", () => {
  beforeEach(() => {
    desk.all(rows(2));
    wall.choose("s1");
    desk.followed = [];
  });

  it("begins with the whole of it and grows line by line", () => {
    desk.hear({ whole: true, lines: [header, opened] });
    const conversation = wall.followed?.conversation;
    desk.hear({ lines: [said(0), said(5)] });
    expect(wall.followed?.conversation).toBe(conversation);
    expect(conversation?.total).toBe(3);
    expect(conversation?.state.sentBytes).toBe(10);
  });

  it("begins anew when another comes whole", () => {
    desk.hear({ whole: true, lines: [header, opened, said(0)] });
    desk.hear({ whole: true, key: "k2", lines: [header, opened] });
    expect(wall.followed).toMatchObject({ key: "k2", missing: false });
    expect(wall.followed?.conversation.total).toBe(1);
  });

  it("says that something is missing, and asks for all of it once more", () => {
    desk.hear({ whole: true, lines: [header, opened] });
    desk.hear({ lines: [said(5)] });
    expect(wall.followed?.missing).toBe(true);
    desk.hear({ lines: ["{"] });
    expect(desk.followed).toEqual(["s1"]);
    desk.hear({ whole: true, lines: [header, opened, said(0), said(5)] });
    expect(wall.followed?.missing).toBe(false);
  });

  it("asks for the beginning when it comes without one", () => {
    desk.hear({ lines: [said(0)] });
    expect([wall.followed, desk.followed]).toEqual([null, ["s1"]]);
  });

  it("is not another student's", () => {
    desk.hear({ student: "s2", whole: true, lines: [header, opened] });
    expect(wall.followed).toBeNull();
  });
});

describe("a pause", () => {
  it("keeps the picture still, counts what waits, and shows it afterwards", () => {
    desk.all(rows(2));
    wall.pause();
    const before = [wall.students, wall.counts, wall.now];
    desk.now += 5_000;
    desk.some([row(1, { n: 2 }), row(3)]);
    desk.some([], { gone: ["s2"] });
    expect([wall.students, wall.counts, wall.now]).toEqual(before);
    expect(wall.changesWaiting).toBe(3);
    wall.resume();
    expect(seats(wall)).toEqual([1, 3]);
    expect([wall.changesWaiting, wall.now]).toEqual([0, START + 5_000]);
  });

  it("holds the large student's lines back, and gives them in their order", () => {
    desk.all(rows(1));
    wall.choose("s1");
    desk.hear({ whole: true, lines: [header, opened] });
    wall.pause();
    desk.hear({ lines: [said(0)] });
    desk.hear({ lines: [said(5)] });
    expect(wall.followed?.conversation.total).toBe(1);
    wall.resume();
    expect(wall.followed?.conversation.state.sentBytes).toBe(10);
    expect(wall.followed?.missing).toBe(false);
  });

  it("shows a student who is chosen meanwhile as far as the conversation was", () => {
    desk.all(rows(2));
    wall.pause();
    wall.choose("s1");
    desk.hear({ whole: true, lines: [header, opened] });
    desk.hear({ lines: [said(0)] });
    expect(wall.followed?.conversation.total).toBe(1);
  });

  it("asks for the whole conversation again when more lines came than it keeps", () => {
    desk.all(rows(1));
    wall.choose("s1");
    desk.hear({ whole: true, lines: [header, opened] });
    wall.pause();
    desk.followed = [];
    desk.hear({ lines: Array.from({ length: 5_001 }, (_, i) => said(5 * i)) });
    wall.resume();
    expect(desk.followed).toEqual(["s1"]);
  });
});

it("tells the time by the gateway's clock, by the message that was under way for the shortest time", () => {
  desk.tell.wall(message({ whole: true, at: START + 3_000 }));
  desk.now += 1_000;
  desk.tell.wall(message({ at: START + 4_200 }));
  desk.tell.wall(message({ at: START + 3_100 }));
  expect(wall.now).toBe(START + 4_200);
});

it("does not wait for a frame where there is none for a long time", () => {
  desk.all([]);
  for (let i = 0; i < 600; i++) desk.tell.wall(message({ rows: [row(i + 1)] }));
  expect(wall.students.length).toBeGreaterThanOrEqual(500);
});

describe("news", () => {
  const news = () => wall.news.map(({ name, text }) => `${name} ${text}`);
  const turn = (at: number, more: Partial<WallTurn> = {}): WallMark => ({
    at: START + at,
    kind: "news",
    bytes: 0,
    news: { key: "k", address: "tcp://127.0.0.1:8000", role: "client", turn: "open", ...more },
  });

  it("are who joined, connected and failed since the wall was first seen", () => {
    desk.all([row(1, { now: null, marks: [turn(0, { key: "old" })] })]);
    expect(wall.news).toEqual([]);
    desk.some([{ ...row(1, { marks: [turn(10)] }), n: 2 }, row(2, { now: null })]);
    const address = "tcp://127.0.0.1:9090";
    const failed = { address, turn: "failed" } as const;
    const refused = turn(20, { ...failed, key: "a", failure: "ECONNREFUSED" });
    const forbidden = turn(30, { ...failed, key: "b", failure: "NOT_ALLOWED" });
    desk.some([{ ...row(2, { marks: [refused, forbidden] }), n: 2 }]);
    desk.some([], { gone: ["s1"] });
    expect(news()).toEqual([
      "Name 2 joined",
      "Name 1 is connected, port 8000",
      "Name 2 was refused, port 9090",
      "Name 2 is not allowed there by the gateway, port 9090",
      "Name 1 left the class",
    ]);
    wall.forgetNews();
    expect(wall.news).toEqual([]);
  });

  it("say who hung up, at its time, and once, also when the wall comes whole again", () => {
    desk.all([row(1), row(2), row(3)]);
    const over = (key: string, at: number, by: WallTurn["by"]) =>
      turn(at, { key, turn: "over", by });
    const ended = [
      row(1, { marks: [over("a", 3, "teacher")] }),
      row(2, { marks: [over("b", 2, "far")] }),
      row(3, { marks: [over("c", 1, "near")] }),
    ].map((it) => ({ ...it, n: 2 }));
    desk.some(ended);
    desk.all(ended);
    const closed = { phase: "closed", state: "CLOSED" } as const;
    desk.some([{ ...withPhase(1, closed), n: 3 }]);
    expect(news()).toEqual([
      "Name 3 hung up, port 8000",
      "Name 2 was hung up on by the server, port 8000",
      "Name 1 was hung up by the teacher, port 8000",
    ]);
    expect(wall.news.map(({ at }) => at - START)).toEqual([1, 2, 3]);
  });

  it("say that somebody listens, and that a visitor was accepted", () => {
    desk.all([row(1, { now: null })]);
    desk.some([{ ...row(1, { now: null, listens: [9090] }), n: 2 }]);
    const accepted = turn(5, { role: "server", address: "tcp://127.0.0.1:9090" });
    desk.some([{ ...row(1, { listens: [9090], marks: [accepted] }), n: 3 }]);
    expect(news()).toEqual([
      "Name 1 listens on port 9090",
      "Name 1 has accepted a visitor, port 9090",
    ]);
  });

  it("call who is gone by name again once names are shown", () => {
    desk.all([row(1), row(2)]);
    desk.some([{ ...row(1, { name: "" }), n: 2 }]);
    desk.some([], { gone: ["s1"] });
    expect(news()).toEqual(["Name 1 left the class"]);
    expect(wall.nameOf({ id: "s1", seat: 1 }, false)).toBe("Name 1");
    expect(wall.nameOf({ id: "s1", seat: 1 }, true)).toBe("Student 1");
  });
});
