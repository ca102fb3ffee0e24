/** Join codes, wrong tries, and passes: what opens a class and what does not. */
import fc from "fast-check";
import { beforeEach, describe, expect, test } from "vitest";
import { classIdOf } from "../../../server/classroom/class-id.ts";
import {
  isSameCode,
  isSameText,
  makeJoinCode,
  makeSecret,
  onBoard,
} from "../../../server/classroom/code.ts";
import { Guesses } from "../../../server/classroom/guesses.ts";
import { issuePass, readPass } from "../../../server/classroom/passes.ts";

const LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ";
const code = fc
  .array(fc.constantFrom(...LETTERS), { minLength: 6, maxLength: 6 })
  .map((letters) => letters.join(""));

describe("a join code", () => {
  test("has six characters, none of which looks like another, and is different each time", () => {
    const codes = Array.from({ length: 500 }, makeJoinCode);
    expect(codes.every((each) => /^[2-9A-HJKMNP-Z]{6}$/.test(each))).toBe(true);
    expect(new Set(codes).size).toBeGreaterThan(495);
    expect(new Set(codes.join("")).size).toBe(LETTERS.length);
    expect(onBoard("7KQ42M")).toBe("7KQ 42M");
  });

  test("is the same in any case, with spaces and hyphens anywhere", () => {
    const noise = fc.array(fc.constantFrom(" ", "-", "", "  "), { minLength: 7, maxLength: 7 });
    const cases = fc.array(fc.boolean(), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(code, noise, cases, (right, between, small) => {
        const typed = [...right].map((letter, at) => {
          const spoken = small[at] ? letter.toLowerCase() : letter;
          return `${between[at]}${spoken}`;
        });
        expect(isSameCode(typed.join("") + between[6], right)).toBe(true);
        expect(isSameCode(onBoard(right), right)).toBe(true);
      }),
    );
  });

  test("is no other text", () => {
    fc.assert(
      fc.property(code, fc.oneof(code, fc.string()), (right, typed) => {
        fc.pre(typed.toUpperCase().replace(/[\s-]/g, "") !== right);
        expect(isSameCode(typed, right)).toBe(false);
        expect(isSameCode(`${right}${right}`, right)).toBe(false);
      }),
    );
  });

  test("secrets of links have 256 bits and are compared exactly", () => {
    const secret = makeSecret();
    expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(isSameText(secret, secret)).toBe(true);
    expect(isSameText(secret.toLowerCase(), secret)).toBe(false);
  });
});

describe("wrong tries", () => {
  let now: number;
  let guesses: Guesses;
  beforeEach(() => {
    now = 1_000_000;
    guesses = new Guesses(() => now);
  });
  const wrong = (address: string, times: number) => {
    for (let n = 0; n < times; n++) guesses.wrong(address);
  };

  test("an address has thirty, and then one every two seconds", () => {
    wrong("a", 29);
    expect(guesses.waitMs("a")).toBe(0);
    wrong("a", 1);
    expect(guesses.waitMs("a")).toBe(2_000);
    now += 1_999;
    expect(guesses.waitMs("a")).toBe(1);
    now += 1;
    expect(guesses.waitMs("a")).toBe(0);
    wrong("a", 1);
    expect(guesses.waitMs("a")).toBe(2_000);
    expect(guesses.waitMs("b")).toBe(0);
  });

  test("all together have two hundred, and then two a second; an honest address still has room", () => {
    for (let address = 0; address < 20; address++) wrong(`${address}`, 10);
    wrong("guesser", 11);
    expect(guesses.waitMs("guesser")).toBe(500);
    expect(guesses.waitMs("19")).toBe(0);
    expect(guesses.waitMs("new")).toBe(0);
    now += 500;
    expect(guesses.waitMs("guesser")).toBe(0);
  });

  test("whoever guesses on from everywhere makes nobody wait longer", () => {
    for (let address = 0; address < 3_000; address++) wrong(`${address}`, 1);
    wrong("mistyped", 11);
    expect(guesses.waitMs("mistyped")).toBe(500);
  });

  test("a guesser who keeps to the limit gets half a try a second", () => {
    let tries = 0;
    for (let second = 0; second < 600; second++, now += 1_000) {
      while (guesses.waitMs("a") === 0) {
        guesses.wrong("a");
        tries++;
      }
    }
    expect(tries).toBeLessThanOrEqual(30 + 300);
    expect(tries).toBeGreaterThan(300);
  });
});

describe("a pass", () => {
  const key = makeSecret();
  const bearer = { role: "student", id: "abc_-123" } as const;

  test("says whose it is until it expires", () => {
    const pass = issuePass(key, bearer, 10_000);
    expect(readPass(key, pass, 9_999)).toEqual(bearer);
    expect(readPass(key, pass, 10_000)).toBeNull();
    expect(issuePass(key, bearer, 10_000)).not.toBe(pass);
    for (const role of ["teacher", "watch"] as const)
      expect(readPass(key, issuePass(key, { role, id: "" }, 5), 4)).toEqual({ role, id: "" });
  });

  test("of another class is nobody's", () => {
    expect(readPass(makeSecret(), issuePass(key, bearer, 10_000), 0)).toBeNull();
  });

  test("with any character changed, left out or added is nobody's", () => {
    const pass = issuePass(key, bearer, 1_000_000);
    const at = fc.integer({ min: 0, max: pass.length - 1 });
    fc.assert(
      fc.property(at, fc.string({ minLength: 0, maxLength: 2 }), (index, put) => {
        const forged = pass.slice(0, index) + put + pass.slice(index + 1);
        fc.pre(forged !== pass);
        expect(readPass(key, forged, 0)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test("that is any other text is nobody's", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => readPass(key, text, 0) === null),
    );
  });
});

describe("the id of a class", () => {
  test("is safe in a key, and the same for one name as it is spoken", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), (name) => {
        expect(classIdOf(name)).toMatch(/^[a-z0-9-]{1,40}$/);
      }),
    );
    expect(classIdOf("Networks 7a")).toMatch(/^networks-7a-[0-9a-f]{10}$/);
    expect(classIdOf("  networks   7A ")).toBe(classIdOf("Networks 7a"));
    expect(classIdOf("7ä")).not.toBe(classIdOf("7ö"));
  });
});
