/** Recordings in the page: saved by a real download, opened by button and by drop, replayed, and left. */
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { violationsInBothThemes } from "../support/axe.ts";
import { expect, test } from "../support/fixtures.ts";
import { RecordingPage, saved } from "../support/recording-page.ts";
import { BOTH_HUNG_UP } from "../support/talk-page.ts";
import { listenTcp, Talk } from "../support/tcp.ts";

test.use({ reducedMotion: "reduce" } as object);

test("a saved conversation replays to the same terminal, ladder and list, and saves the same again", async ({
  page,
}, info) => {
  // Room for all of it: the list and the ladder hold only what is on the screen.
  await page.setViewportSize({ width: 1440, height: 3000 });
  const { recording, path, text, download } = await saved(page, info);
  expect(download.suggestedFilename()).toMatch(
    /^wireside-127\.0\.0\.1-\d+-\d{4}-\d\d-\d\dT[\d-]+\.jsonl$/,
  );
  const rows = await recording.rows();
  const ladder = await recording.ladder();
  const bytes = await recording.bytes("Wake up, Neo");
  const list = await recording.list();
  expect(ladder.length).toBeGreaterThan(5);
  expect(bytes).toContain("57 61 6b 65");
  expect(list.length).toBeGreaterThan(10);
  expect(rows.pop()).toBe("Press Enter to connect again.");
  await recording.open(path);
  await expect(recording.bar).toBeVisible();
  await expect.poll(() => recording.rows()).toEqual([]);
  await recording.toEnd();
  await expect.poll(() => recording.rows()).toEqual(rows);
  await expect.poll(() => recording.list()).toEqual(list);
  await expect.poll(() => recording.ladder()).toEqual(ladder);
  expect(await recording.bytes("Wake up, Neo")).toBe(bytes);
  const again = await recording.save(/^Recording/, info);
  expect(await readFile(again.path, "utf8")).toBe(text);
});

test("a recording plays by itself to its end, at ten times the speed", async ({ page }, info) => {
  const { recording, path } = await saved(page, info);
  await recording.open(path);
  await recording.bar.getByLabel("Speed").selectOption("10");
  await recording.bar.getByRole("button", { name: "Play", exact: true }).click();
  await expect(recording.bar.getByRole("button", { name: "Play again" })).toBeVisible();
  await expect.poll(async () => (await recording.rows()).join(" ")).toMatch(BOTH_HUNG_UP);
});

test("opening and leaving a recording keeps the connection, what came meanwhile, and the line being typed", async ({
  page,
}, info) => {
  const server = await listenTcp();
  const { recording, path } = await saved(page, info);
  const { talk, page: shown } = recording;
  await shown.locator(".screen textarea").focus();
  await talk.enterAddress(`tcp://127.0.0.1:${server.port}`);
  const peer = new Talk(await server.accepted());
  await expect(shown.getByRole("button", { name: "Close", exact: true })).toBeVisible();
  await shown.locator(".screen textarea").focus();
  await shown.keyboard.type("half a li");
  await talk.shows("half a li");
  await recording.open(path);
  await expect(recording.bar).toBeVisible();
  await expect(talk.address).toHaveValue(/^tcp:\/\/127\.0\.0\.1:\d+$/);
  await expect(talk.address).not.toHaveValue(`tcp://127.0.0.1:${server.port}`);
  // Far more than the page may keep unread: only what is acknowledged lets the rest through.
  const flood = `${"x".repeat(79)}\n`.repeat(150_000);
  peer.socket.write(`${flood}while you were away\n`);
  await expect.poll(() => peer.socket.writableLength, { timeout: 40_000 }).toBe(0);
  await recording.toEnd();
  await shown.getByRole("button", { name: "Leave the recording" }).first().click();
  await expect(recording.bar).toHaveCount(0);
  await talk.shows("while you were away");
  await expect(talk.address).toHaveValue(`tcp://127.0.0.1:${server.port}`);
  await shown.keyboard.type("ne");
  await shown.keyboard.press("Enter");
  await expect.poll(() => peer.received).toBe("half a line");
  await page.close();
  await server.close();
});

test("a file can be dropped anywhere, and one that is cut off shows what can be read and says where it broke", async ({
  page,
}, info) => {
  const { recording, text } = await saved(page, info);
  await recording.drop({ "lesson.jsonl": text });
  await expect(recording.bar).toContainText("lesson.jsonl");
  const lines = text.trimEnd().split("\n");
  const cut = `${lines.slice(0, 6).join("\n")}\n${lines[6]?.slice(0, 12)}`;
  await recording.drop({ "cut.jsonl": cut });
  await expect(page.getByRole("alert")).toContainText("line 7", { ignoreCase: true });
  await expect(recording.bar).toContainText("of 5");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.getByRole("alert")).toHaveCount(0);
  await expect(recording.bar.getByRole("button", { name: "Play", exact: true })).toBeFocused();
});

test("a recording that is none is refused in words, and changes nothing", async ({ page }) => {
  const recording = new RecordingPage(page);
  await recording.talk.open();
  await recording.drop({ "holiday.jsonl": "\x89PNG\r\n\x1a\n" });
  await expect(page.getByRole("alert")).toContainText("holiday.jsonl is not a recording");
  await expect(recording.bar).toHaveCount(0);
  await recording.talk.shows("Enter message:");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await recording.talk.say("still there");
  await recording.talk.shows("accepted");
});

test("any other file is sent to the other end, but only when that is wanted", async ({ page }) => {
  const recording = new RecordingPage(page);
  await recording.talk.open();
  const question = page.getByRole("dialog");
  await recording.drop({ "note.txt": "dropped" });
  await expect(question).toContainText(/Send it to 127\.0\.0\.1:\d+\?/);
  await expect(question).toContainText("note.txt, 7 B, byte for byte.");
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await expect(recording.talk.status("Out")).toHaveText("0 B");
  await recording.drop({ "note.txt": "dropped" });
  await question.getByRole("button", { name: "Send" }).click();
  await recording.talk.shows("Sent all of note.txt: 7 bytes.");
  await recording.talk.shows("accepted");
  await recording.talk.say("close");
  await recording.talk.shows("Press Enter to connect again.");
  await recording.drop({ "note.txt": "dropped" });
  await expect(question).toContainText("It cannot be sent now.");
  await expect(question.getByRole("button", { name: "Send" })).toHaveCount(0);
});

test("text dropped on the terminal is still a paste", async ({ page }) => {
  const recording = new RecordingPage(page);
  await recording.talk.open();
  const data = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.setData("text/plain", "dropped words");
    return transfer;
  });
  await page.locator(".screen").dispatchEvent("dragenter", { dataTransfer: data });
  await expect(
    page.getByText("Drop a recording to open it, any other file to send it"),
  ).toHaveCount(0);
  await page.locator(".screen").dispatchEvent("drop", { dataTransfer: data });
  await recording.talk.shows("Enter message: dropped words");
});

test("everything about a replay goes by keyboard alone", async ({ page }, info) => {
  const { recording, path } = await saved(page, info);
  const { keyboard } = page;
  await recording.button.focus();
  await keyboard.press("Enter");
  await expect(page.getByRole("button", { name: /^Recording/ })).toBeVisible();
  const choosing = page.waitForEvent("filechooser");
  for (let i = 0; i < 12 && !(await focused(page)).startsWith("Open a recording"); i++) {
    await keyboard.press("Tab");
  }
  await keyboard.press("Enter");
  await (await choosing).setFiles(path);
  await expect(recording.bar.getByRole("button", { name: "Play", exact: true })).toBeFocused();
  await keyboard.press("Tab");
  await expect(recording.bar.getByRole("button", { name: "One event forward" })).toBeFocused();
  await keyboard.press("Enter");
  await keyboard.press("Enter");
  await expect(recording.bar).toContainText("event 3 of");
  await keyboard.press("Shift+Tab");
  await keyboard.press("Shift+Tab");
  await keyboard.press("Enter");
  await expect(recording.bar).toContainText("event 2 of");
  const slider = page.getByRole("slider", { name: "Position in the recording" });
  await slider.focus();
  await keyboard.press("End");
  await expect(slider).toHaveAttribute("aria-valuetext", /^([\d.]+ s) of \1$/);
  await keyboard.press("Home");
  await keyboard.press("Space");
  // At its own speed it takes as long as the conversation took, on a busy machine too.
  await expect(recording.bar.getByRole("button", { name: "Play again" })).toBeVisible({
    timeout: 30_000,
  });
  await keyboard.press("F6");
  await expect(page.locator(".replay-terminal textarea")).toBeFocused();
  await keyboard.type("into the void");
  await keyboard.press("Shift+F6");
  await keyboard.press("Shift+F6");
  await expect(recording.talk.address).toBeFocused();
  await keyboard.press("Tab");
  await keyboard.press("Enter");
  await expect(recording.bar).toHaveCount(0);
  await recording.talk.shows("Press Enter to connect again.");
  expect((await recording.rows()).join("")).not.toContain("into the void");
});

test("the program in Python is shown, saved, and shut with Escape, and the focus is back", async ({
  page,
}, info) => {
  const { recording } = await saved(page, info);
  await recording.button.click();
  await page.getByRole("button", { name: /^Show as Python/ }).click();
  const dialog = page.getByRole("dialog", { name: "The same conversation in Python" });
  await expect(dialog).toContainText("import socket");
  const shown = await dialog.locator("pre").innerText();
  const downloading = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download .py" }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toMatch(/\.py$/);
  const kept = await readFile(await download.path(), "utf8");
  expect(kept.trimEnd()).toBe(shown.trimEnd());
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await dialog.getByRole("button", { name: "Copy" }).click();
  await expect(dialog.getByRole("status")).toHaveText("Copied.");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(kept);
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await expect(recording.button).toBeFocused();
});

test("with nothing to save the menu says so, and a recording can still be opened", async ({
  page,
}) => {
  await page.routeWebSocket(/\/wire$/, () => {});
  await page.goto("./");
  await page.getByRole("button", { name: "Record: nothing yet, open" }).click();
  const menu = page.getByRole("region", { name: /^Record:/ });
  await expect(menu).toContainText("there is nothing to save");
  await expect(menu.getByRole("button", { name: /^Recording/ })).toBeDisabled();
  await expect(menu.getByRole("button", { name: /^Open a recording/ })).toBeEnabled();
});

test("axe finds nothing in the menu, the replay and the program, in both themes and on a phone", async ({
  page,
}, info) => {
  const { recording, path } = await saved(page, info);
  await recording.open(path);
  await recording.toEnd();
  await page.setViewportSize({ width: 390, height: 844 });
  await expect(recording.bar).toBeVisible();
  expect(await violationsInBothThemes(page)).toEqual([]);
  const overflow = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(overflow).toBe(0);
  await page.setViewportSize({ width: 1440, height: 900 });
  await recording.button.click();
  await expect(page.getByRole("button", { name: /^Show as Python/ })).toBeVisible();
  expect(await violationsInBothThemes(page)).toEqual([]);
  await page.getByRole("button", { name: /^Show as Python/ }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  expect(await violationsInBothThemes(page)).toEqual([]);
});

/** Text of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}
