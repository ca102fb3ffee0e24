/** What a teacher does with kept conversations: list, read while they grow, take away as a zip, delete, let them expire. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecordings, type Recordings } from "../../../server/recordings/open.ts";
import { startRetention } from "../../../server/recordings/retention.ts";
import { read } from "../../../web/model/recording/jsonl.ts";
import { blocksOf, readDocument } from "../../support/documents.ts";
import { eventually } from "../../support/eventually.ts";
import {
  conversation,
  filesIn,
  journalIn,
  keeperOf,
  opened,
  openFile,
  talk,
  type Workplace,
  workplace,
} from "../../support/kept.ts";

let place: Workplace;
let kept: Recordings;
beforeEach(async () => {
  place = workplace();
  const { directory, log } = place;
  kept = await openRecordings({ directory, className: "networks", keepMs: null, keeperOf, log });
});
afterEach(async () => {
  await kept.close();
  place.remove();
});

const begin = (n: number) => {
  const one = conversation(n);
  kept.follower.began(one);
  for (const event of opened) kept.follower.event(one, event);
  return one;
};
/** All of these events are in files, as far as they are kept. */
const events = (count: number) =>
  eventually(
    () => kept.library.list().recordings.reduce((sum, { events }) => sum + events, 0),
    (sum) => sum === count,
  );
const list = () => kept.library.list().recordings;
const index = () => readFileSync(join(place.folder, "conversations.index"), "utf8");
const ended = (n: number) =>
  eventually(
    () => list().filter(({ live }) => !live).length,
    (count) => count === n,
  );

describe("the list", () => {
  test("has the newest first, with what is in their files, and says which still go on", async () => {
    for (const n of [0, 1, 2]) begin(n);
    kept.follower.over(conversation(1));
    await ended(1);
    await events(9);
    expect(list()).toEqual(
      [2, 1, 0].map((n) => ({
        id: expect.stringContaining(`Z-student-${n}-`),
        student: `student ${n}`,
        address: "tcp://127.0.0.1:8000",
        startedAt: new Date(conversation(n).startedAt).toISOString(),
        bytes: readFileSync(join(place.folder, `${list()[2 - n]?.id}.jsonl`)).length,
        events: 3,
        live: n !== 1,
      })),
    );
  });

  test("is the same after the next start", async () => {
    for (const n of [0, 1]) begin(n);
    await events(6);
    await kept.close();
    const { directory, log } = place;
    const before = list();
    kept = await openRecordings({ directory, className: "networks", keepMs: null, keeperOf, log });
    expect(list()).toEqual(before.map((each) => ({ ...each, live: false })));
  });
});

describe("one that is read", () => {
  test("is read by the program in docs/recordings.md too", async () => {
    const one = begin(1);
    kept.follower.event(one, talk()("out", "Wake up, Neo"));
    await events(4);
    const [{ id = "" } = {}] = list();
    const [program = ""] = blocksOf(readDocument("docs/recordings.md"), "python");
    const file = join(place.folder, `${id}.jsonl`);
    const printed = execFileSync("python3", ["-c", program, file], { encoding: "utf8" });
    expect(printed).toBe("student 1\n0.011 out b'Wake up, Neo'\n");
  });

  test("is what is in its file by now, in whole lines, also while it grows", async () => {
    const one = begin(1);
    await events(3);
    const [{ id = "" } = {}] = list();
    const reading = await kept.library.read(id);
    // More comes between asking and reading.
    kept.follower.event(one, talk()("out", "more"));
    await events(4);
    const bytes = await buffer(reading?.stream ?? Readable.from([]));
    expect(bytes).toHaveLength(reading?.bytes ?? -1);
    expect(read(bytes)).toMatchObject({ problem: null, recording: { events: opened } });
  });

  test("is null where there is none", async () => {
    expect(await kept.library.read("20261124T121403648Z-trinity-0123abcd")).toBeNull();
    begin(1);
    await events(3);
    for (const name of filesIn(place.folder)) rmSync(join(place.folder, name));
    expect(await kept.library.read(list()[0]?.id ?? "")).toBeNull();
  });
});

/** What Python finds in an archive: each file's bytes in hexadecimal, by its name. */
function contents(zip: Uint8Array): Record<string, string> {
  const path = join(place.directory, "all.zip");
  writeFileSync(path, zip);
  const script =
    "import sys, json, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\nprint(json.dumps({i.filename: z.read(i).hex() for i in z.infolist()}))";
  return JSON.parse(`${execFileSync("python3", ["-c", script, path])}`);
}

/** Files of the folder that are open for reading. */
const held = () =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      const isReading = /^flags:\s+0\d*0$/m.test(readFileSync(`/proc/self/fdinfo/${fd}`, "utf8"));
      return isReading && readlinkSync(`/proc/self/fd/${fd}`).endsWith(".jsonl");
    } catch {
      // It was closed in between, as the one of the listing itself.
      return false;
    }
  }).length;

describe("all of them as a zip", () => {
  test("are the same bytes in Python's zipfile, live ones as far as they are written", async () => {
    for (let n = 0; n < 40; n++) {
      const one = begin(n);
      const say = talk();
      kept.follower.event(one, say("out", Buffer.alloc(5_000, `${n}`)));
      if (n % 2 === 0) kept.follower.over(one);
    }
    await ended(20);
    await events(160);
    const files = filesIn(place.folder);
    const expected = files.map((name) => [name, readFileSync(join(place.folder, name), "hex")]);
    expect(contents(await buffer(kept.library.zip()))).toEqual(Object.fromEntries(expected));
  });

  test("leave out what was deleted while it was made, and let go of the files when nobody reads on", async () => {
    for (let n = 0; n < 3; n++) begin(n);
    await events(9);
    const [last = "", middle = ""] = list().map(({ id }) => id);
    const zip = kept.library.zip();
    rmSync(join(place.folder, `${middle}.jsonl`));
    const got = Object.keys(contents(await buffer(zip)));
    expect(got).toHaveLength(2);
    expect(got).toContain(`${last}.jsonl`);
    const say = talk();
    for (let n = 0; n < 16; n++) {
      kept.follower.event(conversation(0), say("in", randomBytes(60_000)));
    }
    await events(9 + 16);
    const abandoned = kept.library.zip();
    await eventually(held, (count) => count === 1);
    abandoned.destroy();
    await eventually(held, (count) => count === 0);
  });

  test("have what is left of a file that somebody made shorter by hand, and the others whole", async () => {
    for (let n = 0; n < 3; n++) begin(n);
    await events(9);
    const names = list().map(({ id }) => `${id}.jsonl`);
    const [, middle = ""] = names;
    const path = join(place.folder, middle);
    truncateSync(path, 100);
    const got = contents(await buffer(kept.library.zip()));
    expect(Object.keys(got)).toEqual(names);
    expect(got[middle]).toBe(readFileSync(path, "hex"));
    const reading = await kept.library.read(middle.replace(".jsonl", ""));
    expect(await buffer(reading?.stream ?? Readable.from([]))).toHaveLength(reading?.bytes ?? -1);
  });

  test("fail, and nothing else does, when a file becomes shorter while it is read", async () => {
    const one = begin(1);
    const say = talk();
    for (let n = 0; n < 16; n++) kept.follower.event(one, say("in", randomBytes(60_000)));
    await events(19);
    const zip = kept.library.zip();
    // Nobody reads it yet: what is in it is the beginning of the file, and the rest waits.
    await eventually(
      () => zip.readableLength,
      (bytes) => bytes > 1_000,
    );
    truncateSync(join(place.folder, filesIn(place.folder)[0] ?? ""), 100);
    await expect(buffer(zip)).rejects.toThrow("unexpected number of bytes");
    await eventually(held, (count) => count === 0);
  });

  test("of nothing is an empty archive", async () => {
    expect(contents(await buffer(kept.library.zip()))).toEqual({});
  });
});

describe("deleting", () => {
  test("removes the file and every word about it", async () => {
    for (const n of [1, 2]) {
      begin(n);
      kept.follower.over(conversation(n));
    }
    await ended(2);
    const [two, one] = list();
    expect(await kept.library.delete(one?.id ?? "")).toBe(true);
    expect(await kept.library.delete(one?.id ?? "")).toBe(false);
    expect(list()).toEqual([two]);
    expect(filesIn(place.folder)).toEqual([`${two?.id}.jsonl`]);
    expect(index()).not.toContain("student 1");
  });

  test("one that goes on removes all up to now, and what comes is kept in another file", async () => {
    const one = begin(1);
    const say = talk();
    kept.follower.event(one, say("out", "something private"));
    await events(4);
    const [{ id = "" } = {}] = list();
    expect(await kept.library.delete(id)).toBe(true);
    kept.follower.event(one, say("out", "something else"));
    await events(3);
    const [{ id: next = "", live } = {}] = list();
    expect(next).not.toBe(id);
    expect(live).toBe(true);
    expect(filesIn(place.folder)).toEqual([`${next}.jsonl`]);
    const { recording, problem } = openFile(place.folder, `${next}.jsonl`);
    expect(problem).toBeNull();
    expect(recording.forgotten).toBe(2);
    expect(recording.events.map(({ kind }) => kind)).toEqual(["opening", "open", "data"]);
    expect(recording.events.at(-1)).toMatchObject({ offset: 17 });
  });

  test("one that was over a moment ago, and is in no file yet, leaves no file behind", async () => {
    for (const n of [1, 2, 3]) begin(n);
    for (const n of [1, 2]) kept.follower.over(conversation(n));
    const [, two] = list().map(({ id }) => id);
    expect(await kept.library.delete(two ?? "")).toBe(true);
    expect(await kept.library.delete(two ?? "")).toBe(false);
    begin(4);
    kept.follower.over(conversation(4));
    await kept.library.deleteAll();
    await events(2);
    expect(list().map(({ student }) => student)).toEqual(["student 3"]);
    expect(filesIn(place.folder)).toEqual([`${list()[0]?.id}.jsonl`]);
    expect(index()).toBe("");
  });

  test("one that goes on and cannot be deleted is said not to be", async () => {
    begin(1);
    await events(3);
    const [{ id = "" } = {}] = list();
    const path = join(place.folder, `${id}.jsonl`);
    rmSync(path);
    mkdirSync(path);
    await expect(kept.library.delete(id)).rejects.toThrow();
    expect(list().map((each) => each.id)).toContain(id);
    rmdirSync(path);
    expect(await kept.library.delete(id)).toBe(true);
    expect(list().map((each) => each.id)).not.toContain(id);
  });

  test("all at once, while everybody talks, leaves nothing of what was said before", async () => {
    const all = Array.from({ length: 30 }, (_, n) => ({ one: begin(n), say: talk() }));
    for (const { one, say } of all) kept.follower.event(one, say("out", "before"));
    for (const { one } of all.slice(0, 10)) kept.follower.over(one);
    await ended(10);
    const deleted = kept.library.deleteAll();
    for (const { one, say } of all) kept.follower.event(one, say("out", "after"));
    await deleted;
    await events(20 * 3);
    const before = Buffer.from("before").toString("base64");
    const names = filesIn(place.folder);
    expect(names).toHaveLength(20);
    for (const name of names) {
      expect(readFileSync(join(place.folder, name), "utf8")).not.toContain(before);
      expect(openFile(place.folder, name).problem).toBeNull();
    }
    expect(index()).toBe("");
  });
});

describe("--keep", () => {
  test("deletes what ended so long ago, and never what goes on", async () => {
    let now = 1e12;
    const { shelf, journal } = journalIn(place, { now: () => now });
    let look = () => {};
    let stepMs = 0;
    const every = (step: number, call: () => void) => {
      stepMs = step;
      look = call;
      return () => {};
    };
    const { log } = place;
    const keepMs = 3_600_000;
    const retention = startRetention({ shelf, keepMs, log, now: () => now, every });
    for (const n of [1, 2, 3]) journal.began(conversation(n));
    journal.over(conversation(1));
    await journal.flush();
    now += 1_800_000;
    journal.over(conversation(2));
    await journal.flush();
    now += 1_800_000;
    expect(await retention.check()).toBe(0);
    now += 1;
    look();
    await eventually(
      () => shelf.list().map(({ student }) => student),
      (left) => left.length === 2,
    );
    expect(index()).not.toContain("student 1");
    now += 100 * keepMs;
    expect(await retention.check()).toBe(1);
    expect(shelf.list()).toMatchObject([{ student: "student 3", endedAt: null }]);
    expect(filesIn(place.folder)).toHaveLength(1);
    expect(stepMs).toBe(300_000);
    await journal.close();
  });

  test("looks at the start, also at what a crash has left", async () => {
    begin(1);
    begin(2);
    kept.follower.over(conversation(2));
    await ended(1);
    await kept.close();
    const { directory, log } = place;
    const later = () => Date.now() + 7_200_000;
    const options = { directory, className: "networks", keeperOf, log, now: later };
    kept = await openRecordings({ ...options, keepMs: 3_600_000 });
    expect(list()).toEqual([]);
    expect(readdirSync(place.folder)).toEqual(["conversations.index"]);
    expect(place.lines("as --keep says")).toHaveLength(1);
  });
});
