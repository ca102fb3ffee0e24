/** The lesson server over real sockets: what it answers, what it logs, and what it survives. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { accept } from "../../../server/lessons/accept.ts";
import { endLessons, join, type LessonStart, pairOf, run } from "../../support/lesson.ts";

afterEach(endLessons);

const start = ({ readBytes, ...options }: LessonStart & { readBytes?: number } = {}) =>
  run(accept(readBytes), options);

/** The received messages, without the other lines. */
const messages = (lines: string[]) =>
  lines.filter((line) => line.startsWith("Received: ")).map((line) => line.slice(10));

test("the tutorial's conversation, answered and logged in its words", async () => {
  const { lines, port, server } = await start({ once: true });
  const talk = await join(port);
  const mine = talk.socket.localPort;
  talk.send("Wake up, Neo");
  expect(await talk.bytes(8)).toBe("accepted");
  talk.send("close");
  expect(await talk.rest()).toBe("acceptedclosed");
  talk.socket.end();
  await server.done;
  expect(lines).toEqual([
    `Listening on 127.0.0.1:${port}`,
    `Accepted connection from 127.0.0.1:${mine}`,
    "Received: Wake up, Neo",
    "Connection to client closed",
  ]);
});

test.each(["close", "CLOSE", "Close", "cLoSe\n", "close\r", "close\r\n"])(
  "%j ends the conversation",
  async (request) => {
    const { lines, port } = await start();
    const talk = await join(port);
    talk.send(request);
    expect(await talk.rest()).toBe("closed");
    talk.socket.end();
    expect(messages(lines)).toEqual([]);
  },
);

test.each(["closed", " close", "close ", "close\n\n", "close\n\r", "clos", "\n", "cloſe"])(
  "%j is a message like any other",
  async (request) => {
    const { port } = await start();
    const talk = await join(port);
    talk.send(request);
    expect(await talk.bytes(8)).toBe("accepted");
    talk.send("close");
    expect(await talk.rest()).toBe("acceptedclosed");
  },
);

test("one read takes at most 1024 bytes: 1024 are one request, 1025 are two", async () => {
  const { lines, port } = await start();
  const talk = await join(port);
  talk.send("a".repeat(1024));
  expect(await talk.bytes(8)).toBe("accepted");
  talk.send("b".repeat(1025));
  expect(await talk.bytes(24)).toBe("acceptedacceptedaccepted");
  expect(messages(lines)).toEqual(["a".repeat(1024), "b".repeat(1024), "b"]);
});

test("a read that begins with close after 1024 other bytes is a request of its own", async () => {
  const { port } = await start();
  const talk = await join(port);
  talk.send(`${"a".repeat(1024)}close`);
  expect(await talk.rest()).toBe("acceptedclosed");
});

test("100 clients at once get their own answers", async () => {
  const { lines, port } = await start();
  const all = await Promise.all(Array.from({ length: 100 }, () => join(port)));
  for (const [i, talk] of all.entries()) talk.send(`client ${i}`);
  await Promise.all(all.map((talk) => talk.bytes(8)));
  for (const talk of all.filter((_, i) => i % 2 === 0)) talk.send("close");
  const halves = await Promise.all(all.filter((_, i) => i % 2 === 0).map((talk) => talk.rest()));
  expect(new Set(halves)).toEqual(new Set(["acceptedclosed"]));
  for (const talk of all.filter((_, i) => i % 2 === 1)) talk.send("still here");
  const others = all.filter((_, i) => i % 2 === 1).map((talk) => talk.bytes(16));
  expect(new Set(await Promise.all(others))).toEqual(new Set(["acceptedaccepted"]));
  expect(new Set(messages(lines)).size).toBe(101);
});

test("one message is one line of log: what is invisible and what is not UTF-8 shows as escapes", async () => {
  const { lines, port } = await start();
  const talk = await join(port);
  const sent: [string | Uint8Array, string][] = [
    ["a\r\nReceived: forged\n", "a\\r\\nReceived: forged\\n"],
    ["\u001b[2J\u009b0m\u0007\t\u007f", "\\x1b[2J\\x9b0m\\x07\\t\\x7f"],
    ["evil\u202etxt\u2066\u2028\ufeff", "evil\\u202etxt\\u2066\\u2028\\ufeff"],
    ["\u{e0041}", "\\U000e0041"],
    ["Grüße, 世界 🐇", "Grüße, 世界 🐇"],
    [Uint8Array.of(0xff, 0x41, 0xc3), "\\xffA\\xc3"],
    [Uint8Array.of(0xed, 0xa0, 0x80, 0xc0, 0xaf), "\\xed\\xa0\\x80\\xc0\\xaf"],
    [Uint8Array.of(0xf0, 0x9f, 0x90, 0x87, 0xf0, 0x9f), "🐇\\xf0\\x9f"],
  ];
  for (const [i, [bytes]] of sent.entries()) {
    talk.send(bytes);
    await talk.bytes(8 * (i + 1));
  }
  expect(messages(lines)).toEqual(sent.map(([, shown]) => shown));
  expect(lines.join("")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test("a client that ends its direction still gets every answer, then the server's end", async () => {
  const { lines, port, server } = await start();
  const talk = await join(port);
  talk.socket.end("x".repeat(5000));
  expect(await talk.rest()).toBe("accepted".repeat(5));
  await server.close();
  expect(lines.at(-1)).toBe("Connection to client closed");
});

test("a client that resets in the middle harms nobody", async () => {
  const { lines, port } = await start();
  const other = await join(port);
  const talk = await join(port);
  talk.send("hello");
  await talk.bytes(8);
  talk.socket.resetAndDestroy();
  await expect.poll(() => lines.filter((line) => line.includes("closed")).length).toBe(1);
  other.send("still here");
  expect(await other.bytes(8)).toBe("accepted");
});

test("closed arrives although the client had sent more than the server would read", async () => {
  const { port } = await start({ readBytes: 5 });
  const talk = await join(port);
  talk.send("close");
  for (let i = 0; i < 64; i++) talk.send(Buffer.alloc(64 * 1024));
  expect(await talk.rest()).toBe("closed");
  talk.socket.end();
  await once(talk.socket, "close");
  expect(talk.socket.errored).toBeNull();
});

test("a client that does not hang up after closed is let go", async () => {
  const { lines, port } = await start();
  const talk = await join(port);
  talk.send("close");
  await talk.rest();
  await expect.poll(() => lines.at(-1)).toBe("Connection to client closed");
  expect(talk.socket.destroyed).toBe(false);
});

test("a client that sends 16 MiB and never reads is not read on, and gets every answer once it reads", async () => {
  const total = 16 * 1024 * 1024;
  let requests = 0;
  // 16 bytes a read make 8 MiB of answers: more than both kernel buffers take, some 4 MiB.
  const { port, observer } = await start({
    readBytes: 16,
    log: (line) => {
      if (line.startsWith("Received")) requests++;
    },
  });
  const socket = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
  await once(socket, "connect");
  socket.pause();
  let told = 0;
  observer.follow(pairOf(socket), ({ call, bytes = 0 }) => {
    if (call === "send") told += bytes;
  });
  const before = process.memoryUsage();
  const block = Buffer.alloc(1024 * 1024, "x");
  for (let sent = 0; sent < total; sent += block.length) socket.write(block);
  socket.end();

  // A send that the kernel has not taken yet is not told.
  await expect.poll(() => requests * 8 - told, { timeout: 100_000 }).toBeGreaterThan(0);
  await settled(() => requests);
  const after = process.memoryUsage();
  expect(requests * 16).toBeLessThan(total - 2 * 1024 * 1024);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024);

  let answers = 0;
  socket.on("data", (chunk: Buffer) => {
    answers += chunk.length;
  });
  socket.resume();
  await once(socket, "end");
  expect(answers).toBe(requests * "accepted".length);
  expect(told).toBe(answers);
  expect(requests).toBeGreaterThanOrEqual(total / 16);
}, 120_000);

test("with once, the second client is refused while the first is served", async () => {
  const { port, server, lines } = await start({ once: true });
  const talk = await join(port);
  talk.send("hello");
  await talk.bytes(8);
  await expect(join(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  talk.socket.end();
  await server.done;
  expect(lines.filter((line) => line.startsWith("Accepted"))).toHaveLength(1);
});

test("a port in use and another machine's address are rejected with the system's code", async () => {
  const { port } = await start();
  await expect(start({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await expect(start({ host: "203.0.113.1" })).rejects.toMatchObject({ code: "EADDRNOTAVAIL" });
});

test("close ends every client, silent ones too, and frees the port", async () => {
  const { server, lines, port } = await start();
  const all = await Promise.all([join(port), join(port), join(port)]);
  for (const talk of all) talk.send("hello");
  await Promise.all(all.map((talk) => talk.bytes(8)));
  all[0]?.socket.pause();
  const closed = server.close();
  await expect(join(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  expect(await all[1]?.rest()).toBe("accepted");
  await closed;
  await server.close();
  expect(lines.filter((line) => line === "Connection to client closed")).toHaveLength(3);
  const again = await start({ port });
  expect(again.port).toBe(port);
});

test("listens on IPv6 too, and says so in brackets", async () => {
  const { lines, port } = await start({ host: "::1" });
  const talk = await join(port, "::1");
  talk.send("close");
  expect(await talk.rest()).toBe("closed");
  expect(lines[0]).toBe(`Listening on [::1]:${port}`);
  expect(lines[1]).toBe(`Accepted connection from [::1]:${talk.socket.localPort}`);
});

test("each call is told in the order it was made: the tutorial's conversation", async () => {
  const { port, follow } = await start();
  const talk = await join(port);
  const { told, over } = follow(talk);
  talk.send("Wake up, Neo");
  await talk.bytes(8);
  talk.send("close");
  await talk.rest();
  talk.socket.end();
  await over();
  expect(told()).toEqual([
    "accept",
    "recv 12",
    "send 8",
    "recv 5",
    "send 6",
    "shutdown",
    "recv 0",
    "close",
  ]);
});

test("with 16 bytes a read, one message of 23 is two reads, and each is answered before the next", async () => {
  const { port, follow, lines } = await start({ readBytes: 16 });
  const talk = await join(port);
  const { told, over } = follow(talk);
  talk.send("Follow the white rabbit");
  expect(await talk.bytes(16)).toBe("acceptedaccepted");
  talk.socket.end();
  await over();
  expect(told()).toEqual([
    ...["accept", "recv 16", "send 8", "recv 7", "send 8"],
    ...["recv 0", "shutdown", "close"],
  ]);
  expect(messages(lines)).toEqual(["Follow the white", " rabbit"]);
});

test("a client's reset is told as such, and nothing after it", async () => {
  const { port, follow } = await start();
  const talk = await join(port);
  const { told, over } = follow(talk);
  talk.send("hello");
  await talk.bytes(8);
  talk.socket.resetAndDestroy();
  await over();
  expect(told()).toEqual(["accept", "recv 5", "send 8", "reset"]);
});

test("bytes that come after closed are read, and told as read, although nobody answers them", async () => {
  const { port, follow } = await start({ readBytes: 5 });
  const talk = await join(port);
  const { told, bytes, over } = follow(talk);
  talk.send(`close${"x".repeat(300_000)}`);
  expect(await talk.rest()).toBe("closed");
  talk.socket.end();
  await over();
  expect(told().slice(0, 3)).toEqual(["accept", "recv 5", "send 6"]);
  expect(bytes("recv")).toBe(300_005);
  expect(bytes("send")).toBe(6);
});

test("a server that stops tells its shutdown, and its close once the client has hung up", async () => {
  const { server, port, follow } = await start();
  const talk = await join(port);
  const { told } = follow(talk);
  const closed = server.close();
  await talk.rest();
  talk.socket.end();
  await closed;
  expect(told()).toEqual(["accept", "shutdown", "recv 0", "close"]);
});

test("a client that ends its direction while its requests wait still gets every answer", async () => {
  let requests = 0;
  const { port, follow } = await start({
    readBytes: 1,
    log: (line) => {
      if (line.startsWith("Received")) requests++;
    },
  });
  const talk = await join(port);
  const { bytes, told, over } = follow(talk);
  talk.socket.pause();
  let sent = 0;
  while (requests === sent) {
    talk.send("x".repeat(65_536));
    sent += 65_536;
    const before = requests;
    await settled(() => requests - before);
  }
  talk.socket.end();
  talk.socket.resume();
  expect((await talk.rest()).length).toBe(sent * 8);
  await over();
  expect([bytes("recv"), bytes("send")]).toEqual([sent, sent * 8]);
  expect(told()).toContain("recv 0");
  expect(told().slice(-2)).toEqual(["shutdown", "close"]);
}, 120_000);

test("it is deaf from the moment it listens no longer: with once, from its client on", async () => {
  const { server, port } = await start({ once: true });
  const order: string[] = [];
  void server.deaf.then(() => order.push("deaf"));
  void server.done.then(() => order.push("done"));
  const talk = await join(port);
  talk.send("hello");
  await talk.bytes(8);
  expect(order).toEqual(["deaf"]);
  talk.socket.end();
  await server.done;
  expect(order).toEqual(["deaf", "done"]);
});

/** Waits until a counter has begun to move and then rests for 20 turns of 10 ms. */
async function settled(count: () => number): Promise<void> {
  let last = -1;
  let resting = 0;
  await expect
    .poll(
      () => {
        const now = count();
        resting = now > 0 && now === last ? resting + 1 : 0;
        last = now;
        return resting;
      },
      { interval: 10, timeout: 100_000 },
    )
    .toBeGreaterThanOrEqual(20);
}
