/** A page is a server: real programs have the tutorial's conversation with it, wait at its door, and are refused. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
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

test("nc has a conversation with a page, typed on both sides", async ({ page }) => {
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
  await expect(serve.console).toContainText("Connection to client closed");
});

test("the example client has the tutorial's conversation with a page", async ({ page }) => {
  const serve = await ServePage.open(page);
  await serve.listen();
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
});

test("another page comes through the link, dials when Connect is pressed, and talks", async ({
  page,
  browser,
}) => {
  const serve = await ServePage.open(page);
  await serve.listen();
  const other = await (await browser.newContext()).newPage();
  await other.goto(await serve.command("another page"));
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
  await serve.shows("close");
  await serve.answer("closed");
  await talk.shows("Connection to server closed");
  await other.context().close();
});

test("a program that knows nothing of Wireside is answered, hangs up, and is hung up on", async ({
  page,
}) => {
  const serve = await ServePage.open(page);
  await serve.listen();
  const bare = await connectTcp(serve.port);
  await serve.atTheDoor(1);
  await serve.acceptNext();
  bare.send("Wake up, Neo");
  await tutorialByHand(serve);
  expect(await bare.bytes(8)).toBe("accepted");
  bare.socket.end();
  await expect(serve.rows.first()).toContainText("CLOSE_WAIT");
  await expect(serve.rows.first()).toContainText("hung up, close your end");
  await serve.screen.getByRole("button", { name: "Close", exact: true }).click();
  await expect(serve.status("Accepted")).toHaveText("1, of which 0 open");
  await expect(serve.status("In")).toHaveText("12 B");
  await expect(serve.status("Out")).toHaveText("8 B");
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
  // Another waits: accept() is pressed again. After the last one, the answer is typed.
  await expect(serve.accept).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(serve.rows).toContainText([addressOf(first), addressOf(second)]);
  await expect(serve.door).toContainText("Nobody is at the door.");
  await expect(serve.terminal.locator("textarea")).toBeFocused();
  await page.keyboard.type("You are next");
  await page.keyboard.press("Enter");
  expect(await second.bytes(12)).toBe("You are next");

  // accept() with nobody there waits, and takes the next who comes, also from where the listening began.
  await serve.screen.getByRole("button", { name: "Stop listening" }).focus();
  await page.keyboard.press("Alt+a");
  await expect(serve.door).toContainText("waits in accept()");
  const fourth = await connectTcp(serve.port);
  await expect(serve.rows).toHaveCount(3);
  await expect(serve.door).not.toContainText("waits in accept()");
  await expect(serve.terminal.locator("textarea")).toBeFocused();
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
