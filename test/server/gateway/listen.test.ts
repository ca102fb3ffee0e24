/** A page listens through the gateway: its door, whom it accepts, and the conversations with them. */
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Link } from "../../../web/link.ts";
import { Host, type HostOptions } from "../../support/listening.ts";
import { connectTcp, type Talk } from "../../support/tcp.ts";
import { openLink, startWire, type Wire } from "../../support/wire.ts";

let wire: Wire;
let link: Link;
const talks: Talk[] = [];

beforeEach(async () => {
  wire = await startWire();
  link = await openLink(wire);
});

afterEach(async () => {
  for (const { socket } of talks.splice(0)) socket.destroy();
  link.stop();
  await wire.stop();
});

const listen = (options: HostOptions = {}) => new Host(link, options).listening();

async function visit({ port }: Host): Promise<Talk> {
  const talk = await connectTcp(port);
  talk.socket.on("error", () => {});
  talks.push(talk);
  return talk;
}

/** Resolves with the error of a visitor whom nobody lets in: of connect(2) or of the first read. */
function turnedAway({ port }: Host): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  return new Promise((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.once("end", () => resolve("end"));
    socket.resume();
  });
}

/** Resolves with how the visitor's socket ended. */
const ending = ({ socket }: Talk) =>
  new Promise<string>((resolve) => {
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    socket.once("close", () => resolve("closed"));
  });

describe("a page that listens", () => {
  test("has the tutorial's conversation with whoever comes", async () => {
    const host = await listen();
    const visitor = await visit(host);
    visitor.send("Wake up, Neo");
    await host.when(({ door }) => door.waiting.length === 1);
    expect(host.door.waiting[0]).toMatchObject({
      n: 1,
      remote: { host: "127.0.0.1", port: visitor.socket.localPort },
      ended: false,
    });
    host.listener.accept();
    const talker = await host.guest(0);
    await talker.when(({ text }) => text === "Wake up, Neo");
    talker.send("accepted");
    expect(await visitor.bytes(8)).toBe("accepted");
    visitor.send("close");
    await talker.when(({ text }) => text.endsWith("close"));
    talker.send("closed");
    talker.channel.close();
    expect(await visitor.rest()).toBe("acceptedclosed");
    visitor.socket.end();
    await talker.when(({ ended }) => ended);
    expect(talker.events.map(({ kind }) => kind)).toEqual([
      "arrival",
      "open",
      "data",
      "data",
      "data",
      "data",
      "eof",
      "closed",
    ]);
    await host.when(({ door }) => door.accepted === 1);
    expect(host.door).toEqual({ waiting: [], refused: 0, left: 0, accepted: 1, blocked: null });
  });

  test("shows a visitor's reset that comes together with bytes as one, and not as an end", async () => {
    const host = await listen({ atOnce: true });
    const visitor = await visit(host);
    const talker = await host.guest(0);
    await talker.when((t) => t.of("open").length === 1);
    visitor.send("half a ques");
    visitor.socket.resetAndDestroy();
    await talker.when((t) => t.ended);
    expect(talker.text).toBe("half a ques");
    expect(talker.of("reset")).toMatchObject([{ code: "ECONNRESET" }]);
    expect(talker.of("eof")).toEqual([]);
  });

  test("lets as many wait as the backlog says, resets others, and empties by hand", async () => {
    const host = await listen({ backlog: 2 });
    const first = await visit(host);
    const second = await visit(host);
    await host.when(({ door }) => door.waiting.length === 2);
    expect(await turnedAway(host)).toBe("ECONNRESET");
    await host.when(({ door }) => door.refused === 1);
    expect(host.door.waiting.map(({ n }) => n)).toEqual([1, 2]);

    host.listener.accept();
    await host.when(({ door }) => door.waiting.length === 1);
    const fourth = await visit(host);
    await host.when(({ door }) => door.waiting.length === 2);
    expect(host.door.waiting.map(({ n }) => n)).toEqual([2, 4]);
    host.listener.accept();
    host.listener.accept();
    await host.when(({ guests, door }) => guests.length === 3 && door.accepted === 3);
    expect(host.door).toEqual({ waiting: [], refused: 1, left: 0, accepted: 3, blocked: null });
    for (const [index, visitor] of [first, second, fourth].entries()) {
      expect(host.guests[index]?.remote.port).toBe(visitor.socket.localPort);
      host.guests[index]?.talker.send(`${index}`);
      expect(await visitor.bytes(1)).toBe(`${index}`);
    }
  });

  test("accepts everybody at once where it is told to, with a backlog of 0 as well", async () => {
    const host = await listen({ backlog: 0, atOnce: true });
    const visitors = await Promise.all([visit(host), visit(host), visit(host)]);
    await host.when(({ guests }) => guests.length === visitors.length);
    expect(host.door.refused).toBe(0);
  });

  test("accepts the next to come when nobody waits", async () => {
    const host = await listen();
    host.listener.accept();
    const visitor = await visit(host);
    const talker = await host.guest(0);
    talker.send("accepted");
    expect(await visitor.bytes(8)).toBe("accepted");
  });

  test("frees the port when it stops; who waits is reset, who was accepted talks on", async () => {
    const host = await listen();
    const [inside, outside] = [await visit(host), await visit(host)];
    host.listener.accept();
    const talker = await host.guest(0);
    await host.when(({ door }) => door.waiting.length === 1);
    host.listener.stop();
    expect(await ending(outside)).toBe("ECONNRESET");
    await host.when(({ isOver }) => isOver);
    expect(host.failure).toBeNull();
    const again = await listen({ address: { scheme: "tcp", host: "127.0.0.1", port: host.port } });
    expect(again.port).toBe(host.port);
    talker.send("still here");
    expect(await inside.bytes(10)).toBe("still here");
  });
});
