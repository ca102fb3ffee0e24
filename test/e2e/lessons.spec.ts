/** What people get wrong about sockets, shown to be wrong on the screen, with real servers. */
import type { Locator, Page } from "@playwright/test";
import { startBlackHole } from "../support/black-hole.ts";
import { showList } from "../support/event-list.ts";
import { expect, test } from "../support/fixtures.ts";
import { Puppet } from "../support/puppet.ts";
import { choose, wireButton } from "../support/scenes.ts";
import { ssTalkingTo, ssWaitsAt } from "../support/ss.ts";
import { TalkPage } from "../support/talk-page.ts";
import { closedPort, listenTcp } from "../support/tcp.ts";

/** Connects, shows the list beside the terminal, and gives the keyboard back to the terminal. */
async function begin(page: Page, port: number, host = "127.0.0.1"): Promise<TalkPage> {
  const talk = new TalkPage(page);
  await talk.open(`tcp://${host}:${port}`);
  await showList(page);
  return talk;
}

/** What the list says happened; in order where the names of several are given. */
const rows = (talk: TalkPage, text: string | RegExp): Locator =>
  talk.events.filter({ hasText: text });

const stays = (page: Page) => choose(page, { hangUpToo: false });

test("one send is not one recv: 23 bytes are sent once, and read as 16 and as 7", async ({
  page,
  gateway,
}) => {
  const talk = await begin(page, gateway.lessonPorts.recv16);
  await talk.say("Follow the white rabbit");
  await expect(rows(talk, "sent 23 B")).toHaveCount(1);
  await expect(rows(talk, "the server read 16 B")).toHaveCount(1);
  await expect(rows(talk, "the server read 7 B")).toHaveCount(1);
  await talk.shows(/accepted\s*accepted/);
});

test("recv(1024) does not wait for 1024: it returns with the 5 bytes that are there", async ({
  page,
  gateway,
}) => {
  const talk = await begin(page, gateway.lessonPort);
  await talk.say("hello");
  await expect(rows(talk, "the server read 5 B")).toHaveCount(1);
  await talk.shows("accepted");
});

test("accept() does not make the connection: both ends are ESTABLISHED and bytes wait before it", async ({
  page,
}) => {
  const server = await Puppet.start();
  const talk = await begin(page, server.port);
  await expect(talk.status("Your socket")).toContainText("ESTABLISHED");
  await expect(talk.status("Server socket")).toContainText("ESTABLISHED");
  await talk.say("Wake up, Neo");
  await expect(talk.status("Server socket")).toContainText("12 B unread");
  await server.call("accept");
  expect(await server.call("recv 1024")).toBe("b'Wake up, Neo'");
  await expect(talk.status("Server socket")).not.toContainText("unread");
  await server.stop();
});

test("send returning does not mean that it was read: the bytes wait until recv() takes them", async ({
  page,
}) => {
  const server = await Puppet.start();
  const talk = await begin(page, server.port);
  await server.call("accept");
  await talk.say("Knock, knock");
  await expect(rows(talk, "sent 12 B")).toHaveCount(1);
  await expect(talk.status("Server socket")).toContainText("12 B unread");
  expect(await server.call("recv 5")).toBe("b'Knock'");
  await expect(talk.status("Server socket")).toContainText("7 B unread");
  expect(await server.call("recv 1024")).toBe("b', knock'");
  await expect(talk.status("Server socket")).not.toContainText("unread");
  await server.stop();
});

test("refused is not a firewall: a no comes at once, and silence stays in SYN_SENT", async ({
  page,
}) => {
  const talk = new TalkPage(page);
  await talk.open();
  await wireButton(page, "Close").click();
  await talk.shows("Press Enter to connect again.");
  await talk.enterAddress(`tcp://127.0.0.1:${await closedPort()}`);
  await expect(talk.explained.locator("[aria-current]")).toHaveText(/^Refused:/);
  await expect(talk.status("Your socket")).toContainText("CLOSED");

  const hole = await startBlackHole();
  await talk.address.fill(`tcp://127.0.0.1:${hole.port}`);
  await talk.address.press("Enter");
  await expect(wireButton(page, "Cancel")).toBeVisible();
  await expect(talk.status("Your socket")).toContainText("SYN_SENT");
  await expect(talk.explained).toHaveCount(0);
  await wireButton(page, "Cancel").click();
  await hole.stop();
});

test("the address is in use because of who hung up first: that end waits in TIME_WAIT, counting down", async ({
  page,
}) => {
  const server = await Puppet.start();
  const talk = await begin(page, server.port);
  const connectAgain = async () => {
    // Until the page knows of the end, Enter does nothing, and nobody would come to accept().
    await expect(wireButton(page, "Connect")).toBeVisible();
    await talk.address.press("Enter");
  };
  const COUNTED = /TIME_WAIT\s*\d+ s/;
  // A late segment is answered from TIME_WAIT, and the RST that this draws ends it early (RFC 1337): then, and
  // then alone, there is another conversation, here and below.
  const waits = async (status: Locator, isThere: () => boolean) => {
    await expect(rows(talk, "the connection is closed")).toHaveCount(1);
    await expect.poll(async () => COUNTED.test(await status.innerText()) || !isThere()).toBe(true);
    return COUNTED.test(await status.innerText());
  };
  const ours = () => ssTalkingTo(server.port).some(({ state }) => state === "TIME_WAIT");
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) await connectAgain();
    await server.call("accept");
    await wireButton(page, "Close").click();
    expect(await server.call("recv 1024")).toBe("b''");
    await server.call("close");
    if (await waits(talk.status("Your socket"), ours)) break;
  }

  do {
    await connectAgain();
    await server.call("accept");
    await expect(rows(talk, "the connection is closed")).toHaveCount(0);
    await expect(rows(talk, "kernel: the server's socket is ESTABLISHED")).not.toHaveCount(0);
    await server.call("close");
  } while (!(await waits(talk.status("Server socket"), () => ssWaitsAt(server.port))));
  await expect(talk.status("Your socket")).not.toContainText("TIME_WAIT");
  await server.stop();
});

test("b'' is not nothing yet: recv() waits through the silence, and b'' comes with the FIN", async ({
  page,
}) => {
  const server = await Puppet.start();
  const talk = await begin(page, server.port);
  await server.call("accept");
  const reading = await server.begin("recv 1024");
  await server.program.sleeps();
  expect(server.program.output).not.toMatch(/recv returned/);
  await wireButton(page, "Close").click();
  expect(await reading.returned()).toBe("b''");
  await expect(rows(talk, "you ended your direction (FIN)")).toHaveCount(1);
  await server.stop();
});

test("closing is not shutting down: after the server's FIN a message still goes the other way", async ({
  page,
}) => {
  await stays(page);
  const server = await Puppet.start();
  const talk = await begin(page, server.port);
  await server.call("accept");
  await server.call("shutdown");
  await expect(rows(talk, "the server ended its direction (FIN)")).toHaveCount(1);
  await expect(talk.status("Your socket")).toContainText("CLOSE_WAIT");
  await expect(talk.status("Server socket")).toContainText("FIN_WAIT2");
  await talk.say("one more thing");
  expect(await server.call("recv 1024")).toBe("b'one more thing'");
  await expect(rows(talk, "sent 14 B")).toHaveCount(1);
  await server.stop();
});

test("the client does not decide alone when it is over: FIN leaves a half, RST leaves nothing", async ({
  page,
}) => {
  await stays(page);
  const server = await Puppet.start();
  const talk = await begin(page, server.port);
  await server.call("accept");
  await server.call("shutdown");
  await expect(talk.status("Your socket")).toContainText("CLOSE_WAIT");
  await expect(talk.status("Server socket")).toContainText("FIN_WAIT2");
  await wireButton(page, "Close").click();
  await server.call("close");

  await expect(wireButton(page, "Connect")).toBeVisible();
  await talk.address.press("Enter");
  await server.call("accept");
  await expect(talk.status("Your socket")).toContainText("ESTABLISHED");
  await server.call("reset");
  await expect(talk.explained.locator("[aria-current]")).toHaveText(/^Reset:/);
  await expect(talk.status("Your socket")).toContainText("CLOSED");
  await expect(rows(talk, "the server reset the connection")).toHaveCount(1);
  await server.stop();
});

test("text is not bytes: é is one character and two bytes, and a read may end between them", async ({
  page,
  gateway,
}) => {
  const talk = await begin(page, gateway.lessonPorts.recv16);
  await talk.say("é");
  await expect(rows(talk, "sent 2 B")).toHaveCount(1);
  await talk.shows("accepted");
  await talk.say("fifteen bytes, é");
  await expect(rows(talk, "sent 17 B")).toHaveCount(1);
  await expect(rows(talk, "the server read 16 B")).toHaveCount(1);
  await expect(rows(talk, "the server read 1 B")).toHaveCount(1);
});

test("127.0.0.1 is one door of one machine: a server behind another door is not reached by it", async ({
  page,
}) => {
  const server = await listenTcp("127.0.0.2");
  const talk = await begin(page, server.port, "127.0.0.2");
  await expect(talk.status("Your socket")).toContainText("ESTABLISHED");
  await wireButton(page, "Close").click();
  await talk.shows("Press Enter to connect again.");
  await talk.address.fill(`tcp://127.0.0.1:${server.port}`);
  await talk.address.press("Enter");
  await expect(talk.explained.getByRole("alert")).toContainText(
    `Nobody is at table ${server.port}.`,
  );
  await server.close();
});
