/** The server that breaks off: a whole answer, then half of one and a real RST. */
import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { rude } from "../../../server/lessons/rude.ts";
import { endLessons, join, run } from "../../support/lesson.ts";

afterEach(endLessons);

const PAUSE_MS = 10;

test("the second answer stops in the middle, and its half arrives before the reset", async () => {
  const { port, follow } = await run(rude(PAUSE_MS));
  const talk = await join(port);
  const { told, over } = follow(talk);
  const failed = once(talk.socket, "error");
  talk.send("hello");
  expect(await talk.bytes(8)).toBe("accepted");
  talk.send("again");
  expect((await failed)[0]).toMatchObject({ code: "ECONNRESET" });
  expect(talk.received).toBe("acceptedacce");
  expect(talk.ended).toBe(false);
  await over();
  expect(told()).toEqual(["accept", "recv 5", "send 8", "recv 5", "send 4", "reset"]);
});

test("who ends its direction after one request is answered, and let go in peace", async () => {
  const { port } = await run(rude(PAUSE_MS));
  const talk = await join(port);
  talk.socket.end("hello");
  expect(await talk.rest()).toBe("accepted");
});

test("who floods it is reset too, and others are served", async () => {
  const { port } = await run(rude(PAUSE_MS));
  const talk = await join(port);
  const failed = once(talk.socket, "error");
  for (let i = 0; i < 64; i++) talk.send(Buffer.alloc(64 * 1024, "x"));
  await failed;
  const other = await join(port);
  other.send("hello");
  expect(await other.bytes(8)).toBe("accepted");
});

test("close frees the port while an answer hangs in the middle, and a client's own reset is told once", async () => {
  const { port, follow, server } = await run(rude(60_000));
  const [talk, other] = [await join(port), await join(port)];
  const { told, over } = follow(talk);
  for (const one of [talk, other]) {
    one.send("hello");
    await one.bytes(8);
    one.send("again");
    await one.bytes(12);
  }
  talk.socket.resetAndDestroy();
  await over();
  expect(told().filter((call) => call === "reset")).toHaveLength(1);
  other.socket.end();
  await server.close();
  await expect(join(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
