/** The door of a listening page: who waits, who leaves, who is turned away, and what the kernel says. */
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Link } from "../../../web/link.ts";
import { eventually } from "../../support/eventually.ts";
import { Host } from "../../support/listening.ts";
import { RawPage } from "../../support/raw-page.ts";
import { ssState } from "../../support/ss.ts";
import { connectTcp, type Talk } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

let wire: Wire;
let link: Link;
const talks: Talk[] = [];

async function start(...flags: string[]): Promise<void> {
  wire = await startWire(flags);
  link = await openLink(wire);
}

afterEach(async () => {
  for (const { socket } of talks.splice(0)) socket.destroy();
  link.stop();
  await wire.stop();
});

async function visit({ port }: Host): Promise<Talk> {
  const talk = await connectTcp(port);
  talk.socket.on("error", () => {});
  talks.push(talk);
  return talk;
}

/** Comes, and resolves once the gateway has said no. */
async function turnedAway({ port }: Host): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  const [error] = await once(
    socket.on("connect", () => socket.resume()),
    "error",
  ).catch((e) => [e]);
  return (error as NodeJS.ErrnoException).code ?? "";
}

describe("at the door of a page that looks", () => {
  let host: Host;

  beforeEach(async () => {
    await start();
    link.sendMessage({ type: "look", on: true });
    host = await new Host(link).listening();
  });

  test("bytes wait unread in the kernel, as it says", async () => {
    const visitor = await visit(host);
    visitor.send("x".repeat(1000));
    await host.when(({ door }) => door.waiting[0]?.unread === 1000);
    visitor.send("y".repeat(234));
    await host.when(({ door }) => door.waiting[0]?.unread === 1234);
    host.listener.accept();
    const talker = await host.guest(0);
    await talker.when(({ receivedBytes }) => receivedBytes === 1234);
  });

  test("who has hung up still waits, and can be accepted and read", async () => {
    const visitor = await visit(host);
    visitor.send("goodbye");
    visitor.socket.end();
    await host.when(({ door }) => door.waiting[0]?.ended === true);
    expect(host.door.waiting[0]?.unread).toBe("goodbye".length);
    host.listener.accept();
    const talker = await host.guest(0);
    await talker.when((t) => t.of("eof").length === 1);
    expect(talker.text).toBe("goodbye");
    talker.send("and to you");
    talker.channel.shutdown();
    expect(await visitor.rest()).toBe("and to you");
  });

  test("who has reset the connection is gone, and makes room", async () => {
    const [first] = [await visit(host), await visit(host)];
    await host.when(({ door }) => door.waiting.length === 2);
    first?.socket.resetAndDestroy();
    await host.when(({ door }) => door.left === 1);
    expect(host.door.waiting.map(({ n }) => n)).toEqual([2]);
    host.listener.accept();
    await host.guest(0);
    expect(host.guests[0]?.n).toBe(2);
  });

  test("an accepted connection shows the kernel's states of both ends", async () => {
    const visitor = await visit(host);
    host.listener.accept();
    const talker = await host.guest(0);
    visitor.socket.end();
    const states = (side: "near" | "far") =>
      talker
        .of("kernel")
        .filter((event) => event.side === side)
        .map(({ socket }) => socket.state);
    await talker.when(() => states("near").at(-1) === "CLOSE_WAIT");
    await talker.when(() => states("far").at(-1) === "FIN_WAIT2");
    const { local, remote } = talker.of("open")[0] ?? {};
    if (!local || !remote) throw new Error("not open");
    expect([ssState(local, remote), ssState(remote, local)]).toEqual(["CLOSE_WAIT", "FIN_WAIT2"]);
  });
});

describe("at the door", () => {
  test("who has reset the connection takes nobody's place, looked at or not", async () => {
    await start();
    const host = await new Host(link, { backlog: 1 }).listening();
    const first = await visit(host);
    await host.when(({ door }) => door.waiting.length === 1);
    const local = { host: "127.0.0.1", port: first.socket.localPort ?? 0 };
    first.socket.resetAndDestroy();
    await eventually(
      () => ssState({ host: "127.0.0.1", port: host.port }, local),
      (state) => state === "CLOSED",
    );
    await visit(host);
    await host.when(({ door }) => door.waiting[0]?.n === 2);
    expect(host.door).toMatchObject({ left: 1, refused: 0 });
  });

  test("who was to be accepted waits while --max-channels are open, and the page is told why", async () => {
    await start("--max-channels", "2");
    const host = await new Host(link).listening();
    const visitors = [await visit(host), await visit(host), await visit(host)];
    for (const _ of visitors) host.listener.accept();
    await host.when(({ door }) => door.blocked !== null);
    expect(host.door.blocked).toEqual({ code: "TOO_MANY_CONNECTIONS", detail: "2" });
    expect(host.door.waiting.map(({ n }) => n)).toEqual([3]);
    host.guests[0]?.talker.channel.abort();
    await host.when(({ guests }) => guests.length === 3);
    await host.when(({ door }) => door.waiting.length === 0);
    expect(host.door.blocked).toBeNull();
    expect(host.isOver).toBe(false);
  });

  test("nobody waits who comes at once and finds no room, with a backlog of 0", async () => {
    await start("--max-channels", "1");
    const host = await new Host(link, { backlog: 0, atOnce: true }).listening();
    await visit(host);
    await host.guest(0);
    expect(await turnedAway(host)).toBe("ECONNRESET");
    await host.when(({ door }) => door.refused === 1);
  });

  test("backlog and way of accepting can be changed; who waits stays", async () => {
    await start();
    const host = await new Host(link, { backlog: 3 }).listening();
    for (let i = 0; i < 3; i++) await visit(host);
    await host.when(({ door }) => door.waiting.length === 3);
    host.listener.configure({ backlog: 1, atOnce: false });
    await host.when(({ options }) => options?.backlog === 1);
    expect(await turnedAway(host)).toBe("ECONNRESET");
    expect(host.door.waiting).toHaveLength(3);
    host.listener.configure({ backlog: 1, atOnce: true });
    await host.when(({ guests }) => guests.length === 3);
  });

  test("everybody is reset when the process has no socket left", async () => {
    wire = await startWire([], 3);
    link = await openLink(wire);
    const host = await new Host(link).listening();
    await visit(host);
    await host.when(({ door }) => door.waiting.length === 1);
    expect(await turnedAway(host)).toBe("ECONNRESET");
  });

  test("a crowd costs the page few messages, and everybody is counted", async () => {
    await start();
    const host = await new Host(link, { backlog: 5 }).listening();
    const crowd = 200;
    await Promise.all(Array.from({ length: crowd }, () => visit(host).catch(() => {})));
    await host.when(({ door }) => door.waiting.length + door.refused + door.left === crowd);
    expect(host.doors.length).toBeLessThan(crowd / 2);
    expect(await wire.level("wireside_visitors_waiting")).toBe(host.door.waiting.length);
  });
});

describe("a session that listens", () => {
  test("ends when nothing has happened for --idle-timeout, and its port is free", async () => {
    await start("--idle-timeout", "600ms");
    const host = await new Host(link).listening();
    await host.when(({ isOver }) => isOver);
    expect(host.failure?.code).toBe("SESSION_ENDED");
    const again = await openLink(wire);
    const address = { scheme: "tcp" as const, host: "127.0.0.1", port: host.port };
    await new Host(again, { address }).listening();
    again.stop();
  });

  test("does not end while somebody waits at its door", async () => {
    await start("--idle-timeout", "600ms");
    const host = await new Host(link).listening();
    const visitor = await visit(host);
    // Another session, in which nothing happens either, has come and gone meanwhile.
    const other = await openLink(wire);
    await linkWhen(other, ({ status }) => status.phase === "stopped");
    expect(host.isOver).toBe(false);
    host.listener.accept();
    await host.guest(0);
    expect(visitor.socket.destroyed).toBe(false);
  });

  test("lets its port go first when the gateway stops; who was accepted talks to the end", async () => {
    await start();
    const host = await new Host(link).listening();
    const [inside, outside] = [await visit(host), await visit(host)];
    host.listener.accept();
    const talker = await host.guest(0);
    const reset = new Promise((resolve) => outside.socket.once("close", resolve));
    const drained = wire.gateway.drain();
    await host.when(({ isOver }) => isOver);
    expect(host.failure?.code).toBe("DRAINING");
    await reset;
    // The page ends its direction, and the other goes on until it ends too.
    expect(await inside.rest()).toBe("");
    inside.send("the rest");
    inside.socket.end();
    await talker.when(({ ended }) => ended);
    expect(talker.text).toBe("the rest");
    await drained;
  });
});

describe("a hostile page", () => {
  const listen = { type: "listen", address: "tcp://127.0.0.1:0", backlog: 5, atOnce: false };

  test.each([
    ["an even number to listen on", [{ ...listen, ch: 2 }]],
    ["a backlog beyond 511", [{ ...listen, ch: 1, backlog: 512 }]],
    ["a backlog below 0", [{ ...listen, ch: 1, backlog: -1 }]],
    ["to listen without saying how", [{ type: "listen", ch: 1, address: "tcp://127.0.0.1:0" }]],
    ["a count that is none", [{ type: "accept", ch: 1, count: 1.5 }]],
    ["a delay without end", [{ type: "options", ch: 1, delayMs: 10_001 }]],
    ["an unknown lab control", [{ type: "options", ch: 1, turbo: true }]],
    [
      "the number of a listener to connect on",
      [
        { ...listen, ch: 1 },
        { type: "open", ch: 1, address: "tcp://127.0.0.1:1" },
      ],
    ],
  ])("loses its WebSocket for %s", async (_what, messages) => {
    await start();
    const { page } = await RawPage.attached(wire);
    for (const message of messages) page.say(message);
    expect((await page.closed).code).toBe(4400);
    expect(await wire.level("wireside_listeners")).toBe(0);
  });

  test("loses its WebSocket for listening on, or accepting from, what is a connection", async () => {
    await start();
    const host = await new Host(link).listening();
    for (const message of [
      { ...listen, ch: 1 },
      { type: "accept", ch: 1, count: 1 },
    ]) {
      const { page } = await RawPage.attached(wire);
      await page.open(1, host.port);
      page.say(message);
      expect((await page.closed).code).toBe(4400);
    }
  });

  test("loses its WebSocket for frames of a visitor that never came", async () => {
    await start();
    const { page } = await RawPage.attached(wire);
    page.data(2, 0, "boo");
    expect((await page.closed).code).toBe(4400);
  });

  test("is told nothing about accepting from nobody, as it may have stopped just now", async () => {
    await start();
    const { page } = await RawPage.attached(wire);
    page.say({ type: "accept", ch: 1, count: 5 });
    page.say({ type: "close", ch: 1 });
    page.say({ type: "options", ch: 1, noDelay: true });
    page.say({ type: "ping", n: 1 });
    await page.text("pong");
    expect(page.answers.map((answer) => ("text" in answer ? answer.text.type : ""))).toEqual([
      "welcome",
      "pong",
    ]);
  });

  test("listens no faster than --open-rate lets it connect", async () => {
    await start("--open-rate", "1/m,3");
    const { page } = await RawPage.attached(wire);
    for (let i = 0; i < 4; i++) {
      page.say({ ...listen, ch: 2 * i + 1 });
      if (i < 3) await page.text("listening", ({ ch }) => ch === 2 * i + 1);
      page.say({ type: "close", ch: 2 * i + 1 });
    }
    expect((await page.text("refused")).code).toBe("TOO_FAST");
  });

  test("that asks a thousand times to accept accepts whoever comes, and no more", async () => {
    await start();
    const { page } = await RawPage.attached(wire);
    page.say({ ...listen, ch: 1 });
    const { local } = await page.text("listening");
    page.say({ type: "accept", ch: 1, count: 2 ** 53 - 1 });
    const talk = await connectTcp(local.port);
    talks.push(talk);
    const accepted = await page.text("accepted");
    expect(accepted).toMatchObject({ listener: 1, ch: 2, n: 1, local });
    expect(accepted.fd).toEqual(expect.any(Number));
    page.data(accepted.ch, 0, "hello");
    expect(await talk.bytes(5)).toBe("hello");
  });
});

test("a page can visit itself", async () => {
  await start();
  const host = await new Host(link, { atOnce: true }).listening();
  const client = new Talker(link, host.port);
  client.send("hello, me");
  const server = await host.guest(0);
  await server.when(({ text }) => text === "hello, me");
});
