// @ts-check
/** What the pictures of the README show: a conversation, and a class with its wall. Real pages have both. */

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */

/**
 * @typedef {object} Stage
 * @property {Browser} browser for further pages
 * @property {Page} page of which the pictures are taken
 * @property {string} url as the gateway prints it for whoever started it
 */

/** What is typed, and the answer as it is read. */
const LINES = [
  { line: "Wake up, Neo", answer: "accepted" },
  { line: "Follow the white rabbit", answer: /“accepted” “accepted”/ },
  { line: "close", answer: "closed" },
];
/** The line that is picked out: it was sent at once, and read in two pieces. */
const PICKED = "23 B";
const ADDRESS_TALKED_TO = "tcp://127.0.0.1:8003";
const TYPING_MS = 60;

/** Who is in the class, and what they say; the first stands large. */
const STUDENTS = [
  { name: "Trinity", lines: ["Wake up, Neo", "Follow the white rabbit"] },
  { name: "Morpheus", lines: ["Free your mind"] },
  { name: "Tank", lines: ["Operator", "close"] },
  { name: "Switch", lines: ["Not like this"] },
  { name: "Apoc", lines: [] },
  { name: "Mouse", lines: ["The woman in red", "close"] },
];

/**
 * The conversation with the lesson server of small reads, and the bytes of one line of it.
 * @param {Stage} stage
 */
export async function haveConversation({ page, url }) {
  await page.addInitScript((address) => {
    localStorage.setItem("wireside address", JSON.stringify(address));
  }, ADDRESS_TALKED_TO);
  await page.goto(url);
  const terminal = page.locator(".xterm-rows");
  await terminal.getByText("Enter message:").waitFor();
  for (const { line, answer } of LINES) {
    await page.keyboard.type(line, { delay: TYPING_MS });
    await page.keyboard.press("Enter");
    await page.getByRole("listitem").filter({ hasText: answer }).last().waitFor();
  }
  await terminal.getByText("Press Enter to connect again.").waitFor();
  await page.locator(".mark", { hasText: PICKED }).click();
  await page.getByText("chunk 2: 7 B").waitFor();
  await page.mouse.move(0, 0);
  await measuredAgain(page);
}

/**
 * The first round trip is measured while the page is still busy starting.
 * @param {Page} page
 */
async function measuredAgain(page) {
  const cell = page.locator("footer .cell", { hasText: "Round trip" }).locator(".cell-value");
  const first = await cell.textContent();
  await cell.filter({ hasNotText: first ?? "" }).waitFor();
}

/**
 * The wall, with one student large.
 * @param {Stage} stage
 */
export async function holdClass({ browser, page, url }) {
  await page.goto(url);
  const board = await page.locator(".class-code-letters").textContent();
  for (const { name, lines } of STUDENTS) {
    // A browser of its own, as everybody's machine has one.
    const context = await browser.newContext();
    const own = await context.newPage();
    await own.goto(new URL("/", url).href);
    await own.getByLabel("Code", { exact: true }).fill(board ?? "");
    await own.getByLabel("Your name").fill(name);
    await own.keyboard.press("Enter");
    await own.locator(".xterm-rows").getByText("Enter message:").waitFor();
    for (const line of lines) {
      await own.keyboard.type(line, { delay: TYPING_MS });
      await own.keyboard.press("Enter");
      await answered(page, name, line === "close" ? "closed" : "accepted");
    }
  }
  await page.keyboard.press("ArrowRight");
  const large = page.getByRole("region", { name: `${STUDENTS[0]?.name}, large` });
  await large.locator(".ladder").getByText("now", { exact: true }).waitFor();
}

/**
 * @param {Page} page the wall
 * @param {string} name
 * @param {string} answer
 */
async function answered(page, name, answer) {
  const row = page.locator(".class-row").filter({ hasText: new RegExp(`^${name},`) });
  await row.locator(".class-row-line", { hasText: answer }).waitFor();
}
