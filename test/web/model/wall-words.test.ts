/** What the wall writes and draws about a student. */
import { describe, expect, it } from "vitest";
import type { WallMark, WallRow } from "../../../shared/classroom.ts";
import { type NewsItem, spokenNews } from "../../../web/model/wall-news.ts";
import type { Student } from "../../../web/model/wall-rows.ts";
import { TRACE_LENGTH, tracePaths } from "../../../web/model/wall-trace.ts";
import { faceOf, sentenceOf } from "../../../web/model/wall-words.ts";

const open: NonNullable<WallRow["now"]> = {
  key: "k",
  address: "tcp://127.0.0.1:8000",
  role: "client",
  phase: "open",
  state: "ESTABLISHED",
  seen: true,
};

function student(more: Partial<Student> = {}): Student {
  const plain = { id: "s", n: 1, seat: 7, name: "Trinity", here: true, frozen: false, open: 1 };
  return { ...plain, now: open, last: null, marks: [], ...more };
}

const faces: [string, Partial<Student>, { sign: string; state: string; line: string }][] = [
  [
    "who was answered",
    { last: { direction: "in", text: "accepted" } },
    { sign: "ESTABLISHED", state: "ESTABLISHED", line: "in accepted" },
  ],
  [
    "who was refused",
    {
      now: {
        ...open,
        phase: "failed",
        state: "CLOSED",
        failure: "ECONNREFUSED",
        address: "tcp://127.0.0.1:9090",
      },
    },
    { sign: "cross", state: "refused", line: "wrong port 9090" },
  ],
  [
    "whom nobody answered",
    { now: { ...open, phase: "failed", state: null, failure: "CONNECT_TIMEOUT" } },
    { sign: "cross", state: "no answer", line: "wrong port 8000" },
  ],
  [
    "who waits for an answer",
    {
      now: { ...open, phase: "opening", state: "SYN_SENT" },
      last: { direction: "in", text: "old" },
    },
    { sign: "SYN_SENT", state: "SYN_SENT", line: "calm no answer yet" },
  ],
  [
    "who has closed",
    {
      now: { ...open, phase: "closed", state: "TIME_WAIT" },
      last: { direction: "out", text: "close" },
    },
    { sign: "TIME_WAIT", state: "TIME_WAIT", line: "out close" },
  ],
  [
    "who talks without TCP",
    { now: { ...open, state: null, address: "udp://127.0.0.1:9" } },
    { sign: "dot", state: "open", line: "calm port 9" },
  ],
  [
    "who has just joined",
    { now: null },
    { sign: "none", state: "joined", line: "calm not connected yet" },
  ],
  [
    "who listens",
    { now: null, listens: [9090] },
    { sign: "LISTEN", state: "LISTEN", line: "calm listens on port 9090" },
  ],
  [
    "who waits for the next visitor",
    { now: { ...open, role: "server", phase: "closed", state: "CLOSED" }, listens: [9090, 9091] },
    { sign: "LISTEN", state: "LISTEN", line: "calm listens on ports 9090, 9091" },
  ],
  [
    "who serves a visitor",
    {
      now: { ...open, role: "server" },
      listens: [9090],
      last: { direction: "in", text: "Knock, knock" },
    },
    { sign: "ESTABLISHED", state: "ESTABLISHED", line: "in Knock, knock" },
  ],
  [
    "whose page is closed",
    { now: null, here: false },
    { sign: "none", state: "away", line: "calm page is closed" },
  ],
];

describe("a face", () => {
  for (const [who, more, wanted] of faces) {
    it(`of a student ${who} shows ${wanted.state}`, () => {
      const { sign, state, line } = faceOf(student(more));
      expect({ sign, state, line: `${line.tone} ${line.text}` }).toEqual(wanted);
    });
  }

  it("has a number where names are hidden", () => {
    expect(faceOf(student({ name: "" })).name).toBe("Student 7");
  });

  it("is a sentence for a screen reader", () => {
    const last = { direction: "in", text: "accepted" } as const;
    expect(sentenceOf(student({ last }))).toBe("Trinity, ESTABLISHED, received “accepted”");
    expect(sentenceOf(student({ last, frozen: true, here: false }))).toBe(
      "Trinity, frozen, away, ESTABLISHED, received “accepted”",
    );
  });
});

describe("a trace", () => {
  const now = 1_000_000;
  const mark = (age: number, kind: WallMark["kind"], bytes = 8): WallMark => ({
    at: now - age,
    kind,
    bytes,
  });

  it("has bars up for what goes out and down for what comes in, where they happened", () => {
    const paths = tracePaths(student({ marks: [mark(60_000, "out"), mark(0, "in")] }), now);
    expect(paths.out).toBe("M0 14v-8h4v8z");
    expect(paths.in).toBe(`M${TRACE_LENGTH - 4} 16v8h4v-8z`);
  });

  it("marks ends and refusals, each in a path of its own colour", () => {
    const marks = [mark(30_000, "end-in"), mark(1_000, "refused"), mark(20_000, "reset")];
    const paths = tracePaths(student({ marks }), now);
    expect(paths.end.match(/M/g)).toHaveLength(1);
    expect(paths.wrong.match(/M/g)).toHaveLength(2);
  });

  it("forgets what is older than a minute, and draws what comes from a clock ahead at the end", () => {
    const marks = [mark(60_001, "out"), mark(-500, "in")];
    const paths = tracePaths(student({ marks }), now);
    expect(paths.out).toBe("");
    expect(paths.in).toContain(`M${TRACE_LENGTH - 4} `);
  });

  it("is dashed while nobody has answered, and ends where a closed connection ended", () => {
    const opening = { ...open, phase: "opening", state: "SYN_SENT" } as const;
    expect(tracePaths(student({ now: opening }), now)).toMatchObject({ dashed: true });
    const closed = { ...open, phase: "closed", state: "CLOSED" } as const;
    const paths = tracePaths(student({ now: closed, marks: [mark(30_000, "out")] }), now);
    expect(paths.line).toBe("M0 15H58");
  });
});

describe("announced news", () => {
  const item = (n: number, more: Partial<NewsItem> = {}): NewsItem => ({
    n,
    at: 0,
    id: `s${n}`,
    seat: n,
    name: `Name ${n}`,
    text: "joined",
    tone: "calm",
    kind: "joined",
    ...more,
  });

  it("are said one by one while they are few, and summed up when they are many", () => {
    const failed = { kind: "failed", text: "cannot connect, port 9" } as const;
    expect(spokenNews([item(1), item(2, failed)], 0, false)).toBe(
      "Name 1 joined. Name 2 cannot connect, port 9.",
    );
    expect(spokenNews([item(1), item(2), item(3, failed)], 0, false)).toBe(
      "2 joined, 1 could not connect.",
    );
  });

  it("are only those that were not said, and call nobody by a hidden name", () => {
    expect(spokenNews([item(1), item(2)], 1, true)).toBe("Student 2 joined.");
    expect(spokenNews([item(1)], 1, false)).toBe("");
  });
});
