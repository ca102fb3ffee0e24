/** A whole class: thirty students come in by the code, have the tutorial's conversation, and are on the wall. */
import { expect, type Page, test } from "@playwright/test";
import { CrowdStudent, names } from "../support/class-crowd.ts";
import { openClass, type TestClass } from "../support/class-page.ts";
import { report } from "../support/figures.ts";
import { counted, openWall } from "../support/wall-page.ts";

const STUDENTS = 30;
/** Of them in browsers of their own; the others have the page's link without a page. */
const IN_BROWSERS = 4;
const WITHIN_MS = 60_000;

/** What the wall has to say of a student, in the order of their seats. */
const seen = new Map<string, string>();

/** Comes in by the code and says one thing; every third says close after it. */
async function inBrowser(room: TestClass, name: string, closes: boolean): Promise<void> {
  const page = await room.student(name);
  await page.keyboard.type("Wake up, Neo\n");
  await expect(page.locator(".xterm-rows")).toContainText("accepted");
  if (closes) {
    await page.keyboard.type("close\n");
    await expect(page.locator(".xterm-rows")).toContainText("Connection to server closed");
  }
  // The page hangs up too: who did so first waits, and that is the server.
  seen.set(name, closes ? "CLOSED, received “closed”" : "ESTABLISHED, received “accepted”");
}

async function without(room: TestClass, name: string, closes: boolean): Promise<CrowdStudent> {
  const student = await CrowdStudent.join(room.url, room.board, name);
  const talk = await student.connect(room.ports.accept);
  talk.send("Wake up, Neo");
  await talk.when(({ text }) => text === "accepted");
  if (closes) {
    talk.send("close");
    await talk.when((it) => it.text === "acceptedclosed" && it.of("eof").length > 0);
  }
  // Nothing hangs up here by itself: its own direction stays open.
  seen.set(name, closes ? "CLOSE_WAIT, received “closed”" : "ESTABLISHED, received “accepted”");
  return student;
}

/** Every row of the wall by the name it begins with, from all its pages. */
async function rowsOf(page: Page): Promise<Map<string, string>> {
  const rows = new Map<string, string>();
  const pages = Math.ceil(STUDENTS / (await page.locator(".class-row").count()));
  for (let at = 0; at < pages; at++) {
    for (const text of await page.locator(".class-row .unseen").allInnerTexts()) {
      const [name = ""] = text.split(",", 1);
      rows.set(name, text);
    }
    await page.keyboard.press("PageDown");
  }
  return rows;
}

test("thirty students are in a conversation within a minute, and the wall says the truth of each", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const room = await openClass(browser);
  const wall = await openWall(room);
  const began = performance.now();
  const closes = (i: number) => i % 3 === 2;
  const all = names(STUDENTS);
  const crowd = all.slice(IN_BROWSERS);
  const [students] = await Promise.all([
    Promise.all(crowd.map((name, i) => without(room, name, closes(i + IN_BROWSERS)))),
    ...all.slice(0, IN_BROWSERS).map((name, i) => inBrowser(room, name, closes(i))),
  ]);
  const seconds = (performance.now() - began) / 1000;
  report("a class comes in", { students: STUDENTS, browsers: IN_BROWSERS, seconds });
  expect(seconds * 1000).toBeLessThan(WITHIN_MS);
  const closed = all.filter((_, i) => closes(i)).length;
  await expect(counted(wall, "joined")).toHaveText(`${STUDENTS}`);
  await expect(counted(wall, "connected")).toHaveText(`${STUDENTS - closed}`);
  await expect(counted(wall, "closing or closed")).toHaveText(`${closed}`);
  await expect
    .poll(async () => {
      const rows = await rowsOf(wall);
      return all.filter((name) => !rows.get(name)?.includes(seen.get(name) ?? "?"));
    })
    .toEqual([]);
  for (const student of students) student.leave();
  await room.close();
});
