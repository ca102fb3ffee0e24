/** The teacher's list of kept conversations, with real files of a real class behind it. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Download, expect, type Page, test } from "@playwright/test";
import { expectUsable, openClass } from "../support/class-page.ts";

/** Says something to the lesson server, and waits for its answer. */
async function talks(page: Page, line: string): Promise<void> {
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
  await expect(page.locator(".xterm-rows")).toContainText("accepted");
}

async function textOf(download: Download): Promise<Buffer> {
  return readFile(await download.path());
}

test("kept conversations are found by student, replayed, saved, exported and deleted", async ({
  browser,
}) => {
  const data = await mkdtemp(join(tmpdir(), "wireside-kept-"));
  const room = await openClass(browser, ["--data", data, "--keep", "30d"]);
  try {
    const guest = await room.newPage();
    await guest.goto("./");
    await expect(
      guest.getByText("kept in files on the teacher's machine for 30 days"),
    ).toBeVisible();
    const neo = await room.student("Neo");
    const trinity = await room.student("Trinity");
    await talks(neo, "Follow the white rabbit");
    await talks(trinity, "Knock, knock, Neo");
    const page = await room.teacher();
    await page.getByRole("button", { name: /^Direct/ }).click();
    await page.getByRole("button", { name: "Kept conversations" }).click();
    const kept = page.getByRole("region", { name: "Kept conversations" });
    const rows = kept.getByRole("listitem");
    await expect(rows).toHaveCount(2);
    await expect(rows.first()).toContainText("still goes on");
    await expectUsable(page);
    await kept.getByLabel("Conversations of").selectOption("Trinity");
    await expect(rows).toHaveCount(1);
    await expect(kept.getByRole("status")).toContainText("1 conversation, ");
    const saving = page.waitForEvent("download");
    await rows.getByRole("link", { name: /^Save Trinity/ }).click();
    const saved = await textOf(await saving);
    expect(saved.toString()).toContain(Buffer.from("Knock, knock, Neo").toString("base64"));
    const exporting = page.waitForEvent("download");
    await kept.getByRole("link", { name: /^Export all \(zip\): 2 conversations/ }).click();
    const zip = await exporting;
    expect(zip.suggestedFilename()).toMatch(/\.zip$/);
    // A zip file begins so (APPNOTE 4.3.7).
    expect((await textOf(zip)).subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
    await rows.getByRole("button", { name: /^Replay Trinity/ }).click();
    await expect(page).toHaveTitle("Wireside");
    await expect(page.getByRole("button", { name: "Leave the recording" })).toBeVisible();
    await page.getByRole("slider", { name: "Position in the recording" }).press("End");
    await expect(page.locator(".replay-terminal .xterm-rows")).toContainText("Knock, knock, Neo");
    await page.getByRole("button", { name: "Leave the recording" }).first().click();
    await page.getByRole("button", { name: /^Direct/ }).click();
    await page.getByRole("button", { name: "Kept conversations" }).click();
    // What still goes on would only begin anew.
    for (const name of ["Neo", "Trinity"])
      await room.teach({ do: "remove", student: await room.idOf(name) });
    await expect(async () => {
      await kept.getByRole("button", { name: "Refresh" }).click();
      await expect(kept.getByText("still goes on")).toHaveCount(0, { timeout: 1000 });
    }).toPass();
    await rows.getByRole("button", { name: /^Delete Trinity/ }).click();
    await expect(rows.getByRole("button", { name: "Keep" })).toBeFocused();
    await expectUsable(page);
    await page.keyboard.press("Escape");
    await expect(rows).toHaveCount(2);
    await rows.getByRole("button", { name: /^Delete Trinity/ }).click();
    await rows.getByRole("button", { name: "Delete", exact: true }).click();
    await expect(rows).toHaveCount(1);
    await kept.getByRole("button", { name: "Delete all" }).click();
    await kept.getByRole("button", { name: "Delete", exact: true }).last().click();
    await expect(kept.getByText("No conversation is kept yet.")).toBeVisible();
  } finally {
    await room.close();
    await rm(data, { recursive: true, force: true });
  }
});

test("before all are deleted it is said how many they are by now", async ({ browser }) => {
  const data = await mkdtemp(join(tmpdir(), "wireside-kept-"));
  const room = await openClass(browser, ["--data", data]);
  try {
    await talks(await room.student("Neo"), "Follow the white rabbit");
    const page = await room.teacher();
    await page.getByRole("button", { name: /^Direct/ }).click();
    await page.getByRole("button", { name: "Kept conversations" }).click();
    const kept = page.getByRole("region", { name: "Kept conversations" });
    await expect(kept.getByRole("listitem")).toHaveCount(1);
    await talks(await room.student("Trinity"), "Knock, knock, Neo");
    await kept.getByRole("button", { name: "Delete all" }).click();
    await expect(kept.getByRole("alert")).toContainText("Delete 2 conversations, ");
    await expect(kept.getByRole("listitem")).toHaveCount(2);
  } finally {
    await room.close();
    await rm(data, { recursive: true, force: true });
  }
});

test("with names hidden the list has none, and of a list that cannot be read nothing is deleted", async ({
  browser,
}) => {
  const data = await mkdtemp(join(tmpdir(), "wireside-kept-"));
  const room = await openClass(browser, ["--data", data]);
  try {
    await talks(await room.student("Trinity"), "Knock, knock, Neo");
    const page = await room.teacher();
    await page.getByRole("button", { name: /^Direct/ }).click();
    await page.getByRole("button", { name: "Kept conversations" }).click();
    const kept = page.getByRole("region", { name: "Kept conversations" });
    await kept.getByLabel("Conversations of").selectOption("Trinity");
    await room.teach({ do: "hide-names", on: true });
    await kept.getByRole("link", { name: /^Save A student/ }).waitFor();
    expect(await kept.ariaSnapshot()).not.toMatch(/Trinity(?!-)/);
    await expect(kept).not.toContainText("Trinity");
    await page.route("**/recordings", (route) => route.abort());
    await kept.getByRole("button", { name: "Delete all" }).click();
    await expect(kept.getByText("The gateway does not answer.")).toBeVisible();
    await expect(kept.getByRole("button", { name: "Keep" })).toHaveCount(0);
    await page.unroute("**/recordings");
    await kept.getByRole("button", { name: "Delete all" }).click();
    await expect(kept.getByRole("button", { name: "Keep" })).toBeFocused();
    await expect(kept.getByText("The gateway does not answer.")).toHaveCount(0);
    await kept.getByRole("button", { name: "Keep" }).click();
    await kept.getByRole("button", { name: /^Replay A student/ }).click();
    await expect(page.getByRole("button", { name: "Leave the recording" })).toBeVisible();
    await expect(page.getByText("conversation.jsonl")).toBeVisible();
    await expect(page.locator("body")).not.toContainText(/trinity/i);
  } finally {
    await room.close();
    await rm(data, { recursive: true, force: true });
  }
});
