/** An end and a reset that come together with bytes are told apart, on real connections. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { onFin } from "../../../server/sockets/ended.ts";
import { connectTcp, listenTcp } from "../../support/tcp.ts";

let cleanups: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.map((cleanup) => cleanup()));
  cleanups = [];
});

/** Both ends of a connection, and what the near one is told, in order. */
async function connection() {
  const server = await listenTcp();
  const accepted = server.accepted();
  const near = (await connectTcp(server.port)).socket;
  const far = await accepted;
  far.on("error", () => {});
  cleanups.push(
    () => near.destroy(),
    () => server.close(),
  );
  const told: string[] = [];
  near.on("data", (bytes) => told.push(`${bytes}`));
  near.on("error", ({ code }: NodeJS.ErrnoException) => told.push(code ?? ""));
  onFin(near, () => told.push("FIN"));
  return { near, far, told };
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once("close", () => resolve()));

/** Both are in the kernel before the near end's turn: they share one process. */
function sayAndReset(far: Socket): void {
  far.write("half an ans");
  far.resetAndDestroy();
}

test("bytes and a FIN at once are bytes and a FIN, and our direction goes on", async () => {
  const { near, far, told } = await connection();
  far.end("closed");
  await expect.poll(() => told).toEqual(["closed", "FIN"]);
  near.write("and you?");
  expect(`${(await once(far, "data"))[0]}`).toBe("and you?");
});

test("bytes and a reset at once are bytes and a reset", async () => {
  const { near, far, told } = await connection();
  sayAndReset(far);
  await closed(near);
  expect(told).toEqual(["half an ans", "ECONNRESET"]);
});

test.each(["write", "end"] as const)(
  "a reset meets what waits to be sent after %s()",
  async (how) => {
    const { near, far, told } = await connection();
    far.pause();
    near[how](Buffer.alloc(64 * 1024 * 1024));
    expect(near.writableLength).toBeGreaterThan(0);
    sayAndReset(far);
    await closed(near);
    expect(told).toEqual(["half an ans", "ECONNRESET"]);
  },
);

test("a FIN is told, although our own direction ends in the same turn", async () => {
  const { near, far, told } = await connection();
  far.pause();
  near.write(Buffer.alloc(8 * 1024 * 1024), () => near.end());
  expect(near.writableLength).toBeGreaterThan(0);
  far.end("closed");
  far.resume();
  await closed(near);
  expect(told).toEqual(["closed", "FIN"]);
});

test("a FIN that waits behind bytes nobody reads is told at once", async () => {
  const { near, far, told } = await connection();
  far.pause();
  near.write(Buffer.alloc(64 * 1024 * 1024));
  far.end("closed");
  await expect.poll(() => told).toEqual(["closed", "FIN"]);
  expect(near.writableLength).toBeGreaterThan(0);
});

test("a FIN and a reset after it are both told", async () => {
  const { near, far, told } = await connection();
  near.pause();
  far.end("closed");
  await once(far, "finish");
  far.resetAndDestroy();
  near.resume();
  await closed(near);
  expect(told).toEqual(["closed", "FIN", "ECONNRESET"]);
});

test("once our direction has ended, theirs ends as ever", async () => {
  const { near, far, told } = await connection();
  near.end("bye");
  await once(near, "finish");
  far.resume();
  await once(far, "end");
  far.end("closed");
  await closed(near);
  expect(told).toEqual(["closed", "FIN"]);
});
