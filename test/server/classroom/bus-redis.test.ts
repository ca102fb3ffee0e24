/** The bus while Redis stops, comes back, comes back empty, hangs, or loses one of its participants. */
import { inspect } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Bus } from "../../../server/classroom/bus.ts";
import { joinRedis, type RedisBusOptions } from "../../../server/classroom/bus-redis.ts";
import { Opened } from "../../support/classroom.ts";
import { eventually } from "../../support/eventually.ts";
import { Redis } from "../../support/redis.ts";

const opened = new Opened();
let redis: Redis;
let a: Bus;
let b: Bus;
const join = (options: Partial<RedisBusOptions> = {}) =>
  opened.add(joinRedis({ url: redis.url, classId: "seven", ...options }));
const online = (on: boolean, ...buses: Bus[]) =>
  eventually(
    () => buses.map((bus) => bus.online),
    (all) => all.every((each) => each === on),
  );
const value = (bus: Bus, key: string) => bus.entries("t").get(key);
const bothSay = (key: string, expected: string | undefined) =>
  eventually(
    () => [value(a, key), value(b, key)],
    (all) => all.every((each) => each === expected),
  );

function chatOf(bus: Bus): string[] {
  const lines: string[] = [];
  bus.listen({ heard: (_topic, body) => lines.push(body) });
  return lines;
}

beforeEach(async () => {
  redis = await opened.add(Redis.start());
  a = await join();
  b = await join();
  await eventually(
    () => a.others.length,
    (count) => count === 1,
  );
});
afterEach(() => opened.close());

test.each(["with data", "empty"] as const)(
  "what is done on both sides while Redis is killed is on both sides when it is back %s",
  async (keep) => {
    a.put("t", "before", "1");
    a.put("t", "removed", "1");
    a.hold("serve", "", "8000");
    await bothSay("before", "1");
    await bothSay("removed", "1");
    const lines = chatOf(b);
    a.publish("chat", "before");
    await eventually(
      () => lines.length,
      (count) => count === 1,
    );
    const arrivals: string[] = [];
    b.listen({ arrived: (name) => arrivals.push(name), left: (name) => arrivals.push(`-${name}`) });

    await redis.kill(keep);
    await online(false, a, b);
    a.put("t", "from a", "1");
    b.put("t", "from b", "2");
    b.remove("t", "removed");
    a.put("t", "both", "older");
    b.put("t", "both", "old");
    b.put("t", "both", "newest");
    a.hold("serve", "", "8001");
    for (let n = 0; n < 1_000; n++) a.publish("chat", String(n));
    expect(a.others).toEqual([b.me]);
    await redis.start();
    await online(true, a, b);

    await bothSay("before", "1");
    await bothSay("from a", "1");
    await bothSay("from b", "2");
    await bothSay("removed", undefined);
    await bothSay("both", "newest");
    const c = await join();
    await eventually(
      () => c.held("serve").map((held) => held.value),
      (held) => held.length === 1 && held[0] === "8001",
    );
    await eventually(
      () => [...c.entries("t").keys()].sort(),
      (keys) => keys.join() === "before,both,from a,from b",
    );
    // The newest that waited, in their order, and none twice.
    await eventually(
      () => lines.at(-1),
      (last) => last === "999",
    );
    expect(lines).toEqual(["before", ...Array.from({ length: 256 }, (_, n) => String(744 + n))]);
    expect(arrivals).not.toContain(`-${a.me}`);
  },
);

/** What it resolves with, if it does before a timer of the same loop: a busy machine makes both late. */
const within = <T>(ms: number, what: Promise<T>) =>
  Promise.race([what, new Promise<string>((resolve) => setTimeout(resolve, ms, "too late"))]);
/** What it resolves with, if it waits for nothing outside this program. */
const atOnce = <T>(what: Promise<T>) =>
  Promise.race([what, new Promise<string>((resolve) => setImmediate(resolve, "too late"))]);

test("nobody waits for a Redis that hangs, and claims go on", async () => {
  const lines = chatOf(b);
  redis.pause();
  expect(await within(4_000, a.claim("name", "neo", "1"))).toBe("1");
  await online(false, a, b);
  expect(await atOnce(a.claim("name", "trinity", "2"))).toBe("2");
  a.publish("chat", "hello");
  redis.resume();
  await online(true, a, b);
  await eventually(
    () => b.entries("name").get("trinity"),
    (id) => id === "2",
  );
  await eventually(
    () => lines.length,
    (count) => count > 0,
  );
  expect(lines).toEqual(["hello"]);
});

test.each([
  ["redis://user:hunter2@127.0.0.1:1", /ECONNREFUSED/],
  ["redis://user:hunter2@localhost:1", /ECONNREFUSED/],
  ["redis://user:hunter2@[nowhere", /Invalid URL/],
  ["http://user:hunter2@127.0.0.1:1", /protocol/],
])("%s is an error at the start, which says why and keeps the password", async (url, why) => {
  const failed = await joinRedis({ url, classId: "x" }).catch((error) => error);
  expect(failed).toBeInstanceOf(Error);
  expect(failed.message).toMatch(why);
  expect(inspect(failed)).not.toContain("hunter2");
});

test("a value that is changed again while Redis takes another's for the first change is told all the same", async () => {
  // Nothing but what is put asks Redis meanwhile.
  const slow = { classId: "nine", beatMs: 60_000, expiryMs: 120_000, patienceMs: 20_000 };
  a = await join({ ...slow, me: "a" });
  b = await join({ ...slow, me: "b" });
  const waiting = (count: number) =>
    eventually(
      async () =>
        String(await redis.ask("CLIENT", "LIST"))
          .split("\n")
          .filter((client) => /\bflags=b.*\bcmd=eval\b/.test(client)).length,
      (found) => found === count,
    );
  await redis.ask("CLIENT", "PAUSE", "20000", "WRITE");
  b.put("t", "both", "theirs");
  await waiting(1);
  a.put("t", "both", "first");
  await waiting(2);
  a.put("t", "both", "second");
  await redis.ask("CLIENT", "UNPAUSE");
  await bothSay("both", "second");
});

test("streams stay short, and what a class leaves behind ends by itself", async () => {
  const lines = chatOf(b);
  for (let n = 1; n <= 3_000; n++) {
    a.publish("wall", String(n));
    if (n % 500 === 0)
      await eventually(
        () => lines.length,
        (count) => count === n,
      );
  }
  expect(await redis.ask("XLEN", "wireside:{seven}:wall")).toBeLessThan(1_300);
  const keys = (await redis.ask("KEYS", "*")) as string[];
  expect(keys.every((key) => key.startsWith("wireside:{seven}:"))).toBe(true);
  await a.close();
  const lives = await Promise.all(
    keys.filter((key) => !key.includes(a.me)).map((key) => redis.ask("PTTL", key)),
  );
  expect(lives.length).toBeGreaterThan(3);
  expect(lives.every((life) => Number(life) > 0)).toBe(true);
});

test("a participant that says nothing is gone with what it held, and comes back with it", async () => {
  const quick = { expiryMs: 600, beatMs: 150 };
  const watcher = await join({ ...quick, classId: "eight" });
  const lines: string[] = [];
  watcher.listen({
    arrived: (name) => lines.push(`${name} arrived`),
    left: (name) => lines.push(`${name} left`),
    held: (_table, by, key, held) => lines.push(`${by} ${key}=${held}`),
  });
  const line = await opened.add(redis.line());
  const victim = await join({ ...quick, classId: "eight", me: "victim", url: line.url });
  victim.hold("t", "k", "1");
  const has = (line: string) =>
    eventually(
      () => lines,
      (all) => all.includes(line),
    );
  await has("victim k=1");
  line.cut();
  // On a busy machine it may have seemed gone before, and have come back.
  await eventually(
    () => [...watcher.others],
    (others) => others.length === 0 && lines.includes("victim left"),
  );
  expect(lines).toContain("victim k=null");
  lines.length = 0;
  line.mend();
  await has("victim arrived");
  await has("victim k=1");
});
