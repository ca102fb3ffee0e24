/** The server that sends back what it reads: byte for byte, to its end, and no faster than it is read. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { echo } from "../../../server/lessons/echo.ts";
import { settled } from "../../support/eventually.ts";
import { endLessons, join, run } from "../../support/lesson.ts";

afterEach(endLessons);

test("what was sent comes back, whatever bytes it is, and each call is told", async () => {
  const { port, follow, lines } = await run(echo());
  const talk = await join(port);
  const { told, over } = follow(talk);
  talk.send("Grüße\u0000\u001b");
  const sent = Buffer.from("Grüße\u0000\u001b").toString("latin1");
  expect(await talk.bytes(sent.length)).toBe(sent);
  talk.socket.end();
  await over();
  expect(told()).toEqual(["accept", "recv 9", "send 9", "recv 0", "shutdown", "close"]);
  expect(lines).toContain("Received: Grüße\\x00\\x1b");
});

test("a read is at most 1024 bytes, and each is sent back by itself", async () => {
  const { port, follow } = await run(echo());
  const talk = await join(port);
  const { told } = follow(talk);
  talk.send("x".repeat(1500));
  await talk.bytes(1500);
  expect(told()).toEqual(["accept", "recv 1024", "send 1024", "recv 476", "send 476"]);
});

test("a client that ends its direction still gets all of 2 MiB back, then the end", async () => {
  const { port } = await run(echo(), { log: () => {} });
  const block = randomBytes(2 * 1024 * 1024);
  const talk = await join(port);
  talk.socket.end(block);
  const back = Buffer.from(await talk.rest(), "latin1");
  const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  expect(hash(back)).toBe(hash(block));
});

test("a client that sends and never reads is not read on, which costs bounded memory and nobody else", async () => {
  const { port, server } = await run(echo(), { log: () => {} });
  const hostile = connect({ host: "127.0.0.1", port });
  await once(hostile, "connect");
  hostile.pause();
  const block = Buffer.alloc(1024 * 1024, "x");
  const before = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 32; i++) hostile.write(block);
  const left = await settled(() => hostile.writableLength, 20);
  expect(left).toBeGreaterThan(8 * 1024 * 1024);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
  const other = await join(port);
  other.send("still here");
  expect(await other.bytes(10)).toBe("still here");
  hostile.on("error", () => {}).resetAndDestroy();
  other.socket.end();
  await server.close();
});

test("a client's reset is told as such, and harms nobody", async () => {
  const { port, follow } = await run(echo());
  const [talk, other] = [await join(port), await join(port)];
  const { told, over } = follow(talk);
  talk.send("hello");
  await talk.bytes(5);
  talk.socket.resetAndDestroy();
  await over();
  expect(told()).toEqual(["accept", "recv 5", "send 5", "reset"]);
  other.send("hello");
  expect(await other.bytes(5)).toBe("hello");
});
