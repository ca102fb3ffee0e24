/** After a crash: damaged ends are cut off, whole files are not touched, and what is none of ours is left alone. */
import {
  appendFileSync,
  cpSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openRecordings } from "../../../server/recordings/open.ts";
import { RecordingsError } from "../../../server/recordings/problem.ts";
import { recover } from "../../../server/recordings/recover.ts";
import { Shelf } from "../../../server/recordings/shelf.ts";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { eventLine, headerLine } from "../../../shared/recording-write.ts";
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
import { recordings } from "../../support/recordings.ts";

const NAME = "20261124T121403648Z-trinity-0123abcd.jsonl";

let place: Workplace;
beforeEach(() => {
  place = workplace();
});
afterEach(() => place.remove());

const path = (name: string) => join(place.folder, name);
const indexFile = () => readFileSync(path("conversations.index"), "utf8");

/** What a start makes of the folder. */
async function start() {
  const shelf = new Shelf(place.folder);
  const recovered = await recover(shelf, place.log);
  return { shelf, ...recovered };
}

/** A file as the journal writes it. */
function fileOf(events: readonly ConversationEvent[], startedAt = 1e12, forgotten = 0): string {
  const address = { scheme: "tcp", host: "127.0.0.1", port: 8000 } as const;
  const header = { startedAt, platform: "linux", address, forgotten, student: "Trinity" } as const;
  return [headerLine(header), ...events.map(eventLine)].map((line) => `${line}\n`).join("");
}

/** Keeps some conversations, and leaves what a crash would leave: of `live` ones, what was flushed. */
async function keep({ ended, live = 0 }: { ended: number; live?: number }) {
  const before = workplace();
  const { journal } = journalIn(before);
  for (let n = 0; n < ended + live; n++) {
    const one = conversation(n);
    journal.began(one);
    for (const event of opened) journal.event(one, event);
    journal.event(one, talk()("out", `conversation ${n}`));
    if (n < ended) journal.over(one);
  }
  await journal.flush();
  cpSync(before.folder, place.folder, { recursive: true });
  await journal.close();
  before.remove();
}

describe("a file whose writing was interrupted", () => {
  test("is whole events after the next start, wherever it was cut, and whatever came after", async () => {
    const rests = fc.oneof(
      fc.constant(new Uint8Array(0)),
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 1, max: 5000 }).map((length) => new Uint8Array(length)),
    );
    await fc.assert(
      fc.asyncProperty(
        recordings,
        fc.double({ min: 0, max: 1, noNaN: true }),
        rests,
        async (recording, part, rest) => {
          const { startedAt, events, forgotten } = recording;
          const whole = Buffer.from(fileOf(events, startedAt, forgotten));
          const header = whole.indexOf("\n") + 1;
          const cut = header + Math.floor((whole.length - header) * part);
          writeFileSync(path(NAME), Buffer.concat([whole.subarray(0, cut), rest]));
          const { shelf } = await start();
          const left = readFileSync(path(NAME));
          const { recording: read, problem } = openFile(place.folder, NAME);
          expect(problem).toBeNull();
          // Nothing but whole events, all that there were, and not a byte changed.
          const lines = whole.subarray(0, cut).toString("latin1").split("\n").length - 2;
          expect(read.events).toEqual(events.slice(0, lines));
          expect(whole.subarray(0, left.length)).toEqual(left);
          expect(shelf.list()).toEqual([
            expect.objectContaining({
              student: "Trinity",
              startedAt,
              bytes: left.length,
              events: lines,
            }),
          ]);
          rmSync(path("conversations.index"));
        },
      ),
      { numRuns: 50 },
    );
  });

  test("is read from its end when it is large, and cut where its last event ends", async () => {
    const say = talk(0.001);
    const piece = Buffer.alloc(60_000, "x");
    const events = Array.from({ length: 60 }, () => say("in", piece));
    const whole = fileOf(events);
    expect(whole.length).toBeGreaterThan(4 * 1024 * 1024);
    writeFileSync(path(NAME), whole.slice(0, -1));
    const { shelf, cut } = await start();
    expect(shelf.list()).toMatchObject([{ events: 59 }]);
    expect(cut).toBe(eventLine(events.at(-1) as ConversationEvent).length);
    expect(openFile(place.folder, NAME).problem).toBeNull();
  });

  test("whose last megabytes are zeros, as after a power cut, ends before them", async () => {
    const whole = fileOf(opened);
    writeFileSync(path(NAME), whole);
    appendFileSync(path(NAME), Buffer.alloc(4 * 1024 * 1024));
    await start();
    expect(readFileSync(path(NAME), "utf8")).toBe(whole);
  });

  test("that has not even its first line is gone, and one with it alone stays", async () => {
    const second = NAME.replace("trinity", "neo");
    const third = NAME.replace("trinity", "morpheus");
    writeFileSync(path(NAME), '{"wireside":"recor');
    writeFileSync(path(second), "");
    writeFileSync(path(third), fileOf([]));
    const { shelf } = await start();
    expect(filesIn(place.folder)).toEqual([third]);
    expect(shelf.list()).toMatchObject([{ events: 0 }]);
  });

  test("ended when it was last written", async () => {
    writeFileSync(path(NAME), `${fileOf(opened, 1_000_000_000_000)}{"at":`);
    utimesSync(path(NAME), 1_000_000_100, 1_000_000_100);
    const { shelf } = await start();
    expect(shelf.list()).toMatchObject([{ startedAt: 1e12, endedAt: 1_000_000_100_000 }]);
  });
});

describe("whole files", () => {
  test("are not even opened, and live ones of the last time are", async () => {
    await keep({ ended: 5, live: 2 });
    const names = filesIn(place.folder);
    // Another text of the same length: whoever read it would find it damaged.
    const { size } = statSync(path(names[0] ?? ""));
    writeFileSync(path(names[0] ?? ""), Buffer.alloc(size, "?"));
    const { shelf, found, read, cut } = await start();
    expect({ found, read, cut }).toEqual({ found: 7, read: 2, cut: 0 });
    expect(shelf.list().map(({ student }) => student)).toEqual(
      [6, 5, 4, 3, 2, 1, 0].map((n) => `student ${n}`),
    );
    expect(await start()).toMatchObject({ found: 7, read: 0, cut: 0 });
  });

  test("are found again without the index, and with half of it", async () => {
    await keep({ ended: 6 });
    const { shelf: before } = await start();
    const kept = before.list().map(({ endedAt, ...rest }) => rest);
    for (const damage of [
      () => rmSync(path("conversations.index")),
      () => truncateSync(path("conversations.index"), 500),
      () => appendFileSync(path("conversations.index"), '{"id":7}\nnull\n[]\n{"id":"../x"}\n'),
    ]) {
      damage();
      const { shelf } = await start();
      expect(shelf.list().map(({ endedAt, ...rest }) => rest)).toEqual(kept);
    }
  });

  test("that somebody deleted are in the index no longer", async () => {
    await keep({ ended: 3 });
    const [gone = ""] = filesIn(place.folder);
    rmSync(path(gone));
    expect(await start()).toMatchObject({ found: 2 });
    expect(indexFile()).not.toContain("student 0");
    expect(indexFile()).toContain("student 1");
  });

  test("are 10,000 in less than two seconds of a processor", async () => {
    const { shelf } = await start();
    const text = fileOf(opened);
    writeFileSync(path("one"), text);
    for (let n = 0; n < 10_000; n++) {
      const id = `20261124T${String(n).padStart(9, "0")}Z-s-0123abcd`;
      linkSync(path("one"), path(`${id}.jsonl`));
      const kept = { student: "s", address: "", startedAt: n, endedAt: n };
      shelf.put({ id, ...kept, bytes: text.length, events: opened.length });
    }
    await shelf.saveIndex();
    const before = process.cpuUsage();
    expect(await start()).toMatchObject({ found: 10_000, read: 0 });
    const { user, system } = process.cpuUsage(before);
    expect(user + system).toBeLessThan(2_000_000);
  });
});

describe("what is none of ours", () => {
  test("stays as it is: other names, other contents, folders, links, other classes", async () => {
    const others: Record<string, string> = {
      "notes.txt": "my notes",
      "saved.jsonl": `${fileOf(opened)}{"at":1,`,
      [NAME]: "not a recording at all\nand a second line",
      [NAME.replace("trinity", "neo")]: '{"wireside":"recording","version":99}\n{"at"',
      "elsewhere.jsonl": `${fileOf(opened)}{"at":1,`,
    };
    for (const [name, text] of Object.entries(others)) writeFileSync(path(name), text);
    mkdirSync(path(NAME.replace("trinity", "a-folder")));
    symlinkSync(path("elsewhere.jsonl"), path(NAME.replace("trinity", "a-link")));
    const other = join(place.directory, "another-class");
    mkdirSync(other);
    writeFileSync(join(other, NAME), `${fileOf(opened)}{"at":`);
    const { shelf } = await start();
    expect(shelf.list()).toEqual([]);
    for (const [name, text] of Object.entries(others)) {
      expect(readFileSync(path(name), "utf8")).toBe(text);
    }
    expect(readFileSync(join(other, NAME), "utf8")).toBe(`${fileOf(opened)}{"at":`);
    expect(place.lines("left alone")).toHaveLength(2);
  });
});

describe("a directory", () => {
  const open = (directory: string, className = "networks") =>
    openRecordings({ directory, className, keepMs: null, keeperOf, log: place.log });

  test("that is a file, or in one, is refused with a sentence", async () => {
    const file = join(place.directory, "file");
    writeFileSync(file, "");
    for (const directory of [file, join(file, "below")]) {
      const refused = open(directory);
      await expect(refused).rejects.toThrow(RecordingsError);
      await expect(refused).rejects.toThrow(
        `${join(directory, "networks")}, because that is not a directory: choose another with --data.`,
      );
    }
  });

  test("is made with its folder for the class, which only this user can enter", async () => {
    const directory = join(place.directory, "a/b");
    const recordings = await open(directory, "Networks, 10b");
    await recordings.close();
    expect(recordings.folder).toMatch(/\/a\/b\/networks-10b-[0-9a-f]{8}$/);
    expect(statSync(recordings.folder).mode & 0o777).toBe(0o700);
    const again = await open(directory, "Networks; 10b");
    await again.close();
    expect(again.folder).not.toBe(recordings.folder);
  });

  test("is of one gateway at a time", async () => {
    const first = await open(place.directory);
    await expect(open(place.directory)).rejects.toThrow(/^Another gateway keeps .* of its own/);
    const other = await open(place.directory, "another class");
    await first.close();
    const second = await open(place.directory);
    await Promise.all([second.close(), other.close()]);
  });
});
