/** The server that never reads: what it is sent stays in the kernel, and it keeps nobody for ever. */
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { silent } from "../../../server/lessons/silent.ts";
import { settled } from "../../support/eventually.ts";
import { endLessons, join, run } from "../../support/lesson.ts";
import { ssRow } from "../../support/ss.ts";

afterEach(endLessons);

test("it accepts and makes no other call: bytes and the client's end stay unread in its kernel", async () => {
  const { port, follow, lines } = await run(silent());
  const talk = await join(port);
  const { told } = follow(talk);
  talk.socket.end("anybody there?");
  const here = { host: "127.0.0.1", port };
  const there = { host: "127.0.0.1", port: talk.socket.localPort ?? 0 };
  // 14 bytes, and the FIN counted as one.
  await expect
    .poll(() => ssRow(here, there))
    .toMatchObject({ state: "CLOSE_WAIT", unread: 15, unsent: 0 });
  expect(told()).toEqual(["accept"]);
  expect(lines).toHaveLength(2);
});

test("who sends without end is stopped by the two kernels, and the server keeps nothing of it", async () => {
  const { port } = await run(silent());
  const talk = await join(port);
  const block = Buffer.alloc(1024 * 1024, "x");
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 32; i++) talk.send(block);
  const left = await settled(() => talk.socket.writableLength, 20);
  expect(left).toBeGreaterThan(16 * 1024 * 1024);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 * 1024 * 1024);
});

test("a client is kept for so long; then the server closes, and unread bytes make a reset of it", async () => {
  const { port, follow } = await run(silent({ keepMs: 400 }));
  const [quiet, loud] = [await join(port), await join(port)];
  const calls = [follow(quiet), follow(loud)];
  const failed = once(loud.socket, "error");
  loud.send("hello");
  expect(await quiet.rest()).toBe("");
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
  for (const { over, told } of calls) {
    await over();
    expect(told()).toEqual(["accept", "close"]);
  }
});

test("when there are too many, the one that has been here longest goes", async () => {
  const { port } = await run(silent({ mostClients: 2 }));
  const first = await join(port);
  const others = [await join(port), await join(port)];
  expect(await first.rest()).toBe("");
  for (const { ended, socket } of others) expect([ended, socket.destroyed]).toEqual([false, false]);
});

test("a client that reset is forgotten in time, and close frees the port although others never hang up", async () => {
  const { port, server, lines } = await run(silent());
  const [gone] = [await join(port), await join(port)];
  gone?.send("hello");
  gone?.socket.resetAndDestroy();
  await server.close();
  expect(lines.filter((line) => line === "Connection to client closed")).toHaveLength(2);
  await expect(join(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
