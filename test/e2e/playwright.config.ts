/** Browser tests: one installed Chromium (CHROMIUM_PATH), the built page, the built gateway. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** These measure how quick the page is, and need the machine for themselves. */
const MEASURED = /(flood|-many)\.spec\.ts$/;
const executablePath = process.env.CHROMIUM_PATH;

export default defineConfig({
  testDir: ".",
  testMatch: "**/*.spec.ts",
  outputDir: `${ROOT}test-results`,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // Ends of waits that are never over: what is awaited comes within milliseconds, unless the machine is busy.
  timeout: 120_000,
  expect: { timeout: 25_000 },
  reporter: [["line"]],
  // Run one after the other (scripts/test.mjs): what is measured has no neighbour.
  projects: [
    { name: "talk", testIgnore: MEASURED },
    { name: "measured", testMatch: MEASURED, workers: 1 },
  ],
  use: {
    browserName: "chromium",
    headless: true,
    // A picture of the whole page at each step is a sixth of all the work: taken when somebody asks for it.
    trace: process.env.TRACE ? "retain-on-failure" : "off",
    screenshot: "only-on-failure",
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
