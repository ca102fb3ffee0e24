/** Keys: what xterm says was typed becomes what it means; the browser keeps its own. */
import { describe, expect, test } from "vitest";
import { isBrowsers, type Pressed, readKeys, readRawKeys } from "../../../web/terminal/keys.ts";

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

describe("raw mode", () => {
  test.each([
    ["a", ["a"]],
    ["äöü", ["äöü"]],
    ["\r", ["\r"]],
    ["\x03\x04\x1a\x1b", ["\x03", "\x04", "\x1a", "\x1b"]],
    ["ls\r", ["ls", "\r"]],
    ["\x1b[A\x1b[1;5D\x1bOH\x1b[3~", ["\x1b[A", "\x1b[1;5D", "\x1bOH", "\x1b[3~"]],
    ["\x1bb", ["\x1bb"]],
  ])("sends %j", (data, keys) => expect(readRawKeys(data)).toEqual(keys));

  // What xterm answers when it is asked: device attributes, cursor position, focus, mouse.
  test.each([
    "\x1b[?1;2c",
    "\x1b[>0;276;0c",
    "\x1b[1;1R",
    "\x1b[0n",
    "\x1b[I",
    "\x1b[<0;1;1M",
    "\x1b]10;rgb:00/00/00\x07",
    "\x1bP1$r0m\x1b\\",
  ])("does not send the answer %j", (data) => expect(readRawKeys(data)).toEqual([]));

  test("leaves pasting and zoom to the browser, and no other control character", () => {
    const pressed = (letter: string) =>
      isBrowsers(
        {
          ...{ type: "keydown", key: letter, ctrlKey: true },
          ...{ altKey: false, metaKey: false, shiftKey: false },
        },
        false,
        true,
      );
    expect([..."v0+-"].every(pressed)).toBe(true);
    expect([..."rxsqzojcd"].some(pressed)).toBe(false);
  });
});
