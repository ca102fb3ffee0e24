/** Pasted text: harmless, and asked about when it is more than a line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { harmless, planPaste } from "../../../web/terminal/paste.ts";

describe("pasted text", () => {
  test.each([
    ["\x1b\x1b[201~[201~rm", "[201~[201~rm"],
    ["a\x9b31mb", "a31mb"],
    ["\0\x07\x08\x7f", ""],
    ["tab\t and\r\nlines\n", "tab\t and\r\nlines\n"],
    ["\u202ekept\u202c", "\u202ekept\u202c"],
  ])("%j becomes %j", (pasted, clean) => expect(harmless(pasted)).toBe(clean));

  test("keeps no control but TAB, CR and LF, whatever is pasted", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (pasted) => {
        expect(harmless(pasted)).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f\x9b]/);
      }),
    );
  });
});

describe("a paste", () => {
  test("of one short line goes into the line being typed", () => {
    expect(planPaste("Wake up\x1b, Neo")).toEqual({ kind: "insert", text: "Wake up, Neo" });
  });

  test("of nothing but controls is nothing", () => {
    expect(planPaste("\x1b\0")).toBeNull();
  });

  test("of one line with its end asks, because the end would send it", () => {
    const plan = planPaste("one\n");
    expect(plan).toMatchObject({ kind: "lines", lines: ["one"], printed: true });
  });

  test("of several lines asks, with a preview that hides nothing", () => {
    const plan = planPaste("one\r\ntwo\u202e\rthree");
    expect(plan).toEqual({
      kind: "lines",
      lines: ["one", "two\u202e", "three"],
      printed: true,
      question: { lines: 3, bytes: 17, preview: "one\ntwo\\u202e\nthree" },
    });
  });

  test("of one line over 4 KiB asks", () => {
    expect(planPaste("x".repeat(4097))).toMatchObject({ kind: "lines", printed: false });
  });

  test("of many lines is summed up", () => {
    expect(planPaste("x\n".repeat(101))).toMatchObject({ kind: "lines", printed: false });
  });

  test("of more than 64 KiB is sent as the bytes it is", () => {
    const pasted = "line\r\n".repeat(20_000);
    const plan = planPaste(pasted);
    expect(plan).toMatchObject({ kind: "bytes", question: { lines: 20_000, bytes: 120_000 } });
    expect(plan?.kind === "bytes" && new TextDecoder().decode(plan.bytes)).toBe(pasted);
  });
});
