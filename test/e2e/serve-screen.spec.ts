/** The screen Serve: by keyboard alone, on a phone, with axe, through a link that is cut. */
import { once } from "node:events";
import type { Page } from "@playwright/test";
import { violationsInBothThemes } from "../support/axe.ts";
import { startCutter } from "../support/cutter.ts";
import { expect, test } from "../support/fixtures.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { resize, tryNow } from "../support/scenes.ts";
import { ServePage } from "../support/serve-page.ts";
import { TalkPage } from "../support/talk-page.ts";
import { connectTcp } from "../support/tcp.ts";

test("everything by keyboard: listen, accept, answer, turn to the next, hang up, stop", async ({
  page,
}) => {
  const serve = await ServePage.open(page);
  const { keyboard } = page;
  const region = () =>
    page.evaluate(
      () => document.activeElement?.closest<HTMLElement>("[data-region]")?.dataset.region,
    );
  await keyboard.press("F6");
  await keyboard.press("Shift+F6");
  await expect.poll(region).toBe("address");
  await keyboard.press("Enter");
  await serve.screen.getByRole("button", { name: "Stop listening" }).waitFor();
  const [first, second] = [await connectTcp(serve.port), await connectTcp(serve.port)];
  await serve.atTheDoor(2);
  await keyboard.press("Alt+a");
  await expect(serve.rows).toHaveCount(1);
  await keyboard.press("Alt+a");
  await expect(serve.rows).toHaveCount(2);
  await expect(serve.screen.getByRole("tab", { name: /Visitor 2/ })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await keyboard.press("F8");
  await expect(serve.screen.getByRole("tab", { name: /Visitor 1/ })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await keyboard.press("F6");
  await expect.poll(region).toBe("door");
  await keyboard.press("F6");
  await expect.poll(region).toBe("tables");
  await keyboard.press("F6");
  await expect.poll(region).toBe("terminal");
  await keyboard.type("accepted");
  await keyboard.press("Enter");
  expect(await first.bytes(8)).toBe("accepted");
  await keyboard.press("Shift+F6");
  await expect.poll(region).toBe("tables");
  await serve.screen.getByRole("tab", { name: /Visitor 1/ }).focus();
  const ended = once(first.socket, "end");
  await keyboard.press("Delete");
  await ended;
  await keyboard.press("ArrowRight");
  await expect(serve.screen.getByRole("tab", { name: /Visitor/ }).last()).toBeFocused();
  for (const { socket } of [first, second]) socket.destroy();
});

test("Back leads from Serve to Talk, whose conversation went on, and a badge says who waits", async ({
  page,
}) => {
  await page.goto("./");
  const talk = new TalkPage(page);
  await talk.shows("Enter message:");
  const serve = await ServePage.open(page);
  await serve.listen();
  const visitor = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  await page.goBack();
  await expect(page.getByRole("link", { name: /^Serve\s*, 1 waiting$/ })).toBeVisible();
  await page.locator(".sheet:not([inert]) .xterm-screen").click();
  await talk.say("Wake up, Neo");
  await talk.shows("accepted");
  await page.getByRole("link", { name: /^Serve/ }).click();
  await serve.acceptNext();
  await expect(serve.rows).toHaveCount(1);
  visitor.socket.destroy();
});

async function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
}

test("on a phone each part fills the screen, and an answer goes out from the field", async ({
  page,
}) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const serve = await ServePage.open(page);
  await serve.listen();
  const visitor = await connectTcp(serve.port);
  await expect(serve.screen.getByRole("tab", { name: "Door 1" })).toBeVisible();
  await serve.accept.click();
  await serve.screen.getByRole("tab", { name: "Tables 1" }).click();
  await serve.rows.first().click();
  await serve.screen.locator(".field input").fill("accepted");
  await serve.screen.getByRole("button", { name: "Send" }).click();
  expect(await visitor.bytes(8)).toBe("accepted");
  expect(await scrollsSideways(page)).toBe(false);
  const heights = await serve.screen
    .locator("button:visible, select:visible")
    .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().height)));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(48);
  visitor.socket.destroy();
});

test("with a full door nothing is cut off sideways", async ({ page }) => {
  await page.setViewportSize({ width: 861, height: 768 });
  const serve = await ServePage.open(page, { backlog: 3 });
  await serve.listen();
  const peers = [];
  for (let i = 0; i < 4; i++) {
    peers.push(await connectTcp(serve.port));
    await serve.atTheDoor(i === 0 ? 1 : Math.min(i, 3));
    if (i === 0) await serve.acceptNext();
  }
  for (const width of [861, 1024, 1280, 1440]) {
    await test.step(`nothing is cut off sideways at ${width} pixels with a full door`, async () => {
      await resize(page, { width, height: 768 });
      expect(await scrollsSideways(page)).toBe(false);
      const left = await serve.screen.locator(".serve-left").boundingBox();
      const accept = await serve.accept.boundingBox();
      if (!left || !accept) throw new Error("the door is not on the screen");
      expect(accept.x + accept.width).toBeLessThanOrEqual(left.x + left.width);
    });
  }
  for (const { socket } of peers) socket.destroy();
});

test("axe finds nothing: before, with a queue and tables, and in a failure", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const serve = await ServePage.open(page, { backlog: 5 });
  expect(await violationsInBothThemes(page)).toEqual([]);
  await serve.listen();
  const peers = [await connectTcp(serve.port), await connectTcp(serve.port)];
  // Who is at the door when it shuts is reset.
  for (const { socket } of peers) socket.on("error", () => {});
  await serve.atTheDoor(2);
  await serve.acceptNext();
  peers[0]?.send("Is anybody there?");
  await serve.shows("Is anybody there?");
  expect(await violationsInBothThemes(page)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const name of ["Door 1", "Tables 1", "Terminal", "Events"]) {
    await serve.screen.getByRole("tab", { name, exact: true }).click();
    expect(await violationsInBothThemes(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await serve.screen.getByRole("button", { name: "Stop listening" }).press("Enter");
  await expect(serve.screen.getByRole("button", { name: "Listen", exact: true })).toBeFocused();
  const field = serve.screen.getByRole("textbox", { name: "Address to listen on" });
  await serve.screen.getByRole("button", { name: "Listen", exact: true }).waitFor();
  await field.fill("127.0.0.1:nothing");
  await field.press("Enter");
  await serve.screen.getByRole("region", { name: "Why nothing listens" }).waitFor();
  expect(await violationsInBothThemes(page)).toEqual([]);
  for (const { socket } of peers) socket.destroy();
});

test("a link that is cut and comes back: the port stays, nobody at door or table is lost", async ({
  page,
}) => {
  let gatewayPort = 0;
  const cutter = await startCutter(() => gatewayPort);
  const place = `127.0.0.1:${cutter.port}`;
  const names = ["--allowed-host", place, "--allowed-origin", `http://${place}`];
  const gateway = await startGatewayProcess(["--shutdown-timeout", "1s", ...names]);
  gatewayPort = gateway.port;
  const serve = await ServePage.open(page, { url: `http://${place}/` });
  await serve.listen();
  const seated = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  await serve.acceptNext();

  cutter.unplugged = true;
  cutter.cut();
  await expect(serve.console).toContainText("Link to the gateway lost; it goes on listening");
  const late = await connectTcp(serve.port);
  late.send("still there?");
  seated.send("Wake up, Neo");
  await serve.answer("accepted");
  cutter.unplugged = false;
  await tryNow(page);
  await serve.atTheDoor(1);
  await serve.shows("Wake up, Neo");
  expect(await seated.bytes(8)).toBe("accepted");
  await serve.acceptNext();
  await serve.shows("still there?");
  await expect(serve.status("Accepted")).toHaveText("2, all open");
  for (const { socket } of [seated, late]) socket.destroy();
  await page.close();
  await cutter.close();
  await gateway.stop();
});
