/** The tutorial's conversation in a browser, by keyboard alone, with the real programs at both ends. */
import { fileURLToPath } from "node:url";
import { nearCalls, showList, times, told } from "../support/event-list.ts";
import { expect, test } from "../support/fixtures.ts";
import { Program } from "../support/programs.ts";
import { BOTH_HUNG_UP, TalkPage } from "../support/talk-page.ts";

const SERVER = fileURLToPath(new URL("../../examples/server.py", import.meta.url));

/** The rows of the terminal as lines, without the empty ones below. */
const lines = (talk: TalkPage) =>
  talk.terminal.locator("> div").evaluateAll((rows) => {
    const texts = rows.map((row) => (row.textContent ?? "").replace(/\u00a0/g, " ").trimEnd());
    return texts.filter((text) => text !== "");
  });

test("typing is all it takes: accepted, closed, hung up, and Enter connects again", async ({
  page,
  gateway,
}) => {
  const talk = new TalkPage(page);
  await talk.open();
  await talk.say("Wake up, Neo");
  await talk.shows("accepted");
  await talk.say("close");
  await talk.shows("Connection to server closed");
  await expect
    .poll(() => lines(talk))
    .toEqual([
      `Connected to 127.0.0.1:${gateway.lessonPort}`,
      "Enter message: Wake up, Neo",
      "accepted",
      "Enter message: close",
      "closed",
      "The server hung up.",
      "Connection to server closed",
      "Press Enter to connect again.",
    ]);
  await expect(talk.status("Out")).toHaveText("17 B");
  await expect(talk.status("In")).toHaveText("14 B");

  await page.keyboard.press("Enter");
  await talk.shows(/Press Enter to connect again\.\s*Connected to .*Enter message:/);
  await talk.say("Neo");
  await talk.shows(/Enter message: Neo\s*accepted/);
  await expect(talk.status("Out")).toHaveText("3 B");
});

test("the list of events tells the same conversation, each call with its time", async ({
  page,
  gateway,
}) => {
  // Room for all of it: only rows on the screen are in the page.
  await page.setViewportSize({ width: 1440, height: 2400 });
  const talk = new TalkPage(page);
  await talk.open();
  await showList(page);
  await talk.say("Wake up, Neo");
  await talk.shows("accepted");
  await talk.say("close");
  await talk.shows("Connection to server closed");
  const address = `127.0.0.1:${gateway.lessonPort}`;
  const rows = nearCalls(page);
  await expect
    .poll(() => told(rows))
    .toEqual([
      `connecting to tcp://${address}`,
      expect.stringMatching(`^connected to ${address} from 127\\.0\\.0\\.1:\\d+$`),
      "sent 12 B Wake up, Neo",
      "read 8 B accepted",
      "sent 5 B close",
      "read 6 B closed",
      "the server ended its direction (FIN)",
      "you ended your direction (FIN)",
      "the connection is closed",
    ]);
  const seconds = await times(rows);
  expect(seconds).toEqual([...seconds].sort((a, b) => a - b));
});

test("the page talks to server.py, whose address is typed into the bar by keyboard", async ({
  page,
}) => {
  const server = new Program("python3", [SERVER, "127.0.0.1", "0"]);
  const [, address = ""] = await server.prints(/Listening on (127\.0\.0\.1:\d+)\n/);
  const talk = new TalkPage(page);
  await talk.open();
  await talk.say("close");
  await talk.shows("Press Enter to connect again.");
  await talk.enterAddress(`tcp://${address}`);
  await talk.shows(`Connected to ${address}`);
  await talk.say("Grüße, Neo 🐇");
  await server.prints(/Received: Grüße, Neo 🐇\n/);
  await talk.shows("accepted");
  await talk.say("CLOSE");
  await talk.shows(BOTH_HUNG_UP);
  expect(await server.ended).toEqual({ code: 0, signal: null });
});

test("F6 goes round the page, Shift+F6 back, and both pass the terminal", async ({ page }) => {
  const talk = new TalkPage(page);
  await talk.open();
  const region = () =>
    page.evaluate(() => {
      const part = document.activeElement?.closest<HTMLElement>("[data-region]");
      return part?.dataset.region ?? "";
    });
  await expect.poll(region).toBe("terminal");
  await talk.ladderLoaded();
  for (const [key, next] of [
    ["F6", "ladder"],
    ["F6", "status"],
    ["F6", "settings"],
    ["F6", "address"],
    ["F6", "terminal"],
    ["Shift+F6", "address"],
  ] as const) {
    await page.keyboard.press(key);
    await expect.poll(region).toBe(next);
  }
});

test("Enter adds LF where that was chosen, also after a reload, and nothing elsewhere", async ({
  page,
  gateway,
}) => {
  const talk = new TalkPage(page);
  await talk.open();
  const picker = page.getByRole("combobox", { name: "Enter adds" });
  // Lab, Raw and Line stand between the terminal and it.
  for (let i = 0; i < 4; i++) await page.keyboard.press("Shift+Tab");
  await expect(picker).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(picker).toHaveValue("lf");

  await page.reload();
  await talk.shows("Enter message:");
  await expect(picker).toHaveValue("lf");
  await talk.say("Neo");
  await talk.shows("accepted");
  await expect(talk.status("Out")).toHaveText("4 B");
  await talk.say("close");
  await talk.shows("Press Enter to connect again.");

  // The same server by its other name is another address, with a choice of its own.
  await talk.enterAddress(`tcp://localhost:${gateway.lessonPort}`);
  await talk.shows(/again\.\s*Connected to .*Enter message:/);
  await expect(picker).toHaveValue("none");
  await talk.say("Neo");
  await talk.shows(/accepted.*accepted/);
  await expect(talk.status("Out")).toHaveText("3 B");
});
