/** States of the page, each brought about by real sockets: what a look or an accessibility test looks at. */
import { expect, type Page } from "@playwright/test";
import { closedPort, listenTcp, type TestServer } from "./tcp.ts";

export type Scene = "reaching" | "open" | "half-closed" | "refused" | "reset" | "closed";

export interface Shown {
  /** Ends what the scene needed. */
  end(): Promise<void>;
}

/** Up to this width messages are typed into a field. */
const NARROW_PX = 860;

/** Choices as the page keeps them, put there before it starts. */
export async function choose(page: Page, choices: Record<string, unknown>): Promise<void> {
  await page.addInitScript((kept) => {
    localStorage.setItem("wireside choices", JSON.stringify(kept));
  }, choices);
}

/** The address of the last conversation, which is where the page begins. */
export async function talkTo(page: Page, address: string): Promise<void> {
  await page.addInitScript((kept) => {
    localStorage.setItem("wireside address", JSON.stringify(kept));
  }, address);
}

/** The button that says what the wire can do next. */
export const wireButton = (page: Page, name: string) =>
  page.getByRole("form", { name: "Address" }).getByRole("button", { name, exact: true });

/** Waits until the page's first conversation is open and its terminal listens to the keyboard. */
export async function opened(page: Page): Promise<void> {
  await wireButton(page, "Close").waitFor();
  await page.locator(".screen textarea").waitFor({ state: "attached" });
}

/** Gives the page another size in CSS pixels, and waits until it has been drawn in it. */
export async function resize(page: Page, size: { width: number; height: number }): Promise<void> {
  await page.setViewportSize(size);
  // One draws what the size alone changes, another what the page then does about it.
  await page.evaluate(async () => {
    for (let i = 0; i < 3; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
  });
}

/** Presses Try now until the link is back; the page may come back by itself in the same moment. */
export async function tryNow(page: Page): Promise<void> {
  await expect(async () => {
    const retry = page.getByRole("button", { name: "Try now" });
    if (await retry.isVisible()) await retry.click({ timeout: 500 });
    await expect(page.locator(".notice")).toHaveCount(0, { timeout: 1000 });
  }).toPass({ timeout: 20_000 });
}

/** Opens the page in a state. Look, theme and size are the caller's. */
export async function show(page: Page, scene: Scene): Promise<Shown> {
  switch (scene) {
    case "reaching":
      await page.routeWebSocket(/\/wire$/, () => {});
      await page.goto("./");
      await page.getByText("Reaching the gateway", { exact: true }).waitFor();
      return nothingToEnd;
    case "open":
      await page.goto("./");
      await opened(page);
      return nothingToEnd;
    case "closed":
      return closedByTyping(page);
    case "refused":
      await talkTo(page, `tcp://127.0.0.1:${await closedPort()}`);
      await page.goto("./");
      await page.getByText(/^refused after/).waitFor();
      return nothingToEnd;
    case "half-closed":
      return withServer(page, async (server) => {
        (await server.accepted()).end("that was all");
        await page.locator(".strand-in.strand-dotted").waitFor();
      });
    case "reset":
      return withServer(page, async (server) => {
        const socket = await server.accepted();
        // A reset before the page's connect() has returned would be a connection that never was.
        await opened(page);
        socket.resetAndDestroy();
        await page.locator(".wire-reset").waitFor();
      });
  }
}

const nothingToEnd: Shown = { end: async () => {} };

async function closedByTyping(page: Page): Promise<Shown> {
  await page.goto("./");
  await opened(page);
  // Where the page is narrow, there is a field for what the keyboard types elsewhere.
  const narrow = (page.viewportSize()?.width ?? 0) <= NARROW_PX;
  if (narrow) await page.getByLabel("Enter message").focus();
  await page.keyboard.type("close");
  await page.keyboard.press("Enter");
  await wireButton(page, "Connect").waitFor();
  return nothingToEnd;
}

/** A server of the test's own, and a client that does not hang up just because the server does. */
async function withServer(
  page: Page,
  happen: (server: TestServer) => Promise<void>,
): Promise<Shown> {
  const server = await listenTcp();
  await choose(page, { hangUpToo: false });
  await talkTo(page, `tcp://127.0.0.1:${server.port}`);
  await page.goto("./");
  await happen(server);
  return { end: () => server.close() };
}
