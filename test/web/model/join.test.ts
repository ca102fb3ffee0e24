/** Joining a class: the code in every spelling, and a sentence for everything that can be in the way. */
import { describe, expect, test } from "vitest";
import { JOIN_PROBLEMS } from "../../../shared/classroom.ts";
import { bareCode, caretIn, groupCode, joinWords, keptWords } from "../../../web/model/join.ts";

describe("a code", () => {
  test.each(["7KQ42M", "7kq42m", "7kq 42m", " 7 K Q-4 2 M ", "7KQ.42M", "７ＫＱ４２Ｍ"])(
    "typed as %j is 7KQ 42M",
    (typed) => {
      expect(bareCode(typed)).toBe("7KQ42M");
      expect(groupCode(typed)).toBe("7KQ 42M");
    },
  );

  test("is grouped while it is typed, without a space that nobody could delete", () => {
    const seen = ["7", "7k", "7kq", "7KQ4"].map(groupCode);
    expect(seen).toEqual(["7", "7K", "7KQ", "7KQ 4"]);
  });

  test("keeps the caret behind the letter that was typed, also in the middle", () => {
    expect(caretIn("7KQ 42M", 0)).toBe(0);
    expect(caretIn("7KQ 42M", 3)).toBe(3);
    expect(caretIn("7KQ 42M", 4)).toBe(5);
    expect(caretIn("7KQ 42M", 6)).toBe(7);
  });

  test("of a pasted page is cut", () => {
    expect(bareCode("a".repeat(500))).toHaveLength(12);
  });
});

describe("what is in the way", () => {
  test.each(JOIN_PROBLEMS)("%s is said in sentences, and where it is to be mended", (problem) => {
    const words = joinWords({ problem }, "Networks 101");
    expect(words.headline).toMatch(/\.$/);
    expect(words.text).toMatch(/\.$/);
    expect(words.shut).toBe(["locked", "full", "ended"].includes(problem));
    if (words.shut) expect(words.headline).toContain("Networks 101");
  });

  test("a gateway that is silent is something else than one that refuses", () => {
    const silent = joinWords({ problem: "unreachable", detail: "" }, "Networks 101");
    expect(silent).toMatchObject({ at: "class", shut: false });
    expect(silent.text).toContain("kept");
    const odd = joinWords({ problem: "unexpected", detail: "502" }, "Networks 101");
    expect(odd.text).toContain("502");
  });
});

describe("what is kept", () => {
  test("is said with how long, until when, or that it is nothing; and not where nobody said", () => {
    expect(keptWords(true, 30 * 86_400_000)).toContain("for 30 days");
    expect(keptWords(true, 90 * 60_000)).toContain("for 90 minutes");
    expect(keptWords(true, null)).toContain("until the teacher deletes it");
    expect(keptWords(false, undefined)).toContain("Nothing");
    expect(keptWords(undefined, undefined)).toBe("");
  });
});
