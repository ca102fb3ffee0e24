/** Bytes as one safe line: valid UTF-8 as text, all else as escapes, and quickly whatever comes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { printable } from "../../../server/lessons/printable.ts";

/** What a decoder says of each place: slower, and surely right. */
function slowly(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    let character = "";
    for (let length = 1; length <= 4 && character === ""; length++) {
      try {
        character = decoder.decode(bytes.subarray(at, at + length));
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
    text += character === "" ? `\\x${(bytes[at] ?? 0).toString(16)}` : character;
    at += character === "" ? 1 : Buffer.byteLength(character);
  }
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, "?");
}

const questioned = (text: string) =>
  text.replace(/\\(?:[nrt]|x[01][0-9a-f]|x7f|u[0-9a-f]{4}|U[0-9a-f]{8})/g, "?");

/** Near the edges of what UTF-8 allows, and at random. */
const byte = fc.oneof(
  fc.constantFrom(
    0xc0,
    0xc2,
    0xdf,
    0xe0,
    0xed,
    0xef,
    0xf0,
    0xf4,
    0xf5,
    0x80,
    0x8f,
    0x90,
    0x9f,
    0xa0,
    0xbf,
  ),
  fc.integer({ min: 0x20, max: 0xff }),
);

test("takes as a character what a decoder takes, and every other byte by itself", () => {
  const bytes = fc.array(byte, { maxLength: 40 }).map((all) => Uint8Array.from(all));
  // C1 controls and backslashes have the same spelling as bytes that are no UTF-8, or as escapes.
  const plain = bytes.filter((all) => !all.includes(0x5c) && !all.includes(0xc2));
  fc.assert(
    fc.property(plain, (all) => {
      expect(questioned(printable(all))).toBe(slowly(all));
    }),
    { numRuns: 500 },
  );
});

test("a mebibyte that is no UTF-8 at all takes less than a second of a processor", () => {
  const before = process.cpuUsage();
  printable(new Uint8Array(1024 * 1024).fill(0xff));
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(1_000_000);
});
