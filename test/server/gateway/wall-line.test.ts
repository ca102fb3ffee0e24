/** The last line of a student: what arrives in pieces, what nobody could see, what is too long. */
import { expect, test } from "vitest";
import { LastLine, visible } from "../../../server/gateway/wall-line.ts";
import { MAX_LINE_CHARACTERS } from "../../../shared/classroom.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test("is the last one that ended, or the beginning of the next", () => {
  const line = new LastLine();
  expect(line.push(bytes("one\r\ntwo\r\n"), "out", 0)).toBe("two");
  expect(line.push(bytes("thr"), "out", 0.1)).toBe("thr");
  expect(line.push(bytes("ee"), "out", 0.2)).toBe("three");
  expect(line.push(bytes("\n"), "out", 0.3)).toBe("three");
});

test("is joined from reads that follow each other at once, and from no others", () => {
  const line = new LastLine();
  for (const letter of "accepte") line.push(bytes(letter), "in", 1);
  expect(line.push(bytes("d"), "in", 1.2)).toBe("accepted");
  expect(line.push(bytes("close"), "out", 1.3)).toBe("close");
  expect(line.push(bytes("closed"), "in", 1.4)).toBe("closed");
  expect(line.push(bytes("later"), "in", 9)).toBe("later");
});

test("keeps characters whole that were cut in half", () => {
  const line = new LastLine();
  const [first, second] = [bytes("é").subarray(0, 1), bytes("é").subarray(1)];
  expect(line.push(first, "out", 0)).toBeNull();
  expect(line.push(second, "out", 0.1)).toBe("é");
});

test("shows what cannot be seen, and is no longer than the wall is wide", () => {
  expect(visible("a\u202eb\u001b[2J\u{e0041}\u2028")).toBe("a\\u202eb\\x1b[2J\\u{e0041}\\u2028");
  const long = visible("\u0000".repeat(1000));
  expect([...long]).toHaveLength(MAX_LINE_CHARACTERS);
  expect(long.endsWith("…")).toBe(true);
  const line = new LastLine();
  expect([...(line.push(bytes("x".repeat(100_000)), "in", 0) ?? "")]).toHaveLength(80);
});
