/** Names that can be read, and that can pose neither as another's line nor as a notice. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanName, nameKey } from "../../../../server/lessons/chat/names.ts";

test.each([
  ["Neo", "Neo"],
  ["  The   One ", "The One"],
  ["Zoë O'Brien-Łukasz", "Zoë O'Brien-Łukasz"],
  ["世界 🐇", "世界 🐇"],
  ["ＮＥＯ", "NEO"],
  ["* Neo: hi", "Neo hi"],
  ["N\u202ee\u200bo\u0007", "Neo"],
  ["Neo\\x1b[2J", "Neox1b2J"],
  ["a".repeat(50), "a".repeat(20)],
  ["🐇".repeat(50), "🐇".repeat(20)],
])("%j is called %j", (typed, name) => {
  expect(cleanName(typed)).toBe(name);
});

test.each(["", "   ", "***", "\u202e\u2066", "...", "\u0301\u0301"])("%j is no name", (typed) => {
  expect(cleanName(typed)).toBeNull();
});

/** Of any language, and often of what is forbidden. */
const character = fc.oneof(
  fc.constantFrom(0x00, 0x1b, 0x2a, 0x3a, 0x200b, 0x202e, 0x2066, 0x2028, 0xe0041, 0x1fc00, 0x0301),
  fc.integer({ min: 0x20, max: 0x2fff }),
  fc.integer({ min: 0x1_0000, max: 0x10_ffff }),
);
const text = fc
  .array(character, { maxLength: 60 })
  .map((points) => String.fromCodePoint(...points));

const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}:*\\/]/u;

test("whatever is typed, a name is short, has nothing invisible, no colon and no star", () => {
  fc.assert(
    fc.property(text, (typed) => {
      const name = cleanName(typed);
      if (name === null) return;
      expect([...name].length).toBeLessThanOrEqual(20);
      expect(FORBIDDEN.test(name)).toBe(false);
      expect(cleanName(name)).toBe(name);
    }),
  );
});

test("capitals make no other name", () => {
  expect(nameKey("NEO")).toBe(nameKey("neo"));
});
