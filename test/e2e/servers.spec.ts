/** The menu beside the address: which servers it offers, and where it stands. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { TalkPage } from "../support/talk-page.ts";

const menu = (page: Page) => page.getByRole("region", { name: "Servers to talk to" });
const openMenu = (page: Page) => page.getByRole("button", { name: "Servers to talk to" }).click();

test("both lesson servers are offered with a line on each, and the one that is chosen answers", async ({
  page,
  gateway,
}) => {
  const talk = new TalkPage(page);
  await talk.open();
  await talk.say("close");
  await talk.shows("Press Enter to connect again.");
  await openMenu(page);
  await expect(menu(page).getByRole("button")).toHaveText([
    `the lesson servertcp://127.0.0.1:${gateway.lessonPort}Answers accepted to everything, and closed to close.`,
    `the lesson server, 16 bytes a readtcp://127.0.0.1:${gateway.lessonPorts.recv16}Reads at most 16 bytes at a time: a longer message arrives in pieces, each answered.`,
  ]);
  await menu(page).getByRole("button", { name: "16 bytes a read" }).click();
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
  await expect(menu(page).getByRole("button")).toHaveCount(1);
  await expect(menu(page)).toContainText(`tcp://127.0.0.1:${gateway.lessonPorts.recv16}`);
  await gateway.stop();
});

for (const viewport of [
  { width: 1440, height: 900 },
  { width: 390, height: 844 },
]) {
  test(`the menu lies within the screen at ${viewport.width} pixels`, async ({ page }) => {
    await page.setViewportSize(viewport);
    await page.goto("./");
    const form = page.getByRole("form", { name: "Address" });
    await form.getByRole("button", { name: "Close", exact: true }).click();
    await openMenu(page);
    const abouts = menu(page).locator(".about");
    await expect(abouts).toHaveCount(2);
    await expect(abouts.first()).toBeInViewport({ ratio: 1 });
    await expect(abouts.last()).toBeInViewport({ ratio: 1 });
  });
}
