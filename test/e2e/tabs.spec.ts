/** Several conversations in one page: each with its own socket and terminal, behind tabs. */
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { opened, talkTo, wireButton } from "../support/scenes.ts";
import { ssTalkingTo } from "../support/ss.ts";
import { listenTcp } from "../support/tcp.ts";

/** The terminal in front. */
const terminal = (page: Page) => page.locator(".terminal-slot:not([inert]) .xterm-rows");
const tabs = (page: Page) => page.getByRole("tablist", { name: "Conversations" }).getByRole("tab");

async function say(page: Page, line: string): Promise<void> {
  await page.locator(".terminal-slot:not([inert]) textarea").focus();
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

test("a second conversation has its own socket; the first goes on behind its tab", async ({
  page,
}) => {
  const server = await listenTcp();
  await talkTo(page, `tcp://127.0.0.1:${server.port}`);
  await page.goto("./");
  const first = await server.accepted();
  await opened(page);
  await expect(tabs(page)).toHaveCount(0);
  await page.keyboard.press("Alt+n");
  await expect(tabs(page)).toHaveCount(2);
  await wireButton(page, "Connect").click();
  const second = await server.accepted();
  await say(page, "to the second");
  await expect.poll(() => second.read()?.toString() ?? "").toBe("to the second");
  // Bytes are acknowledged only once they were printed, also out of sight.
  const much = Buffer.alloc(600_000, "x\n");
  await new Promise<void>((done) => first.write(much, () => done()));
  first.write("the end");
  await page.keyboard.press("F8");
  await expect(terminal(page)).toContainText("the end");
  await page.keyboard.press("Shift+F8");
  await expect(terminal(page)).toContainText("to the second");
  await server.close();
});

test("closing asks only while bytes would be lost; the middle button and Delete close", async ({
  page,
}) => {
  const server = await listenTcp();
  await talkTo(page, `tcp://127.0.0.1:${server.port}`);
  await page.goto("./");
  const stuck = await server.accepted();
  await opened(page);
  // Nobody reads at the other end: what is sent stays.
  stuck.pause();
  await page.getByRole("button", { name: "New conversation" }).click();
  await page.getByRole("button", { name: "New conversation" }).click();
  await expect(tabs(page)).toHaveCount(3);
  await tabs(page).nth(2).click({ button: "middle" });
  await expect(tabs(page)).toHaveCount(2);

  await tabs(page).first().click();
  await expect(tabs(page).first()).toHaveAttribute("aria-selected", "true");
  const front = page.locator(".terminal-slot:not([inert]) .xterm-rows");
  await expect(front).toContainText("Enter message:");
  await page.evaluate(() => {
    const data = new DataTransfer();
    data.setData("text/plain", "x".repeat(16_000_000));
    const paste = new ClipboardEvent("paste", { clipboardData: data, bubbles: true });
    document.querySelector(".terminal-slot:not([inert]) textarea")?.dispatchEvent(paste);
  });
  await page.getByRole("button", { name: /^Send/ }).click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await tabs(page).first().focus();
  await page.keyboard.press("Delete");
  const question = page.getByRole("alert").filter({ hasText: "Close this conversation?" });
  await expect(question).toContainText("have not been sent");
  await page.getByRole("button", { name: "Keep it open" }).click();
  await expect(question).toHaveCount(0);
  await tabs(page).first().focus();
  await page.keyboard.press("Delete");
  await page.getByRole("button", { name: "Close and lose them" }).click();
  await expect(tabs(page)).toHaveCount(0);
  // The gateway's socket is gone as well, with what it had not sent.
  await expect.poll(() => ssTalkingTo(server.port)).toEqual([]);
  // And the gateway goes on.
  await wireButton(page, "Connect").click();
  await wireButton(page, "Close").waitFor();
  await server.close();
});

test("tabs are for the keyboard, and stop at what the gateway holds for a page", async ({
  page,
}) => {
  await page.goto("./");
  await opened(page);
  await page.keyboard.press("Alt+n");
  await tabs(page).nth(1).focus();
  await page.keyboard.press("ArrowLeft");
  await expect(tabs(page).first()).toBeFocused();
  await expect(tabs(page).first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("End");
  await expect(tabs(page).nth(1)).toBeFocused();
  for (let i = 2; i < 16; i++) await page.keyboard.press("Alt+n");
  await expect(tabs(page)).toHaveCount(16);
  await expect(tabs(page).last()).toBeInViewport({ ratio: 0.9 });
  await expect(page.getByRole("button", { name: "New conversation" })).toBeDisabled();
  const { width, full } = await page.evaluate(() => ({
    width: window.innerWidth,
    full: document.documentElement.scrollWidth,
  }));
  expect(full).toBe(width);
});
