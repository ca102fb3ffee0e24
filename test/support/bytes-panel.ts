/** The bytes inspector as a person finds it: gone to with keys, read from what is drawn. */
import { expect, type Locator, type Page } from "@playwright/test";
import { TalkPage } from "./talk-page.ts";

export const panel = (page: Page): Locator => page.locator('.inspector[data-region="bytes"]');
export const rows = (page: Page): Locator => panel(page).locator(".bytes-row");

/** Steps through the ladder until it speaks of something, and opens its bytes. All with keys. */
export async function openBytes(page: Page, wanted: RegExp): Promise<void> {
  const { keyboard } = page;
  const focus = page.locator(":focus");
  await new TalkPage(page).ladderLoaded();
  await keyboard.press("F6");
  await expect(page.locator('[data-region="ladder"] :focus')).toBeVisible();
  await keyboard.press("Home");
  await expect(async () => {
    const said = await focus.evaluate((it) => `${it.getAttribute("aria-label")} ${it.textContent}`);
    if (!wanted.test(said)) await keyboard.press("ArrowDown");
    expect(said).toMatch(wanted);
  }).toPass({ intervals: [20] });
  await keyboard.press("Enter");
  await expect(panel(page).locator(".bytes-scroller")).toBeFocused();
}

export const SEARCH = "Search both directions, text or hex";
