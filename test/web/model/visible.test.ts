/** Peer text: everything printable is itself, everything else is shown, nothing is obeyed. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SafeDecoder, safeText, visibleText } from "../../../web/model/visible.ts";

const style = { open: "<", close: ">" };
const encode = (text: string) => new TextEncoder().encode(text);
/** Any control but TAB and LF, and CR unless it belongs to a line end. */
const OBEYED = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)/;

describe("safe text", () => {
  test("leaves ordinary text, tabs and both line ends alone", () => {
    const text = "Wake up, Neo\n\ttab\r\nÄäß Привет 漢字 🙂 e\u0301\n";
    expect(safeText(text, style)).toBe(text);
  });

  test.each([
    ["\x1b]0;title\x07", "<\\x1b>]0;title<\\x07>"],
    ["\x9b2J", "<\\x9b>2J"],
    ["a\rb", "a<\\r>b"],
    ["\b\0\x7f", "<\\x08><\\x00><\\x7f>"],
    ["\u202eevil\u202c", "<\\u202e>evil<\\u202c>"],
    ["\u2066\u2069\u200b\ufeff\u061c\u2028\u2029\u00ad", null],
    ["\u{e0041}", "<\\u{e0041}>"],
    ["a\ufe0fb", "a<\\ufe0f>b"],
  ])("shows %j as an escape", (sent, shown) => {
    const safe = safeText(sent, style);
    if (shown !== null) expect(safe).toBe(shown);
    expect(safe).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{DI}]/u);
  });

  test.each(["👨‍👩‍👧‍👦", "❤️", "👍🏽", "👩🏽‍🚀", "می‌خواهم", "क्‍ष", "🇩🇪"])(
    "keeps the invisible characters that %s is made with",
    (text) => expect(safeText(text, style)).toBe(text),
  );

  test("shows a joiner that joins nothing", () => {
    expect(safeText("a\u200db \u200d", style)).toBe("a<\\u200d>b <\\u200d>");
  });

  test("cuts a pile of marks, so that no cell grows without end", () => {
    const safe = safeText(`e${"\u0301".repeat(1000)}`, style);
    expect(safe.match(/\u0301/g)).toHaveLength(8);
    const joined = safeText("👩\u200d".repeat(1000), style);
    expect(joined.match(/\u200d/g)?.length).toBeLessThan(10);
  });

  test("never lets a control through, whatever the bytes and wherever they are cut", () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(
          fc.constantFrom(
            "\x1b",
            "\x9b",
            "\x1b]8;;",
            "\r",
            "\n",
            "\u202e",
            "\u200d",
            "👩",
            "é",
            "a",
          ),
        )
        .map((parts) => encode(parts.join(""))),
    );
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 8 }), (chunks) => {
        const decoder = new SafeDecoder();
        const text = chunks.map((chunk) => decoder.decode(chunk)).join("") + decoder.end();
        expect(text).not.toMatch(OBEYED);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the decoder of one direction", () => {
  const text = "é漢🙂 👨‍👩‍👧‍👦 line\r\nnext می‌خواهم ❤️\r\n";

  test("gives the same text however the bytes are cut", () => {
    const bytes = encode(text);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), (cuts) => {
        const decoder = new SafeDecoder(style);
        const borders = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        let shown = "";
        for (let i = 1; i < borders.length; i++) {
          shown += decoder.decode(bytes.subarray(borders[i - 1], borders[i]));
        }
        expect(shown + decoder.end()).toBe(text);
      }),
    );
  });

  test("shows a lone CR at the end of a chunk only when no LF follows", () => {
    const decoder = new SafeDecoder(style);
    expect(decoder.decode(encode("one\r"))).toBe("one");
    expect(decoder.decode(encode("\ntwo\r"))).toBe("\r\ntwo");
    expect(decoder.decode(encode("three"))).toBe("<\\r>three");
  });

  test("shows half a character at the end as what it is", () => {
    const decoder = new SafeDecoder();
    expect(decoder.decode(new Uint8Array([0x61, 0xf0, 0x9f]))).toBe("a");
    expect(decoder.end()).toBe("\ufffd");
  });

  test("shows a byte order mark, and a bad byte as a replacement character", () => {
    const decoder = new SafeDecoder(style);
    expect(decoder.decode(new Uint8Array([0xef, 0xbb, 0xbf, 0xff]))).toBe("<\\ufeff>\ufffd");
  });
});

test("on one line, line ends and tabs are shown too", () => {
  expect(visibleText("a\r\n\tb\u202e👩‍🚀")).toBe("a\\r\\n\\tb\\u202e👩‍🚀");
});
