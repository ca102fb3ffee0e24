/** What a teacher does to a class, on live students: each control, and what the room sees of it. */
import { type Browser, expect, test } from "@playwright/test";
import { expectUsable, openClass, strip, type TestClass } from "../support/class-page.ts";
import { wireButton } from "../support/scenes.ts";
import { direct, join, key, openWall, row } from "../support/wall-page.ts";

/** A class for one test. */
async function withClass(
  browser: Browser,
  run: (room: TestClass) => Promise<void>,
  flags: string[] = [],
): Promise<void> {
  const room = await openClass(browser, flags);
  try {
    await run(room);
  } finally {
    await room.close();
  }
}

test("locked joining is seen from the last row, and keeps newcomers out", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    await page.keyboard.press("l");
    await expect(page.locator(".class-head")).toContainText("Joining is locked");
    await expect(key(page, "Unlock joining")).toBeVisible();
    await expect(join(room, "Trinity")).rejects.toThrow("locked");
    await page.keyboard.press("l");
    await expect(page.locator(".class-head")).not.toContainText("Joining is locked");
    const trinity = await join(room, "Trinity");
    await expect(row(page, "Trinity")).toBeVisible();
    trinity.leave();
  });
});

test("everybody, or the one who is large, is pointed at an address", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const trinity = await room.student("Trinity");
    const panel = await direct(page);
    const address = panel.getByLabel("Address to connect to");
    await address.fill(`127.0.0.1:${room.ports.echo}`);
    await panel.getByRole("button", { name: "Connect everybody" }).click();
    await expect(panel).toContainText(`Told everybody to connect to tcp://127.0.0.1:`);
    await expect(trinity.getByLabel("Address of the server")).toHaveValue(
      `tcp://127.0.0.1:${room.ports.echo}`,
    );
    await expect(wireButton(trinity, "Close")).toBeVisible();
    await address.fill("nowhere");
    await panel.getByRole("button", { name: "Connect everybody" }).click();
    await expect(panel.locator(".deed.wrong")).toBeVisible();
    await expectUsable(page);
    // Whoever is pulled out is the one the panel is for, until everybody is wanted.
    await row(page, "Trinity").getByRole("button").click();
    await panel.getByRole("button", { name: "Connect Trinity" }).waitFor();
    await panel.getByRole("button", { name: "Everybody", exact: true }).click();
    await panel.getByRole("button", { name: "Connect everybody" }).waitFor();
  });
});

test("a note comes to everybody's page, and goes again", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const trinity = await room.student("Trinity");
    const panel = await direct(page);
    await panel.getByLabel("Note to students").fill("Look at the ladder");
    await panel.getByRole("button", { name: "Send to everybody" }).click();
    await expect(panel).toContainText("Sent to everybody.");
    await expect(trinity.getByText("Look at the ladder")).toBeVisible();
    await panel.getByRole("button", { name: "Take it away" }).press("Enter");
    await expect(trinity.getByText("Look at the ladder")).toHaveCount(0);
    await expect(panel.getByRole("region", { name: "Note" })).toBeFocused();
  });
});

test("typing is frozen for one or for all: what is sent waits, and comes when it may", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const [trinity, tank] = [await join(room, "Trinity"), await join(room, "Tank")];
    for (const student of [trinity, tank]) await student.connect(room.ports.accept);
    await row(page, "Trinity").getByRole("button").click();
    const panel = await direct(page);
    await panel.getByRole("button", { name: "Trinity", exact: true }).click();
    await panel.getByRole("button", { name: "Freeze typing for Trinity" }).click();
    await expect(row(page, "Trinity")).toContainText("frozen");
    trinity.talk.send("hello");
    tank.talk.send("hello");
    await expect(row(page, "Tank")).toContainText("accepted");
    expect(trinity.talk.receivedBytes).toBe(0);
    await panel.getByRole("button", { name: "Let Trinity type" }).click();
    await expect(row(page, "Trinity")).toContainText("received “accepted”");
    await panel.getByRole("button", { name: "Everybody", exact: true }).click();
    await panel.getByRole("button", { name: "Freeze typing for everybody" }).click();
    await expect(page.locator(".class-title")).toContainText("Nobody may type");
    await panel.getByRole("button", { name: "Let everybody type" }).click();
    await expect(page.locator(".class-title")).not.toContainText("Nobody may type");
    trinity.leave();
    tank.leave();
  });
});

test("hanging up closes one connection at once, and all after a question", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const [trinity, tank] = [await join(room, "Trinity"), await join(room, "Tank")];
    for (const student of [trinity, tank]) await student.connect(room.ports.accept);
    await row(page, "Trinity").getByRole("button").click();
    const panel = await direct(page);
    await panel.getByRole("button", { name: "Trinity", exact: true }).click();
    await panel.getByRole("button", { name: "Hang up Trinity" }).click();
    await trinity.talk.when((talk) => talk.ended);
    expect(tank.talk.ended).toBe(false);
    await panel.getByRole("button", { name: "Everybody", exact: true }).click();
    await panel.getByRole("button", { name: "Hang up everybody" }).click();
    // What will happen, not what has happened.
    await expect(panel.getByRole("alert")).toContainText("This closes every connection");
    await page.keyboard.press("Escape");
    await expect(panel.getByRole("alert")).toHaveCount(0);
    expect(tank.talk.ended).toBe(false);
    // The question was about everybody: it does not become one about somebody else.
    await panel.getByRole("button", { name: "Hang up everybody" }).click();
    await row(page, "Tank").getByRole("button").click();
    await panel.getByRole("button", { name: "Hang up Tank" }).waitFor();
    await expect(panel.getByRole("alert")).toHaveCount(0);
    expect(tank.talk.ended).toBe(false);
    await panel.getByRole("button", { name: "Everybody", exact: true }).click();
    await panel.getByRole("button", { name: "Hang up everybody" }).click();
    await page.keyboard.press("Enter");
    await tank.talk.when((talk) => talk.ended);
    await expect(panel.getByRole("region", { name: "Hang up" })).toBeFocused();
    trinity.leave();
    tank.leave();
  });
});

test("a student who is removed is off the wall, and does not come back by reloading", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const trinity = await room.student("Trinity");
    await row(page, "Trinity").getByRole("button").click();
    const panel = await direct(page);
    await panel.getByRole("button", { name: "Trinity", exact: true }).click();
    await panel.getByRole("button", { name: "Remove Trinity" }).click();
    await panel.getByRole("button", { name: "Remove Trinity" }).click();
    await expect(row(page, "Trinity")).toHaveCount(0);
    await expect(page.getByText("Nobody has joined yet.")).toBeVisible();
    await expect(panel.getByRole("heading", { name: "Direct" })).toBeFocused();
    await expect(trinity.getByRole("alert")).toContainText("taken you out of the class");
  });
});

test("what was meant for one student goes to nobody else when that one is gone", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const tank = await join(room, "Tank");
    const trinity = await join(room, "Trinity");
    await row(page, "Trinity").getByRole("button").click();
    const panel = await direct(page);
    const note = panel.getByLabel("Note to students");
    await note.fill("Trinity, see me after class");
    await panel.getByRole("button", { name: "Send to Trinity" }).waitFor();
    await room.teach({ do: "remove", student: await room.idOf("Trinity") });
    await expect(row(page, "Trinity")).toHaveCount(0);
    await expect(panel.getByRole("alert")).toContainText("is in the class no longer");
    await expect(note).toHaveCount(0);
    await panel.getByRole("button", { name: "Everybody", exact: true }).click();
    await expect(note).toHaveValue("");
    await panel.getByRole("button", { name: "Send to everybody" }).waitFor();
    tank.leave();
    trinity.leave();
  });
});

test("a target is allowed and taken away, and one that never may be is refused in words", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const panel = await direct(page);
    const field = panel.getByLabel("Target that students may reach");
    await field.fill("169.254.169.254:80");
    await panel.getByRole("button", { name: "Allow" }).click();
    await expect(panel.locator(".deed.wrong")).toHaveText(/\.$/);
    await field.fill("192.0.2.7:2323");
    await panel.getByRole("button", { name: "Allow" }).click();
    await panel.getByRole("button", { name: "Take away 192.0.2.7:2323" }).click();
    await expect(panel.getByRole("button", { name: "Take away 192.0.2.7:2323" })).toHaveCount(0);
  });
});

test("a lesson server is started on a free port and stopped again", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const trinity = await join(room, "Trinity");
    const panel = await direct(page);
    await panel.getByRole("combobox", { name: "Lesson" }).selectOption("echo");
    await panel.getByRole("button", { name: "Start it" }).click();
    const stop = panel.getByRole("button", { name: /^Stop echo on \d+$/ });
    const port = Number(/\d+/.exec((await stop.getAttribute("aria-label")) ?? "")?.[0]);
    const talk = await trinity.connect(port);
    talk.send("anybody there?");
    await talk.when(({ text }) => text === "anybody there?");
    await stop.click();
    await expect(stop).toHaveCount(0);
    expect((await trinity.connect(port)).of("error")[0]?.code).toBeDefined();
    trinity.leave();
  });
});

test("clearing asks first, then empties lines and traces and forgets who is away", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const [trinity, tank] = [await join(room, "Trinity"), await join(room, "Tank")];
    await trinity.connect(room.ports.accept);
    trinity.talk.send("Wake up, Neo");
    await expect(row(page, "Trinity")).toContainText("accepted");
    tank.leave();
    await expect(row(page, "Tank")).toContainText("away");
    await page.keyboard.press("l");
    await expect(page.getByText("Joining is locked: nobody new can come in.")).toBeVisible();
    await page.keyboard.press("c");
    // What was done just before does not cover it.
    await page.locator(".question").getByRole("button", { name: "Clear" }).click({ trial: true });
    await page.keyboard.press("Escape");
    await expect(row(page, "Tank")).toBeVisible();
    await page.keyboard.press("c");
    await page.keyboard.press("Enter");
    await expect(row(page, "Tank")).toHaveCount(0);
    await expect(row(page, "Trinity")).not.toContainText("accepted");
    await expect(row(page, "Trinity").locator("path.out")).toHaveCount(0);
    trinity.leave();
  });
});

test("the panel says whether conversations are kept, and lists those that are", async ({
  browser,
}, info) => {
  await withClass(browser, async (room) => {
    const panel = await direct(await openWall(room));
    await expect(panel).toContainText("Nothing is stored");
    await expect(panel.getByRole("button", { name: "Kept conversations" })).toHaveCount(0);
  });
  const look = async (room: TestClass) => {
    const page = await openWall(room);
    const trinity = await join(room, "Trinity");
    await trinity.connect(room.ports.accept);
    const panel = await direct(page);
    await expect(panel).toContainText("Every conversation is kept in files");
    await panel.getByRole("button", { name: "Kept conversations" }).click();
    const keeping = panel.getByRole("region", { name: "Keeping" });
    await expect(keeping).toContainText("Trinity");
    await expectUsable(page);
    trinity.leave();
  };
  await withClass(browser, look, ["--data", info.outputPath("kept")]);
});

test("the class ends after a question, and every screen says so", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await openWall(room);
    const trinity = await room.student("Trinity");
    await expect(strip(trinity)).toBeVisible();
    const panel = await direct(page);
    await panel.getByRole("button", { name: "End the class…" }).click();
    await panel.getByRole("button", { name: "End the class", exact: true }).click();
    await expect(page.getByText("The class is over.")).toBeVisible();
    await expect(trinity.getByText("The class is over.")).toBeVisible();
    await expect(join(room, "Tank")).rejects.toThrow("ended");
  });
});
