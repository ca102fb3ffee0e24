/** Room: a phone, a zoomed desktop, large text; and how much a first visit loads. */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { showList } from "../support/event-list.ts";
import { expect, test } from "../support/fixtures.ts";
import { choose, opened, resize, show, wireButton } from "../support/scenes.ts";

const FIRST_LOAD_BYTES = 220 * 1024;

test("a half-closed conversation has room at each width", async ({ page }) => {
  await page.setViewportSize({ width: 768, height: 768 });
  const shown = await show(page, "half-closed");
  for (const width of [768, 860, 861, 960, 1024, 1280]) {
    await test.step(`nothing is cut off sideways or lies over something else at ${width} pixels`, async () => {
      await resize(page, { width, height: 768 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await expect(wireButton(page, "Close")).toBeInViewport({ ratio: 1 });
      const boxes = await page.locator(".status .cell:visible").evaluateAll((cells) =>
        cells.map((cell) => {
          const { left, right } = cell.getBoundingClientRect();
          return { left, right };
        }),
      );
      // A phone's are in other places.
      for (const [i, box] of width > 860 ? boxes.entries() : []) {
        expect(box.left).toBeGreaterThanOrEqual(boxes[i - 1]?.right ?? 0);
        expect(box.right).toBeLessThanOrEqual(width);
      }
      const notes = page.locator(".strand-note:visible");
      const cut = await notes.evaluateAll((all) =>
        all.filter((a) => a.scrollWidth > a.clientWidth),
      );
      expect(cut).toHaveLength(0);
    });
  }
  await shown.end();
});

test("on a phone a conversation is had in one hand", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await show(page, "open");
  await test.step("on a phone a message is sent from the field, and all of it fits the screen", async () => {
    await page.getByLabel("Enter message").fill("Wake up, Neo");
    await expect(page.getByText("12 B when sent")).toBeVisible();
    await page.getByRole("button", { name: "Send" }).click();
    await expect(page.getByRole("listitem").filter({ hasText: "accepted" })).toBeVisible();
    await expect(page.getByLabel("Enter message")).toHaveValue("");
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    expect(height).toBeLessThanOrEqual(844);
  });
  await test.step("the panes on a phone fold away, and leave the room to the terminal", async () => {
    const before = await page.locator(".screen").boundingBox();
    const wire = page.getByRole("tab", { name: "Wire" });
    await wire.click();
    await expect(page.locator(".ladder")).toBeHidden();
    const after = await page.locator(".screen").boundingBox();
    expect(after?.height ?? 0).toBeGreaterThan((before?.height ?? 0) + 100);
    await wire.click();
    await expect(page.locator(".ladder")).toBeVisible();
  });
  await test.step("on a phone the field's button connects again when the conversation is over", async () => {
    await wireButton(page, "Close").click();
    await wireButton(page, "Connect").waitFor();
    const field = page.getByRole("form", { name: "Message" });
    await expect(field.getByRole("button", { name: "Send" })).toBeHidden();
    await page.getByLabel("Enter message").fill("kept");
    await field.getByRole("button", { name: "Connect" }).click();
    await expect(wireButton(page, "Close")).toBeVisible();
    await expect(page.getByLabel("Enter message")).toHaveValue("kept");
  });
  await test.step("on a phone everything to press is at least 48 pixels high, elsewhere 32", async () => {
    const heights = () =>
      page
        .locator("button:visible, select:visible")
        .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().height)));
    await expect.poll(async () => Math.min(...(await heights()))).toBeGreaterThanOrEqual(48);
    await resize(page, { width: 1440, height: 900 });
    await expect.poll(async () => Math.min(...(await heights()))).toBeGreaterThanOrEqual(32);
  });
});

test("a first visit loads little, and its page is whole when zoomed or small", async ({ page }) => {
  await test.step("a first visit loads at most 220 KiB of gzipped script", async () => {
    const loaded = new Set<string>();
    page.on("response", (response) => {
      if (response.request().resourceType() === "script") loaded.add(response.url());
    });
    // As it was served: parts that are loaded later put themselves into the page's head as well.
    const html = (await (await page.goto("./"))?.text()) ?? "";
    await opened(page);
    const first = [...loaded].filter((url) => html.includes(new URL(url).pathname.slice(1)));
    expect(first.length).toBeGreaterThan(0);
    let bytes = 0;
    for (const url of first) {
      const file = new URL(`../../dist/web${new URL(url).pathname}`, import.meta.url);
      bytes += gzipSync(readFileSync(file)).length;
    }
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES);
  });
  await test.step("at 200 % zoom the ladder lies under the terminal, and nothing is cut off sideways", async () => {
    // 1440 × 900 at 200 % is 720 × 450 CSS pixels.
    await resize(page, { width: 720, height: 450 });
    const terminal = await page.locator(".screen").boundingBox();
    const ladder = await page.locator(".panes").boundingBox();
    if (!terminal || !ladder) throw new Error("terminal or ladder are not on the page");
    expect(ladder.y).toBeGreaterThanOrEqual(terminal.y + terminal.height);
    expect(terminal.height).toBeGreaterThan(100);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(720);
    await page.getByLabel("Enter message").scrollIntoViewIfNeeded();
    await expect(page.getByLabel("Enter message")).toBeInViewport();
    const panel = await page.getByRole("tabpanel").boundingBox();
    expect(panel?.height ?? 0).toBeGreaterThan(5 * 44);
  });
  await test.step("the row of a connection shows both ports at 1024 pixels", async () => {
    await resize(page, { width: 1024, height: 768 });
    await showList(page);
    const row = page.locator(".event-text").filter({ hasText: "connected to" });
    await expect(row).toHaveText(/:\d+ from .*:\d+$/);
    const cut = await row.evaluate((text) => ({
      width: text.scrollWidth - text.clientWidth,
      height: text.scrollHeight - text.clientHeight,
    }));
    expect(cut.width).toBeLessThanOrEqual(0);
    expect(cut.height).toBeLessThanOrEqual(1);
  });
});

test("large text fits at 1024×768 with an explanation open", async ({ page }) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await choose(page, { large: true });
  await show(page, "refused");
  const size = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    height: document.documentElement.scrollHeight,
  }));
  expect(size).toEqual({ width: 1024, height: 768 });
  await expect(wireButton(page, "Try again")).toBeInViewport();
});
