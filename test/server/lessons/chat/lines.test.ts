/** Lines out of reads: of clients that end them and of those that do not, cut anywhere, always bounded. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LineReader, MAX_LINE_BYTES } from "../../../../server/lessons/chat/lines.ts";

/** The lines that each read completes. */
function read(...reads: (string | Uint8Array)[]): string[][] {
  const reader = new LineReader();
  return reads.map((bytes) => shown(reader.push(Buffer.from(bytes))));
}

const shown = (lines: Buffer[]): string[] => lines.map((line) => line.toString());

describe("of a client that ends no lines", () => {
  test("each read is a line", () => {
    expect(read("Neo", "hello", "how are you")).toEqual([["Neo"], ["hello"], ["how are you"]]);
  });

  test("a newline in the middle parts two lines", () => {
    expect(read("one\ntwo", "three")).toEqual([["one", "two"], ["three"]]);
  });
});

describe("of a client whose read ended with a newline", () => {
  test.each(["\n", "\r\n"])("a line lasts until %j, over any number of reads", (end) => {
    expect(read(`Neo${end}`, "hel", `lo${end}how`, ` are you${end}`)).toEqual([
      ["Neo"],
      [],
      ["hello"],
      ["how are you"],
    ]);
  });

  test("the rest that never gets its newline is a line when it is flushed, and so is each read after", () => {
    const reader = new LineReader();
    reader.push(Buffer.from("Neo\n"));
    expect(reader.push(Buffer.from("hello"))).toEqual([]);
    expect(reader.waits).toBe(true);
    expect(shown(reader.flush())).toEqual(["hello"]);
    expect(reader.waits).toBe(false);
    expect(shown(reader.push(Buffer.from("there")))).toEqual(["there"]);
  });

  test("the lines are the same however the stream is cut", () => {
    const point = fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.constantFrom(0x20ac, 0x1f407));
    const line = fc
      .array(point, { minLength: 1, maxLength: 20 })
      .map((points) => String.fromCodePoint(...points))
      .filter(visible);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.array(fc.nat(60)), (lines, cuts) => {
        const reader = new LineReader();
        reader.push(Buffer.from("name\n"));
        let rest = Buffer.from(lines.map((each) => `${each}\n`).join(""));
        const got: string[] = [];
        for (const cut of [...cuts, Number.POSITIVE_INFINITY]) {
          got.push(...shown(reader.push(rest.subarray(0, cut))));
          rest = rest.subarray(cut);
        }
        expect(got).toEqual(lines);
        expect(reader.waits).toBe(false);
      }),
    );
  });
});

/** Not blank, and nothing that ends a line. */
const visible = (text: string) => text.trim() !== "" && !/[\n\r]/.test(text);

test("blank lines are none", () => {
  expect(read("one\n\n   \n\r\ntwo\n")).toEqual([["one", "two"]]);
});

test("a long line becomes several, none longer than allowed and none ending within a character", () => {
  const [lines = []] = read(`${"é".repeat(1500)}`);
  expect(lines.join("")).toBe("é".repeat(1500));
  expect(lines.every((line) => Buffer.byteLength(line) <= MAX_LINE_BYTES)).toBe(true);
});

test("bytes that never end a line are not collected without end", () => {
  const reader = new LineReader();
  reader.push(Buffer.from("name\n"));
  let lines = 0;
  for (let i = 0; i < 100; i++) lines += reader.push(Buffer.alloc(500, "x")).length;
  expect(lines).toBeGreaterThan(40);
  expect(Buffer.concat(reader.flush()).length).toBeLessThanOrEqual(MAX_LINE_BYTES + 500);
});
