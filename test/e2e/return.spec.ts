/** A student's page is loaded anew: same connections, and all of it on the screen. */
import { test as base, expect, type Page } from "@playwright/test";
import { startCutter } from "../support/cutter.ts";
import { showList } from "../support/event-list.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateway.ts";
import { level } from "../support/levels.ts";
import { ServePage } from "../support/serve-page.ts";
import { ssRow } from "../support/ss.ts";
import { TalkPage } from "../support/talk-page.ts";
import { connectTcp, listenTcp, Talk, type TestServer } from "../support/tcp.ts";

interface Place {
  /** Where the page is: through a relay that can be cut. */
  url: string;
  /** A metric of the gateway. */
  level(metric: string): Promise<number>;
  server: TestServer;
  cut(): void;
}

const test = base.extend<{ place: Place }>({
  place: async ({ page }, use) => {
    let port = 0;
    const cutter = await startCutter(() => port);
    const relay = `127.0.0.1:${cutter.port}`;
    const server = await listenTcp();
    const gateway = await startGateway([
      ...["--class", "--allow", `127.0.0.1:${server.port}`],
      ...["--allowed-host", relay, "--allowed-origin", `http://${relay}`],
    ]);
    const at = new URL(gateway.url);
    port = Number(at.port);
    const url = `http://${relay}/`;
    const code = gateway.classDoor?.board ?? "";
    const headers = { origin: `http://${relay}` };
    const data = { code, name: "Trinity" };
    const joined = await page.request.post(`${url}join`, { data, headers });
    expect(joined.status()).toBe(204);
    await use({ url, server, cut: () => cutter.cut(), level: (metric) => level(gateway, metric) });
    await page.close();
    await server.close();
    await cutter.close();
    await gateway.close();
  },
});

/** The page in a conversation with the server in which something was said. */
async function begin(page: Page, { url, server }: Place): Promise<[TalkPage, Talk]> {
  const talk = new TalkPage(page);
  await talk.open(`tcp://127.0.0.1:${server.port}`, url);
  const peer = new Talk(await server.accepted());
  await talk.say("Wake up, Neo");
  expect(await peer.bytes(12)).toBe("Wake up, Neo");
  peer.send("accepted");
  await talk.shows("accepted");
  return [talk, peer];
}

/** Everything is there as before, and the next line is answered on the same connection. */
async function expectBack(talk: TalkPage, peer: Talk): Promise<void> {
  await talk.shows(/Wake up, Neo[\s\S]*accepted/);
  const { remotePort = 0, localPort = 0 } = peer.socket;
  await expect(talk.page.locator(".ladder")).toContainText(`${remotePort}`);
  const near = { host: "127.0.0.1", port: remotePort };
  const far = { host: "127.0.0.1", port: localPort };
  expect(ssRow(near, far)?.state).toBe("ESTABLISHED");
  await talk.say("The Matrix has you");
  expect(await peer.bytes(12 + 18)).toBe("Wake up, NeoThe Matrix has you");
  peer.send("Follow the white rabbit");
  await talk.shows("Follow the white rabbit");
}

test("a reload in the middle of a conversation and of a line loses neither", async ({
  page,
  place,
}) => {
  const [talk, peer] = await begin(page, place);
  await page.keyboard.type("The Matrix");
  await talk.shows("Enter message: The Matrix");
  await page.reload();
  await talk.shows("Enter message: The Matrix");
  await page.keyboard.press("ControlOrMeta+u");
  await expectBack(talk, peer);
  await expect(page.locator(".ladder")).toContainText("accepted");
  await showList(page);
  await expect(talk.events.filter({ hasText: "white rabbit" })).toHaveCount(1);
  expect(await place.level("wireside_sessions")).toBe(1);
  // A second time, with what was said after the first.
  await page.reload();
  await talk.shows("Follow the white rabbit");
  await talk.say("close");
  expect((await peer.bytes(12 + 18 + 5)).endsWith("close")).toBe(true);
  peer.send("closed");
  peer.socket.end();
  await talk.shows("Connection to server closed");
  await page.reload();
  await talk.shows("Connection to server closed");
  await talk.shows("Press Enter to connect again.");
  await page.keyboard.press("Enter");
  await place.server.accepted();
});

test("a page that was closed and is opened again goes on", async ({ page, place, context }) => {
  const [, peer] = await begin(page, place);
  await page.close();
  await eventually(
    () => place.level("wireside_sessions_detached"),
    (detached) => detached === 1,
  );
  peer.send("Are you there?");
  const again = new TalkPage(await context.newPage());
  await again.page.goto(place.url);
  await again.shows("Are you there?");
  await expectBack(again, peer);
  await again.page.close();
});

test("a page whose process has died goes on when it is loaded again", async ({
  page,
  place,
  context,
}) => {
  const [, peer] = await begin(page, place);
  const crashed = page.waitForEvent("crash");
  const cdp = await context.newCDPSession(page);
  void cdp.send("Page.crash").catch(() => {});
  await crashed;
  const again = new TalkPage(await context.newPage());
  await again.page.goto(place.url);
  await expectBack(again, peer);
  await again.page.close();
});

test("a reload while the network is away goes on when it is back", async ({
  page,
  place,
  context,
}) => {
  const [talk, peer] = await begin(page, place);
  await context.setOffline(true);
  place.cut();
  await expect(talk.notice).toContainText("Link to gateway lost.");
  peer.send("meanwhile");
  await context.setOffline(false);
  await talk.shows("meanwhile");
  await page.reload();
  await talk.shows("meanwhile");
  await expectBack(talk, peer);
});

test("a second window of the same student takes over, and the first says so", async ({
  page,
  place,
  context,
}) => {
  const [talk, peer] = await begin(page, place);
  const second = new TalkPage(await context.newPage());
  await second.page.goto(place.url);
  await expectBack(second, peer);
  await expect(talk.notice).toContainText("another window");
  await second.page.close();
});

test("a listening page keeps its port, its door and its visitor", async ({ page, place }) => {
  // High enough for all that the terminal has to say.
  await page.setViewportSize({ width: 1280, height: 1100 });
  const serve = await ServePage.open(page, { url: place.url });
  await serve.listen();
  const visitor = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  await serve.acceptNext();
  visitor.send("knock, knock");
  await expect(serve.terminal).toContainText("Received: knock, knock");
  const waiting = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  await page.reload();
  await serve.screen.getByRole("button", { name: "Stop listening" }).waitFor();
  await expect(serve.rows).toHaveCount(1);
  await serve.atTheDoor(1);
  await expect(serve.terminal).toContainText("Received: knock, knock");
  await serve.answer("who is there?");
  expect(await visitor.bytes(13)).toBe("who is there?");
  await serve.acceptNext();
  await expect(serve.rows).toHaveCount(2);
  visitor.socket.destroy();
  waiting.socket.destroy();
});

test("a visitor of a page that is loaded anew on Talk is read from", async ({ page, place }) => {
  const serve = await ServePage.open(page, { url: place.url });
  await serve.listen();
  const visitor = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  await serve.acceptNext();
  await page.getByRole("link", { name: "Talk" }).click();
  await page.reload();
  await expect(page.getByRole("link", { name: "Serve" })).toBeVisible();
  visitor.socket.write(Buffer.alloc(16 * 1024 * 1024, "x"));
  await expect.poll(() => visitor.socket.writableLength).toBe(0);
  visitor.socket.destroy();
});
