/** Recordings as JSON lines: nothing is lost, nothing is believed, and a broken file says where. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  MAX_RECORDING_BYTES,
  MAX_RECORDING_EVENTS,
  MAX_RECORDING_LINE_BYTES,
} from "../../../../shared/recording.ts";
import {
  JsonlReader,
  read,
  readSlices,
  writeJsonl,
} from "../../../../web/model/recording/jsonl.ts";
import type { Recording } from "../../../../web/model/recording/recording.ts";
import { data, recorded, recordings, tutorial, whole } from "../../../support/recordings.ts";

const decoder = new TextDecoder();
const file = (recording: Recording) => whole(writeJsonl(recording));
const linesOf = (recording: Recording) => decoder.decode(file(recording)).trimEnd().split("\n");

describe("a recording as JSON lines", () => {
  test("is the same after it was saved and opened, and saves to the same bytes again", () => {
    fc.assert(
      fc.property(recordings, (recording) => {
        const saved = file(recording);
        const opened = read(saved);
        expect(opened).toEqual({ recording, problem: null });
        expect(file(opened.recording)).toEqual(saved);
      }),
      { numRuns: 300 },
    );
  });

  test("keeps the clock's steps of 10 µs, however a time came about", () => {
    for (const steps of [1, 3, 7, 99_999, 100_000, 4_294_967_295]) {
      const { events } = tutorial;
      const saved = linesOf(recorded([{ ...events[0], at: steps * 1e-5 } as (typeof events)[0]]));
      const digits = (steps / 1e5).toFixed(5).replace(/\.?0+$/, "");
      expect(saved[1]).toContain(`{"at":${digits},`);
      expect(Math.round((read(`${saved.join("\n")}\n`).recording.events[0]?.at ?? 0) * 1e5)).toBe(
        steps,
      );
    }
  });

  test("says how long a piece was of which not all is kept", () => {
    const piece = { ...data(1, "in", 0, "begin"), length: 90_000 };
    const [, line] = linesOf(recorded([piece]));
    expect(JSON.parse(line ?? "")).toMatchObject({ length: 90_000, bytes: "YmVnaW4=" });
    expect(read(file(recorded([piece]))).recording.events).toEqual([piece]);
  });

  test("is read however its bytes were cut, also with a byte order mark and CR LF", () => {
    const text = decoder.decode(file(tutorial));
    for (const size of [1, 7, 1000]) {
      const reader = new JsonlReader();
      const chunk = new Uint8Array(size);
      const bytes = new TextEncoder().encode(text);
      for (let at = 0; at < bytes.length; at += size) {
        const piece = bytes.subarray(at, at + size);
        chunk.set(piece);
        // The same memory each time, as a reader of files may give it.
        reader.push(chunk.subarray(0, piece.length));
      }
      expect(reader.end()).toEqual({ recording: tutorial, problem: null });
    }
    const windows = read(`\ufeff${text.replaceAll("\n", "\r\n")}`);
    expect(windows).toEqual({ recording: tutorial, problem: null });
  });

  test("of 64 MiB is read in slices, and never much at once", () => {
    const payload = new Uint8Array(65_536).map((_, i) => i * 7);
    const events = Array.from({ length: 1024 }, (_, i) => data(i, "in", i * 65_536, payload));
    const saved = file(recorded(events));
    const slices = readSlices(saved);
    let before = 0;
    for (;;) {
      const slice = slices.next();
      if (slice.done) {
        expect(slice.value.problem).toBeNull();
        expect(slice.value.recording.events.length).toBe(1024);
        expect(slice.value.recording.events.at(-1)).toEqual(events.at(-1));
        break;
      }
      expect(slice.value - before).toBeLessThanOrEqual(256 * 1024);
      before = slice.value;
    }
    expect(before).toBe(saved.length);
  });
});

describe("a recording that was cut off", () => {
  test("anywhere gives the events before, and names the line", () => {
    const saved = file(tutorial);
    const header = saved.indexOf(10);
    for (let cut = 0; cut < saved.length - 1; cut++) expectPrefix(tutorial, saved, cut, header);
  });

  test("gives the same for any conversation, cut at any byte", () => {
    const cut = recordings.chain((recording) => {
      const saved = file(recording);
      return fc.record({
        recording: fc.constant(recording),
        saved: fc.constant(saved),
        at: fc.nat(saved.length - 2),
      });
    });
    fc.assert(
      fc.property(cut, ({ recording, saved, at }) => {
        expectPrefix(recording, saved, at, saved.indexOf(10));
      }),
      { numRuns: 300 },
    );
  });

  test("says so in plain words", () => {
    const text = decoder.decode(file(tutorial));
    const lines = text.split("\n");
    expect(read(text.slice(0, -10)).problem).toEqual({
      line: 20,
      text: "Line 20 ends in the middle: the file was cut off. The 18 events before it are shown.",
    });
    expect(read(`${lines.slice(0, 2).join("\n")}\n`).problem).toEqual({
      line: 3,
      text: "Line 3 is missing: the file was cut off. It had 19 events. The event before it is shown.",
    });
    expect(read(text.slice(0, 60)).problem).toEqual({
      line: 1,
      text: "Line 1 ends in the middle: the file was cut off.",
    });
    expect(read(`\ufeff${text.slice(0, 60)}`).problem?.text).toContain("the file was cut off");
  });

  function expectPrefix(
    { events }: Recording,
    saved: Uint8Array,
    cut: number,
    header: number,
  ): void {
    const part = saved.subarray(0, cut);
    const { recording, problem } = read(part);
    const ended = part.filter((byte) => byte === 10).length;
    // A line of which nothing but its end is missing is whole.
    const lines = saved[cut] === 10 ? ended + 1 : ended;
    const known = cut >= header ? Math.max(0, lines - 1) : 0;
    expect(recording.events).toEqual(events.slice(0, known));
    if (lines > events.length) expect(problem).toBeNull();
    else expect(problem).toMatchObject({ line: lines + 1 });
    if (problem) expect(problem.text).toMatch(new RegExp(`^Line ${problem.line} `));
  }
});

describe("a recording with something wrong in it", () => {
  const [head = "", ...lines] = linesOf(tutorial);

  /** Its problem when line 3 is another one. */
  const changed = (line: string) => {
    const { recording, problem } = read([head, lines[0], line, ...lines.slice(2)].join("\n"));
    expect(recording.events).toEqual(tutorial.events.slice(0, 1));
    expect(problem?.line).toBe(3);
    expect(problem?.text).toMatch(/^Line 3 .*\. The event before it is shown\.$/);
    return problem?.text;
  };
  const bytes = (fields: object) =>
    JSON.stringify({
      ...{ at: 1, side: "near", kind: "data", direction: "out", offset: 0, length: 3 },
      ...fields,
    });

  test.each([
    ["a line that is not JSON", "{oops", "is damaged: it is not JSON"],
    ["a kind nobody knows", '{"at":1,"side":"near","kind":"magic"}', "has no “kind”"],
    ["no object", "17", "is not an event"],
    ["a time that is no number", '{"at":1e999,"side":"near","kind":"eof"}', "has no “at”"],
    ["a time before 0", '{"at":-1,"side":"near","kind":"eof","direction":"in"}', "has no “at”"],
    ["an offset that is not whole", bytes({ offset: 0.5 }), "has no “offset”"],
    ["a length beyond what a number holds", bytes({ length: 2 ** 60 }), "has no “length”"],
    ["more bytes than its length", bytes({ bytes: "AAAAAAAA" }), "has more bytes than its length"],
    ["bytes that are not base64", bytes({ bytes: "AA*A" }), "its bytes are not base64"],
    ["base64 with another spelling", bytes({ bytes: "QR==", length: 1 }), "not base64"],
    [
      "an offset that does not follow",
      bytes({ offset: 7 }),
      "begins at byte 7, where byte 0 comes",
    ],
    ["bytes of a far call", bytes({ side: "far", bytes: "AAAA" }), "carries none of its own"],
    ["a failure nobody knows", '{"at":1,"side":"near","kind":"error","code":"E"}', "has no “code”"],
    [
      "an address that cannot be dialled",
      '{"at":1,"side":"near","kind":"opening","address":"tcp://"}',
      "has no “address”",
    ],
    [
      "a host that is no address",
      '{"at":1,"side":"near","kind":"open","local":{"host":"\\u001b[2J","port":1},"remote":{"host":"::1","port":1}}',
      "has no “local.host”",
    ],
  ])("says of %s what it is", (_what, line, said) => {
    expect(changed(line)).toContain(said);
  });

  test("in any byte is read up to that line at least, and never throws", () => {
    const saved = file(tutorial);
    fc.assert(
      fc.property(fc.nat(saved.length - 1), fc.nat(255), (at, byte) => {
        const damaged = Uint8Array.from(saved);
        damaged[at] = byte;
        const lines = saved.subarray(0, at).filter((it) => it === 10).length;
        const before = Math.max(0, lines - 1);
        const { recording, problem } = read(damaged);
        expect(recording.events.slice(0, before)).toEqual(tutorial.events.slice(0, before));
        if (problem) expect(problem.line).toBeGreaterThan(lines);
      }),
      { numRuns: 1000 },
    );
  });

  test("does not go back in time", () => {
    const swapped = [head, lines[4], lines[0]].join("\n");
    expect(read(swapped).problem?.text).toContain("Line 3 is earlier than the line before it.");
  });

  test("is not read as text when it is none", () => {
    const broken = Buffer.concat([Buffer.from(`${head}\n${lines[0]}\n`), Buffer.from([0xff, 10])]);
    expect(read(broken)).toMatchObject({
      problem: { line: 3 },
      recording: { events: [{ at: 0 }] },
    });
  });

  test("gives nothing but what the format has, whatever else stands in a line", () => {
    const extra =
      '{"at":0,"side":"near","kind":"eof","direction":"in","new":1,"__proto__":{"x":1}}';
    const { recording, problem } = read(`${head.replace('"events":19', '"later":[]')}\n${extra}\n`);
    expect(problem).toBeNull();
    expect(recording.events).toEqual([{ at: 0, side: "near", kind: "eof", direction: "in" }]);
    expect(recording.events[0]).not.toHaveProperty("x");
  });

  test("may begin in the middle of a conversation, and then goes on without a gap", () => {
    const late = recorded([data(1, "in", 700, "a"), data(2, "in", 701, "b")], 12);
    expect(read(file(late))).toEqual({ recording: late, problem: null });
    const gap = recorded([data(1, "in", 700, "a"), data(2, "in", 702, "b")], 12);
    expect(read(file(gap)).problem?.text).toContain("Line 3 begins at byte 702");
  });
});

describe("a file that is no recording", () => {
  test.each([
    ["is empty", "", "Line 1 is missing: the file is empty."],
    ["is a text", "Dear diary\n", "Line 1 does not say that this is a recording of Wireside."],
    ["is other JSON", '{"name":"x"}', "Line 1 does not say that this is a recording of Wireside."],
    ["is a terminal recording", '{"version":3,"term":{"cols":80,"rows":24}}\n', "(asciicast)"],
    ["is of a later version", '{"wireside":"recording","version":2}\n', "A newer one can open it."],
    [
      "has no platform",
      '{"wireside":"recording","version":1,"startedAt":"2026-11-24T10:12:00Z"}\n',
      "has no “platform”",
    ],
    [
      "began at no time",
      '{"wireside":"recording","version":1,"startedAt":"soon"}\n',
      "has no “startedAt”",
    ],
    ["is nested without end", "[".repeat(900_000), "Line 1 does not say"],
  ])("and %s gives a sentence, and no events", (_what, content, said) => {
    const { recording, problem } = read(content);
    expect(recording.events).toEqual([]);
    expect(problem).toMatchObject({ line: 1, text: expect.stringContaining(said) });
  });

  test("and is bytes gives the same, whatever bytes they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const { recording, problem } = read(Uint8Array.from(bytes));
        expect(recording.events).toEqual([]);
        expect(problem).not.toBeNull();
      }),
    );
  });
});

describe("a file that is too large", () => {
  const head = linesOf(recorded([]))[0] ?? "";

  test("in one line is given up there, long before its end", () => {
    const reader = new JsonlReader();
    reader.push(new TextEncoder().encode(`${head}\n`));
    const megabyte = new Uint8Array(MAX_RECORDING_LINE_BYTES / 2).fill(0x20);
    for (let i = 0; i < 4; i++) reader.push(megabyte);
    expect(reader.end().problem).toMatchObject({
      line: 2,
      text: expect.stringContaining("is too long for an event"),
    });
  });

  test("as a whole is read as far as 256 MiB", () => {
    const reader = new JsonlReader();
    reader.push(new TextEncoder().encode(`${head.replace('"events":0', '"events":1')}\n`));
    const blank = new Uint8Array(MAX_RECORDING_LINE_BYTES).fill(0x20);
    blank[blank.length - 1] = 10;
    for (let read = 0; read <= MAX_RECORDING_BYTES; read += blank.length) reader.push(blank);
    expect(reader.end().problem?.text).toContain("beyond 256 MiB");
  });

  test("in events gives the first of them", () => {
    const line = '{"at":0,"side":"near","kind":"state","link":"lost"}\n';
    const { recording, problem } = read(`${head}\n${line.repeat(MAX_RECORDING_EVENTS + 5)}`);
    expect(recording.events.length).toBe(MAX_RECORDING_EVENTS);
    expect(problem).toMatchObject({ line: MAX_RECORDING_EVENTS + 2 });
  });
});
