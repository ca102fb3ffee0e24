/** What the page shows in each state of a conversation, in both themes and at three sizes. */
import type { Page } from "@playwright/test";
import { violationsInBothThemes } from "../support/axe.ts";
import { nearCalls, showList, times } from "../support/event-list.ts";
import { expect, test } from "../support/fixtures.ts";
import { opened, resize, type Scene, show, talkTo, tryNow, wireButton } from "../support/scenes.ts";

interface Expected {
  button: string;
  out: string;
  in: string;
  near: string;
}

const expected: Record<Scene, Expected> = {
  reaching: { button: "Connect", out: "none", in: "none", near: "none" },
  open: { button: "Close", out: "solid", in: "solid", near: "ESTABLISHED" },
  "half-closed": { button: "Close", out: "solid", in: "dotted", near: "CLOSE_WAIT" },
  refused: { button: "Try again", out: "dashed", in: "dashed", near: "CLOSED" },
  reset: { button: "Try again", out: "dotted", in: "dotted", near: "CLOSED" },
  closed: { button: "Connect", out: "dotted", in: "dotted", near: "CLOSED" },
};

const sizes = [
  { width: 1440, height: 900 },
  { width: 1024, height: 768 },
  { width: 390, height: 844 },
];

/** The whole page says of a scene what is expected of it, and nothing of it is cut off sideways. */
async function agrees(page: Page, wanted: Expected): Promise<void> {
  await expect(wireButton(page, wanted.button)).toBeVisible();
  await expect(page.locator(`.strand-out.strand-${wanted.out}`)).toBeAttached();
  await expect(page.locator(`.strand-in.strand-${wanted.in}`)).toBeAttached();
  await expect(page.locator(".chip").first()).toHaveText(wanted.near);
  await expect(page.getByLabel("Address of the server")).toBeVisible();
  await expect(page.locator(".screen")).toBeVisible();
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
}

for (const [scene, wanted] of Object.entries(expected) as [Scene, Expected][]) {
  test(`${scene}: the page agrees with itself at each size, and axe finds nothing`, async ({
    page,
  }) => {
    await page.emulateMedia({ reducedMotion: "reduce" });
    const shown = await show(page, scene);
    await test.step(`axe finds nothing: ${scene}`, async () => {
      expect(await violationsInBothThemes(page)).toEqual([]);
    });
    for (const viewport of sizes) {
      const size = `${viewport.width}×${viewport.height}`;
      await test.step(`the wire, the button and the state agree at ${size}`, async () => {
        await resize(page, viewport);
        await agrees(page, wanted);
      });
    }
    await test.step(`axe finds nothing on a phone: ${scene}`, async () => {
      expect(await violationsInBothThemes(page)).toEqual([]);
    });
    await shown.end();
  });
}

test("a refused connection is explained, and its buttons do what they say", async ({
  page,
  gateway,
}) => {
  let links = 0;
  page.on("websocket", () => links++);
  await show(page, "refused");
  const explained = page.getByRole("region", { name: "What went wrong" });
  await test.step("it is explained, and its button tries again", async () => {
    await expect(explained.getByRole("alert")).toContainText("Nobody is at table");
    await expect(explained).toContainText("ECONNREFUSED");
    await expect(explained).toContainText("reset (RST)");
    await expect(explained.locator("[aria-current]")).toHaveText(
      "Refused: someone said no, at once.",
    );
    await expect(explained).toContainText("Timed out ETIMEDOUT: no answer at all.");
    await explained.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByText(/^refused after/)).toBeVisible();
    await expect(page.getByRole("alert").first()).toContainText("Nobody is at table");
    expect(links, "the same link carries the next try").toBe(1);
  });
  await test.step("it offers the gateway's own server, and it answers", async () => {
    await page.getByRole("button", { name: `Connect to ${gateway.lessonPort}` }).click();
    await expect(wireButton(page, "Close")).toBeVisible();
    await expect(page.getByLabel("Address of the server")).toHaveValue(
      `tcp://127.0.0.1:${gateway.lessonPort}`,
    );
  });
});

test("an address that was never tried has no socket, and its buttons change the address", async ({
  page,
}) => {
  await talkTo(page, "tcp://169.254.169.254:80");
  await page.goto("./");
  const explained = page.getByRole("region", { name: "What went wrong" });
  await expect(explained).toContainText("Choose another address.");
  await expect(page.getByText("no socket", { exact: true })).toBeVisible();
  await expect(page.locator(".chip").first()).toHaveText("none");
  await showList(page);
  await expect(nearCalls(page).first()).toContainText("asked for tcp://169.254.169.254:80");
  await expect(page.getByRole("button", { name: "Try again" })).toHaveCount(0);
  await explained.getByRole("button", { name: "Change the address" }).click();
  await expect(page.getByLabel("Address of the server")).toBeFocused();
});

test("the page is set as designed: letters, pauses, size, theme", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await show(page, "open");
  await test.step("data is set in one width of Martian Mono: 0.6 of its size", async () => {
    const advance = await page.evaluate(() => {
      const canvas = document.createElement("canvas").getContext("2d");
      if (!canvas) throw new Error("no canvas");
      canvas.font = '20px "Wireside Mono"';
      return canvas.measureText("iW0m").width / 4;
    });
    expect(advance).toBeCloseTo(12, 1);
  });
  await test.step("a pause has room of its own between two events", async () => {
    await showList(page);
    // The pause is what this is about: it is looked at once the gateway's clock has gone on by it.
    await page.waitForFunction(
      (from) => performance.now() - from > 1_100,
      await page.evaluate(() => performance.now()),
    );
    await page.keyboard.type("x");
    await page.keyboard.press("Enter");
    // All at one moment: the list moves when more happens.
    const gaps = () =>
      page.locator(".idle").evaluateAll((all) => {
        // Of the first row that is in the page, the one before is not.
        const idle = all.find((each) => each.closest("li")?.previousElementSibling);
        const row = idle?.closest("li");
        const text = (of: Element | null | undefined) =>
          of?.querySelector(".event-text")?.getBoundingClientRect();
        const [above, below] = [text(row?.previousElementSibling), text(row)];
        const at = idle?.getBoundingClientRect();
        return at && above && below
          ? { above: at.top - above.bottom, below: below.top - at.bottom }
          : null;
      });
    await expect.poll(async () => (await gaps())?.above).toBeGreaterThanOrEqual(0);
    await expect.poll(async () => (await gaps())?.below).toBeGreaterThanOrEqual(0);
  });
  await test.step("the size switch multiplies the text by 1.25, the terminal's too", async () => {
    const measured = () =>
      page.evaluate(() => ({
        address: Number.parseFloat(
          getComputedStyle(document.querySelector(".address-text input") as Element).fontSize,
        ),
        terminal: Number.parseFloat(
          getComputedStyle(document.documentElement).getPropertyValue("--terminal-size"),
        ),
      }));
    await expect.poll(measured).toEqual({ address: 20, terminal: 20 });
    await page.getByRole("button", { name: "Large text" }).click();
    await expect.poll(measured).toEqual({ address: 25, terminal: 25 });
  });
  await test.step("the theme follows the system until one is chosen, and the choice outlives a reload", async () => {
    const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
    await expect.poll(theme).toBe("pad");
    await page.emulateMedia({ colorScheme: "dark" });
    await expect.poll(theme).toBe("board");
    await page.getByRole("button", { name: "Pad, light" }).click();
    await expect.poll(theme).toBe("pad");
    // Before any module has run, so that nothing flashes.
    await page.route(/assets\/.*\.js$/, (route) => route.abort());
    await page.reload();
    expect(await theme()).toBe("pad");
  });
});

test("the conversation is listed in order, with times, bytes and what they said", async ({
  page,
}) => {
  await page.setViewportSize({ width: 1440, height: 2400 });
  await show(page, "closed");
  await showList(page);
  const rows = nearCalls(page);
  await expect(rows.nth(0)).toContainText("connecting to tcp://127.0.0.1:");
  await expect(rows.nth(1)).toContainText("connected to 127.0.0.1:");
  await expect(rows.nth(2)).toContainText("sent 5 B");
  await expect(rows.nth(2)).toContainText("close");
  await expect(rows.nth(3)).toContainText("read 6 B");
  await expect(rows.filter({ hasText: "the server ended its direction (FIN)" })).toHaveCount(1);
  await expect(rows.filter({ hasText: "you ended your direction (FIN)" })).toHaveCount(1);
  await expect(rows.last()).toContainText("the connection is closed");
  const seconds = await times(rows);
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
});

test("a lost link says so, keeps the socket, and comes back with nothing lost", async ({
  page,
}) => {
  let reachable = true;
  let cut = () => {};
  await page.routeWebSocket(/\/wire$/, (ws) => {
    if (!reachable) return void ws.close();
    ws.connectToServer();
    cut = () => void ws.close();
  });
  await page.goto("./");
  await opened(page);
  reachable = false;
  cut();
  await expect(page.getByRole("alert")).toContainText("keeps your socket");
  reachable = true;
  await tryNow(page);
  await expect(page.getByText("resumed once, nothing lost")).toBeVisible();
  await showList(page);
  await expect(nearCalls(page).last()).toContainText("link to gateway resumed");
  await page.keyboard.press("F6");
  await expect(wireButton(page, "Close")).toBeVisible();
});
