/** What axe finds wrong in a page. Its program is put into a page once, and only what is wrong comes back. */
import type { Page } from "@playwright/test";
import axe from "axe-core";

/**
 * Asks axe in one go, because the page has no frames; with `AxeBuilder`, which opens a second page for
 * what frames have to say, the same answer takes ten times as long.
 * @param within selector of the part that is looked at; without it, all of the page.
 * @returns each broken rule and the element that breaks it.
 */
export async function violations(page: Page, within?: string): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  return page.evaluate(async (selector) => {
    // What was just asked for, another theme or size, has to be drawn before it is judged.
    for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    const { run } = (window as unknown as { axe: typeof axe }).axe;
    const found = await run(selector ?? document, { resultTypes: ["violations"] });
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, html }) => `${id}: ${target.join(" ")} ${html}`),
    );
  }, within);
}

/** The same in the dark theme and in the light one, which the page's preference for a theme decides. */
export async function violationsInBothThemes(page: Page, within?: string): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    found.push(...(await violations(page, within)).map((each) => `${colorScheme}: ${each}`));
  }
  return found;
}
