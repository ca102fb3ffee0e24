/** The ladder of a hundred thousand events: at once on the screen, and smooth under the finger. */
import type { Page } from "@playwright/test";
import { report } from "../support/figures.ts";
import { expect, test } from "../support/fixtures.ts";
import { LadderPage, replayWhole, seekToEnd } from "../support/ladder-page.ts";
import { heldBytes, measureWork } from "../support/page-probe.ts";
import { yardstick } from "../support/yardstick.ts";

const EVENTS = 100_000;
/** From the click on the tab to the ladder on the screen, in lengths of the yardstick. */
const PAINT_YARDS = 3;
/** However slow the machine is. */
const MOST_PAINT_MS = 2000;
/** Between two frames while somebody scrolls. */
const FRAME_MS = 50;
/** Twice as slow is as much as a crowded machine explains. */
const MOST_EXCUSED = 2;
const ATTEMPTS = 3;

/** Milliseconds from the click on a tab until the frame with the ladder's rows is handed over. */
function firstPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const tab = [...document.querySelectorAll<HTMLElement>("[role=tab]")].find(
          ({ textContent }) => textContent === "Ladder",
        );
        const startedAt = performance.now();
        tab?.click();
        const look = () => {
          if (!document.querySelector(".ladder-row")) {
            requestAnimationFrame(look);
            return;
          }
          const painted = new MessageChannel();
          painted.port1.onmessage = () => resolve(performance.now() - startedAt);
          painted.port2.postMessage(null);
        };
        requestAnimationFrame(look);
      }),
  );
}

/** Scrolls up by a quarter of the screen in each frame. @returns milliseconds of each frame. */
function scrollFrames(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const scroller = document.querySelector<HTMLElement>(".ladder-scroller");
    if (!scroller) throw new Error("there is no ladder");
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const frames: number[] = [];
    let before = await frame();
    for (let i = 0; i < 120; i++) {
      scroller.scrollTop -= scroller.clientHeight / 4;
      const now = await frame();
      frames.push(now - before);
      before = now;
    }
    return frames;
  });
}

test("a hundred thousand events are drawn at once, and scroll without a stop", async ({ page }) => {
  test.setTimeout(180_000);
  const talk = new LadderPage(page);
  await talk.open();
  await replayWhole(page, EVENTS, 0.5);
  for (let attempt = 1; ; attempt++) {
    await talk.tab("List").click();
    await expect(talk.ladder).toBeHidden();
    // Another conversation, of which no ladder has been made yet.
    await page.getByRole("slider", { name: "Position in the recording" }).press("Home");
    await expect(page.getByText("100,000 events", { exact: true })).toBeHidden();
    await seekToEnd(page, EVENTS);
    const yardMs = await yardstick(page);
    const worked = await measureWork(page);
    const paintMs = await firstPaint(page);
    const frames = await scrollFrames(page);
    const { crowding } = await worked();
    const longest = Math.max(...frames);
    const drawn = await talk.rows.count();
    const heldMib = (await heldBytes(page)) / (1024 * 1024);
    report("100,000 events", {
      "first paint ms": paintMs,
      "yardstick ms": yardMs,
      "longest frame ms": longest,
      drawn,
      "held MiB": heldMib,
      crowding,
    });
    expect(drawn, "only what can be seen is in the page").toBeLessThan(100);
    expect(Number(await talk.rows.first().getAttribute("aria-setsize"))).toBeGreaterThan(90_000);
    // The limits are the page's: what other programs took of its processor is left out, up to a point. The
    // yardstick has met them as well.
    const excuse = Math.min(crowding, MOST_EXCUSED);
    const isAtOnce = paintMs <= Math.min(PAINT_YARDS * yardMs, MOST_PAINT_MS);
    if (isAtOnce && longest <= FRAME_MS * excuse) break;
    expect(attempt, "drawing was slow in every attempt").toBeLessThan(ATTEMPTS);
  }
});
