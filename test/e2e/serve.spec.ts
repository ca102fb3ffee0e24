/** A page is a server: real programs have the tutorial's conversation with it, wait at its door, and are refused. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";
import { Program } from "../support/programs.ts";
import { ServePage } from "../support/serve-page.ts";
import { TalkPage } from "../support/talk-page.ts";
import { connectTcp } from "../support/tcp.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A command as it stands on the page, run from the top of the repository as a person would. */
function run(command: string): Program {
  const [program = "", ...args] = command.split(" ");
  return new Program(
    program,
    args.map((arg) => (arg.startsWith("examples/") ? ROOT + arg : arg)),
  );
}

/** Takes what comes in the order in which it was accepted, and answers by hand as the tutorial's server does. */
async function tutorialByHand(serve: ServePage): Promise<void> {
  await serve.shows("Wake up, Neo");
  await serve.answer("accepted");
}

test("nc, the example client, another page and a bare socket have the tutorial's conversation with a page", async ({
  page,
  browser,
}) => {
  const serve = await ServePage.open(page);
  await serve.listen();

  // nc sends a line with its ending, and prints what comes.
  const nc = run(await serve.command("netcat"));
  nc.type("Wake up, Neo\n");
  await serve.atTheDoor(1);
  await expect(serve.door).toContainText("13 B unread");
  await serve.acceptNext();
  await tutorialByHand(serve);
  await nc.prints(/accepted/);
  await serve.screen.getByRole("button", { name: "Close", exact: true }).click();
  nc.child.stdin.end();
  await nc.ended;

  const python = run(await serve.command("Python"));
  await serve.atTheDoor(1);
  await serve.acceptNext();
  await python.prints(/Enter message: /);
  python.type("Wake up, Neo\n");
  await tutorialByHand(serve);
  await python.prints(/Received: accepted/);
  python.type("close\n");
  await serve.shows("close");
  await serve.answer("closed");
  await python.prints(/Connection to server closed/);
  expect((await python.ended).code).toBe(0);

  const link = await serve.command("another page");
  const other = await (await browser.newContext()).newPage();
  await other.goto(link);
  const talk = new TalkPage(other);
  await expect(other.getByText("From a link:")).toBeVisible();
  await expect(talk.address).toHaveValue(`tcp://127.0.0.1:${serve.port}`);
  await serve.atTheDoor(0);
  await other.locator(".notice").getByRole("button", { name: "Connect" }).click();
  await serve.atTheDoor(1);
  await serve.acceptNext();
  await talk.shows("Enter message:");
  await other.locator(".xterm-screen").click();
  await talk.say("Wake up, Neo");
  await tutorialByHand(serve);
  await talk.shows("accepted");
  await talk.say("close");
  await serve.answer("closed");
  await talk.shows("Connection to server closed");
  await other.context().close();

  const bare = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  await serve.acceptNext();
  bare.send("Wake up, Neo");
  await tutorialByHand(serve);
  expect(await bare.bytes(8)).toBe("accepted");
  bare.socket.end();
  await expect(serve.rows.first()).toContainText("CLOSE_WAIT");
  await serve.screen.getByRole("button", { name: "Close", exact: true }).click();
  await expect(serve.status("Accepted")).toHaveText("4, of which 0 open");
  await expect(serve.status("In")).toHaveText("59 B");
  await expect(serve.status("Out")).toHaveText("44 B");
});

test("the backlog fills, refuses beyond it, and empties by hand, first come first served", async ({
  page,
}) => {
  const serve = await ServePage.open(page, { backlog: 2 });
  await serve.listen();
  const first = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  const second = await connectTcp(serve.port);
  await serve.atTheDoor(2);
  await expect(serve.door).toContainText("The door is full: the next visitor is refused.");

  const third = connect({ host: "127.0.0.1", port: serve.port });
  const [error] = (await once(third, "error")) as [NodeJS.ErrnoException];
  expect(error.code).toBe("ECONNRESET");
  await expect(serve.door).toContainText("1 visitor refused so far.");
  await expect(serve.console).toContainText("Refused at the door: 1 visitor");
  const addressOf = ({ socket }: { socket: Socket }) => `127.0.0.1:${socket.localPort}`;

  await serve.acceptNext();
  await expect(serve.rows).toContainText([addressOf(first)]);
  await serve.atTheDoor(1);
  await serve.acceptNext();
  await expect(serve.rows).toContainText([addressOf(first), addressOf(second)]);
  await expect(serve.door).toContainText("Nobody is at the door.");

  // accept() with nobody there waits, and takes the next who comes.
  await serve.accept.click();
  await expect(serve.door).toContainText("waits in accept()");
  const fourth = await connectTcp(serve.port);
  await expect(serve.rows).toHaveCount(3);
  await expect(serve.door).not.toContainText("waits in accept()");
  for (const { socket } of [first, second, fourth]) socket.destroy();
});

test("canned answers: at once, by the tutorial's rules, with nobody at the keyboard", async ({
  page,
}) => {
  const serve = await ServePage.open(page, { atOnce: true });
  await serve.listen();
  await page.getByLabel("Answers to everybody").selectOption({ label: "The tutorial's server" });
  const python = run(await serve.command("Python"));
  await python.prints(/Enter message: /);
  python.type("Wake up, Neo\n");
  await python.prints(/Received: accepted/);
  python.type("close\n");
  await python.prints(/Connection to server closed/);
  expect((await python.ended).code).toBe(0);
  await serve.shows("closed");

  const echoed = await connectTcp(serve.port);
  await expect(serve.rows).toHaveCount(2);
  await serve.rows.first().click();
  await page.getByLabel("Answers to Visitor 2").selectOption({ label: "Echo" });
  echoed.send("abc");
  expect(await echoed.bytes(3)).toBe("abc");
  echoed.socket.end();
  await once(echoed.socket, "close");
});

test("a port in TIME_WAIT is explained with its row, and another port is one press away", async ({
  page,
}) => {
  // Without SO_REUSEADDR, and the first to close: its end stays in TIME_WAIT and keeps the port.
  const python = new Program("python3", [
    "-c",
    `import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(1)
print(s.getsockname()[1], flush=True)
c, a = s.accept()
c.close()
s.close()`,
  ]);
  const port = Number((await python.prints(/(\d+)\n/))[1]);
  const client = connect({ host: "127.0.0.1", port });
  client.resume();
  await once(client, "close");
  await python.ended;

  const serve = await ServePage.open(page);
  const field = serve.screen.getByRole("textbox", { name: "Address to listen on" });
  await field.fill(`127.0.0.1:${port}`);
  await field.press("Enter");
  const why = serve.screen.getByRole("region", { name: "Why nothing listens" });
  await expect(why.getByRole("alert")).toContainText(`Port ${port} is taken.`);
  await expect(why.getByRole("alert")).toContainText("its server closed first");
  await expect(why.getByRole("row").nth(1)).toContainText(/TIME_WAIT.*127\.0\.0\.1:\d+.*in \d+ s/);
  await expect(why).toContainText("OSError: [Errno 98] Address already in use");
  await why.getByRole("button", { name: "Listen then" }).click();
  await expect(why.getByRole("button", { name: /^Listens in \d+ s$/ })).toBeVisible();
  await why.getByRole("button", { name: `Listen on ${port + 1}` }).click();
  await expect(serve.screen.getByRole("button", { name: "Stop listening" })).toBeVisible();
  await expect(why).toHaveCount(0);
});

test("a port that a lesson server has is told from one that the administrator has", async ({
  page,
  gateway,
}) => {
  const serve = await ServePage.open(page);
  const field = serve.screen.getByRole("textbox", { name: "Address to listen on" });
  const why = serve.screen.getByRole("region", { name: "Why nothing listens" });
  await field.fill(`127.0.0.1:${gateway.lessonPort}`);
  await field.press("Enter");
  await expect(why).toContainText("Another program listens on");
  await field.fill("192.0.2.1:9090");
  await field.press("Enter");
  await expect(why.getByRole("heading")).not.toContainText("taken");
  await field.fill("nowhere at all");
  await field.press("Enter");
  await why.getByRole("button", { name: "Edit" }).click();
  await expect(field).toBeFocused();
});

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
  await expect(page.getByRole("link", { name: "Serve, 1 waiting" })).toBeVisible();
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
  await page.getByLabel("Enter message").fill("accepted");
  await page.getByRole("button", { name: "Send" }).click();
  expect(await visitor.bytes(8)).toBe("accepted");
  expect(await scrollsSideways(page)).toBe(false);
  const heights = await serve.screen
    .locator("button:visible, select:visible")
    .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().height)));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(48);
  visitor.socket.destroy();
});

for (const width of [861, 1024, 1280, 1440]) {
  test(`nothing is cut off sideways at ${width} pixels with a full door`, async ({ page }) => {
    await page.setViewportSize({ width, height: 768 });
    const serve = await ServePage.open(page, { backlog: 3 });
    await serve.listen();
    const peers = [];
    for (let i = 0; i < 4; i++) {
      peers.push(await connectTcp(serve.port));
      await serve.atTheDoor(i === 0 ? 1 : Math.min(i, 3));
      if (i === 0) await serve.acceptNext();
    }
    expect(await scrollsSideways(page)).toBe(false);
    const left = await serve.screen.locator(".serve-left").boundingBox();
    const accept = await serve.accept.boundingBox();
    if (!left || !accept) throw new Error("the door is not on the screen");
    expect(accept.x + accept.width).toBeLessThanOrEqual(left.x + left.width);
    for (const { socket } of peers) socket.destroy();
  });
}
