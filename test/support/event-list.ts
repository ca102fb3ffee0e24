/** The list of events: bringing it to the screen, and reading those rows whose number is no chance. */
import type { Locator, Page } from "@playwright/test";

/** Shows the list in the place of the ladder, and gives the keyboard back to the terminal. */
export async function showList(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "List" }).click();
  await page.locator(".events").waitFor();
  await page.locator(".screen").click();
}

/**
 * The calls on the page's own socket, as far as they are on the screen, oldest first. The list also has
 * the server's calls, and the kernel's word: when those come, and how many, is chance.
 */
export const nearCalls = (page: Page): Locator =>
  page.locator(".event.side-near:not(.event-attempt, .event-kernel)");

/** What rows say, without times and signs: `sent 12 B Wake up, Neo`. */
export const told = (rows: Locator): Promise<string[]> =>
  rows.evaluateAll((all) =>
    all.map((row) => {
      const part = (name: string) => row.querySelector(name)?.textContent ?? "";
      return `${part(".event-text")} ${part(".event-bytes")}`.trim();
    }),
  );

/** The times of rows, in seconds. */
export const times = async (rows: Locator): Promise<number[]> =>
  (await rows.locator(".event-time").allTextContents()).map(Number.parseFloat);
