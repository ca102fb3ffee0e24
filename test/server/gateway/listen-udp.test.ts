/** A page serves UDP through the real gateway: borders kept, peers told apart, nobody accepted. */
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Address } from "../../../shared/address.ts";
import type { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { eventually } from "../../support/eventually.ts";
import { Host, type HostOptions } from "../../support/listening.ts";
import { ownTime } from "../../support/own-time.ts";
import { Program } from "../../support/programs.ts";
import { connectTcp } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const KIB = 1024;

let wire: Wire;
let cutter: Cutter;
let link: Link;
const cleanups: (() => unknown)[] = [];

async function start(...flags: string[]): Promise<void> {
  wire = await startWire(flags);
  cutter = await startCutter(wire.port);
  link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  link.stop();
  await cutter.close();
  await wire.stop();
});

const udp = (host = "127.0.0.1", port = 0): Address => ({ scheme: "udp", host, port });

const serve = (options: HostOptions = {}, on = link): Promise<Host> =>
  new Host(on, { address: udp(), ...options }).listening();

/** A program's own UDP socket on a free port, or on `port`. */
async function socketOn(host = "127.0.0.1", port = 0): Promise<Socket> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  socket.bind(port, host);
  await once(socket, "listening");
  cleanups.push(() => new Promise<void>((done) => socket.close(() => done())));
  return socket;
}

/** Resolves once the kernel has it. */
const say = (from: Socket, host: Host, bytes: string | Uint8Array): Promise<unknown> =>
  new Promise((resolve) => from.send(bytes, host.port, host.local?.host, resolve));

const heard = async (socket: Socket): Promise<Buffer> => (await once(socket, "message"))[0];

const texts = (talker: Talker, direction: "in" | "out"): string[] =>
  talker
    .of("data")
    .filter((event) => event.direction === direction)
    .map(({ bytes }) => Buffer.from(bytes).toString());

const lengths = (talker: Talker): number[] =>
  talker
    .of("data")
    .filter(({ direction }) => direction === "out")
    .map(({ length }) => length);

const sum = (numbers: number[]): number => numbers.reduce((all, each) => all + each, 0);

describe.each(["127.0.0.1", "::1"])("a page that serves UDP on %s", (address) => {
  beforeEach(() => start());

  test("keeps the borders of datagrams in both directions", async () => {
    const host = await serve({ address: udp(address), atOnce: true });
    const far = await socketOn(address);
    const sizes = [1, 2, 1472, 9000, 65_507];
    for (const size of sizes) await say(far, host, Buffer.alloc(size, "x"));
    const talker = await host.guest(0);
    await talker.when(() => lengths(talker).length === sizes.length);
    expect(lengths(talker)).toEqual(sizes);
    for (const text of ["one", "two", "three"]) talker.send(text);
    for (const text of ["one", "two", "three"]) expect((await heard(far)).toString()).toBe(text);
    talker.channel.send(Buffer.alloc(65_507, 7));
    expect((await heard(far)).length).toBe(65_507);
  });

  test("tells peers apart by where their datagrams came from", async () => {
    const host = await serve({ address: udp(address), atOnce: true });
    const [a, b] = [await socketOn(address), await socketOn(address)];
    await say(a, host, "a1");
    await host.guest(0);
    await say(b, host, "b1");
    await host.guest(1);
    await say(a, host, "a2");
    await say(b, host, "b2");
    const [first, second] = [await host.guest(0), await host.guest(1)];
    await first.when(() => texts(first, "out").length === 2);
    await second.when(() => texts(second, "out").length === 2);
    expect([texts(first, "out"), texts(second, "out")]).toEqual([
      ["a1", "a2"],
      ["b1", "b2"],
    ]);
    expect(host.guests.map(({ remote }) => remote)).toEqual([
      { host: address, port: a.address().port },
      { host: address, port: b.address().port },
    ]);
    second.send("for b");
    first.send("for a");
    expect((await heard(a)).toString()).toBe("for a");
    await first.when(() => texts(first, "in").length === 1);
    await second.when(() => texts(second, "in").length === 1);
  });
});

describe("a peer at the door", () => {
  beforeEach(() => start());

  test("is no connection: nothing of TCP is said of it, and no descriptor is its own", async () => {
    const host = await serve();
    link.sendMessage({ type: "look", on: true });
    const far = await socketOn();
    await say(far, host, "hello");
    await host.when(({ door }) => door.waiting.length === 1);
    host.listener.accept();
    const talker = await host.guest(0);
    await talker.when(({ text }) => text === "hello");
    talker.send("hi");
    await heard(far);
    talker.channel.close();
    await talker.when(({ ended }) => ended);
    expect(host.guests[0]).toMatchObject({ fd: null, transport: "udp" });
    expect(talker.of("arrival")).toMatchObject([{ transport: "udp" }]);
    expect(talker.events.map(({ kind, side }) => `${side} ${kind}`)).toEqual([
      "near arrival",
      "near open",
      "near data",
      "near data",
      "near closed",
    ]);
  });

  test("has its bytes held until it is taken in, and they are counted exactly", async () => {
    const host = await serve();
    const far = await socketOn();
    for (const text of ["one", "three", ""]) await say(far, host, text);
    await host.when(({ door }) => door.waiting[0]?.unread === 8);
    expect(host.door.waiting[0]?.remote).toEqual({ host: "127.0.0.1", port: far.address().port });
    expect(host.door.waiting[0]?.ended).toBe(false);
    host.listener.accept();
    const talker = await host.guest(0);
    await talker.when((t) => t.of("dropped").length === 1 && texts(t, "out").length === 2);
    expect(texts(talker, "out")).toEqual(["one", "three"]);
    expect(talker.of("dropped")).toMatchObject([{ why: "empty", count: 1, bytes: 0 }]);
  });

  test("keeps 64 KiB; what comes beyond is dropped and counted", async () => {
    const host = await serve();
    const far = await socketOn();
    for (let i = 1; i <= 64; i++) {
      await say(far, host, Buffer.alloc(KIB, i));
      // No more at once than the kernel's own queue holds.
      if (i % 16 === 0) await host.when(({ door }) => door.waiting[0]?.unread === i * KIB);
    }
    for (let i = 0; i < 10; i++) await say(far, host, Buffer.alloc(KIB, 99));
    // Behind those ten in the same queue.
    await say(await socketOn(), host, "another");
    await host.when(({ door }) => door.waiting.length === 2);
    expect(host.door.waiting[0]?.unread).toBe(64 * KIB);
    host.listener.accept();
    const talker = await host.guest(0);
    await talker.when((t) => t.of("dropped").length > 0 && lengths(t).length === 64);
    expect(talker.of("dropped")).toMatchObject([{ why: "full", count: 10, bytes: 10 * KIB }]);
    expect(talker.of("data").map(({ bytes }) => bytes[0])).toEqual(
      Array.from({ length: 64 }, (_, i) => i + 1),
    );
  });

  test("beyond the backlog there is no place: nobody is told, and each datagram is counted", async () => {
    const host = await serve({ backlog: 1 });
    const [inside, outside] = [await socketOn(), await socketOn()];
    await say(inside, host, "inside");
    await host.when(({ door }) => door.waiting.length === 1);
    await say(outside, host, "1");
    await say(outside, host, "2");
    await host.when(({ door }) => door.refused === 2);
    await say(inside, host, "known");
    await host.when(({ door }) => door.waiting[0]?.unread === 11);
    host.listener.accept();
    await host.guest(0);
    await say(outside, host, "now there is room");
    await host.when(({ door }) => door.waiting.length === 1);
    expect(host.door.waiting[0]?.unread).toBe("now there is room".length);
  });
});

test("a mebibyte of all peers at the door is kept, and no more", async () => {
  await start("--max-channels", "32");
  const host = await serve({ backlog: 40 });
  for (let i = 1; i <= 20; i++) {
    await say(await socketOn(), host, Buffer.alloc(60_000, i));
    await host.when(({ door }) => door.waiting.length === i);
  }
  const held = sum(host.door.waiting.map(({ unread }) => unread ?? 0));
  expect(held).toBe(17 * 60_000);
  host.listener.configure({ backlog: 40, atOnce: true });
  await host.when(({ guests }) => guests.length === 20);
  const last = await host.guest(19);
  await last.when((t) => t.of("dropped").length === 1);
  expect(last.of("dropped")).toMatchObject([{ why: "full", count: 1, bytes: 60_000 }]);
});

describe("a peer that was taken in", () => {
  beforeEach(() => start());

  test("is over when the page closes it, and another one when it sends again", async () => {
    const host = await serve({ atOnce: true });
    const far = await socketOn();
    await say(far, host, "first");
    const first = await host.guest(0);
    first.send("bye");
    first.channel.close();
    expect((await heard(far)).toString()).toBe("bye");
    await first.when(({ ended }) => ended);
    expect(first.of("closed")).toMatchObject([{ by: "near" }]);
    await say(far, host, "again");
    const second = await host.guest(1);
    await second.when(({ text }) => text === "again");
    expect(host.guests.map(({ n }) => n)).toEqual([1, 2]);
    expect(first.text).toBe("first");
  });

  test("loses what comes while the page does not read, and it is counted", async () => {
    const host = await serve({ atOnce: true, talker: { reading: false } });
    const far = await socketOn();
    const dropped = (talker: Talker) => sum(talker.of("dropped").map(({ count }) => count));
    await say(far, host, Buffer.alloc(KIB));
    const talker = await host.guest(0);
    for (let total = 1; total < 400; total += 40) {
      await talker.when((t) => lengths(t).length + dropped(t) === total);
      for (let i = 0; i < 40; i++) await say(far, host, Buffer.alloc(KIB));
    }
    await talker.when((t) => lengths(t).length + dropped(t) === 401);
    expect(dropped(talker)).toBeGreaterThan(100);
    expect(sum(talker.of("dropped").map(({ bytes }) => bytes))).toBe(dropped(talker) * KIB);
    // Another peer of the same socket is not held up by it.
    const other = await socketOn();
    await say(other, host, "me");
    const second = await host.guest(1);
    await second.when(({ text }) => text === "me");
  });

  test("ends with the socket that it shares, whose port is free at once", async () => {
    const host = await serve({ atOnce: true });
    const far = await socketOn();
    await say(far, host, "hello");
    const talker = await host.guest(0);
    await talker.when(({ text }) => text === "hello");
    const took = ownTime();
    host.listener.stop();
    await host.when(({ isOver }) => isOver);
    await socketOn("127.0.0.1", host.port);
    expect(took()).toBeLessThan(1000);
    await talker.when(({ ended }) => ended);
    expect(talker.of("closed")).toMatchObject([{ by: "near" }]);
    expect(talker.of("error")).toEqual([]);
    await eventually(
      () => wire.level("wireside_channels"),
      (channels) => channels === 0,
    );
  });

  test("goes on after a cut WebSocket, with each datagram once and its own way back", async () => {
    const host = await serve({ atOnce: true });
    const far = await socketOn();
    await say(far, host, "before");
    const talker = await host.guest(0);
    await talker.when(({ text }) => text === "before");
    cutter.unplugged = true;
    cutter.cut();
    await linkWhen(link, ({ status }) => status.phase === "lost");
    for (let i = 0; i < 50; i++) await say(far, host, `datagram ${i}`);
    await say(await socketOn(), host, "somebody new");
    await eventually(
      () => wire.level("wireside_channels"),
      (channels) => channels === 2,
    );
    cutter.unplugged = false;
    link.retry();
    await talker.when((t) => texts(t, "out").length === 51);
    expect(new Set(texts(talker, "out")).size).toBe(51);
    const second = await host.guest(1);
    await second.when(({ text }) => text === "somebody new");
    expect(second.of("arrival")).toMatchObject([{ transport: "udp" }]);
    talker.send("after");
    expect((await heard(far)).toString()).toBe("after");
  });
});

describe("UDP with programs and pages", () => {
  beforeEach(() => start());

  test("nc -u says something, and is answered", async () => {
    const host = await serve();
    const nc = new Program("nc", ["-u", "127.0.0.1", `${host.port}`]);
    cleanups.push(() => nc.stop());
    nc.type("Wake up, Neo\n");
    await host.when(({ door }) => door.waiting.length === 1);
    host.listener.accept();
    const talker = await host.guest(0);
    await talker.when(({ text }) => text === "Wake up, Neo\n");
    talker.send("accepted\n");
    await nc.prints(/^accepted\n$/);
    nc.type("close\n");
    await talker.when(({ text }) => text.endsWith("close\n"));
    expect(texts(talker, "out")).toEqual(["Wake up, Neo\n", "close\n"]);
  });

  test("two pages talk to each other, and neither sees calls that only TCP has", async () => {
    const other = await openLink(wire);
    cleanups.push(() => other.stop());
    const host = await serve({ atOnce: true });
    const client = new Talker(other, udp("127.0.0.1", host.port));
    await client.when((t) => t.of("open").length === 1);
    client.send("Wake up, Neo");
    const server = await host.guest(0);
    await server.when(({ text }) => text === "Wake up, Neo");
    server.send("accepted");
    await client.when(({ text }) => text === "accepted");
    expect(server.of("open")[0]?.remote).toEqual(client.of("open")[0]?.local);
    for (const talker of [client, server]) {
      expect(talker.events.filter(({ side }) => side === "far")).toEqual([]);
      expect(talker.of("kernel")).toEqual([]);
    }
  });

  test("the same port of TCP and of UDP are two sockets, and are told apart", async () => {
    const tcp = await new Host(link, { atOnce: true }).listening();
    const host = await serve({ address: udp("127.0.0.1", tcp.port), atOnce: true });
    const visitor = await connectTcp(tcp.port);
    cleanups.push(() => visitor.socket.destroy());
    visitor.send("by TCP");
    await say(await socketOn(), host, "by UDP");
    await (await tcp.guest(0)).when(({ text }) => text === "by TCP");
    await (await host.guest(0)).when(({ text }) => text === "by UDP");
    expect([tcp.guests[0]?.transport, host.guests[0]?.transport]).toEqual(["tcp", "udp"]);
  });
});

describe("UDP that cannot be served", () => {
  test("is refused where TCP is, and binds nothing", async () => {
    await start("--listen-ports", "20000-20100");
    for (const address of [udp("192.0.2.1", 20_000), udp("127.0.0.1", 30_000)]) {
      const host = new Host(link, { address });
      await host.when(({ isOver }) => isOver);
      expect(host.failure).toMatchObject({ code: "LISTEN_NOT_ALLOWED", holders: [] });
    }
    // Bound by somebody else without any trouble.
    await socketOn("127.0.0.1", 30_000);
    expect(await wire.level("wireside_listeners")).toBe(0);
    const any = await serve();
    expect(any.port).toBeGreaterThanOrEqual(20_000);
    expect(any.port).toBeLessThanOrEqual(20_100);
  });

  test("is refused for a name, a port in use, and an address of another machine", async () => {
    await start();
    const used = (await socketOn()).address().port;
    const name = new Host(link, { address: udp("example.org") });
    const inUse = new Host(link, { address: udp("127.0.0.1", used) });
    await Promise.all([name, inUse].map((host) => host.when(({ isOver }) => isOver)));
    expect(name.failure?.code).toBe("BAD_ADDRESS");
    // The kernel was not asked who has it: its table is that of TCP.
    expect(inUse.failure).toEqual({ code: "EADDRINUSE", detail: "", holders: [] });
  });

  test("opens no way to TCP at the same port number", async () => {
    await start();
    const [tcp, host] = [await new Host(link).listening(), await serve()];
    // What pages may connect to because a page listens there.
    expect(wire.gateway.listening()).toEqual([tcp.local]);
    host.listener.stop();
    await host.when(({ isOver }) => isOver);
    expect(wire.gateway.listening()).toEqual([tcp.local]);
  });

  test("keeps no session alive for a datagram that came once", async () => {
    await start("--idle-timeout", "600ms");
    const host = await serve();
    await say(await socketOn(), host, "gone already");
    await host.when(({ door }) => door.waiting.length === 1);
    await host.when(({ isOver }) => isOver);
    expect(host.failure?.code).toBe("SESSION_ENDED");
  });
});
