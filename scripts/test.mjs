// @ts-check
/**
 * `npm test`: installs, builds and finds what the tests need, then runs every check and counts.
 * `npm test -- --unit` or `--e2e` runs one kind, `npm test -- ladder` the files named like that.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { countOf, playwrightCount, vitestCount } from "./lib/reports.mjs";
import { programOf } from "./lib/run.mjs";
import { STRAY_ERRORS_FILE } from "./lib/stray-errors.mjs";
import {
  ensureBuilt,
  ensureChromium,
  ensureInstalled,
  ensureTools,
  ROOT,
  run,
  script,
} from "./setup.mjs";

/** A runner that hangs is a failure, not a test run without an end. */
const RUNNER_TIMEOUT_MS = 20 * 60_000;
const REPORTS = join(ROOT, ".cache", "reports");

/** @typedef {import("./lib/reports.mjs").Count} Count */

const flags = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
const names = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const unknown = flags.find((flag) => flag !== "--unit" && flag !== "--e2e");
const isWhole = flags.length === 0 && names.length === 0;
const runsUnit = !flags.includes("--e2e") || flags.includes("--unit");
const runsBrowser = !flags.includes("--unit") || flags.includes("--e2e");

await script(async () => {
  if (unknown) {
    console.error(`npm test knows --unit, --e2e and parts of file names, not ${unknown}.`);
    process.exitCode = 2;
    return;
  }
  await ensureInstalled();
  await ensureBuilt();
  await ensureTools();
  const chromium = await ensureChromium();
  mkdirSync(REPORTS, { recursive: true });
  /** @type {Count[]} */
  const counts = [];
  if (isWhole) {
    counts.push(await check("types", "typescript", "tsc", ["-b"]));
    counts.push(
      await check("style", "@biomejs/biome", "biome", ["check", "--error-on-warnings", "."]),
    );
  }
  if (runsUnit) counts.push(await unitTests(chromium));
  // What is measured comes last, and alone.
  for (const project of ["talk", "measured"]) {
    if (runsBrowser) counts.push(await browserTests(chromium, project));
  }
  report(counts);
});

/**
 * @param {string} title
 * @param {string} packageName
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function start(title, packageName, program, args, env = {}) {
  console.log(`\n── ${title}`);
  const result = await run(process.execPath, [programOf(ROOT, packageName, program), ...args], {
    env: { ...process.env, ...env },
    timeoutMs: RUNNER_TIMEOUT_MS,
  });
  if (result.code !== 0) console.log(`${title}: ${result.problem}`);
  return result.code;
}

/**
 * A check that only passes or fails.
 * @param {string} title
 * @param {string} packageName
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<Count>}
 */
async function check(title, packageName, program, args) {
  const isGood = (await start(title, packageName, program, args)) === 0;
  if (isGood) return { passed: 1, failed: 0, skipped: 0, failures: [] };
  return { passed: 0, failed: 1, skipped: 0, failures: [{ name: title, why: "see above" }] };
}

/** @param {string} chromium */
async function unitTests(chromium) {
  const file = freshReport("vitest.json");
  const strays = freshReport("vitest-strays.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  args.push(`--reporter=${join(ROOT, "scripts", "lib", "stray-errors.mjs")}`);
  if (!isWhole) args.push("--passWithNoTests");
  const env = { CHROMIUM_PATH: chromium, [STRAY_ERRORS_FILE]: strays };
  const code = await start(
    "unit and integration tests",
    "vitest",
    "vitest",
    [...args, ...names],
    env,
  );
  const read = (/** @type {unknown} */ json) => vitestCount(json, strays);
  return countOf("unit and integration tests", file, code, read);
}

/**
 * @param {string} chromium
 * @param {string} project of test/e2e/playwright.config.ts
 */
async function browserTests(chromium, project) {
  const file = freshReport(`playwright-${project}.json`);
  const args = ["test", "--config=test/e2e/playwright.config.ts", "--reporter=line,json"];
  args.push(`--project=${project}`);
  if (!isWhole) args.push("--pass-with-no-tests");
  const env = { CHROMIUM_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: file };
  const code = await start(
    `browser tests (${project})`,
    "@playwright/test",
    "playwright",
    [...args, ...names],
    env,
  );
  return countOf(`browser tests (${project})`, file, code, playwrightCount);
}

/** @param {string} name */
function freshReport(name) {
  const file = join(REPORTS, name);
  rmSync(file, { force: true });
  return file;
}

/** @param {Count[]} counts */
function report(counts) {
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ key) =>
    counts.reduce((n, count) => n + count[key], 0);
  const skipped = sum("skipped");
  // A test that did not run showed nothing: it counts as failed.
  const failed = sum("failed") + skipped;
  const passed = sum("passed");
  const failures = counts.flatMap((count) => count.failures);
  // Once more, where a reader looks first: the end.
  if (failures.length > 0) console.log("\n── what failed");
  for (const { name, why } of failures) console.log(`\n${name}\n${why.replace(/^/gm, "    ")}`);
  console.log(`\n${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ""}`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}
