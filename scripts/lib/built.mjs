// @ts-check
/** Builds the page and the server, each only when something it is made of has changed. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programOf, ROOT, runQuietly, withLock } from "./run.mjs";

/** @typedef {"page" | "server"} Part */

const BUILD_TIMEOUT_MS = 5 * 60_000;
const COMMON = ["shared", "vite.config.ts", "package-lock.json", "tsconfig.json"];
/** What each part is made of, and the file that shows that it is there. */
const PARTS = {
  page: { sources: ["web", ...COMMON], output: "dist/web/index.html", mode: "production" },
  server: { sources: ["server", ...COMMON], output: "dist/server/main.js", mode: "server" },
};
const NAMES = /** @type {Part[]} */ (Object.keys(PARTS));

/**
 * Builds what is missing or out of date.
 * @param {{ root?: string, force?: boolean }} [options]
 * @returns {Promise<Part[]>} what was built
 * @throws {SetupError} with the bundler's words when a build fails
 */
export async function ensureBuilt({ root = ROOT, force = false } = {}) {
  if (!force && stale(root).length === 0) return [];
  /** @type {Part[]} */
  let parts = [];
  await withLock(root, "build", async () => {
    parts = force ? NAMES : stale(root);
    for (const part of parts) await build(root, part);
  });
  return parts;
}

/**
 * The parts whose output is missing or was made from other sources.
 * @param {string} root
 */
function stale(root) {
  return NAMES.filter((part) => {
    const stamp = stampOf(root, part);
    if (!existsSync(stamp) || !existsSync(join(root, PARTS[part].output))) return true;
    return readFileSync(stamp, "utf8") !== keyOf(root, part);
  });
}

/**
 * @param {string} root
 * @param {Part} part
 */
async function build(root, part) {
  console.log(`Building the ${part}.`);
  // Read before building: what changes during the build is built the next time.
  const key = keyOf(root, part);
  rmSync(stampOf(root, part), { force: true });
  const args = [programOf(root, "vite", "vite"), "build", "--mode", PARTS[part].mode];
  // Under a test runner NODE_ENV is "test", and React would be bundled with its development checks.
  // The bundler's own stack would push its error out of sight.
  const env = { ...process.env, NODE_ENV: "production", RUST_BACKTRACE: "0" };
  await runQuietly(`build-${part}`, process.execPath, args, {
    root,
    env,
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  writeFileSync(stampOf(root, part), key);
}

/**
 * Beside the output, so that `rm -r dist` forgets both.
 * @param {string} root
 * @param {Part} part
 */
const stampOf = (root, part) => join(root, "dist", `${part}.stamp`);

/**
 * A hash over names and contents: times change with every clone and checkout, contents do not.
 * @param {string} root
 * @param {Part} part
 */
function keyOf(root, part) {
  const hash = createHash("sha256");
  for (const source of PARTS[part].sources) addTo(hash, root, source);
  return `${hash.digest("hex")}\n`;
}

/**
 * @param {import("node:crypto").Hash} hash
 * @param {string} root
 * @param {string} path
 */
function addTo(hash, root, path) {
  const whole = join(root, path);
  const entries = listing(whole);
  if (entries) {
    for (const entry of entries) addTo(hash, root, `${path}/${entry}`);
    return;
  }
  const content = readFileSync(whole);
  hash.update(`${path}\0${content.length}\0`).update(content);
}

/**
 * A folder's names in a fixed order; null for a file. Without hidden ones, which editors leave there: a link of
 * Emacs leads nowhere.
 * @param {string} path
 */
function listing(path) {
  try {
    return readdirSync(path)
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOTDIR") return null;
    throw error;
  }
}
