/** A page serves UDP: nc has a conversation with it, and the screen says nothing that only TCP has. */
import type { Locator } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { Program } from "../support/programs.ts";
import { ServePage } from "../support/serve-page.ts";
import { TalkPage } from "../support/talk-page.ts";

/** What would be a lie without a connection; “accepted” in quotes is an answer. */
const ONLY_TCP =
  /SYN|ESTABLISHED|FIN\b|RST|LISTEN|TIME_WAIT|CLOSE_WAIT|(?<!“)accepted|[Cc]onnection (?:from|to)|[Hh]andshake done/;

/** All that is to be read, for eyes and for screen readers. */
async function said(where: Locator): Promise<string> {
  const text = await where.evaluate((element) => element.textContent ?? "");
  const labels = await where
    .locator("[aria-label], [title]")
    .evaluateAll((all) =>
      all.map((e) => `${e.getAttribute("aria-label")} ${e.getAttribute("title")}`),
    );
  return [text, ...labels].join("\n");
}

test("nc -u says hello, a page answers, and nothing of TCP is on the screen", async ({ page }) => {
  const serve = await ServePage.open(page, { udp: true });
  await expect(serve.screen).toContainText("recvfrom()");
  await serve.listen();
  const command = await serve.command("netcat");
  expect(command).toMatch(/^nc -u 127\.0\.0\.1 \d+$/);
  const nc = new Program("nc", command.split(" ").slice(1));
  nc.type("hello\n");
  await serve.atTheDoor(1);
  await expect(serve.door).toContainText("6 B unread");
  await expect(serve.door).toContainText("Came with a datagram");
  expect(await said(serve.screen)).not.toMatch(ONLY_TCP);
  await serve.acceptNext();
  await serve.shows("Datagrams from 127.0.0.1:");
  await serve.shows("hello");
  await serve.answer("hi");
  await nc.prints(/hi/);
  await expect(serve.rows).toContainText("UDP, no connection");
  await expect(serve.console).toContainText("Datagrams from 127.0.0.1:");
  expect(await said(serve.screen)).not.toMatch(ONLY_TCP);
  for (const view of ["Ladder", "List"]) {
    await serve.screen.getByRole("tab", { name: view }).click();
    await expect(serve.screen.getByRole("tabpanel", { name: view })).toContainText(/datagram/);
    expect(await said(serve.screen.locator(".serve-lower"))).not.toMatch(
      /SYN|ESTABLISHED|FIN\b|LISTEN|(?<!“)accepted/,
    );
  }
  await serve.screen.getByRole("tab", { name: "Console" }).click();
  // One socket for everybody: the port is given back, and the peer is over.
  await serve.screen.getByRole("button", { name: "Stop listening" }).click();
  await serve.shows("Peer let go");
  await expect(serve.rows).toContainText("UDP, let go");
  expect(await said(serve.screen)).not.toMatch(ONLY_TCP);
  await nc.stop();
});

test("another page sends datagrams through the link", async ({ page, browser }) => {
  const serve = await ServePage.open(page, { udp: true, atOnce: true, canned: "echo" });
  await serve.listen();
  const other = await (await browser.newContext()).newPage();
  await other.goto(await serve.command("another page"));
  const talk = new TalkPage(other);
  await other.locator(".notice").getByRole("button", { name: "Connect" }).click();
  await talk.shows("UDP: no connection");
  await other.locator(".xterm-screen").click();
  await talk.say("Wake up, Neo");
  await talk.shows("Wake up, Neo Wake up, Neo");
  await expect(serve.rows).toHaveCount(1);
  await other.context().close();
});
