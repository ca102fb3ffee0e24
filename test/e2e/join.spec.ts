/** The door of a class: every spelling of the code, every reason not to come in, a phone, a keyboard alone. */
import { type Browser, expect, type Page, test } from "@playwright/test";
import { expectStudent, expectUsable, openClass, type TestClass } from "../support/class-page.ts";
import { opened } from "../support/scenes.ts";

/** A class for one test. */
async function withClass(browser: Browser, run: (room: TestClass) => Promise<void>): Promise<void> {
  const room = await openClass(browser);
  try {
    await run(room);
  } finally {
    await room.close();
  }
}

const code = (page: Page) => page.getByLabel("Code", { exact: true });
const name = (page: Page) => page.getByLabel("Your name");
const join = (page: Page) => page.getByRole("button", { name: "Join", exact: true });
const alert = (page: Page) => page.getByRole("alert");

/** Types into both fields, and joins. */
async function joins(page: Page, as: string, with_: string): Promise<void> {
  await code(page).fill(with_);
  await name(page).fill(as);
  await page.keyboard.press("Enter");
}

test("who will see what is typed is said first; a code in any spelling opens the class, by keyboard alone", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    await page.goto("./");
    await expect(code(page)).toBeFocused();
    await expect(page.getByRole("heading", { name: "Join Networks 101" })).toBeVisible();
    await expect(page.getByText("Your teacher sees everything you type and receive")).toBeVisible();
    await expect(page.getByText("Nothing of it is kept in files.")).toBeVisible();
    await expectUsable(page);
    await page.keyboard.type(` ${[...room.board.toLowerCase()].join("-")}`);
    await expect(code(page)).toHaveValue(room.board);
    await page.keyboard.press("Tab");
    await page.keyboard.type("Neo");
    await page.keyboard.press("Enter");
    await opened(page);
    await expectStudent(page, "Neo");
  });
});

test("a letter typed into the middle of a code does not throw the caret to its end", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    await page.goto("./");
    await expect(code(page)).toBeFocused();
    await page.keyboard.type("7q42m");
    for (let i = 0; i < 5; i++) await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("k");
    await expect(code(page)).toHaveValue("7KQ 42M");
    await page.keyboard.type("x");
    await expect(code(page)).toHaveValue("7KX Q42 M");
  });
});

test("an address with the code asks for the name alone, and no longer carries the code", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    await page.goto(`./#join=${room.board.replace(" ", "").toLowerCase()}`);
    await expect(code(page)).toHaveValue(room.board);
    await expect(name(page)).toBeFocused();
    expect(page.url()).toBe(room.url);
    await page.keyboard.type("Trinity");
    await page.keyboard.press("Enter");
    await opened(page);
    await page.reload();
    await expectStudent(page, "Trinity");
  });
});

test("a wrong code and an empty name are said where they are, and the next key begins anew", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    await page.goto("./");
    await joins(page, "Trinity", "WRONG2");
    await expect(alert(page)).toContainText("That is not the code of this class.");
    await expect(code(page)).toHaveAttribute("aria-invalid", "true");
    await expect(code(page)).toBeFocused();
    await expectUsable(page);
    await page.keyboard.type(room.board);
    await expect(code(page)).toHaveValue(room.board);
    await name(page).fill("\u202e***");
    await page.keyboard.press("Enter");
    await expect(alert(page)).toContainText("Nothing of this name can be shown.");
    await expect(name(page)).toBeFocused();
    await page.keyboard.type("Trinity");
    await page.keyboard.press("Enter");
    await opened(page);
  });
});

test("a name that is taken comes with a free one, which is one press away", async ({ browser }) => {
  await withClass(browser, async (room) => {
    await room.student("Trinity");
    const page = await room.newPage();
    await page.goto("./");
    await joins(page, "trinity", room.board);
    await expect(alert(page)).toContainText("Somebody in the class has this name.");
    await expectUsable(page);
    await page.getByRole("button", { name: "Join as trinity 2" }).click();
    await opened(page);
    await expectStudent(page, "trinity 2");
  });
});

test("a locked class says so, and lets in when it is open again, with what was typed", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const early = await room.newPage();
    await early.goto("./");
    await expect(code(early)).toBeFocused();
    await room.teach({ do: "lock", on: true });
    await joins(early, "Trinity", room.board);
    const late = await room.newPage();
    await late.goto("./");
    for (const page of [early, late]) {
      await expect(page.getByRole("heading", { name: "Networks 101 is locked." })).toBeVisible();
      await expect(page.getByRole("button", { name: "Try again" })).toBeFocused();
    }
    await expectUsable(late);
    await early.keyboard.press("Enter");
    await expect(early.getByRole("button", { name: "Try again" })).toBeVisible();
    await room.teach({ do: "lock", on: false });
    await early.getByRole("button", { name: "Try again" }).click();
    await expect(name(early)).toHaveValue("Trinity");
    await join(early).click();
    await opened(early);
    await room.teach({ do: "lock", on: true });
    await early.reload();
    await expectStudent(early, "Trinity");
  });
});

test("a class that is over says so to whoever joins", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    await page.goto("./");
    await expect(code(page)).toBeFocused();
    await room.teach({ do: "end" });
    await joins(page, "Trinity", room.board);
    await expect(page.getByRole("heading", { name: "Networks 101 is over." })).toBeVisible();
  });
});

test("too many wrong codes have to wait, and the page counts the seconds", async ({ browser }) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    await page.goto("./");
    await code(page).fill(room.board);
    await name(page).fill("Trinity");
    // What the button says meanwhile: it waits for two seconds at most, and a busy machine looks once in that.
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(window, { seen });
      new MutationObserver(() => {
        const button = document.querySelector("button[type=submit]");
        seen.push(`${button?.textContent}, ${button?.getAttribute("aria-disabled")}`);
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    // More than a mistyping class sends, and then the right one before another is allowed.
    await page.evaluate(async () => {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ code: "WRONG2", name: "Smith" });
      const tries = Array.from({ length: 60 }, () =>
        fetch("join", { method: "POST", headers, body }),
      );
      await Promise.all(tries);
      document.querySelector("form")?.requestSubmit();
    });
    await expect(alert(page)).toContainText("Too many wrong codes.");
    const seen = () => page.evaluate(() => (window as unknown as { seen: string[] }).seen);
    await expect.poll(seen).toContainEqual(expect.stringMatching(/^Wait \d+ s, true$/));
    await expect(join(page)).toBeVisible();
    await join(page).click();
    await opened(page);
  });
});

test("without a network the page says so, keeps what was typed, and joins when it is back", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    await page.goto("./");
    await expect(code(page)).toBeFocused();
    await page.context().setOffline(true);
    await expect(page.getByText("This device is in no network now.")).toBeVisible();
    await joins(page, "Trinity", room.board);
    await expect(alert(page)).toContainText("The class cannot be reached.");
    await expect(name(page)).toHaveValue("Trinity");
    await page.context().setOffline(false);
    await expect(page.getByText("This device is in no network now.")).toBeHidden();
    await join(page).click();
    await opened(page);
  });
});

test("a page whose question who it is comes to nothing asks again, and is no other page meanwhile", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    const again = page.getByText("This page asks again by itself.");
    let isAnswered = false;
    await page.route("**/auth", (route) => (isAnswered ? route.continue() : route.abort()));
    await page.goto("./");
    await expect(again).toBeVisible();
    isAnswered = true;
    await joins(page, "Trinity", room.board);
    await opened(page);
    await expectStudent(page, "Trinity");
    isAnswered = false;
    await page.reload();
    await expect(again).toBeVisible();
    isAnswered = true;
    await expectStudent(page, "Trinity");
  });
});

test("the teacher's link that was opened without a network opens the wall as soon as there is one", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const page = await room.newPage();
    let isAnswered = false;
    await page.route("**/auth", (route) => (isAnswered ? route.continue() : route.abort()));
    await page.goto(room.teacherUrl);
    await expect(page.getByText("This page asks again by itself.")).toBeVisible();
    isAnswered = true;
    await expect(page.getByRole("button", { name: /^Direct/ })).toBeVisible();
  });
});

test("on a phone everything fits, is large enough to touch, and asks for the right keyboard", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const viewport = { width: 390, height: 844 };
    const page = await room.newPage({ viewport, isMobile: true, hasTouch: true });
    await page.goto("./");
    await expect(code(page)).toHaveAttribute("autocapitalize", "characters");
    await expect(code(page)).toHaveAttribute("inputmode", "text");
    for (const field of [code(page), name(page)]) {
      // Below 16 px a phone zooms in when the field is touched.
      const size = await field.evaluate((input) => getComputedStyle(input).fontSize);
      expect(Number.parseFloat(size)).toBeGreaterThanOrEqual(16);
    }
    const boxes = [code(page), name(page), join(page)];
    for (const box of boxes)
      expect((await box.boundingBox())?.height ?? 0).toBeGreaterThanOrEqual(48);
    await expect(join(page)).toBeInViewport({ ratio: 1 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    await expectUsable(page);
    await joins(page, "Trinity", room.board);
    await expectStudent(page, "Trinity");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(844);
  });
});

test("a teacher's link leads to the wall at once; a student finds neither the wall nor a way to it", async ({
  browser,
}) => {
  await withClass(browser, async (room) => {
    const teacher = await room.newPage();
    await teacher.goto(room.teacherUrl);
    await expect(teacher).toHaveTitle("Class, Wireside");
    expect(teacher.url()).toBe(room.url);
    const student = await room.student("Trinity");
    await expect(student.getByRole("link", { name: "Serve" })).toBeVisible();
    await expect(student.getByRole("link", { name: "Class" })).toHaveCount(0);
    await student.goto("./#class");
    await expect(student).toHaveTitle("Wireside");
    const stranger = await room.newPage();
    await stranger.goto(`${room.teacherUrl}x`);
    await expect(stranger.getByText("The link you opened did not let you in.")).toBeVisible();
    await expect(code(stranger)).toBeFocused();
  });
});
