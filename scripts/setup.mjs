// @ts-check
/** All set-up that `npm start` and `npm test` do by themselves on a fresh clone. */
export { ensureBuilt } from "./lib/built.mjs";
export { ensureInstalled, ensureNode } from "./lib/install.mjs";
export { ROOT, run, SetupError, script } from "./lib/run.mjs";
export { ensureChromium, ensureTools } from "./lib/tools.mjs";
