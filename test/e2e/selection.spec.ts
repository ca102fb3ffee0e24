/** One selection: what is picked out in one place is lit in all of them. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { TalkPage } from "../support/talk-page.ts";

const RABBIT = "Follow the white rabbit";

const lit = (page: Page) => page.locator(".mark-selected");
const band = (page: Page) => page.locator(".ladder [data-selected]");
const bytes = (page: Page) => page.locator(".inspector");
const row = (page: Page) => page.locator(".event[data-selected]");

async function talkAboutTheRabbit(page: Page, port: number): Promise<TalkPage> {
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${port}`);
  await talk.say("Wake up, Neo");
  await talk.shows(/Neo\s*accepted/);
  await talk.say(RABBIT);
  await talk.shows(/rabbit\s*acceptedaccepted/);
  return talk;
}

test("a line picked out by its mark is lit with its band, its bytes, its row, and the line that joins them", async ({
  page,
  gateway,
}) => {
  await talkAboutTheRabbit(page, gateway.lessonPorts.recv16);
  await page.locator(".mark", { hasText: "23 B" }).click();
  await expect(lit(page)).toHaveText("23 B");
  await expect(band(page)).toContainText(RABBIT);
  await expect(bytes(page)).toContainText("Sent as 1 message, read as 2 chunks");
  await expect(bytes(page)).toContainText("chunk 2: 7 B");
  // The trunk, a stub at the line, one at the bytes, and one at the ladder.
  await expect(page.locator(".leader path")).toHaveCount(4);
  await page.getByRole("tab", { name: "List" }).click();
  await expect(row(page)).toHaveText([/sent 23 B/, /the server read 16 B/, /the server read 7 B/]);
});

test("a row of the list picks out the line, the bytes and the band, by keyboard too", async ({
  page,
  gateway,
}) => {
  await talkAboutTheRabbit(page, gateway.lessonPorts.recv16);
  await page.getByRole("tab", { name: "List" }).click();
  await page.locator(".event.side-near", { hasText: "read 16 B" }).click();
  await expect(lit(page)).toHaveText("16 B");
  await expect(bytes(page)).toContainText("Sent as 2 messages, read");
  await page.locator(".events-scroller").focus();
  for (let i = 0; i < 20 && (await row(page).filter({ hasText: "sent 23 B" }).count()) === 0; i++) {
    await page.keyboard.press("ArrowUp");
  }
  await expect(lit(page)).toHaveText("23 B");
  await page.getByRole("tab", { name: "Ladder" }).click();
  await expect(band(page)).toContainText(RABBIT);
});

test("a band picks out its line, Enter goes to its bytes, and Escape lets it go everywhere", async ({
  page,
  gateway,
}) => {
  await talkAboutTheRabbit(page, gateway.lessonPorts.recv16);
  await page.locator(".ladder li", { hasText: "Wake up, Neo" }).click();
  await expect(lit(page)).toHaveText("12 B");
  await page.keyboard.press("Enter");
  await expect
    .poll(() =>
      page.evaluate(
        () => document.activeElement?.closest<HTMLElement>("[data-region]")?.dataset.region,
      ),
    )
    .toBe("bytes");
  await expect(bytes(page)).toContainText("Sent as 1 message, read as 1 chunk");
  await page.keyboard.press("Escape");
  await expect(lit(page)).toHaveCount(0);
  await expect(band(page)).toHaveCount(0);
  await expect(bytes(page)).toBeHidden();
});

test("a connection's beginning is picked out with what it means, and where that is written", async ({
  page,
  gateway,
}) => {
  await talkAboutTheRabbit(page, gateway.lessonPorts.recv16);
  await page.getByRole("tab", { name: "List" }).click();
  await page.locator(".events-scroller").press("Home");
  await page.locator(".event", { hasText: "connected to" }).click();
  await expect(bytes(page)).toContainText("connect() returned");
  await expect(bytes(page)).toContainText("RFC 9293, section 3.5");
});

test("a state in the title block says what it means", async ({ page, gateway }) => {
  await talkAboutTheRabbit(page, gateway.lessonPorts.recv16);
  await page.getByRole("button", { name: "ESTABLISHED: what does it mean?" }).first().click();
  await expect(page.getByText(/RFC 9293, section 3\.3\.2/)).toBeVisible();
});

test("a line of an earlier conversation stays readable, and picks nothing out of the new one", async ({
  page,
  gateway,
}) => {
  const talk = await talkAboutTheRabbit(page, gateway.lessonPorts.recv16);
  await talk.say("close");
  await talk.shows("Press Enter to connect again.");
  await page.keyboard.press("Enter");
  await talk.shows(/connect again\.\s*Connected to/);
  await page.locator(".mark", { hasText: "23 B" }).click();
  await expect(lit(page)).toHaveCount(0);
  await expect(bytes(page)).toBeHidden();
});

test("the line of a row picked out in the list is on the screen, however few rows the bytes leave the terminal", async ({
  page,
  gateway,
}) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  const talk = await talkAboutTheRabbit(page, gateway.lessonPorts.recv16);
  for (const line of ["Knock", "again"]) {
    await talk.say(line);
    await talk.shows(new RegExp(`${line}\\s*accepted`));
  }
  await page.getByRole("tab", { name: "List" }).click();
  await page.locator(".event.side-near.event-data", { hasText: "again" }).click();
  await expect(bytes(page)).toBeVisible();
  await expect(lit(page)).toHaveText("5 B");
  await expect(lit(page)).toBeInViewport();
});

test("the signs of the ladder are explained on demand, beside it and on a phone", async ({
  page,
  gateway,
}) => {
  await new TalkPage(page).open(`tcp://127.0.0.1:${gateway.lessonPorts.recv16}`);
  await page.getByRole("button", { name: "How to read this" }).click();
  const words = page.getByRole("region", { name: "How to read this" });
  await expect(words).toContainText("Dashed");
  await expect(words).toBeInViewport({ ratio: 1 });
  await page.keyboard.press("Escape");
  await expect(words).toBeHidden();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("tab", { name: "States" }).click();
  await expect(page.getByRole("region", { name: "How to read the wire" })).toContainText("Dashed");
  // It scrolls in its own pane, and the page does not.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  expect(height).toBe(844);
});
