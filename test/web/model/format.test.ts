/** Numbers and excerpts as people read them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bytes,
  clock,
  count,
  duration,
  elapsed,
  excerpt,
  longDuration,
  roundTrip,
  times,
} from "../../../web/model/format.ts";

describe("bytes and counts", () => {
  test("are exact below a hundred thousand, and three digits beyond", () => {
    expect(bytes(0)).toBe("0 B");
    expect(bytes(1204)).toBe("1,204 B");
    expect(bytes(99_999)).toBe("99,999 B");
    expect(bytes(1024 * 1024)).toBe("1.00 MiB");
    expect(bytes(64 * 1024 * 1024)).toBe("64.0 MiB");
    expect(bytes(3 * 1024 ** 4)).toBe("3.00 TiB");
  });

  test("never need more than ten characters, however many bytes there are", () => {
    const short = (n: number) => /^[\d.,]+ \w+$/.test(bytes(n)) && bytes(n).length <= 10;
    fc.assert(fc.property(fc.maxSafeNat(), short));
    fc.assert(fc.property(fc.nat(), short));
    expect(bytes(1_048_051_712)).toBe("0.976 GiB");
  });

  test("agree with their noun", () => {
    expect(count(1, "send")).toBe("1 send");
    expect(count(1000, "read")).toBe("1,000 reads");
    expect(times(1)).toBe("once");
    expect(times(2)).toBe("twice");
    expect(times(3)).toBe("3 times");
  });
});

describe("times", () => {
  test("of events have milliseconds", () => {
    expect(clock(11.87)).toBe("11.870");
  });

  test("measured have the digits that matter", () => {
    expect(duration(0.0002)).toBe("0.2 ms");
    expect(duration(0.041)).toBe("41 ms");
    expect(duration(3.21)).toBe("3.2 s");
    expect(duration(72)).toBe("1 min 12 s");
    expect(elapsed(3.21)).toBe("3.2 s");
    expect(elapsed(72.9)).toBe("72 s");
    expect(roundTrip(0.214)).toBe("0.21 ms");
    expect(roundTrip(4.06)).toBe("4.1 ms");
    expect(roundTrip(120.4)).toBe("120 ms");
  });

  test("still running count whole seconds", () => {
    expect(longDuration(24.9)).toBe("24 s");
    expect(longDuration(72)).toBe("1 min 12 s");
    expect(longDuration(2 * 3600 + 5 * 60)).toBe("2 h 5 min");
    expect(longDuration(-1)).toBe("0 s");
  });
});

describe("an excerpt", () => {
  const utf8 = (text: string) => new TextEncoder().encode(text);

  test("shows printable text as it is", () => {
    expect(excerpt(utf8("Wake up, Neo"))).toBe("Wake up, Neo");
  });

  test("contains no control or bidi character, whatever the bytes", () => {
    const hostile = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (piece) => !hostile.test(excerpt(piece))),
    );
    expect(excerpt(utf8("a\u001b[2J\u202eb"))).not.toMatch(hostile);
  });

  test("leaves off a character that it cut itself, and says that more follows", () => {
    const text = excerpt(utf8("ж".repeat(200)));
    expect(text).toMatch(/^ж+…$/);
  });

  test("says that more follows when only the beginning was kept", () => {
    expect(excerpt(utf8("begin"), 5000)).toBe("begin…");
  });
});
