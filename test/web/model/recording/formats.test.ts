/** What the menu offers, and what the files are called. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fileName, formats } from "../../../../web/model/recording/formats.ts";
import { data, recorded, recordings, tutorial, whole } from "../../../support/recordings.ts";

describe("the formats", () => {
  test("are four, the one that keeps everything first, and each writes any conversation", () => {
    expect(formats.map(({ id }) => id)).toEqual(["jsonl", "cast", "pcapng", "txt"]);
    fc.assert(
      fc.property(recordings, (recording) => {
        for (const format of formats) expect(whole(format.write(recording)).length).not.toBe(0);
      }),
    );
  });

  test.each(formats.map((format) => [format.id, format] as const))(
    "write %s in portions, however much it is",
    (_id, { write }) => {
      const piece = new Uint8Array(4096).fill(0x61);
      const events = Array.from({ length: 500 }, (_, i) => data(i, "in", i * 4096, piece));
      const sizes = [...write(recorded(events))].map((part) => part.length);
      expect(sizes.length).toBeGreaterThan(20);
      expect(Math.max(...sizes)).toBeLessThan(128 * 1024);
    },
  );
});

describe("a file's name", () => {
  test("says with whom the conversation was, and when", () => {
    expect(fileName(tutorial, "jsonl")).toBe("wireside-127.0.0.1-8000-2026-11-24T10-12-00.jsonl");
    expect(fileName(recorded([]), "txt")).toBe("wireside-2026-11-24T10-12-00.txt");
    const address = { scheme: "tcp6", host: "2001:db8::7", port: 9 } as const;
    const opening = recorded([{ kind: "opening", at: 0, side: "near", address }]);
    expect(fileName(opening, "cast")).toBe("wireside-2001-db8--7-9-2026-11-24T10-12-00.cast");
  });

  test("has only characters that every system takes, and not too many", () => {
    fc.assert(
      fc.property(recordings, (recording) => {
        const name = fileName(recording, "jsonl");
        expect(name).toMatch(/^wireside-[A-Za-z0-9._-]+\.jsonl$/);
        expect(name.length).toBeLessThan(150);
      }),
    );
  });
});
