/** Terminal recordings: what they tell, when they tell it, and that a peer cannot play with the player. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConversationEvent } from "../../../../shared/conversation.ts";
import { writeAsciicast } from "../../../../web/model/recording/asciicast.ts";
import type { Recording } from "../../../../web/model/recording/recording.ts";
import {
  data,
  local,
  recorded,
  recordings,
  remote,
  tutorial,
} from "../../../support/recordings.ts";

type Told = [pause: number, code: string, text: string];

function cast(recording: Recording) {
  const [header, ...lines] = [...writeAsciicast(recording)].join("").trimEnd().split("\n");
  return {
    header: JSON.parse(header ?? ""),
    told: lines.map((line): Told => JSON.parse(line)),
  };
}

/** What stands on the screen in the end, without colours and blanks at the ends of rows. */
function screen(recording: Recording): string[] {
  const text = cast(recording)
    .told.filter(([, code]) => code === "o")
    .map(([, , shown]) => shown)
    .join("");
  return text
    .replace(/\x1b\[[\d;]*m/g, "")
    .split("\r\n")
    .map((row) => row.trimEnd());
}

describe("a terminal recording", () => {
  test("shows the prompt, the lines, the answers and the marks", () => {
    expect(screen(tutorial)).toEqual([
      "            $ talk tcp://127.0.0.1:8000",
      "            Connected to 127.0.0.1:8000",
      "→ 12 B      Enter message: Wake up, Neo",
      "← 8 B       accepted",
      "→ 5 B       Enter message: close",
      "← 6 B       closed",
      "← FIN       The server hung up.",
      "→ FIN       You hung up too.",
      "            Connection to server closed",
      "",
    ]);
  });

  test("has the header of asciicast v3, and markers to jump to", () => {
    const { header, told } = cast(tutorial);
    expect(header).toEqual({
      version: 3,
      term: { cols: 100, rows: 30, type: "xterm-256color" },
      timestamp: Date.UTC(2026, 10, 24, 10, 12) / 1000,
      idle_time_limit: 1,
      title: "Wireside: tcp://127.0.0.1:8000",
    });
    const markers = told.filter(([, code]) => code === "m").map(([, , label]) => label);
    expect(markers).toEqual(["Connected", "FIN received", "FIN sent"]);
  });

  test("tells a failure as the terminal does", () => {
    const refused: ConversationEvent[] = [
      { kind: "opening", at: 0, side: "near", address: { scheme: "tcp", ...remote } },
      { kind: "error", at: 0.01, side: "near", code: "ECONNREFUSED", detail: "" },
    ];
    expect(screen(recorded(refused)).slice(1)).toEqual([
      "× RST       ConnectionRefusedError: [Errno 111] Connection refused",
      "            No program listens on port 8000, so the kernel at 127.0.0.1 sent your knock straight",
      "            back with a reset (RST).",
      "",
    ]);
  });

  test("joins a character that came in two reads, and shows half of one for what it is", () => {
    const e = new TextEncoder().encode("é");
    const halves = [
      data(1, "in", 0, e.subarray(0, 1)),
      data(2, "in", 1, e.subarray(1)),
      data(3, "in", 2, e.subarray(0, 1)),
      { kind: "eof", at: 4, side: "near", direction: "in" } as const,
    ];
    expect(screen(recorded(halves)).slice(0, 5)).toEqual([
      "← 1 B",
      "← 1 B       é",
      "← 1 B",
      "            �",
      "← FIN       The server hung up.",
    ]);
  });

  test("says how much of a piece was not kept, and what came before the first event", () => {
    const piece = { ...data(1, "in", 9, "begin"), length: 90_000 };
    expect(screen(recorded([piece], 3)).slice(0, 2)).toEqual([
      "            3 earlier events not kept.",
      "← 90,000 B  begin… 89,995 B not kept",
    ]);
  });

  test("has no control character but its own, whatever was sent", () => {
    const attack = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202e\r!\n";
    const events = [
      { kind: "open", at: 0, side: "near", local, remote } as const,
      data(1, "out", 0, attack),
      data(2, "in", 0, attack),
    ];
    expect(screen(recorded(events)).slice(1, 3)).toEqual([
      "→ 25 B      Enter message: \\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\u202e\\r!",
      "← 25 B      \\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\u202e\\r!",
    ]);
    fc.assert(
      fc.property(recordings, (recording) => {
        for (const [, , text] of cast(recording).told) {
          const left = text.replace(/\x1b\[[\d;]*m|\r\n|\t/g, "");
          expect(left).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
        }
      }),
    );
  });

  test("is never a millisecond off, however many pauses there were", () => {
    fc.assert(
      fc.property(recordings, (recording) => {
        const shown = recording.events.filter(
          ({ side, kind }) => side === "near" && kind !== "kernel" && kind !== "attempt",
        );
        const at = new Set(shown.map((event) => Math.round(event.at * 1000)));
        let now = 0;
        for (const [pause] of cast(recording).told) {
          now += Math.round(pause * 1000);
          expect(at).toContain(now);
        }
      }),
    );
  });
});
