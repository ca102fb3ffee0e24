/** The page over what is not plain TCP: true words for each, in terminal, ladder, list and title block. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { test as base, expect, type Page } from "@playwright/test";
import { violations } from "../support/axe.ts";
import { makeCertificate } from "../support/certificate.ts";
import { showList } from "../support/event-list.ts";
import { startGateway } from "../support/gateway.ts";
import { type FarServer, listenStream, type StreamKind } from "../support/streams.ts";
import { TalkPage } from "../support/talk-page.ts";

/** Gives each test one gateway that may reach what it needs. */
const test = base.extend<{ begin: (address: string, flags?: string[]) => Promise<TalkPage> }>({
  begin: async ({ page }, use) => {
    const running: { close(): Promise<void> }[] = [];
    await use(async (address, flags = []) => {
      const gateway = await startGateway(flags);
      running.push(gateway);
      const talk = new TalkPage(page);
      await page.addInitScript(
        (kept) => localStorage.setItem("wireside address", JSON.stringify(kept)),
        address,
      );
      await page.goto(gateway.url);
      return talk;
    });
    for (const gateway of running) await gateway.close();
  },
});

async function answering(kind: StreamKind): Promise<FarServer> {
  const far = await listenStream(kind);
  void far.accepted().then(({ stream }) => {
    stream.on("data", (said: Buffer) => {
      stream.write(String(said).startsWith("close") ? "closed" : "accepted");
    });
    stream.on("end", () => stream.end());
  });
  return far;
}

const ladder = (page: Page) => page.locator(".ladder");

test("TLS shows its certificate, and then the text inside", async ({ page, begin }) => {
  const far = await answering("tls");
  const talk = await begin(`tls://127.0.0.1:${far.address.port}`, far.flags);
  await talk.shows("inside TLS");
  await talk.shows("TLSv1.3, certificate for wireside test, issued by Wireside test authority");
  await talk.say("Wake up, Neo");
  await talk.shows("accepted");
  await expect(talk.status("Your socket")).toContainText("ESTABLISHED");
  await expect(ladder(page)).toContainText("TLS hello");
  await showList(page);
  await expect(talk.events.filter({ hasText: "TLSv1.3" })).toHaveCount(1);
  await far.close();
});

test("a certificate that signed itself is shown and explained, and nothing is sent", async ({
  page,
  begin,
}) => {
  const server = createTlsServer(makeCertificate()).on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  const talk = await begin(`tls://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await expect(talk.explained.getByRole("alert")).toContainText("Nobody vouches");
  await expect(talk.explained).toContainText("--ca FILE");
  await talk.shows("Nothing was sent inside TLS.");
  await showList(page);
  const shown = talk.events.filter({ hasText: "signed by itself" });
  await expect(shown).toHaveText(/certificate for wireside test.*not trusted/);
  await expect(page.getByText("certificate not trusted")).toBeVisible();
  await expect(talk.status("Out")).toHaveText("0 B");
  expect(await violations(page)).toEqual([]);
  server.close();
});

test("a server without TLS can be reached without it by the button that says so", async ({
  page,
  begin,
}) => {
  const far = await listenStream("tcp");
  void far.accepted().then(({ stream }) => stream.end("220 who are you?\r\n"));
  void far.accepted();
  const talk = await begin(`tls://127.0.0.1:${far.address.port}`);
  await expect(talk.explained.getByRole("alert")).toContainText("does not speak TLS");
  await talk.explained.getByRole("button", { name: "Connect to tcp://" }).click();
  await talk.shows("Connected to 127.0.0.1");
  await expect(talk.address).toHaveValue(`tcp://127.0.0.1:${far.address.port}`);
  await page.getByRole("button", { name: "Close", exact: true }).click();
  await far.close();
});

test("a Unix socket has the tutorial's conversation, without a word of TCP", async ({
  page,
  begin,
}) => {
  const far = await answering("unix");
  const talk = await begin(`unix:${far.address.host}`, far.flags);
  await talk.shows("Connected to /");
  await expect(talk.status("Your socket")).toHaveText("Unix, connected");
  await talk.say("Wake up, Neo");
  await talk.shows("accepted");
  await talk.say("close");
  await talk.shows("Connection to server closed");
  await expect(talk.status("Your socket")).toHaveText("Unix, closed");
  await expect(ladder(page)).toContainText(/no\s*packets, no handshake/);
  await page.getByRole("button", { name: "Lab", exact: true }).click();
  await expect(page.getByRole("region", { name: "Lab" })).toContainText("Both directions are over");
  await expect(page.locator("main")).not.toContainText(/FIN|RST|SYN|ESTABLISHED|CLOSE_WAIT/);
  await far.close();
});

test("a Unix socket that is not allowed names the flag, and one that is not there says so", async ({
  begin,
  page,
}) => {
  // So tall that what the terminal said stays on it when the explanation opens.
  await page.setViewportSize({ width: 1440, height: 1200 });
  const directory = mkdtempSync(join(tmpdir(), "wireside-"));
  const talk = await begin(`unix:${directory}/none.sock`, ["--allow-unix", directory]);
  await expect(talk.explained.getByRole("alert")).toContainText("There is no such socket");
  await talk.shows("FileNotFoundError: [Errno 2] No such file or directory");
  await talk.address.fill("unix:/run/other.sock");
  await page.keyboard.press("Enter");
  await talk.shows("--allow-unix /run");
});

test("UDP keeps each datagram apart, pretends no connection, and tells of ICMP", async ({
  page,
  begin,
}) => {
  const far = createSocket("udp4");
  far.on("message", (_said, { port, address }) => {
    for (const part of ["one", "two"]) far.send(part, port, address);
  });
  far.bind(0, "127.0.0.1");
  await once(far, "listening");
  const { port } = far.address();
  const talk = await begin(`udp://127.0.0.1:${port}`);
  await talk.shows(`Sending to 127.0.0.1:${port} (UDP: no connection)`);
  await expect(talk.status("Your socket")).toHaveText("UDP, no connection");
  await talk.say("anybody?");
  await talk.shows("two");
  await showList(page);
  await expect(talk.events.filter({ hasText: "read 3 B" })).toHaveCount(2);
  far.close();
  await page.locator(".screen").click();
  await page.keyboard.press("Control+d");
  await talk.shows("UDP has no end to send");
  await talk.say("and now?");
  await talk.shows("1 datagram came to nothing: nobody has that port");
  await expect(talk.explained).toHaveCount(0);
  await page.getByRole("button", { name: "Lab", exact: true }).click();
  await page.getByRole("button", { name: "Reset", exact: true }).click();
  await talk.shows("Socket closed");
  await expect(page.locator("main")).not.toContainText(/FIN|RST|SYN|ESTABLISHED|TIME_WAIT/);
});
