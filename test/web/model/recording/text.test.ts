/** Conversations as text to read. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { writeText } from "../../../../web/model/recording/text.ts";
import { data, recorded, recordings, tutorial } from "../../../support/recordings.ts";

const text = (recording: typeof tutorial) => [...writeText(recording)].join("");

describe("a conversation as text", () => {
  test("says what happened when, with the bytes below, and what the server did", () => {
    const lines = text(tutorial).split("\n");
    expect(lines.slice(0, 2)).toEqual([
      "Wireside: a conversation with tcp://127.0.0.1:8000",
      "Began 2026-11-24T10:12:00.000Z; times are seconds since then.",
    ]);
    expect(lines.slice(4, 17)).toEqual([
      "     0.000  ·  connecting to tcp://127.0.0.1:8000",
      "     0.000  ·  connect() from 127.0.0.1:51234 to 127.0.0.1:8000",
      "     0.001  ·  connected to 127.0.0.1:8000 from 127.0.0.1:51234",
      "     0.001  ·  the server accepted the connection",
      "    11.870  →  sent 12 B",
      "               | Wake up, Neo",
      "    11.870  →  the server read 12 B",
      "    11.870  ←  the server sent 8 B",
      "    11.871  ←  read 8 B",
      "               | accepted",
      "    11.900  ·  kernel: your socket is ESTABLISHED",
      "    15.500  →  sent 5 B",
      "               | close",
    ]);
    expect(lines).toContain("    15.502  |← the server ended its direction (FIN)");
  });

  test("shows bytes that are no text in hexadecimal, and says what was not kept", () => {
    const half = data(1, "in", 0, Uint8Array.of(0xc3));
    const piece = { ...data(2, "in", 1, "line 1\r\nline 2\n"), length: 90_000 };
    expect(
      text(recorded([half, piece], 7))
        .split("\n")
        .slice(4),
    ).toEqual([
      "The first 7 events were no longer kept.",
      "",
      "     1.000  ←  read 1 B",
      `               | 00000000  c3${" ".repeat(46)} .`,
      "     2.000  ←  read 90,000 B",
      "               | line 1",
      "               | line 2",
      "               | (89,985 B more, no longer kept)",
      "",
    ]);
  });

  test("has no control character, whatever was sent", () => {
    fc.assert(
      fc.property(recordings, (recording) => {
        expect(text(recording).replace(/[\n\t]/g, "")).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }),
    );
  });
});
