// @ts-check
/** Finds the programs the tests talk to (Chromium, nc, ss, tshark, Python), installs them where that is possible, or says what to do. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { programOf, ROOT, runQuietly, SetupError } from "./run.mjs";

const DOWNLOAD_TIMEOUT_MS = 4 * 60_000;
const APT_TIMEOUT_MS = 8 * 60_000;
/** A mirror that hiccups is asked again, and another apt-get waited for, in seconds (apt.conf(5)). */
const PATIENT = ["-o", "Acquire::Retries=3", "-o", "DPkg::Lock::Timeout=120"];
/** Chromium without its own windows and tabs first: it needs a third less of the processor. */
const ON_PATH = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
];
const USUAL_PLACES = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ...["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((name) =>
    process.env[name] ? [join(process.env[name], "Google/Chrome/Application/chrome.exe")] : [],
  ),
];

/**
 * A Chromium that starts: CHROMIUM_PATH, Playwright's own, the system's, or else a freshly installed one.
 * @returns {Promise<string>} its path
 * @throws {SetupError} when none can be had
 */
export async function ensureChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen) {
    const problem = whyItDoesNotStart(chosen);
    if (!problem) return chosen;
    throw new SetupError(`CHROMIUM_PATH is ${chosen}, but that does not start: ${problem}`);
  }
  const found = await findChromium();
  if (found) return found;
  /** @type {string[]} */
  const problems = [];
  for (const install of [installPlaywrightsOwn, installDebiansShell, installDebians]) {
    const problem = await install();
    const installed = await findChromium();
    if (installed) return installed;
    problems.push(problem ?? "What was installed does not start.");
  }
  throw new SetupError(
    `The browser tests need a Chromium, and none could be found or installed.\n${problems.map((p) => `- ${p}`).join("\n")}\nInstall Chromium or Chrome, or say where it is: CHROMIUM_PATH=/path/to/chromium npm test`,
  );
}

async function findChromium() {
  const { chromium } = await import("@playwright/test");
  const candidates = [chromium.executablePath(), ...ON_PATH.map(onPath), ...USUAL_PLACES];
  return candidates.find((path) => path && existsSync(path) && !whyItDoesNotStart(path));
}

async function installPlaywrightsOwn() {
  console.log("Installing a Chromium for the browser tests.");
  const cli = programOf(ROOT, "@playwright/test", "playwright");
  return failureOf(
    runQuietly("chromium", process.execPath, [cli, "install", "chromium"], {
      timeoutMs: DOWNLOAD_TIMEOUT_MS,
    }),
    "Playwright's download",
  );
}

const installDebiansShell = () => installWithApt(["chromium-headless-shell"]);
const installDebians = () => installWithApt(["chromium"]);

/** @typedef {{ program: string, apt: string, why: string }} Tool */

/**
 * The programs that tests start besides Node and Chromium.
 * @type {Tool[]}
 */
const TOOLS = [
  { program: "nc", apt: "netcat-openbsd", why: "a plain TCP client" },
  { program: "python3", apt: "python3", why: "the Python examples" },
  { program: "websockify", apt: "websockify", why: "a client the raw endpoint has to serve" },
  { program: "ss", apt: "iproute2", why: "the system's own word on its sockets" },
  { program: "redis-server", apt: "redis-server", why: "classes across several gateways" },
  { program: "tshark", apt: "tshark", why: "another reader of capture files" },
];

/**
 * Every tool is on PATH, or is put there.
 * @throws {SetupError} when one is missing and cannot be installed
 */
export async function ensureTools(tools = TOOLS) {
  const isMissing = (/** @type {Tool} */ tool) => !onPath(tool.program);
  const missing = tools.filter(isMissing);
  if (missing.length === 0) return;
  const problem = await installWithApt(missing.map(({ apt }) => apt));
  const still = tools.filter(isMissing);
  if (still.length === 0) return;
  const names = still.map(({ program, why }) => `${program} (${why})`).join(" and ");
  throw new SetupError(`The tests need ${names} on PATH. ${problem ?? ""}`);
}

/**
 * @param {string[]} packages
 * @returns {Promise<string | null>} what went wrong
 */
async function installWithApt(packages) {
  const names = packages.join(" ");
  if (!onPath("apt-get")) return `There is no apt-get here to install ${names} with.`;
  if (process.getuid?.() !== 0) return `Installing needs root: sudo apt-get install ${names}`;
  console.log(`Installing ${names} with apt-get.`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const options = { env, timeoutMs: APT_TIMEOUT_MS };
  const install = async () => {
    await runQuietly("apt-update", "apt-get", [...PATIENT, "update"], options);
    await runQuietly(
      "apt-install",
      "apt-get",
      [...PATIENT, "install", "-y", "--no-install-recommends", ...packages],
      options,
    );
  };
  return failureOf(install(), "apt-get");
}

/**
 * @param {Promise<void>} work
 * @param {string} name
 */
async function failureOf(work, name) {
  try {
    await work;
    return null;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return `${name}: ${error.message.split("\n").at(-1)}`;
  }
}

/**
 * @param {string} program
 * @returns {string | undefined} its path
 */
function onPath(program) {
  const endings = process.platform === "win32" ? [".exe", ".cmd"] : [""];
  return (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => endings.map((ending) => join(folder, program + ending)))
    .find((path) => existsSync(path));
}

/**
 * @param {string} path
 * @returns {string | null} null when it starts
 */
function whyItDoesNotStart(path) {
  if (!existsSync(path)) return "there is no such file.";
  // chrome.exe knows no --version and would open a window.
  const args =
    process.platform === "win32"
      ? ["--headless", "--disable-gpu", "--dump-dom", "about:blank"]
      : ["--version"];
  const { status, error, stderr } = spawnSync(path, args, { timeout: 30_000, encoding: "utf8" });
  if (status === 0) return null;
  return error?.message ?? (stderr.trim().split("\n").at(-1) || `exit code ${status}`);
}
