/** The menu beside the address: which servers it offers, and where it stands. */
import type { Page } from "@playwright/test";
import { LESSON_NAMES } from "../../shared/lessons.ts";
import { expect, test } from "../support/fixtures.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { TalkPage } from "../support/talk-page.ts";

const menu = (page: Page) => page.getByRole("region", { name: "Servers to talk to" });
const openMenu = (page: Page) => page.getByRole("button", { name: "Servers to talk to" }).click();

test("every lesson server is offered with a line on it, and the one that is chosen answers", async ({
  page,
  gateway,
}) => {
  const talk = new TalkPage(page);
  await talk.open();
  await talk.say("close");
  await talk.shows("Press Enter to connect again.");
  await openMenu(page);
  await expect(menu(page).getByRole("button")).toHaveText(
    LESSON_NAMES.map(
      (name) => new RegExp(`^${name}tcp://127\\.0\\.0\\.1:${gateway.lessonPorts[name]}[A-Z].+\\.$`),
    ),
  );
  await menu(page)
    .getByRole("button", { name: /^recv16/ })
    .click();
  await expect(menu(page)).toBeHidden();
  await talk.shows(`Connected to 127.0.0.1:${gateway.lessonPorts.recv16}`);
  await talk.say("Follow the white rabbit");
  await talk.shows(/accepted\s*accepted/);
});

test("a lesson server that has stopped is offered no longer", async ({ page }) => {
  const gateway = await startGatewayProcess(["--lesson-once", "--shutdown-timeout", "1s"]);
  const talk = new TalkPage(page);
  await talk.open(undefined, gateway.url);
  await talk.say("close");
  await talk.shows("Press Enter to connect again.");
  await openMenu(page);
  await expect(menu(page).getByRole("button")).toHaveCount(LESSON_NAMES.length - 1);
  await expect(menu(page)).toContainText(`tcp://127.0.0.1:${gateway.lessonPorts.recv16}`);
  await gateway.stop();
});

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
]) {
  test(`the menu lies within the screen at ${viewport.width} pixels`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.goto("./");
    const form = page.getByRole("form", { name: "Address" });
    await form.getByRole("button", { name: "Close", exact: true }).click();
    await openMenu(page);
    const abouts = menu(page).locator(".about");
    await expect(abouts).toHaveCount(LESSON_NAMES.length);
    await expect(abouts.first()).toBeInViewport({ ratio: 1 });
    await expect(abouts.last()).toBeInViewport({ ratio: 1 });
  });
}
