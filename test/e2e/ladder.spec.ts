/** The ladder in the page: drawn from real sockets, walked through by keyboard, quick however long it is. */
import type { Page } from "@playwright/test";
import { violationsInBothThemes } from "../support/axe.ts";
import { expect, test } from "../support/fixtures.ts";
import { LadderPage, replayWhole } from "../support/ladder-page.ts";
import { choose, show } from "../support/scenes.ts";
import { listenTcp } from "../support/tcp.ts";
import { TerminalPage } from "../support/terminal-page.ts";

test("draws what both ends did, and says it in words", async ({ page }) => {
  const talk = new LadderPage(page);
  await talk.open();
  await talk.say("Wake up, Neo");
  const sent = talk.row(/sent 12 bytes.*Wake up, Neo/);
  await expect(sent).toHaveCount(1);
  for (const text of ["“Wake up, Neo”", "send 12 B", "recv 12 B"]) {
    await expect(sent.getByText(text, { exact: true })).toBeVisible();
  }
  const answered = talk.row(/accepted/);
  await expect(answered.getByText("recv 8 B", { exact: true })).toBeVisible();
  await expect(talk.ladder.getByText("client, your socket")).toBeVisible();
  await expect(talk.ladder.getByText("SYN+ACK", { exact: true })).toBeVisible();
});

test("a refused connection has nobody at its other end", async ({ page }) => {
  const { end } = await show(page, "refused");
  const talk = new LadderPage(page);
  await expect(talk.ladder.getByText("no socket", { exact: true })).toBeVisible();
  await expect(talk.ladder.getByText("RST", { exact: true })).toBeVisible();
  await expect(talk.ladder.getByText("nobody here", { exact: true })).toBeVisible();
  await end();
});

test("what another machine's socket does is not claimed to be seen", async ({ page }) => {
  const server = await listenTcp();
  const talk = new LadderPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  await talk.say("anybody there?");
  const sent = talk.row(/anybody there/);
  await expect(sent.getByText("send 14 B", { exact: true })).toBeVisible();
  await expect(sent.getByText(/^recv/)).toHaveCount(0);
  await server.close();
});

test("a row is picked out by mouse and by key, everywhere at once, and Esc lets it go", async ({
  page,
}) => {
  const talk = new LadderPage(page);
  await talk.open();
  await talk.say("Wake up, Neo");
  // Before there is a next row, nothing can be gone down to.
  await expect(talk.row(/accepted/)).toHaveCount(1);
  await talk.row(/Wake up, Neo/).click({ position: { x: 30, y: 30 } });
  await expect(talk.selected).toContainText("Wake up, Neo");
  await expect(page.locator(".mark-selected")).toHaveText(/12 B/);
  await page.keyboard.press("ArrowDown");
  await expect(talk.row(/accepted/)).toBeFocused();
  await page.keyboard.press(" ");
  await expect(talk.selected).toContainText("accepted");
  await page.keyboard.press("Escape");
  await expect(talk.selected).toHaveCount(0);
  await page.keyboard.press("Home");
  await expect(talk.rows.first()).toBeFocused();
  await expect(talk.rows.first()).toHaveAttribute("aria-posinset", "1");
  await page.keyboard.press("End");
  await expect(talk.rows.last()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(talk.selected).toHaveCount(1);
  const region = () =>
    page.evaluate(() =>
      document.activeElement?.closest("[data-region]")?.getAttribute("data-region"),
    );
  await expect.poll(region).toBe("bytes");
});

test("what is picked out in the terminal is scrolled to in the ladder", async ({ page }) => {
  const talk = new LadderPage(page);
  await page.setViewportSize({ width: 1280, height: 560 });
  await talk.open();
  for (let i = 0; i < 8; i++) {
    await talk.say(`message ${i}`);
    await expect(talk.row(new RegExp(`sent 9 bytes.*message ${i}`))).toHaveCount(1);
  }
  await talk.scrollTo(0);
  await expect(talk.toNow).toBeVisible();
  await page.locator(".gutter .mark", { hasText: "9 B" }).last().click();
  await expect(talk.selected).toBeInViewport({ ratio: 0.9 });
  await expect(talk.selected).toContainText("message 7");
});

test("follows the newest until the reader scrolls up, and nothing moves what is read", async ({
  page,
}) => {
  const server = await listenTcp();
  const talk = new LadderPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  const socket = await server.accepted();
  for (let i = 0; i < 12; i++) {
    await talk.say(`line ${i}`);
    await expect(talk.row(`line ${i}`)).toBeInViewport();
  }
  await expect(talk.toNow).toBeHidden();
  await talk.scrollTo(120);
  await expect(talk.toNow).toBeVisible();
  const read = talk.row(/line 1\b/);
  const before = await talk.place(read);
  socket.write("what comes while somebody reads");
  await expect(talk.status("In")).toHaveText("31 B");
  await talk.tab("Ladder").focus();
  await expect(talk.rows.first()).toHaveAttribute("aria-setsize", "14");
  expect(await talk.place(read)).toBe(before);
  await talk.toNow.click();
  await expect(talk.row(/what comes while/)).toBeInViewport();
  await expect(talk.toNow).toBeHidden();
  await server.close();
});

test("a row that goes into the one before it takes the focus along", async ({ page, gateway }) => {
  // So tall that every row is in the page, whatever comes after it.
  await page.setViewportSize({ width: 1280, height: 3000 });
  const talk = new LadderPage(page);
  const last = talk.row(/sent 4 bytes, not read yet: last/);
  // While the server drips its answer it reads nothing; then one call reads what came meanwhile. Where that
  // is before the row has the focus, everything is said once more, on another connection.
  const read = talk.row(/read as.*sixlast/);
  for (;;) {
    await talk.open(`tcp://127.0.0.1:${gateway.lessonPorts.slow}`);
    await page.locator(".screen").click();
    await talk.say("one");
    await new TerminalPage(page).paste("two\nthree\nfour\nfive\nsix\nlast\n");
    await expect(page.getByRole("dialog").getByRole("button", { name: "Send" })).toBeFocused();
    await page.keyboard.press("Enter");
    await expect.poll(async () => (await last.count()) + (await read.count())).toBe(1);
    const isFocused = await last.focus({ timeout: 2000 }).then(
      () => true,
      () => false,
    );
    if (isFocused) break;
  }
  await expect(last).toHaveCount(0);
  await expect(talk.ladder.locator("li:focus")).toContainText(/read as.*sixlast/);
  await page.keyboard.press("ArrowUp");
  await expect(talk.ladder.locator(":focus")).toHaveCount(1);
});

test("many calls in a short time are one body, which Space opens and shuts", async ({ page }) => {
  const talk = new LadderPage(page);
  await talk.open();
  await replayWhole(page, 300, 0.001);
  const bundle = talk.row(/sends.*reads/);
  const rows = Number(await bundle.getAttribute("aria-setsize"));
  expect(rows).toBeLessThan(10);
  await bundle.focus();
  await page.keyboard.press(" ");
  const all = async () => Number(await talk.rows.first().getAttribute("aria-setsize"));
  await expect.poll(all).toBeGreaterThan(250);
  await page.keyboard.press(" ");
  await expect(bundle).toHaveAttribute("aria-setsize", String(rows));
});

test("bytes that are written from right to left do not leave their place", async ({ page }) => {
  const server = await listenTcp();
  const talk = new LadderPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  (await server.accepted()).write("שלום עולם 123");
  const quote = talk.row(/שלום/).locator("text", { hasText: "שלום" });
  await expect(quote).toBeVisible();
  const [frame, box] = [await talk.ladder.boundingBox(), await quote.boundingBox()];
  expect(box && frame && box.x > frame.x && box.x + box.width < frame.x + frame.width).toBe(true);
  await server.close();
});

/** Names of the animations that begin in the page from now on. */
async function animations(page: Page): Promise<() => Promise<string[]>> {
  const names = await page.evaluateHandle(() => {
    const begun: string[] = [];
    document.addEventListener("animationstart", ({ animationName }) => begun.push(animationName));
    return begun;
  });
  return () => names.evaluate((begun) => [...begun]);
}

for (const [reducedMotion, title] of [
  ["no-preference", "a new band draws itself from its sender to its receiver, once"],
  ["reduce", "nothing moves for a reader who wants no motion"],
] as const) {
  test(title, async ({ page }) => {
    await page.emulateMedia({ reducedMotion });
    const server = await listenTcp();
    const talk = new LadderPage(page);
    await talk.open(`tcp://127.0.0.1:${server.port}`);
    // What is in it from the start does not draw itself.
    await talk.ladderLoaded();
    const begun = await animations(page);
    await talk.say("Wake up, Neo");
    await expect(talk.row(/Wake up, Neo/)).toBeVisible();
    (await server.accepted()).write("accepted");
    await expect(talk.row(/accepted/)).toBeVisible();
    const moves = reducedMotion === "reduce" ? [] : ["ladder-right", "ladder-left"];
    const bands = async () => (await begun()).filter((name) => name.startsWith("ladder-"));
    await expect.poll(bands).toEqual(moves);
    await server.close();
  });
}

test("axe finds nothing on the screen with the ladder", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await choose(page, { hangUpToo: false });
  const talk = new LadderPage(page);
  await talk.open();
  await talk.say("Wake up, Neo");
  await talk.row(/Wake up, Neo/).click({ position: { x: 30, y: 30 } });
  for (const size of [
    { width: 1440, height: 900 },
    { width: 1024, height: 768 },
    { width: 390, height: 844 },
  ]) {
    await page.setViewportSize(size);
    await expect(talk.rows.first()).toBeVisible();
    expect(await violationsInBothThemes(page)).toEqual([]);
  }
});
