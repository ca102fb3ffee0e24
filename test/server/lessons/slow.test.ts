/** The server that drips: a byte a send, a pause after each, one answer after the other. */
import { performance } from "node:perf_hooks";
import { afterEach, expect, test } from "vitest";
import { slow } from "../../../server/lessons/slow.ts";
import { endLessons, join, run } from "../../support/lesson.ts";

afterEach(endLessons);

const PAUSE_MS = 10;
const sends = (count: number) => Array.from({ length: count }, () => "send 1");

test("accepted comes in eight sends of one byte, each with a pause before it", async () => {
  const { port, follow } = await run(slow(PAUSE_MS));
  const talk = await join(port);
  const { told, calls } = follow(talk);
  const chunks: string[] = [];
  talk.socket.on("data", (chunk: Buffer) => chunks.push(`${chunk}`));
  const askedAt = performance.now();
  talk.send("hello");
  expect(await talk.bytes(8)).toBe("accepted");
  // Timers may be late, and early by less than a millisecond.
  expect(performance.now() - askedAt).toBeGreaterThan(7 * (PAUSE_MS - 1));
  expect(told()).toEqual(["accept", "recv 5", ...sends(8)]);
  const [first, ...later] = calls.filter(({ call }) => call === "send").map(({ at }) => at);
  expect(later.every((at, i) => at - ([first, ...later][i] ?? at) >= PAUSE_MS - 1)).toBe(true);
  expect(chunks.length).toBeGreaterThan(1);
});

test("the next request is read only when the answer before is out, and close is answered last", async () => {
  const { port, follow, lines } = await run(slow(PAUSE_MS));
  const talk = await join(port);
  const { told, over } = follow(talk);
  talk.send("hello");
  await talk.bytes(1);
  talk.send("close");
  expect(await talk.rest()).toBe("acceptedclosed");
  talk.socket.end();
  await over();
  expect(told()).toEqual([
    ...["accept", "recv 5", ...sends(8)],
    ...["recv 5", ...sends(6), "shutdown", "recv 0", "close"],
  ]);
  expect(lines.filter((line) => line.startsWith("Received"))).toEqual(["Received: hello"]);
});

test("a client that ends its direction meanwhile still gets the whole answer", async () => {
  const { port } = await run(slow(PAUSE_MS));
  const talk = await join(port);
  talk.socket.end("hello");
  expect(await talk.rest()).toBe("accepted");
});

test("a flood is answered read by read, and what was not read yet waits with the client", async () => {
  const { port, follow } = await run(slow(PAUSE_MS));
  const talk = await join(port);
  const { bytes } = follow(talk);
  talk.send("x".repeat(3000));
  await talk.bytes(9);
  expect(bytes("recv")).toBe(2048);
});

test("a reset in mid-answer ends it, and close ends a client that is still being answered", async () => {
  const { port, follow, server } = await run(slow(PAUSE_MS));
  const [talk, other] = [await join(port), await join(port)];
  const { told, over } = follow(talk);
  for (const one of [talk, other]) one.send("hello");
  await talk.bytes(2);
  talk.socket.resetAndDestroy();
  await over();
  const before = told();
  expect(before.at(-1)).toBe("reset");
  const closed = server.close();
  expect("accepted").toContain(await other.rest());
  other.socket.end();
  await closed;
  expect(told()).toEqual(before);
});
