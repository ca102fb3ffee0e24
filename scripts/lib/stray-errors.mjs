// @ts-check
/** A reporter of vitest: errors that belong to no test, which its report in JSON leaves out, in a file. */
import { writeFileSync } from "node:fs";

/** Names the file to the reporter, which vitest makes without arguments. */
export const STRAY_ERRORS_FILE = "STRAY_ERRORS_FILE";

export default class StrayErrors {
  /**
   * @param {unknown} _modules
   * @param {readonly { message: string, stack?: string }[]} errors
   */
  onTestRunEnd(_modules, errors) {
    const file = process.env[STRAY_ERRORS_FILE];
    const told = errors.map(({ message, stack }) => stack || message || "an error without words");
    if (file) writeFileSync(file, JSON.stringify(told));
  }
}
