/** Keys: what xterm says was typed becomes what it means; the browser keeps its own. */
import { describe, expect, test } from "vitest";
import { isBrowsers, type Pressed, readKeys } from "../../../web/terminal/keys.ts";

describe("what is typed", () => {
  test("may be several keys at once, as phones and input methods give them", () => {
    expect(readKeys("漢字\x7f\x7fok\r")).toEqual([
      { do: "insert", text: "漢字" },
      { do: "edit", edit: "backspace" },
      { do: "edit", edit: "backspace" },
      { do: "insert", text: "ok" },
      { do: "enter" },
    ]);
  });

  test.each([
    ["\x1b[1;5D", { do: "edit", edit: "wordLeft" }],
    ["\x1bb", { do: "edit", edit: "wordLeft" }],
    ["\x1b[3~", { do: "edit", edit: "delete" }],
    ["\x04", { do: "endOrDelete" }],
    ["\x1b[A", { do: "older" }],
    ["\t", { do: "insert", text: "\t" }],
  ])("%j has its meaning", (data, key) => expect(readKeys(data)).toEqual([key]));

  test("means nothing when it is a sequence nobody knows, a report among them", () => {
    expect(readKeys("\x1b[?1;2c\x1b[12;40R\x1bOP\x1b[24~\x1b\x11")).toEqual([]);
  });
});

describe("the browser keeps", () => {
  const key = (name: string, more: Partial<Pressed> = {}): Pressed => ({
    key: name,
    type: "keydown",
    ctrlKey: false,
    altKey: false,
    metaKey: false,
    shiftKey: false,
    ...more,
  });

  test.each([
    key("F6"),
    key("F5"),
    key("Tab", { shiftKey: true }),
    key("v", { ctrlKey: true }),
    key("V", { ctrlKey: true, shiftKey: true }),
    key("C", { ctrlKey: true, shiftKey: true }),
    key("r", { ctrlKey: true }),
    key("c", { metaKey: true }),
  ])("$key ($ctrlKey, $shiftKey, $metaKey)", (pressed) => {
    expect(isBrowsers(pressed, false)).toBe(true);
  });

  test.each([key("Tab"), key("a", { ctrlKey: true }), key("b", { altKey: true }), key("w")])(
    "not $key",
    (pressed) => expect(isBrowsers(pressed, false)).toBe(false),
  );

  test("Ctrl-C only while something is selected", () => {
    expect(isBrowsers(key("c", { ctrlKey: true }), true)).toBe(true);
    expect(isBrowsers(key("c", { ctrlKey: true }), false)).toBe(false);
  });
});
