/** What the page's headers forbid, and what they do not get in the way of; and pages from elsewhere. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "@playwright/test";
import { nearCalls, showList } from "../support/event-list.ts";
import { expect, test } from "../support/fixtures.ts";
import { TalkPage } from "../support/talk-page.ts";
import { listenTcp } from "../support/tcp.ts";

/** Serves one page from another origin of this machine. */
async function elsewhere(html: string) {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

/** What the policy has been broken with, from the first line of the page on. */
async function violations(page: Page): Promise<() => Promise<string[]>> {
  await page.addInitScript(() => {
    const seen: string[] = [];
    Object.assign(window, { violations: seen });
    document.addEventListener("securitypolicyviolation", (event) => {
      seen.push(`${event.effectiveDirective} ${event.blockedURI}`);
    });
  });
  return () => page.evaluate(() => (window as unknown as { violations: string[] }).violations);
}

test("ordinary use breaks no rule of the policy and leaves no error on the console", async ({
  page,
  gateway,
}) => {
  const seen = await violations(page);
  const errors: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) errors.push(message.text());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  const talk = new TalkPage(page);
  await talk.open();
  await talk.say("Wake up, Neo");
  await talk.shows("accepted");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.keyboard.press("Escape");
  await page
    .getByRole("button", { name: /Pad|Board/ })
    .first()
    .click();
  await page.locator(".xterm-screen").click();
  await talk.say("close");
  await talk.shows("Connection to server closed");
  await page.keyboard.press("Enter");
  await talk.shows(/again\.\s*Connected to/);
  expect(await seen()).toEqual([]);
  expect(errors).toEqual([]);
  expect(gateway.output()).not.toContain('"level":"error"');
});

test("a script inside the page's text does not run, nor one that is evaluated", async ({
  page,
}) => {
  const seen = await violations(page);
  await new TalkPage(page).open();
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.broken = true";
    document.body.append(script);
    const image = document.createElement("div");
    image.innerHTML = '<img src="data:," onerror="window.broken = true">';
    document.body.append(image);
    return "broken" in window;
  });
  expect(ran).toBe(false);
  await expect.poll(seen).toContain("script-src-elem inline");
  await expect.poll(seen).toContain("script-src-attr inline");
  expect(await page.evaluate(() => "broken" in window)).toBe(false);
});

test("markup that a server sends is text, wherever the page shows it", async ({ page }) => {
  const server = await listenTcp();
  const seen = await violations(page);
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`);
  const socket = await server.accepted();
  const markup = '<img src=x onerror="window.broken = 1"><script>window.broken = 1</script>';
  socket.write(markup);
  await showList(page);
  await expect(nearCalls(page).locator(".event-bytes")).toHaveText(markup);
  await talk.shows("</script>");
  expect(await page.evaluate(() => "broken" in window)).toBe(false);
  expect(await seen()).toEqual([]);
  await server.close();
});

test("another origin's page that frames this one gets nothing to show", async ({
  page,
  baseURL,
}) => {
  const other = await elsewhere(`<h1>Other</h1><iframe src="${baseURL}"></iframe>`);
  const blocked = page.waitForEvent("console", (message) =>
    message.text().includes("frame-ancestors"),
  );
  await page.goto(other.url);
  await blocked;
  const [, frame] = page.frames();
  expect(frame?.url()).not.toBe(baseURL);
  await expect(page.frameLocator("iframe").locator("#root")).toHaveCount(0);
  await other.close();
});

test("another origin's page cannot open the wire: 403 before the upgrade", async ({
  page,
  gateway,
}) => {
  const other = await elsewhere("<h1>Other</h1>");
  await page.goto(other.url);
  const client = await page.context().newCDPSession(page);
  await client.send("Network.enable");
  const refused = new Promise<string>((resolve) => {
    client.on("Network.webSocketFrameError", ({ errorMessage }) => resolve(errorMessage));
  });
  const url = `${gateway.url.replace("http:", "ws:")}wire`;
  const closed = await page.evaluate(
    (wire) =>
      new Promise<number>((resolve) => {
        const ws = new WebSocket(wire, "wireside.v1");
        ws.onopen = () => resolve(0);
        ws.onclose = (event) => resolve(event.code);
      }),
    url,
  );
  expect(closed).toBe(1006);
  expect(await refused).toContain("403");
  await other.close();
});

test("a link away from the page tells nobody where it came from", async ({ page }) => {
  const other = await elsewhere("<h1>Other</h1>");
  await new TalkPage(page).open();
  await page.evaluate((href) => {
    const link = document.createElement("a");
    link.href = href;
    document.body.append(link);
    link.click();
  }, other.url);
  await page.waitForURL(other.url);
  expect(await page.evaluate(() => document.referrer)).toBe("");
  await other.close();
});
