// @ts-check
/** `npm run build`: builds what has changed. `npm run build -- --force` builds everything. */
import { ensureBuilt, ensureInstalled, script } from "./setup.mjs";

await script(async () => {
  await ensureInstalled();
  const built = await ensureBuilt({ force: process.argv.includes("--force") });
  if (built.length === 0) console.log("The page and the server are up to date.");
});
