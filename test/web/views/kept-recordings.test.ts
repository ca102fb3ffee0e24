/** The list of kept conversations, asked for over real HTTP whose answers come when the test lets them. */
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { KeptRecordings } from "../../../web/views/kept-recordings.ts";

let asked: ServerResponse[] = [];
const server = createServer((_, response) => void asked.push(response));
let kept: KeptRecordings;

beforeEach(async () => {
  asked = [];
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  kept = new KeptRecordings(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
});
afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
});

const question = async (n: number) => {
  await expect.poll(() => asked.length).toBeGreaterThanOrEqual(n);
  return asked[n - 1];
};
const conversation = (id: string) => ({
  ...{ id, student: "Neo", address: "tcp://127.0.0.1:8000" },
  ...{ startedAt: "2024-03-31T12:00:00.000Z", bytes: 900, events: 9, live: false },
});
const listOf = (...ids: string[]) => JSON.stringify({ recordings: ids.map(conversation) });
const shown = () => kept.state.name === "ready" && kept.state.list.map(({ id }) => id);

test("an answer that comes after a later question's changes nothing any more", async () => {
  const first = kept.load();
  const old = await question(1);
  const second = kept.load();
  (await question(2))?.end(listOf("b"));
  await second;
  expect(shown()).toEqual(["b"]);
  old?.end(listOf("a", "b"));
  await first;
  expect(shown()).toEqual(["b"]);
});

test("an answer that breaks off leaves the list, and says so", async () => {
  const first = kept.load();
  (await question(1))?.end(listOf("a"));
  await first;
  const second = kept.load();
  const cut = await question(2);
  cut?.writeHead(200, { "content-length": 10_000 });
  cut?.write('{"recordings":[');
  cut?.socket?.end();
  await second;
  expect(shown()).toEqual(["a"]);
  expect(kept.problem).toBe("The gateway does not answer. Try again when it is back.");
});

test("why the list could not be read is said until it can be, and no longer", async () => {
  const first = kept.load();
  (await question(1))?.end(listOf("a"));
  expect(await first).toBe(true);
  const second = kept.load();
  (await question(2))?.writeHead(500).end(JSON.stringify({ error: "The disk is gone." }));
  expect(await second).toBe(false);
  expect(kept.problem).toBe("The disk is gone.");
  const third = kept.load();
  (await question(3))?.end(listOf("a", "b"));
  expect(await third).toBe(true);
  expect(kept.problem).toBeNull();
});

test("why one could not be deleted is still said when the list is there again", async () => {
  const done = kept.remove("a");
  (await question(1))?.writeHead(500).end(JSON.stringify({ error: "The files cannot be used." }));
  (await question(2))?.end(listOf("a"));
  await done;
  expect([shown(), kept.problem]).toEqual([["a"], "The files cannot be used."]);
  const again = kept.load();
  (await question(3))?.end(listOf("a"));
  await again;
  expect(kept.problem).toBeNull();
});

test("what is no list of the gateway's is none, and the page says so", async () => {
  const first = kept.load();
  (await question(1))?.end("<h1>Log in to the Wi-Fi</h1>");
  expect(await first).toBe(false);
  expect(kept.state).toEqual({
    name: "failed",
    why: "Something else than the gateway has answered.",
  });
});
