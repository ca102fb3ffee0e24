/** The explanation of a failure: what happened in this case, things to do that work, and a true plan. */
import { once } from "node:events";
import { createServer } from "node:net";
import type { Page } from "@playwright/test";
import { violationsInBothThemes } from "../support/axe.ts";
import { startBlackHole } from "../support/black-hole.ts";
import { expect, test } from "../support/fixtures.ts";
import { choose, opened, resize, show, talkTo, wireButton } from "../support/scenes.ts";
import { closedPort, listenTcp } from "../support/tcp.ts";

// Where there is room for a plan: on a low screen the terminal gets it.
test.use({ gatewayFlags: ["--connect-timeout", "1s"], viewport: { width: 1440, height: 900 } });

const panel = (page: Page) => page.getByRole("region", { name: "What went wrong" });
const plan = (page: Page) => panel(page).getByRole("img");

/** Starts the page with an address that fails. */
async function fail(page: Page, address: string): Promise<void> {
  await talkTo(page, address);
  await page.goto("./");
  await expect(panel(page)).toBeVisible();
}

/** Until the panel is where it stays. */
const risen = (page: Page) =>
  panel(page).evaluate((element) =>
    Promise.all(element.getAnimations({ subtree: true }).map(({ finished }) => finished)),
  );

test("a refusal is told, and ends once somebody listens", async ({ page, gateway }) => {
  const port = await closedPort();
  await fail(page, `tcp://127.0.0.1:${port}`);
  await test.step("a refusal is told with its table, and only the lesson's table has somebody at it", async () => {
    const alert = panel(page).getByRole("alert");
    await expect(alert).toContainText(`Nobody is at table ${port}.`);
    await expect(alert).toContainText(/The answer came [\d.]+ m?s after the knock\./);
    await expect(plan(page)).toHaveAccessibleName(
      new RegExp(`to table ${port}\\. Nobody sits there`),
    );
    const tables = await plan(page).locator(".office-port").allTextContents();
    expect(tables).toContain(String(port));
    expect(tables).toContain(String(gateway.lessonPort));
    await expect(plan(page).locator(".office-port.wrong")).toHaveText(String(port));
    await expect(plan(page).locator(".office-person")).toHaveCount(tables.length - 1);
  });
  await test.step("once the server that was missing runs, Try again reaches it and the panel is gone", async () => {
    const server = createServer((socket) => socket.resume());
    await once(server.listen(port, "127.0.0.1"), "listening");
    await panel(page).getByRole("button", { name: "Try again" }).click();
    await opened(page);
    await expect(panel(page)).toHaveCount(0);
    await wireButton(page, "Close").click();
    server.close();
  });
});

test("a knock without an answer has no way back on its plan, and no table known", async ({
  page,
}) => {
  const hole = await startBlackHole();
  await fail(page, `tcp://127.0.0.1:${hole.port}`);
  await expect(panel(page).getByRole("alert")).toContainText("within 1 s");
  await expect(plan(page)).toHaveAccessibleName(/Whether anybody is inside cannot be seen/);
  await expect(plan(page).locator(".in")).toHaveCount(0);
  await expect(plan(page).locator(".office-person")).toHaveCount(0);
  await expect(panel(page).locator("[aria-current]")).toHaveText("Timed out: no answer at all.");
  await hole.stop();
});

test("a reset is set beside a farewell, and says how far the connection had got", async ({
  page,
}) => {
  const server = await listenTcp();
  await talkTo(page, `tcp://127.0.0.1:${server.port}`);
  await page.goto("./");
  const socket = await server.accepted();
  await opened(page);
  socket.write("accepted");
  await expect(page.locator(".counted.in, .in.counted").first()).toContainText("8 B in");
  socket.resetAndDestroy();
  const alert = panel(page).getByRole("alert");
  await expect(alert).toContainText(/had lasted .+, with 0 B out and 8 B in/);
  await expect(plan(page)).toHaveAccessibleName(/were thrown out/);
  await expect(panel(page).locator(".contrast")).toContainText("Hung up FIN: one direction ends");
  await expect(panel(page).locator("[aria-current]")).toContainText("Reset: both are over at once");
  await server.close();
});

test("what is not allowed stops at the gateway, in large text as well", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await choose(page, { large: true });
  await fail(page, "tcp://169.254.169.254:80");
  await test.step("what the gateway does not allow stops at its own door", async () => {
    await expect(plan(page)).toHaveAccessibleName(/own door stays shut/);
    await expect(panel(page).locator(".contrast")).toHaveCount(0);
  });
  await test.step("axe finds nothing in a plan in large text", async () => {
    expect(await violationsInBothThemes(page, ".explained")).toEqual([]);
    await fail(page, `tcp://127.0.0.1:${await closedPort()}`);
    expect(await violationsInBothThemes(page, ".explained")).toEqual([]);
  });
});

test("an address that is none has no plan", async ({ page }) => {
  await fail(page, "nonsense");
  await expect(panel(page).getByRole("alert")).toContainText("This is not an address.");
  await expect(plan(page)).toHaveCount(0);
});

test("the panel of a refusal has room at each size, and is in nobody's way", async ({ page }) => {
  await show(page, "refused");
  await test.step("it rises in 160 ms, and where less motion is wished for, not at all", async () => {
    const rising = () =>
      panel(page).evaluate((element) => {
        const { animationName, animationDuration } = getComputedStyle(element);
        return { animationName, animationDuration };
      });
    expect(await rising()).toEqual({ animationName: "rise", animationDuration: "0.16s" });
    await page.emulateMedia({ reducedMotion: "reduce" });
    expect((await rising()).animationName).toBe("none");
  });
  for (const viewport of [
    { width: 1440, height: 900 },
    { width: 1024, height: 768 },
  ]) {
    await test.step(`at ${viewport.width} pixels all of it is seen at once, and the terminal keeps two rows`, async () => {
      await resize(page, viewport);
      for (const name of ["Try again", "Hide", /^Connect to/]) {
        await expect(panel(page).getByRole("button", { name })).toBeInViewport({ ratio: 1 });
      }
      await expect(plan(page)).toBeInViewport({ ratio: 1 });
      await risen(page);
      const text = await panel(page).locator(".explained-text").boundingBox();
      const fixes = await panel(page).locator(".fixes").boundingBox();
      if (!text || !fixes) throw new Error("the panel has no text or no fixes");
      expect(fixes.y).toBeGreaterThanOrEqual(text.y + text.height - 1);
      const terminal = await page.locator(".screen").boundingBox();
      expect(terminal?.height ?? 0).toBeGreaterThan(2 * 34);
    });
  }
  await test.step("on a low screen the words and what to do stand side by side, and the terminal keeps four rows", async () => {
    await resize(page, { width: 1366, height: 650 });
    for (const name of ["Try again", "Hide", /^Connect to/]) {
      await expect(panel(page).getByRole("button", { name })).toBeInViewport({ ratio: 1 });
    }
    await expect(plan(page)).toBeHidden();
    const terminal = await page.locator(".screen").boundingBox();
    expect(terminal?.height ?? 0).toBeGreaterThan(4 * 34);
  });
  await test.step("on a phone the words and both things to do come before the plan, and all can be reached", async () => {
    await resize(page, { width: 390, height: 844 });
    await risen(page);
    const top = async (selector: string) =>
      (await panel(page).locator(selector).first().boundingBox())?.y ?? Number.NaN;
    const order = [await top("h2"), await top(".fixes"), await top("svg"), await top(".contrast")];
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    const hide = panel(page).getByRole("button", { name: "Hide" });
    await hide.scrollIntoViewIfNeeded();
    await expect(hide).toBeInViewport({ ratio: 1 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(390);
  });
  await test.step("the panel takes no focus, and Hide gives it back to the terminal", async () => {
    await resize(page, { width: 1440, height: 900 });
    await expect(panel(page)).toBeVisible();
    const inPanel = () =>
      page.evaluate(() => document.activeElement?.closest(".explained") !== null);
    expect(await inPanel()).toBe(false);
    await panel(page).getByRole("button", { name: "Hide" }).click();
    await expect(panel(page)).toHaveCount(0);
    await expect(page.locator(".screen textarea")).toBeFocused();
  });
});
