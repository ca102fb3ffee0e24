/** kill -9 in the middle of thirty conversations: after the next start every one is there, in whole events. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRecordings } from "../../../server/recordings/open.ts";
import { plainEnvironment } from "../../support/gateway-process.ts";
import {
  filesIn,
  keeperOf,
  openFile,
  plainWriter,
  type Workplace,
  workplace,
} from "../../support/kept.ts";

const CHILD = fileURLToPath(new URL("../../support/kept-child.mjs", import.meta.url));
const COUNT = 30;
/** What may be lost, and how far the clocks of two processes may seem apart. */
const LOST_MS = 200;
const GRACE_MS = 50;

let place: Workplace;
beforeEach(() => {
  place = workplace();
});
afterEach(() => place.remove());

function start(options: { uid?: number } = {}) {
  return spawn(process.execPath, [CHILD, place.directory, `${COUNT}`], {
    env: plainEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    ...options,
  });
}

test("at most the last 200 ms are lost, and everything that is left is whole events", async () => {
  const plain = plainWriter(place, COUNT);
  const child = start();
  const exited = once(child, "exit");
  const rounds: { round: number; at: number }[] = [];
  for await (const line of createInterface(child.stdout)) {
    const [round = 0, at = 0] = line.split(" ").map(Number);
    rounds.push({ round, at });
    if (round > 600) break;
  }
  const killedAt = Date.now();
  child.kill("SIGKILL");
  const crowd = waited(rounds, killedAt) + plain.slowest(killedAt);
  expect((await exited)[1]).toBe("SIGKILL");
  await plain.stop();

  const before = filesIn(place.folder);
  expect(before).toHaveLength(COUNT);
  const { directory, log } = place;
  const recordings = await openRecordings({
    ...{ directory, className: "networks", keepMs: null, keeperOf, log },
  });
  const list = recordings.library.list().recordings;
  await recordings.close();
  expect(list).toHaveLength(COUNT);
  const safeAt = killedAt - LOST_MS - GRACE_MS - crowd;
  const safe = rounds.filter(({ at }) => at <= safeAt).length;
  expect(safe).toBeGreaterThan(100);
  for (const { id, student, events, live } of list) {
    const { recording, problem } = openFile(place.folder, `${id}.jsonl`);
    expect(problem).toBeNull();
    expect(live).toBe(false);
    expect(recording.events).toHaveLength(events);
    expect(events).toBeGreaterThanOrEqual(safe);
    const said = recording.events.map((event) =>
      event.kind === "data" ? Buffer.from(event.bytes).toString().split(" ", 2).join(" ") : "",
    );
    expect(said).toEqual(said.map((_, round) => `${student.replace("student ", "")} ${round}`));
  }
});

/** For how long, of late, it did not get to say anything, because of others on this machine. */
function waited(rounds: readonly { at: number }[], now: number): number {
  const times = rounds.map(({ at }) => at).filter((at) => at > now - 1_000);
  const recent = [now - 1_000, ...times, now];
  return Math.max(...recent.slice(1).map((at, n) => at - (recent[n] ?? 0)));
}

test("a directory that may not be written is refused with a sentence", async () => {
  const directory = place.directory;
  chmodSync(directory, 0o755);
  chmodSync(join(directory, "networks"), 0o555);
  // Who may do everything is not refused anything.
  const child = start(process.getuid?.() === 0 ? { uid: 65_534 } : {});
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
  expect(said).toBe(
    `BAD_DATA_DIRECTORY Conversations cannot be kept in ${directory}/networks, because this user may not write there: give the right to, or choose another directory with --data.\n`,
  );
  expect(code).toBe(1);
});
