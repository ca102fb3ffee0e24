// @ts-check
/**
 * `npm run screenshot`: the pictures of the README, from the real gateway and a real Chromium.
 * Ports 8000 to 8006 and 8080 have to be free: the pictures show the usual ones. Flags go to the gateway.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { haveConversation, holdClass } from "./lib/scenes.mjs";
import {
  ensureBuilt,
  ensureChromium,
  ensureInstalled,
  ROOT,
  SetupError,
  script,
} from "./setup.mjs";

/** @typedef {import("@playwright/test").Browser} Browser */
/** @typedef {import("@playwright/test").Page} Page */

const IMAGES = join(ROOT, "docs/images");
/** Wide enough for terminal and events side by side, and still readable at the width of a README. */
const VIEW = { width: 1360, height: 800 };
const DENSITY = 1.5;
const THEMES = /** @type {const} */ ([
  { ending: "board.png", colorScheme: "dark" },
  { ending: "pad.png", colorScheme: "light" },
]);
const SCENES = [
  { name: "talk", flags: ["--port", "0"], play: haveConversation },
  { name: "class", flags: ["--class", "--host", "127.0.0.1"], play: holdClass },
];
/** The last of the page's addresses, which is this machine's own. */
const ADDRESS = /^ {4}(http\S+)\n\n(?:.*\n)?(?:Lesson servers .*\n)?Ctrl-C/m;

await script(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const executablePath = await ensureChromium();
  const { chromium } = await import("@playwright/test");
  // Sandboxes cannot be set up by root; the only pages opened are our own.
  const args = ["--no-sandbox", "--disable-gpu"];
  const browser = await chromium.launch({ executablePath, args });
  mkdirSync(IMAGES, { recursive: true });
  try {
    for (const { name, flags, play } of SCENES) {
      const gateway = await startGateway([...flags, ...process.argv.slice(2)]);
      try {
        const context = await browser.newContext({ viewport: VIEW, deviceScaleFactor: DENSITY });
        const page = await context.newPage();
        await play({ browser, page, url: gateway.url });
        await takePictures(page, name);
        await context.close();
      } finally {
        await gateway.stop();
      }
    }
  } finally {
    await browser.close();
  }
});

/** @param {string[]} flags */
async function startGateway(flags) {
  const args = [join(ROOT, "dist/server/main.js"), "--shutdown-timeout", "1s"];
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
 * One page, seen in each theme.
 * @param {Page} page
 * @param {string} name
 */
async function takePictures(page, name) {
  for (const { ending, colorScheme } of THEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await painted(page);
    const path = join(IMAGES, `${name}-${ending}`);
    // Playwright would hide carets, and with them the terminal's cursor.
    await page.screenshot({ path, caret: "initial" });
    console.log(`docs/images/${name}-${ending}`);
  }
}

/** @param {Page} page */
async function painted(page) {
  // The first frame draws the change of theme, the second begins after it.
  await page.evaluate(() => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    return frame().then(frame);
  });
}
