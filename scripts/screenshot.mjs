// @ts-check
/**
 * `npm run screenshot`: the pictures of the README, from the real gateway and a real Chromium.
 * Ports 8000 to 8006 have to be free: the lesson servers keep their own, because the pictures show one. Flags go to the gateway.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  ensureBuilt,
  ensureChromium,
  ensureInstalled,
  ROOT,
  SetupError,
  script,
} from "./setup.mjs";

const IMAGES = join(ROOT, "docs/images");
/** Wide enough for terminal and events side by side, and still readable at the width of a README. */
const VIEW = { width: 1360, height: 800 };
const DENSITY = 1.5;
const THEMES = /** @type {const} */ ([
  { file: "talk-board.png", colorScheme: "dark" },
  { file: "talk-pad.png", colorScheme: "light" },
]);
/** What is typed, and the answer as it is read. */
const LINES = [
  { line: "Wake up, Neo", answer: "accepted" },
  { line: "Follow the white rabbit", answer: /“accepted” “accepted”/ },
  { line: "close", answer: "closed" },
];
/** The line that is picked out: it was sent at once, and read in two pieces. */
const PICKED = "23 B";
const PORTS = ["--port", "0"];
const ADDRESS_TALKED_TO = "tcp://127.0.0.1:8003";
const TYPING_MS = 60;
const ADDRESS = /^ {4}(http\S+)$/m;

await script(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const chromium = await ensureChromium();
  const gateway = await startGateway(process.argv.slice(2));
  try {
    await takePictures(chromium, gateway.url);
  } finally {
    await gateway.stop();
  }
});

/** @param {string[]} flags */
async function startGateway(flags) {
  const args = [join(ROOT, "dist/server/main.js"), ...PORTS, "--shutdown-timeout", "1s"];
  const child = spawn(process.execPath, [...args, ...flags], { stdio: ["ignore", "pipe", "pipe"] });
  const exited = once(child, "exit");
  let said = "";
  /** @type {string} */
  const url = await new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
        said += text;
        const [, found] = ADDRESS.exec(said) ?? [];
        if (found) resolve(found);
      });
    }
    exited.then(() => reject(new SetupError(`The gateway did not start.\n${said}`)), reject);
  });
  return {
    url,
    async stop() {
      child.kill();
      await exited;
    },
  };
}

/**
 * One conversation, seen in each theme.
 * @param {string} executablePath
 * @param {string} url
 */
async function takePictures(executablePath, url) {
  const { chromium } = await import("@playwright/test");
  // Sandboxes cannot be set up by root; the only page opened is our own.
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage({ viewport: VIEW, deviceScaleFactor: DENSITY });
    await page.addInitScript((address) => {
      localStorage.setItem("wireside address", JSON.stringify(address));
    }, ADDRESS_TALKED_TO);
    await page.goto(url);
    await haveConversation(page);
    await measuredAgain(page);
    mkdirSync(IMAGES, { recursive: true });
    for (const { file, colorScheme } of THEMES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await painted(page);
      // Playwright would hide carets, and with them the terminal's cursor.
      await page.screenshot({ path: join(IMAGES, file), caret: "initial" });
      console.log(`docs/images/${file}`);
    }
  } finally {
    await browser.close();
  }
}

/** @param {import("@playwright/test").Page} page */
async function haveConversation(page) {
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
}

/**
 * The first round trip is measured while the page is still busy starting.
 * @param {import("@playwright/test").Page} page
 */
async function measuredAgain(page) {
  const cell = page.locator("footer .cell", { hasText: "Round trip" }).locator(".cell-value");
  const first = await cell.textContent();
  await cell.filter({ hasNotText: first ?? "" }).waitFor();
}

/** @param {import("@playwright/test").Page} page */
async function painted(page) {
  // The first frame draws the change of theme, the second begins after it.
  await page.evaluate(() => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    return frame().then(frame);
  });
}
