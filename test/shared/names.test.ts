/** Names of people: what is left of what was typed, which two are one, and which is free. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanName, freeName, nameKey } from "../../shared/names.ts";

const MAX = 24;
const FORBIDDEN = /[\p{C}\p{Zl}\p{Zp}:*\\/<>"&]/u;
const character = fc.oneof(
  fc.constantFrom(0x00, 0x1b, 0x2a, 0x3a, 0x200b, 0x202e, 0x2066, 0x2028, 0xe0041, 0x0301, 0x0489),
  fc.integer({ min: 0x20, max: 0x2fff }),
  fc.integer({ min: 0x1_0000, max: 0x10_ffff }),
);
const text = fc
  .array(character, { maxLength: 60 })
  .map((points) => String.fromCodePoint(...points));
const name = text.map((typed) => cleanName(typed, MAX)).filter((clean) => clean !== null);

test("whatever is typed, a name is short, has nothing invisible, and is cleaned to itself", () => {
  fc.assert(
    fc.property(name, (clean) => {
      expect([...clean].length).toBeLessThanOrEqual(MAX);
      expect(FORBIDDEN.test(clean)).toBe(false);
      expect(clean).toBe(clean.trim());
      expect(cleanName(clean, MAX)).toBe(clean);
    }),
  );
});

test.each([
  ["\u0301\u0301Neo", "Neo"],
  [`N${"\u0301".repeat(20)}eo`, `N${"\u0301".repeat(4)}eo`],
  ["\u202eoeN", "oeN"],
  ["Нео", "Нео"],
])(
  "%j is called %j: marks do not pile up, and none hangs on what stands before",
  (typed, clean) => {
    expect(cleanName(typed, MAX)?.normalize("NFD")).toBe(clean.normalize("NFD"));
  },
);

test.each([
  ["Neo", "NEO"],
  ["The One", "theone"],
  ["Trinity", "Тrіnіtу"],
  ["ВЕРА", "вера"],
  ["ВЕРА", "BEPA"],
  ["Οσο", "οσο"],
  ["ΝΙΚΟΣ", "νικος"],
  ["Anna", "Ann\u0430"],
  ["Straße", "STRASSE"],
  ["Zoë", "Zoe\u0308"],
  ["Neo 1O", "Neo 10"],
  ["ＮＥＯ", "neo"],
  ["\u1f82\u0301", "\u1f0a\u0399\u0301"],
])("%j and %j are one name", (one, other) => {
  expect(nameKey(one)).toBe(nameKey(other));
});

test.each([
  ["Zoë", "Zoe"],
  ["Lia", "Ila"],
  ["Neo", "Neo 2"],
  ["Вера", "Лера"],
  ["Ян", "Ия"],
])("%j and %j are two names", (one, other) => {
  expect(nameKey(one)).not.toBe(nameKey(other));
});

test("capitals make no other name, in any script", () => {
  fc.assert(
    fc.property(name, (clean) => {
      expect(nameKey(clean.toUpperCase())).toBe(nameKey(clean));
    }),
  );
});

test("a name beside one that is taken is free, is a name, and begins like it", () => {
  fc.assert(
    fc.property(name, fc.integer({ min: 1, max: 40 }), (clean, count) => {
      const taken = new Set([nameKey(clean)]);
      for (let each = 0; each < count; each++) {
        const free = freeName(clean, MAX, (key) => taken.has(key));
        expect(taken.has(nameKey(free))).toBe(false);
        expect(cleanName(free, MAX)).toBe(free);
        taken.add(nameKey(free));
      }
    }),
    { numRuns: 50 },
  );
  expect(freeName("Trinity", MAX, (key) => key === "trinity")).toBe("Trinity 2");
  expect(freeName("Trinity 2", MAX, (key) => key === "trinity2")).toBe("Trinity 3");
});
