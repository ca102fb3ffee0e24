/** What a bus promises, kept alike by the one in memory and the one over Redis. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Bus } from "../../../server/classroom/bus.ts";
import { MemoryHub } from "../../../server/classroom/bus-memory.ts";
import { joinRedis } from "../../../server/classroom/bus-redis.ts";
import { Opened } from "../../support/classroom.ts";
import { eventually } from "../../support/eventually.ts";
import { Redis } from "../../support/redis.ts";

let redis: Redis;
beforeAll(async () => {
  redis = await Redis.start();
});
afterAll(() => redis.close());

let classes = 0;
const hubs = {
  memory: () => {
    const hub = new MemoryHub();
    return async () => hub.join();
  },
  Redis: () => {
    const classId = `class-${++classes}`;
    return () => joinRedis({ url: redis.url, classId });
  },
};

/** Everything a participant is told, as lines. */
function log(bus: Bus): string[] {
  const lines: string[] = [];
  bus.listen({
    changed: (table, key, value) => lines.push(`${table}/${key}=${value}`),
    held: (table, by, key, value) => lines.push(`${by} ${table}/${key}=${value}`),
    heard: (topic, body, from) => lines.push(`${from} ${topic}: ${body}`),
    arrived: (name) => lines.push(`${name} arrived`),
    left: (name) => lines.push(`${name} left`),
  });
  return lines;
}

const has = (line: string) => (lines: string[]) => lines.includes(line);
const heard = (lines: string[], topic: string) =>
  lines.filter((line) => line.includes(` ${topic}: `)).map((line) => line.split(": ")[1]);

describe.each(Object.entries(hubs))("the bus in %s", (_name, hub) => {
  const opened = new Opened();
  let join: () => Promise<Bus>;
  let a: Bus;
  let b: Bus;
  const enter = () => opened.add(join());
  const sees = (bus: Bus, table: string, expected: Record<string, string>) =>
    eventually(
      () => Object.fromEntries(bus.entries(table)),
      (found) => JSON.stringify(found) === JSON.stringify(expected),
    );

  beforeEach(async () => {
    join = hub();
    a = await enter();
    b = await enter();
    await eventually(
      () => [...a.others, ...b.others],
      (others) => others.length === 2,
    );
  });
  afterEach(() => opened.close());

  test("participants have names of their own and know who else is there", async () => {
    expect(a.others).toEqual([b.me]);
    expect(b.others).toEqual([a.me]);
    expect(a.online && b.online).toBe(true);
    const lines = log(a);
    const c = await enter();
    await eventually(() => lines, has(`${c.me} arrived`));
    expect([...c.others].sort()).toEqual([a.me, b.me].sort());
    await c.close();
    await eventually(() => lines, has(`${c.me} left`));
    expect(a.others).toEqual([b.me]);
    expect(c.others).toEqual([]);
    expect(c.online).toBe(false);
  });

  test("what is put is here at once and there soon, the newest wins, a removal removes", async () => {
    const [here, there] = [log(a), log(b)];
    a.put("t", "k/1 x", "1");
    expect(here).toEqual(["t/k/1 x=1"]);
    expect(a.entries("t").get("k/1 x")).toBe("1");
    await eventually(() => there, has("t/k/1 x=1"));
    b.put("t", "k/1 x", "2");
    await sees(a, "t", { "k/1 x": "2" });
    a.remove("t", "k/1 x");
    await eventually(() => there, has("t/k/1 x=null"));
    expect(b.entries("t").size).toBe(0);
    b.put("t", "k/1 x", "3");
    await sees(a, "t", { "k/1 x": "3" });
  });

  test("who comes later, or after everybody has gone, finds what lasts", async () => {
    a.put("t", "k", 'a line\nwith "quotes" and ünïcode 🐇');
    a.put("t", "gone", "1");
    a.remove("t", "gone");
    await a.close();
    await b.close();
    const c = await enter();
    expect([...c.entries("t")]).toEqual([["k", 'a line\nwith "quotes" and ünïcode 🐇']]);
    expect(c.others).toEqual([]);
  });

  test("of many who claim a key at once one gets it, and all are told who", async () => {
    const claims = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? a : b).claim("seat", "1", `claim ${index}`),
    );
    const winners = new Set(await Promise.all(claims));
    expect(winners.size).toBe(1);
    const [winner = ""] = winners;
    await sees(a, "seat", { 1: winner });
    await sees(b, "seat", { 1: winner });
    expect(await b.claim("seat", "1", "late")).toBe(winner);
  });

  test("a key that was given back can be claimed by another, at once by the one who did", async () => {
    await a.claim("name", "neo", "1");
    await sees(b, "name", { neo: "1" });
    a.remove("name", "neo");
    expect(await a.claim("name", "neo", "2")).toBe("2");
    await sees(b, "name", { neo: "2" });
    b.remove("name", "neo");
    await sees(a, "name", {});
    expect(await a.claim("name", "neo", "3")).toBe("3");
  });

  test("what somebody holds is there as long as its holder, for those who come later too", async () => {
    a.hold("serve", "", "8000");
    b.hold("serve", "", "9000");
    b.hold("other", "x", "1");
    const c = await enter();
    const held = (bus: Bus) => bus.held("serve").map(({ by, value }) => `${by} ${value}`);
    const both = [`${a.me} 8000`, `${b.me} 9000`].sort();
    await eventually(
      () => [held(a).sort(), held(b).sort(), held(c).sort()],
      (all) => all.every((found) => JSON.stringify(found) === JSON.stringify(both)),
    );
    const lines = log(a);
    b.hold("serve", "", null);
    await eventually(() => lines, has(`${b.me} serve/=null`));
    await b.close();
    await eventually(() => lines, has(`${b.me} left`));
    expect(lines).toContain(`${b.me} other/x=null`);
    expect(held(a)).toEqual([`${a.me} 8000`]);
  });

  test("messages arrive once, in their order, and not at their sender", async () => {
    const [own, there] = [log(a), log(b)];
    const sent = Array.from({ length: 500 }, (_, index) => String(index));
    for (const body of sent) a.publish("chat", body);
    await eventually(
      () => heard(there, "chat").length,
      (count) => count >= sent.length,
    );
    expect(heard(there, "chat")).toEqual(sent);
    b.publish("chat", "back");
    await eventually(() => own, has(`${b.me} chat: back`));
    expect(heard(own, "chat")).toEqual(["back"]);
  });

  test("a message for one participant reaches no other", async () => {
    const c = await enter();
    await eventually(
      () => a.others.length,
      (count) => count === 2,
    );
    const [atB, atC] = [log(b), log(c)];
    a.publish("feed", "for c", c.me);
    a.publish("chat", "for all");
    await eventually(() => atC, has(`${a.me} feed: for c`));
    await eventually(() => atB, has(`${a.me} chat: for all`));
    expect(heard(atB, "feed")).toEqual([]);
  });

  test("after its end a participant changes nothing and hears nothing", async () => {
    const lines = log(b);
    await b.close();
    await b.close();
    b.put("t", "k", "1");
    b.hold("t", "k", "1");
    b.publish("chat", "x");
    a.put("t", "k", "2");
    a.publish("chat", "y");
    const c = await enter();
    expect([...c.entries("t")]).toEqual([["k", "2"]]);
    expect(heard(lines, "chat")).toEqual([]);
  });

  test("classes do not hear each other", async () => {
    const elsewhere = await opened.add(hub()());
    const lines = log(elsewhere);
    a.put("t", "k", "1");
    a.publish("chat", "x");
    await sees(b, "t", { k: "1" });
    expect(elsewhere.entries("t").size).toBe(0);
    expect(elsewhere.others).toEqual([]);
    expect(lines).toEqual([]);
  });
});
