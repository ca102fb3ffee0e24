/** Everybody can use the page: axe, the keyboard alone, visible focus; and nothing breaks its policy. */
import type { Locator } from "@playwright/test";
import { violations } from "../support/axe.ts";
import { nearCalls, showList } from "../support/event-list.ts";
import { expect, test } from "../support/fixtures.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { opened, show, wireButton } from "../support/scenes.ts";

test("a refused connection is told, and its page goes by keyboard", async ({ page }) => {
  await show(page, "refused");
  await test.step("new events are said politely, an error at once", async () => {
    await expect(page.getByRole("alert").first()).toContainText("Nobody is at table");
    await expect(page.getByRole("status").filter({ hasText: "connection refused" })).toBeAttached();
  });
  await test.step("the focus is visible wherever the keyboard takes it", async () => {
    await page.keyboard.press("F6");
    const seen = new Set<string>();
    for (let i = 0; i < 12; i++) {
      await page.keyboard.press("Tab");
      const focus = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        // The field of the address shows its focus at its frame.
        const framed = element.matches(".address-text input")
          ? (element.closest<HTMLElement>(".address-frame") ?? element)
          : element;
        const style = getComputedStyle(framed);
        return {
          name: element.getAttribute("aria-label") ?? element.textContent ?? "",
          terminal: element.closest(".screen") !== null,
          body: element === document.body,
          outline: style.outlineStyle === "none" ? 0 : Number.parseFloat(style.outlineWidth),
        };
      });
      // Inside the terminal, Tab is a character; outside the page there is nothing to see.
      if (focus.terminal) break;
      if (focus.body) continue;
      seen.add(focus.name);
      expect(focus.outline, focus.name).toBe(3);
    }
    expect(seen.size).toBeGreaterThan(3);
  });
  await test.step("axe finds nothing in the settings and in the list of servers", async () => {
    await page.getByRole("button", { name: "Settings" }).click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Servers to talk to" }).click();
    await expect(page.getByRole("region", { name: "Servers to talk to" })).toBeVisible();
    expect(await violations(page)).toEqual([]);
  });
});

test("a conversation goes from start to end by keyboard alone, within the page's policy", async ({
  page,
}) => {
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      const kept = JSON.parse(sessionStorage.getItem("violations") ?? "[]") as string[];
      kept.push(`${event.violatedDirective} ${event.blockedURI}`);
      sessionStorage.setItem("violations", JSON.stringify(kept));
    });
  });
  await show(page, "open");
  await test.step("the tutorial's conversation goes from start to end by keyboard alone", async () => {
    const terminal = page.locator(".xterm-rows");
    for (const [line, answer] of [
      ["Wake up, Neo", "accepted"],
      ["close", "closed"],
    ] as const) {
      await page.keyboard.type(line);
      await page.keyboard.press("Enter");
      await expect(terminal).toContainText(answer);
    }
    await expect(wireButton(page, "Connect")).toBeVisible();
    await expect(terminal).toContainText(/Connection to\s*server closed/);
  });
  await test.step("an address that is none says what is wrong with it while it is typed", async () => {
    const field = page.getByLabel("Address of the server");
    await field.fill("tcp://127.0.0.1");
    await expect(field).toHaveAttribute("aria-invalid", "true");
    await expect(page.getByText("The port is missing")).toBeVisible();
    await field.fill("tcp://127.0.0.1:99999");
    await expect(page.getByText("ports go from 1 to 65535")).toBeVisible();
  });
  await test.step("the page never breaks its own policy", async () => {
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Pad, light" }).first().click();
    await page.getByRole("button", { name: "Large text" }).first().click();
    expect(await page.evaluate(() => sessionStorage.getItem("violations"))).toBeNull();
  });
});

/** Whether something is drawn within the time that a screen takes to be drawn. */
const isShown = (what: Locator): Promise<boolean> =>
  what.waitFor({ timeout: 500 }).then(
    () => true,
    () => false,
  );

test("an open conversation has its whole page at the keyboard", async ({ page }) => {
  await show(page, "open");
  await showList(page);
  await test.step("F6 goes round address, terminal, events, status, settings; Shift+F6 goes back", async () => {
    const region = () =>
      page.evaluate(
        () => document.activeElement?.closest<HTMLElement>("[data-region]")?.dataset.region,
      );
    const round = ["terminal", "events", "status", "settings", "address", "terminal"];
    await expect.poll(region).toBe(round[0]);
    for (const next of round.slice(1)) {
      await page.keyboard.press("F6");
      await expect.poll(region).toBe(next);
    }
    for (const next of round.slice(0, -1).reverse()) {
      await page.keyboard.press("Shift+F6");
      await expect.poll(region).toBe(next);
    }
  });
  await test.step("pasted lines are asked about, Esc drops them, and the list numbers what was sent", async () => {
    const paste = (lines: number) =>
      page.evaluate((count) => {
        const clipboardData = new DataTransfer();
        const text = Array.from({ length: count }, (_, i) => `line ${i}`).join("\n");
        clipboardData.setData("text/plain", text);
        const event = new ClipboardEvent("paste", {
          clipboardData,
          bubbles: true,
          cancelable: true,
        });
        document.activeElement?.dispatchEvent(event);
      }, lines);
    const question = page.getByRole("dialog");
    await paste(300);
    await expect(question).toHaveAccessibleName("Send 300 lines, one after the other?");
    await expect(question.getByRole("button", { name: "Send" })).toBeFocused();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await expect(question).toBeHidden();
    await expect(nearCalls(page)).toHaveCount(2);
    await expect(page.locator(".screen textarea")).toBeFocused();
    await paste(300);
    await expect(question.getByRole("button", { name: "Send" })).toBeFocused();
    await page.keyboard.press("Enter");
    const rows = page.locator(".event");
    const last299 = rows.filter({ hasText: "line 299" });
    await page.locator(".events-scroller").focus();
    // What the server and the kernel did may stand below it, and push it off the screen. While lines are
    // still being sent it is nowhere: each look begins at the end again.
    await expect(async () => {
      await page.keyboard.press("End");
      for (let pages = 0; pages < 3; pages++) {
        if (await isShown(last299)) return;
        await page.keyboard.press("PageUp");
      }
      expect(await isShown(last299)).toBe(true);
    }).toPass({ timeout: 30_000 });
    // Only what can be seen is in the page, and each row says where it stands among all.
    expect(await rows.count()).toBeLessThan(100);
    await page.keyboard.press("Home");
    await expect(rows.first()).toHaveAttribute("aria-posinset", "1");
    await page.getByRole("button", { name: "To now" }).click();
    // More may happen while this is read, so both numbers are read from one row.
    const last = () =>
      rows.last().evaluate((row) => {
        const { ariaPosInSet, ariaSetSize } = row;
        return { position: Number(ariaPosInSet), total: Number(ariaSetSize) };
      });
    await expect.poll(async () => (await last()).total).toBeGreaterThan(300);
    await expect
      .poll(async () => {
        const { position, total } = await last();
        return total - position;
      })
      .toBe(0);
  });
  await test.step("Esc shuts the settings and gives the focus back to their button", async () => {
    const button = page.getByRole("button", { name: "Settings" });
    await button.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByText("Hang up when the server does")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByText("Hang up when the server does")).toBeHidden();
    await expect(button).toBeFocused();
  });
});

test("an access code is asked for once, by the page or in its address", async ({ browser }) => {
  const CODE = "FOLLOW-THE-WHITE-RABBIT";
  const gateway = await startGatewayProcess(["--shutdown-timeout", "1s", "--access-code", CODE]);
  const visit = async () => (await browser.newContext({ baseURL: gateway.url })).newPage();
  await test.step("is asked for, a wrong one is refused in words, the right one opens the page", async () => {
    const page = await visit();
    await page.goto("./");
    const field = page.getByLabel("Access code");
    await expect(field).toBeFocused();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.type("WRONG");
    await page.keyboard.press("Enter");
    await expect(page.getByRole("alert")).toHaveText("That is not the code.");
    await expect(field).toHaveAttribute("aria-invalid", "true");
    const selected = () =>
      field.evaluate(
        (element: HTMLInputElement) => (element.selectionEnd ?? 0) - (element.selectionStart ?? 0),
      );
    const next = { message: "the next key begins the next try" };
    await expect.poll(selected, next).toBe("WRONG".length);
    expect(await violations(page)).toEqual([]);
    await field.fill(CODE);
    await page.keyboard.press("Enter");
    await opened(page);
    await page.context().close();
  });
  await test.step("in the address is used at once, and stays neither in the address nor in the history", async () => {
    const page = await visit();
    await page.goto(`./#t=${CODE}`);
    await opened(page);
    expect(page.url()).toBe(gateway.url);
    expect(await page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await page.goto("about:blank");
    await page.goBack();
    expect(page.url()).toBe(gateway.url);
    await page.context().close();
  });
  await gateway.stop();
});
