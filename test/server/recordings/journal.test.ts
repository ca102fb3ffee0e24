/** Conversations in files: the same events, while they happen, with few descriptors, and what a disk that fails does. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  constants,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { LIMITS, type Limits } from "../../../server/recordings/limits.ts";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { MAX_RECORDING_EVENTS } from "../../../shared/recording.ts";
import { eventually } from "../../support/eventually.ts";
import {
  conversation,
  filesIn,
  journalIn,
  opened,
  openFile,
  STARTED_AT,
  talk,
  type Workplace,
  workplace,
} from "../../support/kept.ts";
import { recordings, tutorial } from "../../support/recordings.ts";

let place: Workplace;
let stops: (() => Promise<void>)[] = [];
beforeEach(() => {
  place = workplace();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) await stop();
  place.remove();
});

function keeping(options: Parameters<typeof journalIn>[1] = {}) {
  const made = journalIn(place, options);
  stops.push(() => made.journal.close());
  return made;
}

const text = (name: string) => readFileSync(join(place.folder, name), "utf8");

describe("a conversation that is kept", () => {
  test("is in its file as the page saves it, with whose it was in the first line", async () => {
    const { journal } = keeping();
    const one = conversation(1);
    journal.began(one);
    for (const event of tutorial.events) journal.event(one, event);
    journal.over(one);
    await journal.flush();
    const [name = ""] = filesIn(place.folder);
    expect(name).toMatch(/^20261124T121403649Z-student-1-[0-9a-f]{8}\.jsonl$/);
    expect(text(name).split("\n")[0]).toBe(
      '{"wireside":"recording","version":1,"startedAt":"2026-11-24T12:14:03.649Z","platform":"linux","address":"tcp://127.0.0.1:8000","forgotten":0,"student":"student 1","studentId":"s1","class":"networks"}',
    );
    const { recording, problem } = openFile(place.folder, name);
    expect(problem).toBeNull();
    expect(recording).toEqual({ ...tutorial, startedAt: STARTED_AT + 1, forgotten: 0 });
  });

  test("is readable to its last line while it grows, without anybody asking for it", async () => {
    const { journal, shelf } = keeping();
    const one = conversation(1);
    const say = talk();
    journal.began(one);
    const events = [...opened];
    for (const event of events) journal.event(one, event);
    for (let n = 0; n < 5; n++) {
      const next = say("out", `line ${n}\n`);
      events.push(next);
      journal.event(one, next);
      await eventually(
        () => shelf.list()[0]?.events,
        (count) => count === events.length,
      );
      const [name = ""] = filesIn(place.folder);
      const { recording, problem } = openFile(place.folder, name);
      expect(problem).toBeNull();
      expect(recording.events).toEqual(events);
      expect(shelf.list()[0]).toMatchObject({ endedAt: null, bytes: text(name).length });
    }
  });

  test("may be any conversation", async () => {
    const { journal } = keeping();
    let n = 0;
    await fc.assert(
      fc.asyncProperty(recordings, async ({ startedAt, events }) => {
        const one = conversation(n++, { startedAt });
        journal.began(one);
        for (const event of events) journal.event(one, event);
        journal.over(one);
        await journal.flush();
        const [name = ""] = filesIn(place.folder);
        const { recording, problem } = openFile(place.folder, name);
        expect(problem).toBeNull();
        expect(recording.events).toEqual(events);
        expect(recording.startedAt).toBe(startedAt);
        rmSync(join(place.folder, name));
      }),
      { numRuns: 40 },
    );
  });

  test("has its bytes copied: they are the caller's again at once", async () => {
    const { journal } = keeping();
    const one = conversation(1);
    const bytes = Buffer.from("hello");
    journal.began(one);
    for (const event of opened) journal.event(one, event);
    const said = { kind: "data", at: 1, side: "near", direction: "out", offset: 0 } as const;
    journal.event(one, { ...said, length: 5, bytes });
    bytes.fill(0);
    await journal.flush();
    const { recording } = openFile(place.folder, filesIn(place.folder)[0] ?? "");
    expect(recording.events.at(-1)).toMatchObject({ bytes: Uint8Array.from(Buffer.from("hello")) });
  });

  test("is of a student: what others do is not kept", async () => {
    const { journal, shelf } = keeping();
    const other = conversation(1, { user: "somebody" });
    journal.began(other);
    journal.event(other, opened[0] as ConversationEvent);
    journal.over(other);
    await journal.flush();
    expect(filesIn(place.folder)).toEqual([]);
    expect(shelf.list()).toEqual([]);
  });

  test("has a safe name, whatever student and key are called, and only this user may read it", async () => {
    const names = ["../../etc/passwd", "Ж\u202e", "a\nb", "ÉLÈVE", "x".repeat(300), ""];
    const { journal } = keeping({ keeperOf: (user) => ({ id: user, name: user }) });
    names.forEach((user, n) => {
      journal.began(conversation(n, { user, key: `../${n}/\0` }));
    });
    await journal.flush();
    const words = filesIn(place.folder).map((name) => /Z-(.*)-\w{8}\.jsonl$/.exec(name)?.[1]);
    expect(words).toEqual(["etc-passwd", "student", "a-b", "eleve", "x".repeat(24), "student"]);
    const modes = execFileSync("stat", ["-c", "%a", ...filesIn(place.folder)], {
      cwd: place.folder,
    });
    expect(new Set(`${modes}`.trim().split("\n"))).toEqual(new Set(["600"]));
  });
});

describe("a long conversation", () => {
  test("keeps of what comes after the first bytes only the beginning of each piece", async () => {
    const { journal } = keeping({ limits: { wholeBytes: 1000 } });
    const one = conversation(1);
    const say = talk();
    journal.began(one);
    for (const event of opened) journal.event(one, event);
    for (let n = 0; n < 5; n++) journal.event(one, say("in", Buffer.alloc(400, n)));
    journal.event(one, say("out", "short"));
    await journal.flush();
    const { recording, problem } = openFile(place.folder, filesIn(place.folder)[0] ?? "");
    expect(problem).toBeNull();
    const kept = recording.events.flatMap((event) => (event.kind === "data" ? [event] : []));
    expect(kept.map(({ bytes }) => bytes.length)).toEqual([400, 400, 200, 64, 64, 5]);
    expect(kept.map(({ length }) => length)).toEqual([400, 400, 400, 400, 400, 5]);
  });

  test("faster than the disk keeps only the beginnings of pieces until the disk has followed", async () => {
    const { journal } = keeping({ limits: { excerptAtBytes: 2_000 } });
    const one = conversation(1);
    const say = talk();
    journal.began(one);
    for (let n = 0; n < 4; n++) journal.event(one, say("in", Buffer.alloc(1_000)));
    await journal.flush();
    journal.event(one, say("in", Buffer.alloc(1_000)));
    await journal.flush();
    const { recording, problem } = openFile(place.folder, filesIn(place.folder)[0] ?? "");
    expect(problem).toBeNull();
    const kept = recording.events.flatMap((event) => (event.kind === "data" ? [event] : []));
    expect(kept.map(({ bytes }) => bytes.length)).toEqual([1000, 1000, 64, 64, 1000]);
    expect(journal.problem).toBeNull();
  });

  test("goes on in another file before a page could not open it any more", async () => {
    expect(LIMITS.fileEvents).toBe(MAX_RECORDING_EVENTS);
    const { journal, shelf } = keeping({ limits: { fileEvents: 10 } });
    const one = conversation(1);
    const say = talk();
    journal.began(one);
    for (const event of opened) journal.event(one, event);
    const said = Array.from({ length: 20 }, (_, n) => say("out", `${n}`));
    for (const event of said) journal.event(one, event);
    journal.over(one);
    await journal.flush();
    const files = filesIn(place.folder).map((name) => openFile(place.folder, name));
    expect(files.map(({ problem }) => problem)).toEqual(files.map(() => null));
    const inOrder = files
      .map(({ recording }) => recording)
      .sort((a, b) => a.forgotten - b.forgotten);
    expect(inOrder.map(({ events }) => events.length)).toEqual([10, 10, 7]);
    // Each begins with what has to be known, and those before it were this many.
    expect(inOrder.map(({ forgotten }) => forgotten)).toEqual([0, 8, 16]);
    expect(inOrder[1]?.events.slice(0, 2).map(({ kind }) => kind)).toEqual(["opening", "open"]);
    const all = inOrder.flatMap(({ events }) => events.filter(({ kind }) => kind === "data"));
    expect(all).toEqual(said);
    expect(shelf.list().map(({ endedAt }) => endedAt)).not.toContain(null);
  });
});

/** Descriptors of this process that lead into the folder. */
const held = () =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(place.folder);
    } catch {
      // It was closed in between, as the one of the listing itself.
      return false;
    }
  }).length;

describe("many conversations", () => {
  test("200 at once are all whole, with 64 descriptors at most", async () => {
    const { journal } = keeping();
    const all = Array.from({ length: 200 }, (_, n) => ({ one: conversation(n), say: talk() }));
    for (const { one } of all) journal.began(one);
    let most = 0;
    for (let round = 0; round < 12; round++) {
      for (const { one, say } of all) journal.event(one, say("out", `${one.key} says ${round}\n`));
      // One file in ten is written while lines still come.
      const flushed = round % 3 === 0 ? journal.flush() : Promise.resolve();
      most = Math.max(most, held());
      await flushed;
      most = Math.max(most, held());
      expect(journal.openFiles).toBeLessThanOrEqual(64);
    }
    for (const { one } of all) journal.over(one);
    await journal.flush();
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(64);
    expect(held()).toBe(0);
    const names = filesIn(place.folder);
    expect(names).toHaveLength(200);
    for (const name of names) {
      const { recording, problem } = openFile(place.folder, name);
      expect(problem).toBeNull();
      expect(recording.events).toHaveLength(12);
    }
  });

  test("large pieces do not wait in memory for the next flush", async () => {
    const { journal, shelf } = keeping({ limits: { flushMs: 3_600_000 } });
    const one = conversation(1);
    const say = talk();
    journal.began(one);
    for (let n = 0; n < 8; n++) journal.event(one, say("in", Buffer.alloc(64 * 1024, n)));
    await eventually(
      () => shelf.list()[0]?.events ?? 0,
      (events) => events >= 4,
    );
  });
});

describe("a disk that does not take it", () => {
  /** Conversations of which all but the first have their files open, so that this one is opened again. */
  async function firstClosed(limits: Partial<Limits> & { openFiles: number }) {
    const made = keeping({ limits });
    const all = Array.from({ length: limits.openFiles + 1 }, (_, n) => conversation(n));
    for (const each of all) {
      made.journal.began(each);
      made.journal.event(each, opened[0] as ConversationEvent);
      await made.journal.flush();
    }
    const [one = conversation(0), two = one] = all;
    const [first = ""] = filesIn(place.folder);
    return { ...made, one, two, path: join(place.folder, first) };
  }

  test("full: keeping stops for that file with one warning, and the others go on", async () => {
    const { journal, shelf, one, two, path } = await firstClosed({ openFiles: 1, writers: 1 });
    const told: (string | null)[] = [];
    journal.onProblem(() => told.push(journal.problem));
    renameSync(path, `${path}.whole`);
    symlinkSync("/dev/full", path);
    for (const each of [one, two, one, two]) {
      journal.event(each, opened[1] as ConversationEvent);
      await journal.flush();
    }
    expect(place.lines("no longer kept")).toHaveLength(1);
    expect(place.lines("no longer kept")[0]).toContain("ENOSPC");
    expect(told).toEqual(["The disk is full: not every conversation is kept to its end."]);
    const kept = shelf.list();
    expect(kept.map(({ events }) => events)).toEqual([3, 1]);
    expect(kept.map(({ endedAt }) => endedAt !== null)).toEqual([false, true]);
    rmSync(path);
    renameSync(`${path}.whole`, path);
    journal.over(one);
    // Another one that the disk takes: then there is room again.
    journal.began(conversation(3));
    await journal.flush();
    expect(told).toEqual([expect.any(String), null]);
  });

  test("gone: a directory that is removed stops keeping, and nobody notices but the log", async () => {
    const { journal, one, two } = await firstClosed({ openFiles: 1, writers: 1 });
    rmSync(place.folder, { recursive: true });
    journal.event(one, opened[1] as ConversationEvent);
    await journal.flush();
    journal.event(two, opened[1] as ConversationEvent);
    await journal.flush();
    const three = conversation(3);
    journal.began(three);
    journal.event(three, opened[0] as ConversationEvent);
    await journal.flush();
    journal.over(three);
    expect(place.lines("no longer kept")).toHaveLength(3);
    expect(journal.problem).toContain("were moved or deleted");
  });

  test("too slow: what waits is given up before it fills the memory, and others go on", async () => {
    const limits = {
      openFiles: 2,
      writers: 2,
      waitingBytes: 200_000,
      excerptAtBytes: 1e9,
      flushMs: 5,
    };
    const { journal, shelf, one, two, path } = await firstClosed(limits);
    // A pipe that nobody reads takes 64 KiB; then write(2) does not return.
    rmSync(path);
    execFileSync("mkfifo", [path]);
    const reader = openSync(path, constants.O_RDWR);
    const say = talk();
    journal.event(one, say("in", Buffer.alloc(90_000)));
    await eventually(
      () => journal.waitingBytes,
      (bytes) => bytes === 0,
    );
    const problem = await eventually(
      () => {
        journal.event(one, say("in", Buffer.alloc(20_000)));
        return journal.problem;
      },
      (text) => text !== null,
    );
    expect(problem).toBe("The disk is too slow: not every conversation is kept to its end.");
    expect(place.lines("no longer kept")).toHaveLength(1);
    journal.event(two, opened[1] as ConversationEvent);
    await eventually(
      () => shelf.list().map(({ events }) => events),
      ([, second]) => second === 2,
    );
    const drain = spawn("cat", [path], { stdio: "ignore" });
    await journal.close();
    const drained = once(drain, "close");
    drain.kill();
    await drained;
    closeSync(reader);
  });
});
