/** Sends that wait keep their bytes, their borders and their order, and take little room. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { Pieces } from "../../../server/gateway/pieces.ts";

/** Comparing element by element would take longer than everything else. */
function expectSame(piece: Uint8Array, bytes: Uint8Array | undefined): void {
  expect(Buffer.compare(piece, bytes ?? new Uint8Array())).toBe(0);
}

test("whatever is put in comes out piece by piece, in any order of putting and taking", () => {
  const length = fc.oneof(
    fc.integer({ min: 1, max: 5 }),
    fc.integer({ min: 4000, max: 4200 }),
    fc.integer({ min: 16_000, max: 17_000 }),
  );
  const step = fc.oneof(
    length.map((bytes) => ({ put: bytes })),
    fc.constant("take" as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const pieces = new Pieces();
      const expected: { bytes: Uint8Array; at: number }[] = [];
      for (const [at, each] of steps.entries()) {
        if (each !== "take") {
          const bytes = new Uint8Array(each.put).fill(at);
          expected.push({ bytes, at });
          pieces.push(bytes, at);
        } else if (expected.length > 0) {
          expect(pieces.firstAt).toBe(expected[0]?.at);
          expectSame(pieces.shift(), expected.shift()?.bytes);
        }
        expect(pieces.isEmpty).toBe(expected.length === 0);
      }
      for (const { bytes } of expected) expectSame(pieces.shift(), bytes);
      expect(pieces.firstAt).toBe(Number.POSITIVE_INFINITY);
    }),
    { numRuns: 50 },
  );
});

test("a hundred thousand pieces go through without being moved again and again", () => {
  const pieces = new Pieces();
  const count = 100_000;
  const byte = Uint8Array.of(7);
  for (let i = 0; i < count; i++) pieces.push(byte, i);
  for (let i = 0; i < count; i++) {
    if (pieces.firstAt !== i || pieces.shift().length !== 1) throw new Error(`lost at ${i}`);
  }
  expect(pieces.isEmpty).toBe(true);
});
