/** What a lab's fields take, and what was asked for and is not so yet. */
import { describe, expect, test } from "vitest";
import { initialState, next } from "../../../shared/conversation.ts";
import { Lab, readField } from "../../../web/model/lab.ts";
import { told } from "../../../web/model/lab-words.ts";

describe("a field", () => {
  test.each([
    ["pieces", "1", 1],
    ["pieces", " 16 ", 16],
    ["pieces", "65536", 65_536],
    ["pieces", "", null],
    ["pause", "0", 0],
    ["pause", "10000", 10_000],
    ["delay", "", 0],
    ["size", "268435456", 268_435_456],
    ["size", "", null],
  ] as const)("%s takes %j", (field, text, value) => {
    expect(readField(field, text)).toEqual({ value });
  });

  test.each([
    ["pieces", "0", "A whole number from 1 to 65,536 bytes."],
    ["pieces", "65537", "A whole number from 1 to 65,536 bytes."],
    ["pause", "10001", "A whole number from 0 to 10,000 ms."],
    ["pause", "-1", "A whole number from 0 to 10,000 ms."],
    ["delay", "1.5", "A whole number from 0 to 10,000 ms."],
    ["delay", "1e3", "A whole number from 0 to 10,000 ms."],
    ["delay", "soon", "A whole number from 0 to 10,000 ms."],
  ] as const)("%s does not take %j, and says what it takes", (field, text, wrong) => {
    expect(readField(field, text)).toEqual({ wrong });
  });
});

describe("what was asked for", () => {
  const confirmed = next(initialState, {
    kind: "option",
    at: 1,
    side: "near",
    options: { pauseMs: 500 },
  });

  test("is pending until the conversation has it", () => {
    const lab = new Lab();
    lab.ask({ pauseMs: 500, noDelay: true });
    expect(lab.pending(initialState)).toEqual({ pauseMs: 500, noDelay: true });
    expect(lab.pending(confirmed)).toEqual({ noDelay: true });
  });

  test("is forgotten with its socket, and what is the page's own stays", () => {
    const lab = new Lab();
    lab.choose({ pieceBytes: 4 });
    lab.ask({ reading: false });
    lab.begin();
    expect(lab.pending(initialState)).toEqual({});
    expect(lab.choices.pieceBytes).toBe(4);
  });
});

describe("what the lab says of its controls", () => {
  const said = (transport: keyof typeof told) =>
    Object.values(told[transport]).map(({ about, man }) => `${about} ${man}`);

  test("has no packets of TCP where there are none, and makes no datagram wait", () => {
    expect(said("tls")).toEqual(said("tcp"));
    expect(said("unix").join()).not.toMatch(/FIN|RST|SO_LINGER/);
    expect(said("udp").join()).not.toMatch(/FIN|RST|SO_LINGER|kernel|several|may still answer/);
  });
});
