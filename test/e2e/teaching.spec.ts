/** Every step of docs/teaching.md, done as it is written and in its order, in a real browser. */
import { LESSON_NAMES } from "../../shared/lessons.ts";
import { readDocument } from "../support/documents.ts";
import { expect, test } from "../support/fixtures.ts";
import { Lecturer } from "../support/teaching-page.ts";
import { readLessons, readSteps } from "../support/teaching-steps.ts";

test.use({ viewport: { width: 1440, height: 900 } });

// Two pages and a dozen steps: on a machine that is busy elsewhere each takes its time.
test.describe.configure({ timeout: 180_000 });

const lessons = readLessons(readDocument("docs/teaching.md"));

for (const { name, steps } of lessons) {
  test(`the lesson ${name} is as docs/teaching.md says, step by step`, async ({
    context,
    gateway,
  }) => {
    const lecturer = new Lecturer(context, gateway);
    for (const step of steps) {
      await test.step(JSON.stringify(step), () => lecturer.follow(step));
    }
  });
}

test("there is a lesson for every lesson server", () => {
  expect(lessons.map(({ name }) => name)).toEqual([...LESSON_NAMES]);
});

test("a step that says something else than what is to be seen fails", async ({
  context,
  gateway,
}) => {
  const before = readSteps("1. Open the page. Type `hello` and press Enter. **In** is `8 B`.");
  const lecturer = new Lecturer(context, gateway);
  for (const step of before) await lecturer.follow(step);
  for (const [step] of [
    readSteps("1. The terminal shows `rejected`."),
    readSteps("1. **Out** is `4 B`."),
    readSteps("1. The ladder shows `recv 6 B`."),
    readSteps("1. The ladder shows `recv 5 B` 2 times."),
    readSteps("1. Your socket is `CLOSE_WAIT`."),
    readSteps("1. The server's socket has `5 B unread`."),
    readSteps("1. The page explains `Reset`."),
  ]) {
    if (!step) throw new Error("no step was read");
    await expect(lecturer.follow(step, 300)).rejects.toThrow(/expect/);
  }
});
