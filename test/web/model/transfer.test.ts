/** How fast a file goes and how long it takes, in numbers and in words. */
import { describe, expect, test } from "vitest";
import { Pace, progressWords, savedWords, sentWords } from "../../../web/model/transfer.ts";

const MIB = 1024 * 1024;

describe("the pace", () => {
  test("is not known before something was seen for a while", () => {
    const pace = new Pace();
    pace.add(0, 0);
    pace.add(100, MIB);
    expect(pace.rate).toBeNull();
  });

  test("is that of the last three seconds", () => {
    const pace = new Pace();
    for (let at = 0; at <= 10_000; at += 100) pace.add(at, at < 5_000 ? at * 1000 : 5_000_000);
    expect(pace.rate).toBe(0);
    for (let at = 10_100; at <= 14_000; at += 100) pace.add(at, 5_000_000 + (at - 10_000) * 2000);
    expect(pace.rate).toBe(2_000_000);
  });
});

describe("words", () => {
  test.each([
    [
      { done: 64 * MIB, total: 256 * MIB, rate: 32 * MIB },
      ["64.0 MiB of 256 MiB, 25 %", "32.0 MiB/s", "6 s left"],
    ],
    [{ done: 0, total: 1000, rate: null }, ["0 B of 1,000 B, 0 %"]],
    [{ done: 999, total: 1000, rate: 10 }, ["999 B of 1,000 B, 99 %", "10 B/s", "1 s left"]],
    [{ done: 5, total: 1000, rate: 0 }, ["5 B of 1,000 B, 0 %", "0 B/s"]],
    [{ done: 1000, total: 1000, rate: 10 }, ["1,000 B of 1,000 B, 100 %", "10 B/s"]],
    [{ done: 1234, total: null, rate: 10 }, ["1,234 B", "10 B/s"]],
  ])("of %j", (progress, words) => expect(progressWords(progress)).toEqual(words));

  test("more came than was expected: that is no percentage", () => {
    expect(progressWords({ done: 12, total: 10, rate: null })).toEqual([
      "12 B, 10 B were expected",
    ]);
  });

  test("at the end count bytes one by one", () => {
    expect(sentWords("stopped", "a.bin", 1_234_567, 268_435_456)).toBe(
      "Stopped: 1,234,567 of 268,435,456 bytes of a.bin were sent. They stay sent.",
    );
    expect(sentWords("ended", "a.bin", 1, 2)).toContain("the kernel took 1 of 2 bytes");
    expect(savedWords("whole", "b.bin", 1)).toContain("b.bin has all 1 byte");
  });
});
