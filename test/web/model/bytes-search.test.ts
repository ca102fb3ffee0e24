/** Search: finds what is there, across the borders of calls, and goes on when more has come. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Direction } from "../../../shared/conversation.ts";
import {
  ByteSearch,
  likelyReading,
  MOST_MATCHES,
  matchesInOrder,
  soughtBytes,
  WINDOW_BYTES,
} from "../../../web/model/bytes-search.ts";
import { Conversation } from "../../../web/model/conversation.ts";

function say(conversation: Conversation, direction: Direction, bytes: Uint8Array): void {
  const offset = conversation.lengthOf(direction);
  const { length } = bytes;
  conversation.append({ kind: "data", at: 0, side: "near", direction, offset, length, bytes });
}

const utf8 = (text: string) => new TextEncoder().encode(text);
const sought = (text: string, ignoreCase = false) => ({ bytes: utf8(text), ignoreCase });

function run(conversation: Conversation, text: string, ignoreCase = false): ByteSearch {
  const search = new ByteSearch(conversation, sought(text, ignoreCase));
  while (search.step());
  return search;
}

/** Every place where `indexOf` finds it, overlapping ones too. */
function places(all: string, part: string): number[] {
  const found: number[] = [];
  for (let at = all.indexOf(part); at >= 0; at = all.indexOf(part, at + 1)) found.push(at);
  return found;
}

describe("a search", () => {
  test("finds what indexOf finds, wherever calls ended", () => {
    const few = fc.constantFrom("a", "b", "A");
    const words = fc.array(fc.array(few, { minLength: 1 }).map((it) => it.join("")));
    const word = fc.array(few, { minLength: 1, maxLength: 4 }).map((it) => it.join(""));
    fc.assert(
      fc.property(words, words, word, fc.boolean(), (out, back, part, ignoreCase) => {
        const conversation = new Conversation();
        for (const text of out) say(conversation, "out", utf8(text));
        for (const text of back) say(conversation, "in", utf8(text));
        const fold = (text: string) => (ignoreCase ? text.toLowerCase() : text);
        const search = run(conversation, part, ignoreCase);
        expect(search.found("out")).toEqual(places(fold(out.join("")), fold(part)));
        expect(search.found("in")).toEqual(places(fold(back.join("")), fold(part)));
        expect(search.progress).toBe(1);
      }),
    );
  });

  test("finds what lies across the border of two windows", () => {
    const conversation = new Conversation();
    const bytes = new Uint8Array(3 * WINDOW_BYTES).fill(0x2e);
    const at = [WINDOW_BYTES - 3, 2 * WINDOW_BYTES - 1, bytes.length - 6];
    for (const start of at) bytes.set(utf8("rabbit"), start);
    for (let start = 0; start < bytes.length; start += 1000)
      say(conversation, "in", bytes.subarray(start, start + 1000));
    expect(run(conversation, "rabbit").found("in")).toEqual(at);
  });

  test("goes on where it stopped when more bytes have come", () => {
    const conversation = new Conversation();
    say(conversation, "in", utf8("follow the rab"));
    const search = run(conversation, "rabbit");
    expect(search.count).toBe(0);
    say(conversation, "in", utf8("bit"));
    while (search.step());
    expect(search.found("in")).toEqual([11]);
  });

  test("passes what is no longer kept, and never finds across it", () => {
    const conversation = new Conversation();
    const piece = new Uint8Array(8 * 1024 * 1024).fill(0x2e);
    piece.set(utf8("ab"), 62);
    for (let i = 0; i < 9; i++) say(conversation, "in", piece);
    // The first two keep 64 bytes each: what lay after them is not beside what comes next.
    expect(run(conversation, "ab").found("in")).toHaveLength(9);
    expect(run(conversation, "ab.").found("in")).toHaveLength(7);
  });

  test("is bounded, and says so", () => {
    const conversation = new Conversation();
    say(conversation, "out", new Uint8Array(MOST_MATCHES + 5).fill(0x61));
    const search = run(conversation, "a");
    expect(search.count).toBe(MOST_MATCHES);
    expect(search.more).toBe(true);
    expect(run(conversation, "b").more).toBe(false);
  });

  test("gives its matches in the order of the wire", () => {
    const conversation = new Conversation();
    say(conversation, "out", utf8("neo"));
    say(conversation, "in", utf8("neo"));
    say(conversation, "out", utf8(" neo"));
    const search = run(conversation, "neo");
    const callAt = conversation.callAt.bind(conversation);
    expect(matchesInOrder(search, callAt)).toEqual([
      { event: 0, range: { direction: "out", start: 0, end: 3 } },
      { event: 1, range: { direction: "in", start: 0, end: 3 } },
      { event: 2, range: { direction: "out", start: 4, end: 7 } },
    ]);
  });
});

describe("a search text", () => {
  test("is taken for hex only where it can hardly be anything else", () => {
    for (const hex of ["0d 0a", "0x0d0a", "\\x0d\\x0a", "de:ad:be:ef"])
      expect(likelyReading(hex)).toBe("hex");
    for (const text of ["cafe", "12", "rabbit", "be me", "", "a b c"])
      expect(likelyReading(text)).toBe("text");
  });

  test("stands for its bytes", () => {
    expect(soughtBytes("é", "text")).toEqual(Uint8Array.of(0xc3, 0xa9));
    for (const hex of ["0d 0a", "0x0d0a", "\\x0d\\x0a", "0D0A", "0d,0a"])
      expect(soughtBytes(hex, "hex")).toEqual(Uint8Array.of(0x0d, 0x0a));
    expect(soughtBytes("0d0", "hex")).toBe(null);
    expect(soughtBytes("rabbit", "hex")).toBe(null);
  });
});
