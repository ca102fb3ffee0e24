/** Pastes: asked about when they are more than a line, with progress and a stop when they are long. */
import { createHash } from "node:crypto";
import { bytes } from "../../web/model/format.ts";
import { expect, test } from "../support/fixtures.ts";
import { converse, type TerminalPage } from "../support/terminal-page.ts";

const sha256 = (bytes: string) => createHash("sha256").update(bytes, "latin1").digest("hex");

test("one pasted line goes into the line being typed, without what a terminal would obey", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("<>");
    await terminal.press("ArrowLeft");
    await terminal.paste("\x1b\x1b[201~[201~rm\x9b -r\u202e");
    await terminal.shows("Enter message: <[201~[201~rm -r\\u202e>");
    await terminal.press("Enter");
    const sent = "<[201~[201~rm -r\u202e>";
    expect(await peer.bytes(Buffer.byteLength(sent))).toBe(Buffer.from(sent).toString("latin1"));
  });
});

test("several pasted lines ask first, and are each sent as if typed", async ({ page }) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("mine");
    await terminal.paste("one\ntwo\r\n\nthree\n");
    const question = page.getByRole("dialog");
    await expect(question).toContainText("4 lines");
    expect(peer.received).toBe("");
    await question.getByRole("button", { name: "Send" }).click();
    expect(await peer.bytes(11)).toBe("onetwothree");
    await terminal.endsWith(
      "Enter message: one",
      "Enter message: two",
      "Enter message: three",
      "Enter message: mine",
    );
    await expect.poll(() => terminal.marks()).toEqual(["3 B →", "3 B →", "5 B →"]);
  });
});

test("a paste that is cancelled sends nothing and leaves the line", async ({ page }) => {
  await converse(page, async ({ terminal, peer }) => {
    await terminal.type("mine");
    await terminal.paste("one\ntwo");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("dialog")).toBeHidden();
    await terminal.press("Enter");
    expect(await peer.bytes(4)).toBe("mine");
  });
});

test("a megabyte pasted arrives byte for byte, and is one row in the terminal", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    const text = "The Matrix has you, line by line.\n".repeat(32_000);
    await terminal.paste(text);
    await expect(page.getByRole("dialog")).toContainText("32,000 lines");
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    expect(sha256(await peer.bytes(text.length))).toBe(sha256(text));
    await terminal.shows("Pasted 1,088,000 bytes in 32,000 lines");
    await terminal.endsWith("Enter message:");
    await expect.poll(() => terminal.marks()).toEqual(["1.04 MiB →"]);
  });
});

/** Pastes more than any kernel buffer takes; the clipboard itself would be the slow part. */
function pasteLong(terminal: TerminalPage, bytes: number): Promise<void> {
  return terminal.page.evaluate((length) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", "x".repeat(length));
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.querySelector(".xterm-helper-textarea")?.dispatchEvent(event);
  }, bytes);
}

test("a long send shows its progress and stops when told to, and what was sent is counted", async ({
  page,
}) => {
  await converse(page, async ({ terminal, peer }) => {
    const total = 24 * 1024 * 1024;
    peer.socket.pause();
    await pasteLong(terminal, total);
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    const progress = page.getByRole("progressbar", { name: "Sending" });
    await expect(progress).toBeVisible();
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(progress).toBeHidden();
    await terminal.shows("were never sent.");
    peer.socket.resume();
    await terminal.type("after");
    await terminal.press("Enter");
    await peer.until(() => peer.received.endsWith("after"));
    const sent = peer.received.length - "after".length;
    expect(sent).toBeLessThan(total);
    expect(/[^x]/.test(peer.received.slice(0, sent))).toBe(false);
    await expect
      .poll(() => page.locator(".mark-out").allTextContents())
      .toEqual([bytes(sent), "5 B"]);
  });
});
