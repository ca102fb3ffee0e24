/** The bytes inspector with as much as a conversation keeps: no key and no drawing waits for it. */
import type { Page } from "@playwright/test";
import { openBytes, panel, rows, SEARCH } from "../support/bytes-panel.ts";
import { report } from "../support/figures.ts";
import { expect, test } from "../support/fixtures.ts";
import { lines, pour } from "../support/flood.ts";
import { felt, measureWork, probe } from "../support/page-probe.ts";
import { choose } from "../support/scenes.ts";
import { TalkPage } from "../support/talk-page.ts";
import { listenTcp } from "../support/tcp.ts";

const MIB = 1024 * 1024;
/** The longest the main thread may be busy with one thing (W3C Long Tasks count from here). */
const TASK_MS = 50;
/** Twice as slow is as much as a crowded machine explains. */
const MOST_EXCUSED = 2;
const ATTEMPTS = 3;

/** Opens, scrolls and searches all that came. @returns how long searching took, and the longest task. */
async function lookThrough(page: Page): Promise<{ seconds: number; taskMs: number }> {
  const { keyboard } = page;
  const before = (await felt(page)).longTasks.length;
  await panel(page).getByRole("button", { name: "All in" }).press("Enter");
  await panel(page).locator(".bytes-scroller").focus();
  await keyboard.press("End");
  await expect(rows(page).last().locator(".bytes-offset")).toHaveText("3fffff8");
  await keyboard.press("Home");
  await expect(rows(page).first().locator(".bytes-offset")).toHaveText("0000000");
  await keyboard.press("ArrowDown");
  await expect(rows(page).first().locator(".bytes-offset")).toHaveText("0000008");
  await panel(page).getByRole("button", { name: "Copy as hex" }).press("Enter");
  await expect(panel(page).locator(".bytes-copy [role=status]")).toHaveText(
    "These are 64.0 MiB; at most 4.00 MiB can be copied.",
  );
  await keyboard.press("Control+f");
  const field = page.getByLabel(SEARCH);
  await expect(field).toBeFocused();
  await page.evaluate(() => performance.mark("seek"));
  await keyboard.insertText("no such rabbit");
  await page.waitForFunction(() => {
    const said = document.querySelector(".bytes-search [role=status]")?.textContent;
    if (said !== "0 matches") return false;
    performance.mark("sought");
    return true;
  });
  const seconds = await page.evaluate(
    () => performance.measure("search", "seek", "sought").duration / 1000,
  );
  await keyboard.press("Escape");
  return { seconds, taskMs: Math.max(0, ...(await felt(page)).longTasks.slice(before)) };
}

test("64 MiB are scrolled to the last row, and searched, without one long task", async ({
  page,
}) => {
  test.setTimeout(180_000);
  await choose(page, { hangUpToo: false });
  const server = await listenTcp();
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  const socket = await server.accepted();
  await talk.say("flood");
  await pour(socket, lines(64 * MIB));
  await expect(talk.status("In")).toHaveText("64.0 MiB", { timeout: 60_000 });
  await openBytes(page, /\b5 b/i);
  await probe(page);
  // What disturbs a shared machine for a moment says nothing of the page: then it is measured again.
  for (let attempt = 1; ; attempt++) {
    const worked = await measureWork(page);
    const { seconds, taskMs } = await lookThrough(page);
    const { crowding } = await worked();
    report("bytes of 64 MiB", { "search seconds": seconds, "longest task ms": taskMs, crowding });
    // The limit is the page's: what other programs took of its processor is left out, up to a point.
    if (taskMs <= TASK_MS * Math.min(crowding, MOST_EXCUSED)) break;
    expect(attempt, "there was a long task in every attempt").toBeLessThan(ATTEMPTS);
  }
  socket.destroy();
  await server.close();
});
