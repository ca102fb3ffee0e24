/** A typed line as bytes: escapes as Python writes them, pairs of hex digits, and what is wrong with a line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { copied } from "../../../web/model/bytes-copy.ts";
import { type LineForm, readLine } from "../../../web/model/escapes.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);

function bytesOf(line: string, form: LineForm): Uint8Array {
  const read = readLine(line, form);
  if (!read.ok) throw new Error(read.problem);
  return read.bytes;
}

const problemOf = (line: string, form: LineForm) => {
  const read = readLine(line, form);
  return read.ok ? null : read;
};

const anyBytes = fc.uint8Array({ maxLength: 200 });

describe("a line with escapes", () => {
  test.each([
    ["\\x00\\xff", [0, 255]],
    ["a\\r\\n", [97, 13, 10]],
    ["\\t\\\\\\'\\\"", [9, 0x5c, 0x27, 0x22]],
    ["\\a\\b\\v\\f", [7, 8, 11, 12]],
    ["\\0\\12\\377\\1012", [0, 10, 255, 65, 50]],
    ["\\u00e9é", [0xc3, 0xa9, 0xc3, 0xa9]],
    ["\\U0001f600", [0xf0, 0x9f, 0x98, 0x80]],
    ["\\u{1f600}", [0xf0, 0x9f, 0x98, 0x80]],
    ["\\ud83d\\ude00", [0xf0, 0x9f, 0x98, 0x80]],
    ["", []],
  ])("%s", (line, bytes) => expect([...bytesOf(line, "escapes")]).toEqual(bytes));

  test("is what the bytes were, when they were copied as a Python literal", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const literal = [...copied(bytes, "python")].join("");
        const inside = literal.slice(2, -1);
        expect(bytesOf(inside, "escapes")).toEqual(bytes);
      }),
    );
  });

  test("is its text in UTF-8 where it has no backslash", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const plain = text.replaceAll("\\", "/");
        expect(bytesOf(plain, "escapes")).toEqual(utf8(plain));
      }),
    );
  });

  test("never throws, and says where it is wrong", () => {
    const pieces = fc.constantFrom(
      "\\",
      "x",
      "u",
      "U",
      "{",
      "}",
      "0",
      "9",
      "f",
      "d8",
      "n",
      "q",
      " ",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const line = parts.join("");
        const problem = problemOf(line, "escapes");
        if (problem) expect(line.charAt(problem.at)).toBe("\\");
      }),
    );
  });

  test.each([
    ["C:\\path", 2, /\\p is not an escape\. Write \\\\p/],
    ["ab\\", 2, /ends in a single backslash/],
    ["\\x1", 0, /\\x needs two hexadecimal digits/],
    ["\\u12", 0, /\\u needs four/],
    ["\\U0001f60", 0, /\\U needs eight/],
    ["\\400", 0, /more than one byte/],
    ["\\ud83d!", 0, /half of a character/],
    ["\\U00110000", 0, /beyond Unicode/],
    ["é\\💡", 1, /\\💡 is not an escape/],
  ])("%s is explained", (line, at, problem) => {
    expect(problemOf(line, "escapes")).toMatchObject({
      at,
      problem: expect.stringMatching(problem),
    });
  });
});

describe("a line of hex digits", () => {
  test.each(["48 65 6c", "48656c", "0x48, 0x65, 0x6c", "48:65:6C", " 48  656C "])("%s", (line) => {
    expect([...bytesOf(line, "hex")]).toEqual([0x48, 0x65, 0x6c]);
  });

  test("is what the bytes were, when they were copied as hex", () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(bytesOf([...copied(bytes, "hex")].join(""), "hex")).toEqual(bytes);
      }),
    );
  });

  test.each([
    ["48 6", 3, /6 has a digit too many or too few/],
    ["48 gg", 3, /gg is not hexadecimal/],
    ["0x", 0, /0x is not hexadecimal/],
  ])("%s is explained", (line, at, problem) => {
    expect(problemOf(line, "hex")).toMatchObject({ at, problem: expect.stringMatching(problem) });
  });
});

test("a line of text stays as it stands", () => {
  expect(bytesOf("C:\\new", "text")).toEqual(utf8("C:\\new"));
});
