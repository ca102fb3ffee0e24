/** What a student sees of a class while it goes on, between real pages on a real gateway. */
import { type Browser, expect, type Page, test } from "@playwright/test";
import {
  expectStudent,
  expectUsable,
  openClass,
  strip,
  type TestClass,
} from "../support/class-page.ts";
import { opened, wireButton } from "../support/scenes.ts";
import { ServePage } from "../support/serve-page.ts";

/** A class for one test. */
async function withClass(browser: Browser, run: (room: TestClass) => Promise<void>): Promise<void> {
  const room = await openClass(browser);
  try {
    await run(room);
  } finally {
    await room.close();
  }
}

const terminal = (page: Page) => page.locator(".terminal-slot:not([inert]) .xterm-rows");
/** What the keyboard types into, of the conversation in front. */
const keys = (page: Page) => page.locator(".terminal-slot:not([inert]) textarea");
const field = (page: Page) => page.getByLabel("Enter message");
const PHONE = { viewport: { width: 390, height: 844 } };

test("who the student is and that the teacher looks on stands on every screen", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await expectStudent(page, "Trinity");
    await expectUsable(page);
    await page.getByRole("link", { name: "Serve" }).click();
    await expectStudent(page, "Trinity");
    await expectUsable(page);
  });
});

test("a page that is loaded anew is the same student, in the same conversation", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await page.keyboard.type("Wake up, Neo");
    await page.keyboard.press("Enter");
    await expect(terminal(page)).toContainText("accepted");
    const own = page.locator(".you-address");
    const socket = await own.textContent();
    await page.reload();
    await opened(page);
    await expectStudent(page, "Trinity");
    await expect(own).toHaveText(socket ?? "");
    await expect(terminal(page)).toContainText("Wake up, Neo");
    await page.keyboard.type("Follow me");
    await page.keyboard.press("Enter");
    await expect(terminal(page)).toContainText(/Follow me\s*accepted/);
  });
});

test("the teacher's words stand on the page until they are dismissed, and new ones come again", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await room.teach({ do: "note", text: "Look at the board." });
    const note = page.getByRole("status").filter({ hasText: "Your teacher says:" });
    await expect(note).toContainText("Look at the board.");
    await expectUsable(page);
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect(note).toHaveCount(0);
    await page.reload();
    await expectStudent(page, "Trinity");
    await expect(note).toHaveCount(0);
    await room.teach({ do: "note", text: "recv(1024) gives b'' at the end. Go `on`." });
    await expect(note).toContainText("recv(1024) gives b'' at the end. Go on.");
    await expect(note.locator("code")).toHaveText(["recv(1024)", "b''", "on"]);
    await room.teach({ do: "note", text: "" });
    await expect(note).toHaveCount(0);
  });
});

test("a connection that the teacher hangs up is drawn as closed, and not as broken", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await room.teach({ do: "hang-up" });
    await expect(terminal(page)).toContainText("Hung up by the teacher");
    await expect(page.getByText(/^teacher hung up after/)).toBeVisible();
    const rows = page.getByRole("region", { name: /^Ladder/ }).getByRole("listitem");
    const ending = rows.filter({ hasText: "hung up by the teacher" });
    await expect(ending).toContainText(/FIN_WAIT2.*FIN.*recv b''/);
  });
});

test("a half-typed line outlives a stop to typing, and no key gets into it meanwhile", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await page.keyboard.type("half a ");
    await room.teach({ do: "freeze", on: true });
    await expect(page.getByText("Your teacher has frozen typing.")).toBeVisible();
    await page.keyboard.type("nothing");
    await page.keyboard.press("Enter");
    await expect(terminal(page)).toContainText("Your teacher has frozen typing:");
    await expect(terminal(page)).toContainText("Enter message: half a");
    await expectUsable(page);
    await room.teach({ do: "freeze", on: false });
    await expect(page.getByText("You may type again.")).toBeAttached();
    await page.keyboard.type("line");
    await page.keyboard.press("Enter");
    await expect(terminal(page)).toContainText(/half a line\s*accepted/);
    await expect(terminal(page)).not.toContainText("nothing");
  });
});

test("on a phone the message field keeps its line while typing is stopped", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity", PHONE);
    await field(page).fill("half a line");
    await room.teach({ do: "freeze", on: true });
    await expect(field(page)).toHaveAttribute("readonly", "");
    await expect(page.getByRole("button", { name: "Send" })).toBeDisabled();
    await expect(field(page)).toHaveValue("half a line");
    await room.teach({ do: "freeze", on: false });
    await page.getByRole("button", { name: "Send" }).click();
    await expect(field(page)).toHaveValue("");
    await expect(terminal(page)).toContainText(/half a line\s*accepted/);
  });
});

test("an address from the teacher is connected to in a tab of its own, with a way back", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    const address = `tcp://127.0.0.1:${room.ports.echo}`;
    await room.teach({ do: "point", address });
    await expect(page.getByText("Your teacher asks you to connect to")).toBeVisible();
    await expect(page.getByRole("tab", { name: `127.0.0.1:${room.ports.echo}` })).toHaveAttribute(
      "aria-selected",
      "true",
    );
    await expect(keys(page)).toBeFocused();
    await expectUsable(page);
    await page.getByRole("button", { name: "Back to what I had" }).click();
    await expect(page.getByLabel("Address of the server")).toHaveValue(
      `tcp://127.0.0.1:${room.ports.accept}`,
    );
    await wireButton(page, "Close").waitFor();
  });
});

test("a student finds another's server in the list, and they talk", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const neo = await room.student("Neo");
    const trinity = await room.student("Trinity");
    const serve = await ServePage.open(neo);
    await serve.listen();
    await trinity.getByRole("button", { name: "Who listens 1" }).click();
    await expectUsable(trinity);
    await trinity.getByRole("button", { name: `Neo listens on ${serve.port}` }).click();
    await expect(trinity.getByLabel("Address of the server")).toHaveValue(
      `tcp://127.0.0.1:${serve.port}`,
    );
    await expect(keys(trinity)).toBeFocused();
    await wireButton(trinity, "Close").waitFor();
    await trinity.keyboard.type("knock, knock");
    await trinity.keyboard.press("Enter");
    await expect(serve.screen.getByRole("list", { name: "The first at the door" })).toContainText(
      "Trinity",
    );
    await expectUsable(neo);
    await serve.accept.click();
    await expect(serve.rows).toHaveCount(1);
    await serve.rows.first().click();
    await expect(serve.screen.getByRole("tab", { name: /Visitor 1, Trinity/ })).toBeVisible();
    await expect(serve.terminal).toContainText("knock, knock");
  });
});

test("a refused address is explained without flags: what may be reached, and who can add to it", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await wireButton(page, "Close").click();
    await page.getByLabel("Address of the server").fill("tcp://127.0.0.1:9");
    await wireButton(page, "Connect").click();
    const panel = page.getByRole("region", { name: "What went wrong" });
    await expect(panel).toContainText("127.0.0.1:9 is not among what this class may reach");
    await expect(panel).toContainText(`echo (${room.ports.echo})`);
    await expect(panel).toContainText("Your teacher can add this one.");
    await expect(page.locator("body")).not.toContainText("--allow");
    await room.teach({ do: "allow", address: "127.0.0.1:9", on: true });
    await expect(async () => {
      await page.getByRole("button", { name: /^Who listens/ }).click();
      await expect(page.getByText("Allowed by the teacher.")).toBeVisible({ timeout: 1000 });
    }).toPass();
  });
});

test("whoever is taken out sees why, and what to do; and joins again", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await room.teach({ do: "remove", student: await room.idOf("Trinity") });
    await expect(
      page.getByRole("heading", { name: "Your teacher has taken you out of the class." }),
    ).toBeVisible();
    await expectUsable(page);
    await page.getByRole("button", { name: "Join again" }).click();
    await expect(page.getByRole("heading", { name: "Join Networks 101" })).toBeVisible();
  });
});

test("whoever joins in the same browser finds nothing that was typed there before", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Neo");
    const kept = () => page.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
    await keys(page).focus();
    await page.keyboard.type("private");
    await page.keyboard.press("Enter");
    await expect(terminal(page)).toContainText("accepted");
    await page.keyboard.type("half a secret");
    await expect(terminal(page)).toContainText("half a secret");
    expect(await kept()).toMatch(/private.*secret/);
    await room.teach({ do: "remove", student: await room.idOf("Neo") });
    await page.getByRole("button", { name: "Join again" }).click();
    await page.getByLabel("Code", { exact: true }).fill(room.board);
    await page.getByLabel("Your name").fill("Trinity");
    await page.keyboard.press("Enter");
    await opened(page);
    await keys(page).focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.type("mine");
    await expect(terminal(page)).toContainText("Enter message: mine");
    expect(await kept()).not.toMatch(/private|secret/);
  });
});

test("a class that is over leaves what was said on the page", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity");
    await page.keyboard.type("Wake up, Neo");
    await page.keyboard.press("Enter");
    await expect(terminal(page)).toContainText("accepted");
    await room.teach({ do: "end" });
    await expect(page.getByRole("heading", { name: "The class is over." })).toBeVisible();
    await expectUsable(page);
    await page.getByRole("button", { name: "Look at what was here" }).click();
    await expect(strip(page)).toBeVisible();
    await expect(page.getByRole("button", { name: /^Record/ })).toContainText("save");
  });
});

test("on a phone the teacher's words leave the field on the screen, and the link is read whole", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.student("Trinity", PHONE);
    await room.teach({ do: "point", address: `tcp://127.0.0.1:${room.ports.echo}` });
    await expect(page.getByText("Your teacher asks:")).toBeVisible();
    const words =
      "What does b'' mean? Read chapter 3 and answer in one sentence, then go on to pairs.";
    await room.teach({ do: "note", text: words });
    await expect(page.getByText("Your teacher says:")).toBeVisible();
    await expect(field(page)).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(844);
    // As long as it gets in a lesson.
    const cut = await page.locator(".link-cell").evaluate((cell) => {
      const value = cell.querySelector(".cell-value");
      if (value) value.textContent = "unbroken for 44 min 44 s";
      return [...cell.children].some((each) => each.scrollWidth > each.clientWidth);
    });
    expect(cut).toBe(false);
  });
});
