/** docs/teaching.md can be read by a machine, and what is said in it of the lesson servers is so. */
import { describe, expect, test } from "vitest";
import { LESSONS } from "../server/lessons/catalogue.ts";
import { MAX_LINE_BYTES } from "../server/lessons/chat/lines.ts";
import { MAX_WAITING_BYTES, MAX_WAITING_LINES } from "../server/lessons/chat/mailbox.ts";
import { LESSON_NAMES, lessonOffset } from "../shared/lessons.ts";
import { readDocument, tableBelow } from "./support/documents.ts";
import { planOf, readPlan, readPlanSteps } from "./support/plan-steps.ts";
import { chapter } from "./support/step-sentences.ts";
import { readLessons, readSteps } from "./support/teaching-steps.ts";

const teaching = readDocument("docs/teaching.md");

describe("the steps of docs/teaching.md", () => {
  test("are there for every lesson server, and each lesson does something and looks at it", () => {
    const lessons = readLessons(teaching);
    expect(lessons.map(({ name }) => name)).toEqual(LESSON_NAMES);
    for (const { steps } of lessons) {
      expect(steps.filter((step) => "do" in step).length).toBeGreaterThan(2);
      expect(steps.filter((step) => "see" in step).length).toBeGreaterThan(2);
    }
  });

  test("are all read: each numbered line gives at least one", () => {
    const lessons = chapter(teaching, "Teaching with the lesson servers");
    const numbered = [...lessons.matchAll(/^\d+\. /gm)].length;
    const steps = readLessons(teaching).flatMap((lesson) => lesson.steps);
    expect(steps.length).toBeGreaterThan(numbered);
  });

  test("are read in order, each in its tab", () => {
    const section =
      "1. Open the page. Type `a. b` and press Enter. The terminal shows `What?`\n   In a second tab, press **Close**.\n2. In the first tab, the ladder shows `recv 1 B` 8 times.\n";
    expect(readSteps(section)).toEqual([
      { tab: 1, do: "open" },
      { tab: 1, do: "type", line: "a. b" },
      { tab: 1, see: "terminal", text: "What?" },
      { tab: 2, do: "press", button: "Close" },
      { tab: 1, see: "ladder", text: "recv 1 B", times: 8 },
    ]);
  });

  test.each([
    "1. Wait a moment.",
    "1. Open the page and look around.",
    "1. Open the page. The terminal says `hello`.",
    "1. The ladder shows `recv 1 B` often.",
    "1. Press Close.",
  ])("%s is no step that anybody could do or check", (section) => {
    expect(() => readSteps(section)).toThrow("no step has this form");
  });
});

describe("the lesson of 45 minutes", () => {
  const parts = readPlan(teaching);

  test("has parts that follow one another and fill 45 minutes", () => {
    const spans = parts.map(({ name }) =>
      (/^(\d+)–(\d+): \w/.exec(name) ?? []).slice(1, 3).map(Number),
    );
    expect(spans.flat()[0]).toBe(0);
    expect(spans.flat().at(-1)).toBe(45);
    for (const [i, [, end]] of spans.entries()) {
      if (i + 1 < spans.length) expect(spans[i + 1]?.[0]).toBe(end);
    }
  });

  test("names a minute for each wrong guess at which a part begins", () => {
    const begins = parts.map(({ name }) => Number.parseInt(name, 10));
    const [, ...rows] = planOf(teaching)
      .split("\n")
      .filter((line) => line.startsWith("| "));
    const minutes = rows
      .map((line) => Number(/\| (\d+) \|$/.exec(line)?.[1]))
      .filter(Number.isFinite);
    expect(minutes.length).toBeGreaterThan(5);
    for (const minute of minutes) expect(begins).toContain(minute);
  });

  test("is read to the last sentence, and every part does something and looks at it", () => {
    const numbered = [...planOf(teaching).matchAll(/^\d+\. /gm)].length;
    expect(parts.flatMap(({ steps }) => steps).length).toBeGreaterThan(numbered);
    for (const { steps } of parts) {
      expect(steps.some((step) => "do" in step)).toBe(true);
      expect(steps.some((step) => "see" in step)).toBe(true);
    }
  });

  test("is read in order, each step on its page", () => {
    const section =
      "1. On the teacher's page, press **End the class…**. On Trinity's page, type `a. b` and press\n   Enter. Your socket is `CLOSED`.\n2. **joined** is `2`. On the second screen, Neo's row shows `refused`.\n";
    expect(readPlanSteps(section)).toEqual([
      { page: "teacher", do: "press", button: "End the class…" },
      { page: "Trinity", do: "type", line: "a. b" },
      { page: "Trinity", see: "cell", name: "Your socket", text: "CLOSED" },
      { page: "Trinity", see: "cell", name: "joined", text: "2" },
      { page: "screen", see: "row", name: "Neo", text: "refused" },
    ]);
  });

  test.each([
    "1. On Trinity's page, wait a moment.",
    "1. On the wall, press **Clear**.",
    "1. On Trinity's page, press Close.",
  ])("%s is no step that anybody could do or check", (section) => {
    expect(() => readPlanSteps(section)).toThrow("no step has this form");
  });

  test("a step that says not on whose page is no step", () => {
    expect(() => readPlanSteps("1. Press **Direct**.")).toThrow("on whose page");
  });
});

test("the README's table has every lesson server with its port", () => {
  const rows = tableBelow(readDocument("README.md"), "## The lessons");
  expect(rows.map(([name, port]) => [name, port])).toEqual(
    LESSONS.map(({ name }) => [`\`${name}\``, `${8000 + lessonOffset(name)}`]),
  );
});

test("docs/teaching.md has the bounds of the chat", () => {
  expect(teaching).toContain(`${MAX_WAITING_LINES} lines (${MAX_WAITING_BYTES / 1024} KiB)`);
  expect(teaching).toContain(`A line has ${MAX_LINE_BYTES} bytes at most`);
});
