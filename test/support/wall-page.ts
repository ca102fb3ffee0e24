/** The teacher's screen in a real browser, and what a test looks for on it. */
import { expect, type Page } from "@playwright/test";
import { CrowdStudent } from "./class-crowd.ts";
import type { TestClass } from "./class-page.ts";

/** Opens the wall of a class in which nobody is yet, by the teacher's link. */
export async function openWall(room: TestClass): Promise<Page> {
  const page = await room.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(room.teacherUrl);
  await expect(page.getByText("Class code", { exact: true })).toBeVisible();
  // It has asked who is there, and so hears its keys.
  await expect(page.getByText("Nobody has joined yet.")).toBeVisible();
  return page;
}

/** Somebody who joins without a browser. */
export const join = (room: TestClass, name: string): Promise<CrowdStudent> =>
  CrowdStudent.join(room.url, room.board, name);

/** A student's place on the wall. */
export const row = (page: Page, name: string) =>
  page.locator(".class-row").filter({ hasText: new RegExp(`^${name},`) });

/** Names on the page of the wall that is shown, in their order. */
export const namesOn = (page: Page): Promise<string[]> =>
  page.locator(".class-row-name > :first-child").allInnerTexts();

/** A button at the bottom of the wall. */
export const key = (page: Page, name: string) =>
  page.locator(".class-bar").getByRole("button", { name, exact: true });

/** The number beside one of the counts. */
export const counted = (page: Page, name: string) =>
  page.locator(".class-counts div").filter({ hasText: name }).locator("dd");

/** The teacher's panel, opened if it is not. */
export async function direct(page: Page) {
  const panel = page.getByRole("region", { name: "Direct the class" });
  if (!(await panel.isVisible())) await key(page, "Direct").click();
  await expect(panel).toBeVisible();
  return panel;
}
