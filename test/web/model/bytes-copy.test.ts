/** Bytes on the clipboard: hex, text, and what Python itself would write. */
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CopyFormat, copied } from "../../../web/model/bytes-copy.ts";

const copy = (bytes: Uint8Array, format: CopyFormat) => [...copied(bytes, format)].join("");
const utf8 = (text: string) => new TextEncoder().encode(text);

/** What Python's repr() makes of each of these, from one run of a real Python. */
function reprs(pieces: readonly Uint8Array[]): string[] {
  const program = "import sys\nfor line in sys.stdin: print(repr(bytes.fromhex(line)))";
  const input = pieces.map((bytes) => `${Buffer.from(bytes).toString("hex")}\n`).join("");
  return execFileSync("python3", ["-c", program], { input, encoding: "utf8" }).split("\n");
}

describe("copied bytes", () => {
  test("as Python are exactly what repr() writes, whatever they are", () => {
    const quotes = fc.constantFrom(0x22, 0x27, 0x5c, 0x0a, 0x41);
    const pieces = [
      ...fc.sample(fc.uint8Array({ maxLength: 60 }), 300),
      ...fc.sample(fc.array(quotes, { maxLength: 8 }), 100).map((it) => Uint8Array.from(it)),
      Uint8Array.from({ length: 256 }, (_, byte) => byte),
      utf8("it's"),
      utf8('"'),
      utf8(`both ' and "`),
    ];
    const expected = reprs(pieces);
    for (const [index, bytes] of pieces.entries())
      expect(copy(bytes, "python")).toBe(expected[index]);
  });

  test("as hex are pairs with a space between, also across parts", () => {
    expect(copy(utf8("Neo"), "hex")).toBe("4e 65 6f");
    const large = new Uint8Array(200_000).fill(0x0a);
    const hex = copy(large, "hex");
    expect(hex).toHaveLength(200_000 * 3 - 1);
    expect(hex.slice(-5)).toBe("0a 0a");
  });

  test("as text keep characters whole across parts, and a byte order mark", () => {
    const text = `\ufeff${"€".repeat(50_000)}`;
    expect(copy(utf8(text), "text")).toBe(text);
    expect(copy(Uint8Array.of(0x41, 0xff), "text")).toBe("A\ufffd");
  });

  test("of nothing are nothing, or Python's word for it", () => {
    expect(copy(new Uint8Array(), "hex")).toBe("");
    expect(copy(new Uint8Array(), "python")).toBe("b''");
  });
});
