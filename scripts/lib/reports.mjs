// @ts-check
/** What the test runners' JSON reports say: how many tests passed and failed, and which failed why. */
import { existsSync, readFileSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

/** @typedef {{ name: string, why: string }} Failure */
/** @typedef {{ passed: number, failed: number, skipped: number, failures: Failure[] }} Count */

/** Of one failure; the rest stands further up, where the runner told it. */
const MOST_LINES = 30;

/**
 * What a runner reports, and at least one failure when it failed without saying which.
 * @param {string} title of the runner
 * @param {string} file its report, which need not be there
 * @param {number} code the runner's exit code
 * @param {(json: any) => Count} read
 * @returns {Count}
 */
export function countOf(title, file, code, read) {
  const count = existsSync(file)
    ? read(JSON.parse(readFileSync(file, "utf8")))
    : { passed: 0, failed: 0, skipped: 0, failures: [] };
  if (code === 0 || count.failed > 0) return count;
  const failures = [...count.failures, failure(title, `exit code ${code}`)];
  return { ...count, failed: 1, failures };
}

/**
 * @param {any} json vitest's json reporter
 * @param {string} strayFile what stray-errors.mjs wrote; it need not be there
 * @returns {Count}
 */
export function vitestCount(json, strayFile) {
  /** @type {string[]} */
  const strays = existsSync(strayFile) ? JSON.parse(readFileSync(strayFile, "utf8")) : [];
  const failures = strays.map((why) => failure("an error outside every test", why));
  for (const suite of json.testResults) {
    for (const test of suite.assertionResults) {
      if (test.status !== "failed") continue;
      failures.push(failure(`${suite.name} › ${test.fullName}`, test.failureMessages.join("\n")));
    }
    // A file that cannot be loaded has no tests to fail.
    if (suite.status === "failed" && suite.assertionResults.length === 0) {
      failures.push(failure(suite.name, suite.message));
    }
  }
  const skipped = json.numPendingTests + json.numTodoTests;
  return { passed: json.numPassedTests, failed: failures.length, skipped, failures };
}

/**
 * @param {any} json Playwright's json reporter
 * @returns {Count}
 */
export function playwrightCount(json) {
  const { expected, unexpected, flaky, skipped } = json.stats;
  const failures = [...json.suites.flatMap(failuresOf)];
  for (const { message } of json.errors) failures.push(failure("before any test", message));
  return {
    ...{ passed: expected, skipped, failures },
    failed: unexpected + flaky + json.errors.length,
  };
}

/**
 * @param {any} suite
 * @returns {Failure[]}
 */
function failuresOf(suite) {
  const own = (suite.specs ?? []).flatMap((/** @type {any} */ spec) =>
    spec.tests
      .filter(({ status = "" }) => status === "unexpected" || status === "flaky")
      .map((/** @type {any} */ test) => {
        const errors = test.results.flatMap((/** @type {any} */ result) => result.errors);
        const why = errors.map(({ message = "", snippet = "" }) => `${message}\n\n${snippet}`);
        return failure(`${spec.file}:${spec.line} › ${spec.title}`, why.join("\n"));
      }),
  );
  return [...own, ...(suite.suites ?? []).flatMap(failuresOf)];
}

/**
 * @param {string} name
 * @param {string} why
 * @returns {Failure}
 */
function failure(name, why) {
  const told = stripVTControlCharacters(why).trim().split("\n");
  const lines = told.filter((line) => !/^\s+at .*node_modules/.test(line));
  const cut = lines.length > MOST_LINES ? ["…"] : [];
  return { name, why: [...lines.slice(0, MOST_LINES), ...cut].join("\n") };
}
