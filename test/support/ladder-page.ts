/** The screen Talk with its ladder, as a person reads it, sees it and hears it. */
import { expect, type Locator, type Page } from "@playwright/test";
import { longRecording } from "./long-recording.ts";
import { TalkPage } from "./talk-page.ts";

export class LadderPage extends TalkPage {
  readonly ladder: Locator;
  readonly rows: Locator;
  readonly scroller: Locator;
  readonly toNow: Locator;

  constructor(page: Page) {
    super(page);
    this.ladder = page.getByRole("region", { name: "Ladder of this conversation" });
    this.rows = this.ladder.getByRole("listitem");
    this.scroller = this.ladder.locator(".ladder-scroller");
    this.toNow = this.ladder.getByRole("button", { name: "To now" });
  }

  /** The row that somebody who hears it would know by these words. */
  row(text: string | RegExp): Locator {
    return this.rows.filter({ hasText: text });
  }

  get selected(): Locator {
    return this.ladder.locator('[aria-current="true"]');
  }

  tab(name: string): Locator {
    return this.page.getByRole("tab", { name });
  }

  /** Pixels from the top of what is seen to a row. */
  async place(row: Locator): Promise<number> {
    const [frame, box] = [await this.scroller.boundingBox(), await row.boundingBox()];
    return (box?.y ?? Number.NaN) - (frame?.y ?? 0);
  }

  /** Scrolls there, again where what has just happened took the reader back to the end meanwhile. */
  async scrollTo(top: number): Promise<void> {
    await expect(async () => {
      const reached = await this.scroller.evaluate(async (element, to) => {
        element.scrollTo({ top: to });
        for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
        return element.scrollTop;
      }, top);
      expect(Math.round(reached)).toBe(top);
    }).toPass();
  }
}

/** Opens a recording, and lets all of it have happened. */
export async function replayWhole(page: Page, events: number, pace: number): Promise<void> {
  await page.getByRole("button", { name: /^Record:/ }).click();
  const choosing = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: /^Open a recording/ }).click();
  const buffer = longRecording(events, pace);
  await (await choosing).setFiles({ name: "long.jsonl", mimeType: "application/jsonl", buffer });
  await seekToEnd(page, events);
}

/** Whatever was before: at the end the page has made the conversation anew. */
export async function seekToEnd(page: Page, events: number): Promise<void> {
  await page.getByRole("slider", { name: "Position in the recording" }).press("End");
  await expect(
    page.getByText(`${events.toLocaleString("en")} events`, { exact: true }),
  ).toBeVisible();
}
