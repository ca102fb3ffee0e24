/** The way from the page to its gateway breaks in every manner there is: the page says so, and what becomes of the socket. */
import type { Page } from "@playwright/test";
import { GatewayMessage, parseMessage, type Welcome } from "../../shared/protocol.ts";
import { type Cutter, startCutter } from "../support/cutter.ts";
import { nearCalls, showList } from "../support/event-list.ts";
import { eventually } from "../support/eventually.ts";
import { test as base, expect } from "../support/fixtures.ts";
import { lines, pour } from "../support/flood.ts";
import { type GatewayProcess, startGatewayProcess } from "../support/gateway-process.ts";
import { level } from "../support/levels.ts";
import { received } from "../support/page-probe.ts";
import { RawPage } from "../support/raw-page.ts";
import { tryNow } from "../support/scenes.ts";
import { TalkPage } from "../support/talk-page.ts";
import { listenTcp, Talk, type TestServer } from "../support/tcp.ts";

const MIB = 1024 * 1024;

/** A gateway behind a relay that can be cut, and a server; each test's own. */
interface Line {
  cutter: Cutter;
  /** Starts a gateway that takes the relay's address for its own. */
  start(...flags: string[]): Promise<GatewayProcess>;
  server: TestServer;
  talk: TalkPage;
  /** Opens the page through the relay, with its conversation at the server. */
  open(): Promise<Talk>;
}

const test = base.extend<{ line: Line }>({
  line: async ({ page }, use) => {
    const started: GatewayProcess[] = [];
    const cutter = await startCutter(() => started.at(-1)?.port ?? 0);
    const place = `127.0.0.1:${cutter.port}`;
    const server = await listenTcp();
    const talk = new TalkPage(page);
    await use({
      cutter,
      server,
      talk,
      async start(...flags) {
        const names = ["--allowed-host", place, "--allowed-origin", `http://${place}`];
        const gateway = await startGatewayProcess([
          "--shutdown-timeout",
          "30s",
          ...names,
          ...flags,
        ]);
        started.push(gateway);
        return gateway;
      },
      async open() {
        await talk.open(`tcp://127.0.0.1:${server.port}`, `http://${place}/`);
        // A cut is meant for the link, and not for a part of the page that is under way.
        await talk.ladderLoaded();
        return new Talk(await server.accepted());
      },
    });
    await page.close();
    await cutter.close();
    await server.close();
    for (const gateway of started) await gateway.stop("SIGKILL");
  },
});

/** The newest greeting that the page was given: what the link resumes with. */
function welcomes(page: Page): Promise<Welcome> {
  return new Promise((resolve) => {
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        if (typeof payload !== "string") return;
        const message = parseMessage(GatewayMessage, payload);
        if (message.type === "welcome") resolve(message);
      }),
    );
  });
}

test("a link unplugged is told, typed through, and back with nothing lost on the same connection", async ({
  page,
  line,
}) => {
  await line.start();
  const peer = await line.open();
  let accepted = 1;
  line.server.server.on("connection", () => accepted++);
  await line.talk.say("before");
  await peer.bytes(6);

  line.cutter.unplugged = true;
  line.cutter.cut();
  await expect(line.talk.notice).toContainText("Link to gateway lost.");
  await expect(line.talk.notice).toContainText("The gateway, if it still runs, keeps your socket");
  await line.talk.shows("Link to the gateway lost.");
  await expect(line.talk.status("Link to gateway")).toContainText("lost for");
  await line.talk.say(" meanwhile");
  await line.talk.shows("Enter message: meanwhile");
  peer.send("said meanwhile");

  line.cutter.unplugged = false;
  await tryNow(page);
  await line.talk.shows("Link is back, nothing lost.");
  await line.talk.shows("said meanwhile");
  await expect(line.talk.notice).toHaveCount(0);
  await expect(line.talk.status("Link to gateway")).toHaveText("resumed once, nothing lost");
  await page.locator(".xterm-screen").click();
  await line.talk.say(" after");
  await peer.bytes("before meanwhile after".length);
  expect(peer.received).toBe("before meanwhile after");
  expect(accepted).toBe(1);
});

test("a link cut again and again loses nothing and keeps the connection", async ({ line }) => {
  await line.start();
  const peer = await line.open();
  line.cutter.cut();
  await expect(line.talk.status("Link to gateway")).toHaveText("resumed once, nothing lost");
  line.cutter.cut();
  await expect(line.talk.status("Link to gateway")).toHaveText("resumed twice, nothing lost");
  line.cutter.cut();
  await expect(line.talk.status("Link to gateway")).toHaveText("resumed 3 times, nothing lost");
  await line.talk.say("still here");
  expect(await peer.bytes(10)).toBe("still here");
  // Room for every row, the kernel's words included: only what can be seen is in the page.
  await line.talk.page.setViewportSize({ width: 1280, height: 1600 });
  await showList(line.talk.page);
  const told = nearCalls(line.talk.page).filter({
    hasText: "link to gateway resumed, nothing lost",
  });
  await expect(told).toHaveCount(3);
});

test("a browser that goes offline and comes back goes on by itself", async ({ page, line }) => {
  await line.start();
  const peer = await line.open();
  await page.context().setOffline(true);
  line.cutter.cut();
  await expect(line.talk.notice).toContainText("Link to gateway lost.");
  await line.talk.say("offline");
  await page.context().setOffline(false);
  await line.talk.shows("Link is back, nothing lost.");
  expect(await peer.bytes(7)).toBe("offline");
});

test("a gateway that was killed is missed, and found again; one key makes a new connection", async ({
  line,
}) => {
  const first = await line.start();
  const peer = await line.open();
  await first.stop("SIGKILL");
  await peer.until(() => peer.ended || peer.socket.destroyed);
  await expect(line.talk.notice).toContainText("Link to gateway lost.");
  await line.start("--port", `${first.port}`);
  await line.talk.shows("Press Enter to connect again.");
  await expect(line.talk.explained).toContainText("Away for too long.");
  await expect(line.talk.explained).toContainText("or the gateway was started anew");
  await expect(line.talk.notice).toHaveCount(0);
  await line.talk.page.keyboard.press("Enter");
  const next = new Talk(await line.server.accepted());
  await line.talk.shows("Enter message:");
  await line.talk.say("again");
  expect(await next.bytes(5)).toBe("again");
});

test("a gateway told to stop delivers 8 MiB under way, says so, and ends with 0", async ({
  page,
  line,
}) => {
  const gateway = await line.start();
  const bytes = received(page);
  const peer = await line.open();
  const flood = lines(8 * MIB);
  const half = flood.pieces.length / 2;
  const pouring = pour(peer.socket, { pieces: flood.pieces.slice(0, half) });
  await expect(line.talk.status("In")).not.toHaveText("0 B");
  gateway.child.kill("SIGTERM");
  await expect(line.talk.notice).toContainText("The gateway is stopping.");
  await pouring;
  await pour(peer.socket, { pieces: flood.pieces.slice(half) });
  // The gateway ends our direction with everything we sent.
  await peer.rest();
  peer.socket.end();
  expect(await gateway.exited).toBe(0);
  await line.talk.shows(flood.lastLine);
  await line.talk.shows("Connection to server closed");
  await expect(line.talk.status("In")).toHaveText("8.00 MiB");
  expect(bytes.sha256()).toBe(flood.sha256);
  await expect(line.talk.notice).toContainText("Link to gateway lost. This page keeps trying.");
});

test("a session that was taken over elsewhere is explained, and can be left", async ({
  page,
  line,
}) => {
  const gateway = await line.start();
  const welcome = welcomes(page);
  await line.open();
  const { sid, token, epoch } = await welcome;
  const url = `${gateway.url.replace("http:", "ws:")}wire`;
  const place = { url, origin: new URL(gateway.url).origin };
  const other = await RawPage.attached(place, { sid, token, epoch, channels: [] });
  await expect(line.talk.notice).toContainText("Session ended by the gateway.");
  await expect(line.talk.notice).toContainText("it goes on in another window");
  await expect(line.talk.explained).toContainText("it goes on in another window");
  await page.getByRole("button", { name: "Try now" }).click();
  await expect(line.talk.notice).toHaveCount(0);
  other.page.cut();
});

test("a page that was away for too long is told that its connection is gone", async ({ line }) => {
  const gateway = await line.start("--resume-grace", "1s");
  const peer = await line.open();
  line.cutter.unplugged = true;
  line.cutter.cut();
  await expect(line.talk.notice).toContainText("Link to gateway lost.");
  await peer.until(() => peer.ended || peer.socket.destroyed);
  await eventually(
    () => level(gateway, "wireside_sessions"),
    (sessions) => sessions === 0,
  );
  line.cutter.unplugged = false;
  await expect(line.talk.explained).toContainText("Away for too long.");
  await line.talk.shows("Press Enter to connect again.");
  await line.talk.page.keyboard.press("Enter");
  await line.server.accepted();
  await line.talk.shows("Enter message:");
});

test("a page that is reloaded hangs up at once, and does not leave its server to the grace period", async ({
  line,
  page,
}) => {
  await line.start("--resume-grace", "1h");
  const peer = await line.open();
  await page.reload();
  expect(await peer.rest()).toBe("");
});
