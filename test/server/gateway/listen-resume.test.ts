/** Listening sockets, visitors and accepted channels live through a lost WebSocket. */
import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { FrameType } from "../../../shared/frames.ts";
import type { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { eventually } from "../../support/eventually.ts";
import { Host } from "../../support/listening.ts";
import { ownTime } from "../../support/own-time.ts";
import { RawPage, type Resume } from "../../support/raw-page.ts";
import { closedPort, connectTcp, type Talk } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, type Wire } from "../../support/wire.ts";

const MIB = 1024 * 1024;

let wire: Wire;
let cutter: Cutter;
let link: Link;
const talks: Talk[] = [];

beforeEach(async () => {
  wire = await startWire(["--max-sessions-per-address", "20"]);
  cutter = await startCutter(wire.port);
  link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
});

afterEach(async () => {
  for (const { socket } of talks.splice(0)) socket.destroy();
  link.stop();
  await cutter.close();
  await wire.stop();
});

async function visit(port: number): Promise<Talk> {
  const talk = await connectTcp(port);
  talk.socket.on("error", () => {});
  talks.push(talk);
  return talk;
}

/** Whether nobody listens there any more. */
const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(false));
    socket.on("error", () => resolve(true)).on("connect", () => socket.destroy());
  });

const isLive = (link: Link) => link.status.phase === "live";
const isLost = (link: Link) => link.status.phase === "lost";

describe("a page that listens and loses its WebSocket", () => {
  test("as it stops listening has stopped, and is told of no failure", async () => {
    const host = await new Host(link).listening();
    cutter.deaf = true;
    host.listener.stop();
    await eventually(
      () => isFree(host.port),
      (free) => free,
    );
    cutter.cut();
    cutter.deaf = false;
    await host.when(({ isOver }) => isOver);
    expect(host.failure).toBeNull();
  });

  test("finds who came meanwhile at its door, and those it accepted at once with all their bytes", async () => {
    const byHand = await new Host(link).listening();
    const atOnce = await new Host(link, { atOnce: true }).listening();
    cutter.unplugged = true;
    cutter.cut();
    await linkWhen(link, isLost);

    const waits = await visit(byHand.port);
    waits.send("I wait");
    const guests = await Promise.all([visit(atOnce.port), visit(atOnce.port)]);
    for (const guest of guests) guest.send(`${guest.socket.localPort}`);
    await eventually(
      () => wire.level("wireside_channels"),
      (channels) => channels === 2,
    );
    expect(atOnce.guests).toEqual([]);
    cutter.unplugged = false;
    link.retry();
    await linkWhen(link, isLive);

    await byHand.when(({ door }) => door.waiting.length === 1);
    await atOnce.when(({ guests }) => guests.length === 2);
    for (const { talker, remote } of atOnce.guests) {
      await talker.when(({ text }) => text === `${remote.port}`);
    }
    byHand.listener.accept();
    const talker = await byHand.guest(0);
    await talker.when(({ text }) => text === "I wait");
    talker.send("accepted");
    expect(await waits.bytes(8)).toBe("accepted");
  });

  test("accepts once what it asked for before and after the loss", async () => {
    const host = await new Host(link).listening();
    const visitors = [await visit(host.port), await visit(host.port), await visit(host.port)];
    await host.when(({ door }) => door.waiting.length === visitors.length);
    host.listener.accept();
    cutter.cut();
    await linkWhen(link, isLost);
    // Asked for while nobody hears it.
    host.listener.accept();
    await linkWhen(link, isLive);
    await host.when(({ door }) => door.accepted === 2);
    await host.when(({ guests }) => guests.length === 2);
    expect(host.door.waiting.map(({ n }) => n)).toEqual([3]);
  });

  test("gets the visitors that waited for room, once what it gave up meanwhile has made some", async () => {
    const few = await startWire(["--max-channels", "1"]);
    const way = await startCutter(few.port);
    const page = await openLink(few, `ws://127.0.0.1:${way.port}/wire`);
    const host = await new Host(page, { atOnce: true }).listening();
    await visit(host.port);
    const first = await host.guest(0);
    for (const text of ["second", "third"]) {
      const visitor = await visit(host.port);
      visitor.send(text);
      await host.when(({ door }) => door.waiting.at(-1)?.remote.port === visitor.socket.localPort);
    }
    way.cut();
    await linkWhen(page, isLost);
    // Nobody hears it: the page does not name it when it comes back.
    first.channel.abort();
    await linkWhen(page, isLive);
    const second = await host.guest(1);
    await second.when(({ text }) => text === "second");
    expect(host.door.waiting.map(({ n }) => n)).toEqual([3]);
    expect(second.of("closed")).toEqual([]);
    page.stop();
    await way.close();
    await few.stop();
  });

  test("goes on with a visitor that it names, also where it does not say of whom it has heard", async () => {
    const { page, welcome } = await RawPage.attached(wire);
    page.say({
      type: "listen",
      ch: 1,
      address: "tcp://127.0.0.1:0",
      backlog: 5,
      atOnce: true,
    });
    const { local } = await page.text("listening");
    const visitor = await visit(local.port);
    visitor.send("before");
    await page.binary(({ type }) => type === FrameType.data);
    page.frame(FrameType.ack, 2, 6, Buffer.from([0, 4, 0, 0]));
    page.say({ type: "ping", n: 1 });
    await page.text("pong");
    page.cut();
    const { sid, token, epoch } = welcome;
    const back = await RawPage.attached(wire, {
      ...{ sid, token, epoch, listeners: [1] },
      channels: [{ ch: 2, rx: 6 }],
    });
    visitor.send("after");
    const { seq, payload } = await back.page.binary(({ type }) => type === FrameType.data);
    expect([seq, `${Buffer.from(payload)}`]).toEqual([6, "after"]);
    back.page.ws.close(1000);
  });

  test("gets the port freed that it stopped while nobody heard it", async () => {
    const host = await new Host(link).listening();
    cutter.cut();
    await linkWhen(link, isLost);
    host.listener.stop();
    expect(host.failure).toBeNull();
    await linkWhen(link, isLive);
    const address = { scheme: "tcp" as const, host: "127.0.0.1", port: host.port };
    expect((await new Host(link, { address }).listening()).port).toBe(host.port);
  });

  test("carries a visitor's 4 MiB each way through many cuts, and both hashes are equal", async () => {
    const total = 4 * MIB;
    const block = randomBytes(MIB);
    const expected = createHash("sha256");
    for (let i = 0; i < 4; i++) expected.update(block);
    const hash = expected.digest("hex");
    const down = createHash("sha256");
    const host = await new Host(link, {
      atOnce: true,
      talker: { onData: (bytes) => down.update(bytes) },
    }).listening();
    const visitor = await visit(host.port);
    const talker = await host.guest(0);
    cutter.cutAfter = () => 100 * 1024 + Math.floor(Math.random() * 300 * 1024);
    cutter.cut();

    const up = createHash("sha256");
    visitor.socket.removeAllListeners("data");
    let uploaded = 0;
    visitor.socket.on("data", (data: Buffer) => {
      uploaded += data.length;
      up.update(data);
    });
    for (let i = 0; i < 4; i++) {
      visitor.send(block);
      talker.channel.send(block);
    }
    visitor.socket.end();
    talker.channel.shutdown();
    await Promise.all([visitor.rest(), talker.when(({ ended }) => ended)]);
    expect(cutter.cuts).toBeGreaterThan(10);
    expect([uploaded, talker.receivedBytes]).toEqual([total, total]);
    expect([up.digest("hex"), down.digest("hex")]).toEqual([hash, hash]);
  }, 60_000);
});

describe("the port of a page that listens", () => {
  /** Listens on a port that was free a moment ago, says goodbye in one way, and listens there again. */
  async function freed(leave: (page: RawPage, resume: Resume) => Promise<unknown>) {
    const port = await closedPort();
    const { page, welcome } = await RawPage.attached(wire);
    page.say({
      type: "listen",
      ch: 1,
      address: `tcp://127.0.0.1:${port}`,
      backlog: 5,
      atOnce: false,
    });
    await page.text("listening");
    const visitor = await visit(port);
    await page.text("door", ({ waiting }) => waiting.length === 1);
    const { sid, token, epoch } = welcome;
    await leave(page, { sid, token, epoch, channels: [] });
    const took = ownTime();
    await visitor.until(() => true).catch(() => {});
    const again = await eventually(
      async () => {
        const host = new Host(link, { address: { scheme: "tcp", host: "127.0.0.1", port } });
        await host.when(({ isOver, local }) => isOver || local !== null);
        return host;
      },
      ({ isOver }) => !isOver,
    );
    expect(took()).toBeLessThan(1000);
    again.listener.stop();
  }

  test("is free at once when the page is left", () =>
    freed(async (page) => {
      page.ws.close(1000);
      await page.closed;
    }));

  test("is free when the page comes back and does not want it any more", () =>
    freed(async (page, resume) => {
      page.cut();
      await RawPage.attached(wire, resume);
    }));

  test("is free when the page broke the protocol", () =>
    freed(async (page) => {
      page.say("nonsense");
      await page.closed;
    }));
});
