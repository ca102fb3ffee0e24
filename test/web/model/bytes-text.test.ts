/** The text column: one cell a byte, characters once, cuts and what is no text marked. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ByteAt,
  bytesAround,
  type TextCell,
  textCells,
} from "../../../web/model/bytes-text.ts";
import { Conversation } from "../../../web/model/conversation.ts";

const at =
  (bytes: Uint8Array): ByteAt =>
  (offset) =>
    bytes[offset] ?? -1;
const utf8 = (text: string) => new TextEncoder().encode(text);
const cellsOf = (bytes: Uint8Array, start = 0, end = bytes.length) =>
  textCells(at(bytes), start, end);
const brief = ({ kind, text, bytes }: TextCell) => [kind, text, bytes];

describe("cells", () => {
  test("are one for each byte of what keyboards type", () => {
    expect(cellsOf(utf8("a b\r\n")).map(brief)).toEqual([
      ["char", "a", 1],
      ["space", "·", 1],
      ["char", "b", 1],
      ["escape", "\\r", 1],
      ["escape", "\\n", 1],
    ]);
  });

  test("write a character of several bytes once, over all of them", () => {
    expect(cellsOf(utf8("é€😀")).map(brief)).toEqual([
      ["char", "é", 2],
      ["char", "€", 3],
      ["char", "😀", 4],
    ]);
  });

  test("show a character that is cut in its first part, and mark both parts", () => {
    const bytes = utf8("x€y");
    const [, first] = cellsOf(bytes, 0, 3);
    expect(first).toMatchObject({ kind: "char", text: "€", bytes: 2, cutAfter: true });
    const [rest] = cellsOf(bytes, 3, 5);
    expect(rest).toMatchObject({ kind: "rest", text: "", bytes: 1, cutBefore: true });
  });

  test("say that a character has not come yet whole", () => {
    expect(cellsOf(utf8("€").subarray(0, 2))).toMatchObject([
      { kind: "unfinished", bytes: 2, cutAfter: true },
    ]);
  });

  test("mark what is not UTF-8, byte for byte", () => {
    const invalid = [
      [0xff],
      [0x80],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf4, 0x90, 0x80, 0x80],
      [0xe2, 0x82, 0x41],
    ];
    for (const bytes of invalid) {
      const cells = cellsOf(Uint8Array.from(bytes));
      expect(cells[0]).toMatchObject({ kind: "invalid", bytes: 1, text: "?" });
    }
    expect(cellsOf(Uint8Array.from([0xc3, 0x41])).map(brief)).toEqual([
      ["invalid", "?", 1],
      ["char", "A", 1],
    ]);
  });

  test("obey nothing: controls, bidi and invisible characters are marks with a name", () => {
    for (const [text, said] of [
      ["\u001b", "\\x1b"],
      ["\u202e", "\\u202e"],
      ["\u200b", "\\u200b"],
    ] as const) {
      expect(cellsOf(utf8(text))[0]).toMatchObject({ kind: "control", text: ".", said });
    }
  });

  test("agree with the browser's decoder on what is text, and cover each byte once", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(40), (bytes, cut) => {
        const ends = [Math.min(cut, bytes.length), bytes.length];
        let next = 0;
        let characters = "";
        for (const end of ends) {
          for (const cell of cellsOf(bytes, next, end)) {
            expect(cell.start).toBe(next);
            next += cell.bytes;
            if (cell.kind === "char") characters += cell.text;
          }
        }
        expect(next).toBe(bytes.length);
        const seen = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
        const shown = /[\p{C}\p{M}\p{DI}\p{Z}\ufff9-\ufffb\ufffd]/gu;
        expect(characters.replace(shown, "")).toBe(seen.replace(shown, ""));
      }),
      { numRuns: 500 },
    );
  });
});

test("the bytes around a row come from the calls beside it, and end where nothing is kept", () => {
  const conversation = new Conversation();
  const [lead = 0, ...rest] = utf8("é");
  const piece = (offset: number, bytes: Uint8Array) =>
    conversation.append({
      kind: "data",
      at: 0,
      side: "near",
      direction: "in",
      offset,
      length: bytes.length,
      bytes,
    });
  piece(0, Uint8Array.of(0x41, lead));
  piece(2, Uint8Array.from(rest));
  const byteAt = bytesAround(conversation, "in", 0, 2);
  expect([byteAt(0), byteAt(1), byteAt(2), byteAt(3)]).toEqual([0x41, lead, rest[0], -1]);
});
