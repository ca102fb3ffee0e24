/** How the page and the server are bundled (`--mode server`), and how the unit tests run. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin, type UserConfig } from "vite";
import type { InlineConfig } from "vitest/node";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const page: UserConfig = {
  root: path("web"),
  // Relative, because --base-path is chosen when the server starts, long after the build.
  base: "./",
  plugins: [react()],
  build: {
    outDir: path("dist/web"),
    emptyOutDir: true,
    target: ["chrome111", "firefox125", "safari16.4"],
    // The Content-Security-Policy allows neither inline scripts nor data: fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // What the page begins with is one file: it is there with one request, and compresses better than
    // the many small ones that what is also used by later parts would else become.
    chunkSizeWarningLimit: 1024,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: "start", tags: ["$initial"] }] } },
    },
  },
};

/** npm sets the bit when it installs a bin; a checkout's own dist has to do it itself. */
const executable: Plugin = {
  name: "executable",
  writeBundle({ dir = "" }) {
    chmodSync(join(dir, "main.js"), 0o755);
  },
};

const server: UserConfig = {
  root: path("."),
  publicDir: false,
  plugins: [executable],
  ssr: { external: true },
  build: {
    ssr: "server/main.ts",
    outDir: path("dist/server"),
    emptyOutDir: true,
    target: "node20.19",
    minify: false,
    chunkSizeWarningLimit: 1024,
    rolldownOptions: {
      output: {
        entryFileNames: "main.js",
        banner: (chunk) => (chunk.isEntry ? "#!/usr/bin/env node" : ""),
      },
    },
  },
};

const every = "test/**/*.test.ts";
/** What their process holds is measured: nothing of another file may be in it. */
const measured = [
  "test/server/gateway/{hostile,lab,leak}.test.ts",
  "test/server/lessons/**/*.test.ts",
  "test/server/observe.test.ts",
];

const test: InlineConfig = {
  environment: "node",
  pool: "forks",
  // Many tests wait for a program or a timeout: with one more than there are cores none is idle.
  maxWorkers: 3,
  // Every wait in a test is for an event; these only end a wait that will never be over.
  testTimeout: 60_000,
  hookTimeout: 60_000,
  teardownTimeout: 10_000,
  // Shorter than a test may last, so that what was still waited for is what it says.
  expect: { poll: { timeout: 25_000, interval: 20 } },
  reporters: ["default"],
  projects: [
    // Modules are loaded once for all files: half of the time of a small file is loading them.
    {
      extends: true,
      test: { name: "shared", include: [every], exclude: measured, isolate: false },
    },
    { extends: true, test: { name: "measured", include: measured } },
  ],
};

export default defineConfig(({ mode }): UserConfig & { test?: InlineConfig } => {
  if (mode === "test") return { root: path("."), test };
  return mode === "server" ? server : page;
});
