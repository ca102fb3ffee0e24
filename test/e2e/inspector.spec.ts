/** The bytes inspector: what was sent and how it was read, copied and searched by keyboard alone. */
import type { Locator, Page } from "@playwright/test";
import { violationsInBothThemes } from "../support/axe.ts";
import { openBytes, panel, rows, SEARCH } from "../support/bytes-panel.ts";
import { expect, test } from "../support/fixtures.ts";
import { TalkPage } from "../support/talk-page.ts";
import { listenTcp } from "../support/tcp.ts";

const RABBIT = "Follow the white rabbit";

const heading = (page: Page): Locator => panel(page).getByRole("heading");

async function sayRabbit(page: Page, port: number): Promise<void> {
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${port}`);
  await talk.say(RABBIT);
  await talk.shows(/accepted\s*accepted/);
}

const violations = (page: Page) => violationsInBothThemes(page, ".inspector");

test("one message read as two chunks is cut where the server's read ended, by keyboard alone", async ({
  page,
  gateway,
}) => {
  await sayRabbit(page, gateway.lessonPorts.recv16);
  await openBytes(page, /\b23 b/i);
  await expect(heading(page)).toHaveText("Sent as 1 message, read as 2 chunks");
  await expect(panel(page).locator(".bytes-figures")).toHaveText(/^23 B at \d+\.\d{3} s$/);
  await expect(panel(page).locator(".bytes-hex")).toHaveText([
    "46 6f 6c 6c 6f 77 20 74",
    "68 65 20 77 68 69 74 65",
    "20 72 61 62 62 69 74",
  ]);
  await expect(panel(page).locator(".bytes-text")).toHaveText(["Follow·t", "he·white", "·rabbit"]);
  await expect(panel(page).locator(".bytes-label")).toHaveText(["chunk 1: 16 B", "chunk 2: 7 B"]);
  await expect(panel(page).locator(".border-read")).toHaveCount(1);
  await expect(panel(page).locator(".bytes-closing")).toContainText("The server called recv(16).");
  await page.keyboard.press("Escape");
  await expect(panel(page)).toBeHidden();
});

test("a server elsewhere keeps its reads to itself, and the panel says so", async ({ page }) => {
  const server = await listenTcp();
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  const socket = await server.accepted();
  await talk.say("Wake up, Neo");
  await openBytes(page, /\b12 b/i);
  await expect(heading(page)).toHaveText(
    "Sent 12 bytes; how the server read them is not visible from here",
  );
  socket.destroy();
  await server.close();
});

test("bytes are copied as hex, as text and as Python, and the page says so", async ({
  page,
  context,
  gateway,
}) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await sayRabbit(page, gateway.lessonPorts.recv16);
  await openBytes(page, /\b23 b/i);
  const hex = Buffer.from(RABBIT)
    .toString("hex")
    .replace(/..(?!$)/g, "$& ");
  for (const [name, copied] of [
    ["Copy as hex", hex],
    ["Copy as text", RABBIT],
    ["Copy as a Python bytes literal", `b'${RABBIT}'`],
  ] as const) {
    await panel(page).getByRole("button", { name }).press("Enter");
    await expect(panel(page).getByRole("status")).toHaveText(
      `Copied 23 bytes ${name.replace("Copy ", "")}.`,
    );
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(copied);
  }
});

test("a search finds text and hex in both directions and lights it, by keyboard alone", async ({
  page,
  gateway,
}) => {
  await sayRabbit(page, gateway.lessonPorts.recv16);
  await openBytes(page, /\b23 b/i);
  const { keyboard } = page;
  const said = panel(page).getByRole("search").getByRole("status");
  await keyboard.press("Control+f");
  await expect(page.getByLabel(SEARCH)).toBeFocused();
  await keyboard.type("ACCEPTED");
  await expect(said).toHaveText("2 matches");
  await keyboard.press("Enter");
  await expect(said).toHaveText("1 of 2 matches");
  await expect(heading(page)).toContainText("Sent as");
  await expect(panel(page)).toHaveAttribute("data-tone", "in");
  await expect(panel(page).locator(".bytes-hex .hit")).toHaveText("61 63 63 65 70 74 65 64");
  await keyboard.press("F3");
  await expect(said).toHaveText("2 of 2 matches");
  await keyboard.press("Shift+Enter");
  await expect(said).toHaveText("1 of 2 matches");
  await keyboard.press("Control+a");
  await keyboard.type("65 20 77");
  await expect(panel(page).getByRole("button", { name: "Hex", exact: true })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  await keyboard.press("Enter");
  await expect(said).toHaveText("1 of 1 match");
  await expect(panel(page).locator(".bytes-hex .hit")).toHaveText("65 20 77");
  await keyboard.press("Escape");
  await expect(panel(page).getByRole("search")).toBeHidden();
  await expect(panel(page).locator(".bytes-scroller")).toBeFocused();
});

test("axe finds nothing in the open panel, its search and its tab", async ({ page, gateway }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await sayRabbit(page, gateway.lessonPorts.recv16);
  await openBytes(page, /\b23 b/i);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press("Control+f");
  await page.keyboard.type("no such bytes");
  await expect(panel(page).getByRole("search").getByRole("status")).toHaveText("0 matches");
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("tab", { name: "Bytes" }).click();
  await expect(rows(page).first()).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test("on a phone eight bytes and their text fit a row, and everything to press is 48 pixels", async ({
  page,
  gateway,
}) => {
  await sayRabbit(page, gateway.lessonPorts.recv16);
  await openBytes(page, /\b23 b/i);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("tab", { name: "Bytes" }).click();
  await expect(panel(page).locator(".bytes-hex").first()).toHaveText("46 6f 6c 6c 6f 77 20 74");
  const text = await panel(page).locator(".bytes-text > span").first().boundingBox();
  expect((text?.x ?? 390) + (text?.width ?? 0)).toBeLessThanOrEqual(390 - 16);
  const heights = await panel(page)
    .locator("button:visible")
    .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(48);
});

test("a part of the page that cannot be loaded says so, and the conversation goes on", async ({
  page,
  gateway,
}) => {
  await page.route(/inspector-panel/, (route) => route.abort());
  await sayRabbit(page, gateway.lessonPorts.recv16);
  await page.getByRole("tab", { name: "List" }).click();
  await page.locator(".event").filter({ hasText: "sent 23 B" }).first().click();
  await expect(panel(page)).toContainText("could not be loaded");
  await page.locator(".screen").click();
  const talk = new TalkPage(page);
  await talk.say("Knock, knock, Neo");
  await expect(talk.status("Out")).toHaveText("40 B");
});
