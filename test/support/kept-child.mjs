/**
 * A process that keeps conversations, and talks in them until it is killed: node kept-child.mjs DIRECTORY COUNT.
 * After each round, one event for each conversation, it prints `ROUND MILLISECONDS`, since 1970.
 */
import { writeSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const [directory, count] = process.argv.slice(2);
const load = async (path) =>
  (await runnerImport(fileURLToPath(new URL(path, import.meta.url)), { logLevel: "silent" }))
    .module;
const { openRecordings } = await load("../../server/recordings/open.ts");
const { createLog } = await load("../../server/log.ts");

const log = createLog({ level: "silent", format: "json" });
const keeperOf = (user) => ({ id: user, name: user });
const kept = await openRecordings({
  directory,
  className: "networks",
  keepMs: null,
  keeperOf,
  log,
}).catch((error) => {
  writeSync(2, `${error.code} ${error.message}\n`);
  process.exit(1);
});

const startedAt = Date.now();
const address = { scheme: "tcp", host: "127.0.0.1", port: 8000 };
const all = Array.from({ length: Number(count) }, (_, n) => {
  const user = `student ${n}`;
  return { key: `${n}`, user, ch: 1, startedAt, role: "client", address, offset: 0 };
});
for (const one of all) kept.follower.began(one);
let round = 0;
setInterval(() => {
  const at = Math.round((Date.now() - startedAt) * 100) / 1e5;
  for (const one of all) {
    const bytes = Buffer.from(`${one.key} ${round} ${"x".repeat((round * 37) % 1500)}\n`);
    const { length } = bytes;
    const { offset } = one;
    const said = { kind: "data", at, side: "near", direction: "out", offset, length, bytes };
    kept.follower.event(one, said);
    one.offset += length;
  }
  writeSync(1, `${round} ${Date.now()}\n`);
  round++;
}, 4);
