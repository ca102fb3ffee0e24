/** docs/recordings.md says what is true: its example, its fields and its bounds. */

import type * as v from "valibot";
import { describe, expect, test } from "vitest";
import {
  MAX_RECORDING_BYTES,
  MAX_RECORDING_EVENTS,
  MAX_RECORDING_LINE_BYTES,
  RECORDING_VERSION,
  RecordedEvent,
  RecordingHeader,
} from "../../../../shared/recording.ts";
import { formats } from "../../../../web/model/recording/formats.ts";
import { read, writeJsonl } from "../../../../web/model/recording/jsonl.ts";
import { blocksOf, readDocument, tableBelow } from "../../../support/documents.ts";

const document = readDocument("docs/recordings.md");
const [example = ""] = blocksOf(document, "jsonl");
const decoder = new TextDecoder();
const names = (cell = "") => [...cell.matchAll(/`(\w+)`/g)].map(([, name = ""]) => name);

describe("docs/recordings.md", () => {
  test("has the tutorial's conversation as its example, as it is written", () => {
    const { recording, problem } = read(example);
    expect(problem).toBeNull();
    const near = recording.events.filter(({ side }) => side === "near");
    const said = near.flatMap((event) =>
      event.kind === "data" ? [decoder.decode(event.bytes)] : [],
    );
    expect(said).toEqual(["Wake up, Neo", "accepted", "close", "closed"]);
    expect([...writeJsonl(recording)].join("")).toBe(example);
  });

  test("names every field of the first line, in the order they are written", () => {
    const named = tableBelow(document, "### The first line").flatMap(([name]) => names(name));
    expect(named).toEqual(Object.keys(JSON.parse(example.split("\n")[0] ?? "")));
    expect(named).toEqual(expect.arrayContaining(Object.keys(RecordingHeader.entries)));
    expect(document).toContain(`| \`version\` | ${RECORDING_VERSION} |`);
  });

  test("names every kind of event and the fields it has", () => {
    const [, rest = ""] = document.split("| `kind` | other fields | what happened |");
    const rows = tableBelow(`\n## kinds\n| | | |${rest}`, "## kinds");
    const shown = Object.fromEntries(rows.map(([kind, fields]) => [names(kind)[0], names(fields)]));
    const known = RecordedEvent.options.map(({ entries }) => {
      const { at: _at, side: _side, kind, ...others } = entries as Record<string, unknown>;
      return [(kind as v.LiteralSchema<string, undefined>).literal, Object.keys(others)];
    });
    expect(shown).toEqual(Object.fromEntries(known));
  });

  test("explains every field that an event can have", () => {
    const fields = RecordedEvent.options.flatMap(({ entries }) => Object.keys(entries));
    for (const field of new Set(fields)) {
      expect(document, field).toMatch(
        new RegExp(`^\\| (?:\`\\w+\`, )*\`${field}\`(?:, \`\\w+\`)* \\|`, "m"),
      );
    }
  });

  test("has the bounds of the reader", () => {
    const mebibytes = (bytes: number) => `${bytes / 1024 / 1024} MiB`;
    expect(document).toContain(
      `At most ${mebibytes(MAX_RECORDING_BYTES)}, ${mebibytes(MAX_RECORDING_LINE_BYTES)} in a line, ` +
        `and ${MAX_RECORDING_EVENTS.toLocaleString("en")} events`,
    );
  });

  test("names every format by its extension", () => {
    const rows = tableBelow(`\n${document}`, "# Recordings");
    const extensions = rows.map(([, extension]) => extension?.replace(/^`\.|`$/g, ""));
    expect(extensions).toEqual([...formats.map(({ extension }) => extension), "svg", "py"]);
  });
});
