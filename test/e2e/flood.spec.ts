/** A server sends as fast as it can: the page stays quick, small and complete. */
import type { BrowserContext, Page } from "@playwright/test";
import { lookOf, writeToBare } from "../support/bare-xterm.ts";
import { report } from "../support/figures.ts";
import { expect, test } from "../support/fixtures.ts";
import { type Flood, lines, oneLine, pour } from "../support/flood.ts";
import {
  felt,
  heldBytes,
  measureWork,
  percentile,
  probe,
  received,
  shownAt,
  type Work,
} from "../support/page-probe.ts";
import { TalkPage } from "../support/talk-page.ts";
import { listenTcp } from "../support/tcp.ts";

const MIB = 1024 * 1024;
/** From a key to its character, for 95 of 100 keys. */
const KEY_MS = 100;
/** The same without a single line end, where xterm wraps every row and goes on in it. */
const WRAPPED_KEY_MS = 200;
/** The longest the main thread may be busy with one thing. */
const TASK_MS = 200;
/** 64 MiB of bytes kept for looking at, the scrollback, and the program itself. */
const HELD_MIB = 112;
/** Twice as slow is as much as a crowded machine explains. */
const MOST_EXCUSED = 2;
const ATTEMPTS = 3;
const LETTERS = "followthewhiterabbit";

interface Endured extends Work {
  /** Milliseconds until the page had shown everything. */
  took: number;
}

/** Opens the bytes of everything that comes in, beside the ladder, and goes back to the terminal. */
async function lookAtBytes(talk: TalkPage): Promise<void> {
  await talk.say("look");
  const mark = talk.page.locator(".mark-out:not(.mark-pending)");
  await mark.click();
  await talk.page.getByRole("button", { name: "All in" }).click();
  await expect(talk.page.locator(".ladder")).toBeVisible();
  await talk.page.locator(".screen").click();
}

/** Pours a flood into the page while somebody types. */
async function endure(page: Page, flood: Flood): Promise<Endured> {
  const server = await listenTcp();
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  const socket = await server.accepted();
  await lookAtBytes(talk);
  await probe(page);
  const worked = await measureWork(page);
  const startedAt = await page.evaluate(() => performance.now());
  let over = false;
  const ended = shownAt(page, "Connection to server closed").finally(() => {
    over = true;
  });
  const poured = pour(socket, flood).then(() => socket.end());
  while (!over) {
    await page.keyboard.type(LETTERS, { delay: 40 });
    await page.keyboard.press("Control+u");
  }
  const endured = { took: (await ended) - startedAt, ...(await worked()) };
  await poured;
  await server.close();
  return endured;
}

/** Everything has arrived and is shown, memory is bounded. @returns what a person felt, and the figures. */
async function expectWhole(page: Page, flood: Flood, mostKeyMs: number) {
  const bytes = received(page);
  const { took, computed, crowding } = await endure(page, flood);
  const talk = new TalkPage(page);
  await expect(talk.status("In")).toHaveText(`${(flood.bytes / MIB).toPrecision(3)} MiB`);
  expect(bytes.sha256()).toBe(flood.sha256);
  const heldMib = (await heldBytes(page)) / MIB;
  expect(heldMib).toBeLessThanOrEqual(HELD_MIB);
  const { keys, unseen, longTasks } = await felt(page);
  expect(keys.length).toBeGreaterThan(20);
  // Typed after the end of the conversation, when there is no prompt any more.
  expect(unseen).toBeLessThanOrEqual(LETTERS.length);
  const keyMs = percentile(keys, 0.95);
  const taskMs = Math.max(0, ...longTasks);
  const figures = {
    seconds: took / 1000,
    "computed seconds": computed,
    crowding,
    keys: keys.length,
    "key p50 ms": percentile(keys, 0.5),
    "key p95 ms": keyMs,
    "longest task ms": taskMs,
    "held MiB": heldMib,
  };
  // The limits are the page's: what other programs took of its processor is left out, up to a point.
  const excuse = Math.min(crowding, MOST_EXCUSED);
  return { took, figures, isQuick: keyMs <= mostKeyMs * excuse && taskMs <= TASK_MS * excuse };
}

/**
 * Pours a flood into a fresh page, and holds the limits on time. What disturbs a measurement on a
 * shared machine for a moment says nothing of the page: then it is measured again.
 */
async function expectQuick(context: BrowserContext, name: string, flood: Flood, mostKeyMs: number) {
  for (let attempt = 1; ; attempt++) {
    const page = await context.newPage();
    const { took, figures, isQuick } = await expectWhole(page, flood, mostKeyMs);
    report(name, figures);
    if (isQuick) return { page, took };
    expect(attempt, "keys and tasks were slow in every attempt").toBeLessThan(ATTEMPTS);
    await page.close();
  }
}

test("64 MiB of lines arrive whole beside ladder and bytes, keys are answered at once, memory stays bounded", async ({
  context,
  baseURL,
}) => {
  test.setTimeout(180_000);
  const flood = lines(64 * MIB);
  const { page, took } = await expectQuick(context, "64 MiB of lines", flood, KEY_MS);
  // With the bytes open below it, the terminal has few rows: the end of the last line is enough.
  await new TalkPage(page).shows(flood.lastLine.split(" ").slice(-4).join(" "));
  const look = await lookOf(page);
  await page.close();
  const bare = await writeToBare(context, `${baseURL}`, look, Buffer.concat(flood.pieces));
  report("beside a bare xterm", { "bare seconds": bare / 1000, ratio: took / bare });
});

test("16 MiB without one line end arrive whole, and keys are answered soon", async ({
  context,
}) => {
  test.setTimeout(120_000);
  await expectQuick(context, "16 MiB in one line", oneLine(16 * MIB), WRAPPED_KEY_MS);
});
