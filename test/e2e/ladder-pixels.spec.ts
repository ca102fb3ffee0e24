/** The ladder on screens whose pixels are not the page's: rows meet without a seam. */
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { LadderPage } from "../support/ladder-page.ts";

/** Colours, as `r,g,b`, of the pixels of a screenshot from top to bottom, `x` of the page's pixels in. */
async function columnOf(page: Page, shown: Locator, x: number, ratio: number): Promise<string[]> {
  const png = (await shown.screenshot({ scale: "device" })).toString("base64");
  const blank = await page.context().newPage();
  const colours = await blank.evaluate(
    async ({ png, x }) => {
      const image = new Image();
      image.src = `data:image/png;base64,${png}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      if (!context) return [];
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(x, 0, 1, image.height);
      return Array.from({ length: image.height }, (_, y) => data.slice(y * 4, y * 4 + 3).join(","));
    },
    { png, x: Math.round(x * ratio) },
  );
  await blank.close();
  return colours;
}

/** How far apart some colours are in red, green or blue. */
function spread(colours: readonly string[]): number {
  const parts = colours.map((colour) => colour.split(",").map(Number));
  const apart = [0, 1, 2].map((part) => {
    const values = parts.map((each) => each[part] ?? Number.NaN);
    return Math.max(...values) - Math.min(...values);
  });
  return Math.max(...apart);
}

for (const ratio of [1, 1.1, 1.25, 1.5]) {
  test.describe(`at ${ratio} pixels of the screen to one of the page`, () => {
    test.use({ deviceScaleFactor: ratio, viewport: { width: 1440, height: 1000 } });

    test("a lifeline runs on from row to row without a seam", async ({ page }) => {
      const talk = new LadderPage(page);
      await talk.open();
      const rows = talk.row(/\d s, (sent|read) \d+ bytes/);
      // Each is answered before the next: two that are read in one call would share a row.
      for (const [i, text] of ["Wake up, Neo", "Follow the white rabbit", "Knock"].entries()) {
        await talk.say(text);
        await expect(rows).toHaveCount(2 * (i + 1));
      }
      await talk.scrollTo(0);
      await expect.poll(() => talk.place(talk.rows.first())).toBe(0);
      const middle = await talk.rows.first().evaluate((row) => {
        const [frame, name] = [row.getBoundingClientRect(), row.querySelector("rect")];
        const life = name?.getBoundingClientRect();
        return life ? life.left + life.width / 4 - frame.left : 0;
      });
      const colours = await columnOf(page, talk.scroller, middle, ratio);
      const frame = await talk.scroller.boundingBox();
      for (const row of (await rows.all()).slice(1)) {
        const top = Math.round((await talk.place(row)) * ratio);
        if (top + 3 > (frame?.height ?? 0) * ratio) continue;
        // Blending rounds: a step more or less in one colour is no seam.
        expect(spread(colours.slice(top - 3, top + 3)), `at ${top}`).toBeLessThan(4);
      }
    });
  });
}
