// @ts-check
/** `npm run bench`: builds what has changed and the measuring programs, then measures. `--help` lists its flags. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt, ensureInstalled, ROOT, script } from "./setup.mjs";

/** Each runs in a process of its own; `usage` is loaded into the measured ones. */
const PROGRAMS = ["main", "client", "far", "pipe", "usage", "wall"];

await script(async () => {
  await ensureInstalled();
  await ensureBuilt();
  const cache = join(ROOT, ".cache");
  mkdirSync(cache, { recursive: true });
  // A folder for each run: two at once must not build over each other.
  const folder = mkdtempSync(join(cache, "bench-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await bundle(folder);
  const [first, ...rest] = process.argv.slice(2);
  const [program, args] = first === "wall" ? ["wall", rest] : ["main", process.argv.slice(2)];
  const { main } = await import(pathToFileURL(join(folder, `${program}.js`)).href);
  process.exitCode = await main(args);
});

/**
 * The oldest Node that is supported cannot run TypeScript by itself.
 * @param {string} outDir
 */
async function bundle(outDir) {
  const { build } = await import("vite");
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "warn",
    publicDir: false,
    ssr: { external: true },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: false,
      target: "node20.19",
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(PROGRAMS.map((name) => [name, join(ROOT, `bench/${name}.ts`)])),
        output: { entryFileNames: "[name].js" },
      },
    },
  });
}
