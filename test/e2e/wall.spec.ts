/** The wall of a class: real students on a real gateway, as the projector shows them. */
import { type Browser, expect, test } from "@playwright/test";
import { FILM, joinAll, names } from "../support/class-crowd.ts";
import { expectUsable, openClass, type TestClass } from "../support/class-page.ts";
import { closedPort } from "../support/tcp.ts";
import { counted, join, key, namesOn, openWall, row } from "../support/wall-page.ts";

/** A class for one test. */
async function withClass(
  browser: Browser,
  run: (room: TestClass) => Promise<void>,
  flags: string[] = [],
): Promise<void> {
  const room = await openClass(browser, flags);
  try {
    await run(room);
  } finally {
    await room.close();
  }
}

test("before anybody joins, the wall tells the room how", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const how = page.getByRole("region", { name: "How to join" });
    await expect(how).toContainText("Nobody has joined yet.");
    await expect(how).toContainText(room.url.replace("http://", "").replace(/\/$/, ""));
    await expect(how).toContainText(room.board);
    await expect(page.getByRole("img", { name: /^QR code of http/ })).toBeVisible();
    await expectUsable(page);
  });
});

test("everybody stands at a place of their own, with state, last line and trace", async ({
  browser,
}) => {
  const nowhere = await closedPort();
  const allowed = ["--allow", `127.0.0.1:${nowhere}`];
  const look = async (room: TestClass) => {
    const page = await openWall(room);
    const [trinity, apoc, tank] = await joinAll(room.url, room.board, ["Trinity", "Apoc", "Tank"]);
    await trinity?.connect(room.ports.accept);
    trinity?.talk.send("Wake up, Neo");
    await apoc?.connect(nowhere);
    await expect(row(page, "Trinity")).toContainText("Trinity, ESTABLISHED, received “accepted”");
    await expect(row(page, "Trinity").locator("path.out")).toHaveCount(1);
    await expect(row(page, "Apoc")).toContainText(`Apoc, refused, port ${nowhere}`);
    await expect(row(page, "Apoc").locator(".trace-reset")).toHaveCount(1);
    await expect(row(page, "Tank")).toContainText("Tank, joined, not connected yet");
    await tank?.connect(room.ports.accept);
    tank?.talk.send("close");
    await expect(row(page, "Tank")).toContainText("Tank, CLOSE_WAIT, received “closed”");
    expect(await namesOn(page)).toEqual(["Trinity", "Apoc", "Tank"]);
    await expect(counted(page, "joined")).toHaveText("3");
    await expect(counted(page, "connected")).toHaveText("1");
    await expect(counted(page, "closing or closed")).toHaveText("1");
    await expect(counted(page, "refused")).toHaveText("1");
    await expectUsable(page);
    for (const student of [trinity, apoc, tank]) student?.leave();
    await expect(row(page, "Apoc")).toContainText("away");
  };
  await withClass(browser, look, allowed);
});

test("one student is pulled out large, and the ladder goes on while the student talks", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const [morpheus, trinity] = await joinAll(room.url, room.board, ["Morpheus", "Trinity"]);
    await trinity?.connect(room.ports.accept);
    trinity?.talk.send("Wake up, Neo");
    await expect(row(page, "Trinity")).toContainText("accepted");
    await page.keyboard.press("ArrowRight");
    const large = (name: string) => page.getByRole("region", { name: `${name}, large` });
    await expect(large("Morpheus")).toContainText("Morpheus has not connected to anything yet.");
    await page.keyboard.press("ArrowRight");
    const ladder = large("Trinity").locator(".ladder");
    await expect(ladder.getByText("“Wake up, Neo”")).toBeVisible();
    await expect(ladder.getByText("now", { exact: true })).toBeVisible();
    await expect(ladder.locator(".ladder-head")).toContainText("Trinity");
    await expect(ladder.locator(".ladder-head")).toContainText(`:${room.ports.accept}`);
    trinity?.talk.send("The Matrix has you");
    await expect(ladder.getByText("“The Matrix has you”")).toBeVisible();
    // 14 units wide, and drawn so that the last row can see it.
    const widths = await ladder
      .locator(".ladder-row rect[shape-rendering]")
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().width));
    for (const width of widths) expect(width).toBeCloseTo(20, 0);
    await expectUsable(page);
    // Another conversation begins; the large picture begins anew with it.
    await morpheus?.connect(room.ports.echo);
    await trinity?.connect(room.ports.echo);
    await expect(ladder.locator(".ladder-head")).toContainText(`:${room.ports.echo}`);
    await page.keyboard.press("Escape");
    await expect(large("Trinity")).toHaveCount(0);
    await expect(key(page, "Back to everyone")).toBeDisabled();
    morpheus?.leave();
    trinity?.leave();
  });
});

test("a class that does not fit is shown in pages, of which only one is in the page", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const students = await joinAll(room.url, room.board, names(24));
    const range = page.locator(".class-range");
    await expect(range).toContainText("1 to 14 of 24");
    await expect(counted(page, "joined")).toHaveText("24");
    // The pages turn by themselves, perhaps just now.
    await expect.poll(() => namesOn(page)).toEqual(FILM);
    // By itself, after a while.
    await expect(range).toContainText("15 to 24 of 24", { timeout: 15_000 });
    await page.keyboard.press("PageUp");
    await expect(range).toContainText("1 to 14 of 24");
    await page.locator("[data-student]").last().click();
    await page.keyboard.press("ArrowRight");
    await expect(range).toContainText("15 to 24 of 24");
    await expect(row(page, "Student 15").locator("[aria-current]")).toHaveCount(1);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.keyboard.press("Escape");
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    await expectUsable(page);
    for (const student of students) student.leave();
  });
});

test("while the wall is paused nothing on it moves, and then all of it has come", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const trinity = await join(room, "Trinity");
    await trinity.connect(room.ports.accept);
    await expect(row(page, "Trinity")).toContainText("ESTABLISHED");
    await page.keyboard.press("p");
    await expect(page.locator(".class-title")).toContainText("Paused");
    const before = await page.locator(".class-rows").innerHTML();
    trinity.talk.send("Wake up, Neo");
    const tank = await join(room, "Tank");
    await expect(page.locator(".class-title")).toContainText(/\d+ changes? waits?/);
    expect(await page.locator(".class-rows").innerHTML()).toBe(before);
    await expect(counted(page, "joined")).toHaveText("1");
    await key(page, "Go on").click();
    await expect(row(page, "Trinity")).toContainText("received “accepted”");
    await expect(row(page, "Tank")).toBeVisible();
    trinity.leave();
    tank.leave();
  });
});

test("names can be hidden, on the wall and on the large picture alike", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const trinity = await join(room, "Trinity");
    await trinity.connect(room.ports.accept);
    await row(page, "Trinity").getByRole("button").click();
    await expect(page.locator(".ladder-head")).toContainText("Trinity");
    await page.keyboard.press("n");
    await expect(key(page, "Show names")).toBeVisible();
    await expect(row(page, "Student 1")).toBeVisible();
    await expect(page.locator(".class")).not.toContainText("Trinity");
    await page.keyboard.press("n");
    await expect(row(page, "Trinity")).toBeVisible();
    trinity.leave();
  });
});

test("a second screen shows the wall and has nothing to do anything with", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const teacher = await openWall(room);
    const trinity = await join(room, "Trinity");
    await teacher.keyboard.press("d");
    const link = await teacher.getByLabel("Link of a second screen").inputValue();
    const screen = await room.newPage({ viewport: { width: 1440, height: 900 } });
    await screen.goto(link);
    await expect(row(screen, "Trinity")).toBeVisible();
    await expect(screen.locator(".class-code")).toContainText(room.board);
    await expect(screen.locator(".class-bar")).toHaveCount(0);
    await screen.keyboard.press("l");
    await screen.keyboard.press("d");
    await expect(screen.locator(".direct")).toHaveCount(0);
    await expect(teacher.getByText("Joining is locked")).toHaveCount(0);
    await expectUsable(screen);
    trinity.leave();
  });
});
