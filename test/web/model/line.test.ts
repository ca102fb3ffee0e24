/** The line editor: what each key does, and what holds after any keys at all. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Browsing,
  browse,
  type Edit,
  edits,
  emptyLine,
  insert,
  type Line,
  replaced,
} from "../../../web/model/line.ts";

/** A line written with `|` where the cursor is. */
function at(drawn: string): Line {
  const cursor = drawn.indexOf("|");
  return { ...emptyLine, text: drawn.replace("|", ""), cursor };
}
const drawn = (line: Line) => `${line.text.slice(0, line.cursor)}|${line.text.slice(line.cursor)}`;

describe("a key", () => {
  test.each<[Edit, string, string]>([
    ["left", "a👨‍👩‍👧‍👦|b", "a|👨‍👩‍👧‍👦b"],
    ["right", "a|e\u0301b", "ae\u0301|b"],
    ["left", "|a", "|a"],
    ["home", "漢字|x", "|漢字x"],
    ["end", "|漢字", "漢字|"],
    ["backspace", "a🇩🇪🇫🇷|", "a🇩🇪|"],
    ["backspace", "e\u0301|x", "|x"],
    ["delete", "|👍🏽x", "|x"],
    ["delete", "x|", "x|"],
    ["wordLeft", "one two  |", "one |two  "],
    ["wordRight", "one| two three", "one two| three"],
    ["cutToEnd", "one| two", "one|"],
    ["cutToStart", "one| two", "| two"],
    ["cutRunBack", "tcp://host:80 x-y |z", "tcp://host:80 |z"],
    ["cutWordBack", "x-y|", "x-|"],
    ["cutWordForward", "|one two", "| two"],
  ])("%s makes of %j %j", (edit, before, after) => {
    expect(drawn(edits[edit](at(before)))).toBe(after);
  });

  test("puts back what the last cut took", () => {
    const cut = edits.cutRunBack(at("one two|"));
    expect(drawn(edits.yank(edits.home(cut)))).toBe("two|one ");
  });

  test("puts no half surrogate pair into the line", () => {
    expect(drawn(insert(at("a|b"), "\ud83d"))).toBe("a\ufffd|b");
  });
});

/** The simplest thing that could be meant: text left and right of the cursor. */
interface Model {
  left: string;
  right: string;
}
const plainKeys: Record<string, (model: Model) => Model> = {
  home: ({ left, right }) => ({ left: "", right: left + right }),
  end: ({ left, right }) => ({ left: left + right, right: "" }),
  cutToEnd: ({ left }) => ({ left, right: "" }),
  cutToStart: ({ right }) => ({ left: "", right }),
  left: ({ left, right }) => ({ left: left.slice(0, -1), right: left.slice(-1) + right }),
  right: ({ left, right }) => ({ left: left + right.slice(0, 1), right: right.slice(1) }),
  backspace: ({ left, right }) => ({ left: left.slice(0, -1), right }),
  delete: ({ left, right }) => ({ left, right: right.slice(1) }),
};

type Step = { insert: string } | { edit: Edit };
const inserted = (text: fc.Arbitrary<string>) => text.map((insert): Step => ({ insert }));
const edited = (names: string[]) =>
  fc.constantFrom(...names).map((edit): Step => ({ edit: edit as Edit }));
const apply = (line: Line, step: Step) =>
  "insert" in step ? insert(line, step.insert) : edits[step.edit](line);

test("any keys do to plain letters what a simple model says", () => {
  const letters = fc.stringMatching(/^[a-z ]{0,5}$/);
  const steps = fc.array(fc.oneof(inserted(letters), edited(Object.keys(plainKeys))));
  fc.assert(
    fc.property(steps, (taken) => {
      let line = emptyLine;
      let model: Model = { left: "", right: "" };
      for (const step of taken) {
        line = apply(line, step);
        if ("insert" in step) model = { ...model, left: model.left + step.insert };
        else model = plainKeys[step.edit]?.(model) ?? model;
        expect(drawn(line)).toBe(`${model.left}|${model.right}`);
      }
    }),
  );
});

test("after any keys the cursor is on a grapheme border and no surrogate is alone", () => {
  const pieces = fc.constantFrom(
    "a",
    " ",
    "e\u0301",
    "\u0301",
    "👨‍👩‍👧‍👦",
    "\u200d",
    "🇩",
    "🇪",
    "👍",
    "🏽",
  );
  const text = fc.oneof(pieces, fc.string({ unit: "binary", maxLength: 4 }));
  const steps = fc.array(fc.oneof(inserted(text), edited(Object.keys(edits))));
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  fc.assert(
    fc.property(steps, (taken) => {
      const line = taken.reduce(apply, emptyLine);
      const borders = [...segmenter.segment(line.text)].map(({ index }) => index);
      expect([...borders, line.text.length]).toContain(line.cursor);
      expect(line.text).not.toMatch(/\p{Surrogate}/u);
    }),
    { numRuns: 500 },
  );
});

describe("going through the history", () => {
  const history = ["first", "second"];
  function walk(line: Line, steps: (-1 | 1)[]): string[] {
    let browsing: Browsing | null = null;
    const seen: string[] = [];
    for (const step of steps) {
      const found = browse(browsing, step, line, history);
      if (found) ({ browsing, line } = found);
      seen.push(line.text);
    }
    return seen;
  }

  test("shows earlier lines and gives the draft back", () => {
    const seen = walk(replaced(emptyLine, "draft"), [-1, -1, -1, 1, 1, 1]);
    expect(seen).toEqual(["second", "first", "first", "second", "draft", "draft"]);
  });

  test("puts the cursor at the end of the line it shows", () => {
    const found = browse(null, -1, at("d|raft"), history);
    expect(found && drawn(found.line)).toBe("second|");
  });

  test("keeps a change to an earlier line while the browsing lasts", () => {
    const older = browse(null, -1, emptyLine, history);
    const changed = insert(older?.line ?? emptyLine, "!");
    const oldest = browse(older?.browsing ?? null, -1, changed, history);
    const back = browse(oldest?.browsing ?? null, 1, oldest?.line ?? emptyLine, history);
    expect(back?.line.text).toBe("second!");
  });
});
