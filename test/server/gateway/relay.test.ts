/** A page that comes to another gateway of its class is carried to its own; or told plainly that it is gone. */
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import WebSocketClient, { WebSocketServer } from "ws";
import { SUBPROTOCOL } from "../../../shared/bounds.ts";
import { FrameType } from "../../../shared/frames.ts";
import { Link } from "../../../web/link.ts";
import { type ClassGateway, startClassGateway } from "../../support/class-gateway.ts";
import { eventually, settled } from "../../support/eventually.ts";
import { level } from "../../support/levels.ts";
import { RawPage } from "../../support/raw-page.ts";
import { Redis } from "../../support/redis.ts";
import { listenTcp } from "../../support/tcp.ts";
import { linkWhen, Talker } from "../../support/wire.ts";

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

/** Two gateways of one class. */
async function two(flags: readonly string[] = []): Promise<[ClassGateway, ClassGateway]> {
  const redis = await Redis.start();
  stops.push(() => redis.close());
  const start = async () => {
    const gateway = await startClassGateway(["--redis", redis.url, ...flags]);
    stops.push(gateway.close);
    return gateway;
  };
  return [await start(), await start()];
}

/** A page with connections that another gateway carries to its own, and that reads nothing since. */
async function carriedAndDeaf(channels: readonly number[]) {
  const far = await listenTcp();
  stops.push(() => far.close());
  const [home, other] = await two(["--window", "4MiB", "--allow", `127.0.0.1:${far.port}`]);
  const there = await home.student("Trinity");
  const sockets: Socket[] = [];
  for (const ch of channels) {
    there.page.say({ type: "open", ch, address: `tcp://127.0.0.1:${far.port}` });
    sockets.push(await far.accepted());
    await there.page.text("state", (state) => state.ch === ch && state.state === "open");
  }
  const { sid } = there.resume;
  await eventually(
    () => other.classroom.sessions.find(sid),
    (url) => url !== null,
  );
  const page = await RawPage.connect(other.place, { cookie: there.cookie });
  page.hello({ ...there.resume, channels: channels.map((ch) => ({ ch, rx: 0 })) });
  await page.text("welcome");
  page.ws.pause();
  return { home, page, sockets };
}

/** A student's page whose way to its gateway can be cut, and be led to another one. */
async function student(home: ClassGateway) {
  const cookie = await home.passOf("Trinity");
  const way = { to: home, ws: null as WebSocketClient | null };
  let sid = "";
  const link = new Link({
    url: home.place.url,
    open: (_url, protocol) => {
      const { url, origin } = way.to.place;
      way.ws = new WebSocketClient(url, protocol, { origin, headers: { cookie } });
      way.ws.once("message", (welcome) => {
        sid = JSON.parse(`${welcome}`).sid;
      });
      return way.ws as unknown as WebSocket;
    },
  });
  stops.push(() => link.stop());
  link.start();
  await linkWhen(link, ({ status }) => status.phase === "live");
  /** Leads the page there from now on, once that gateway knows whose session this is. */
  const lead = async (other: ClassGateway) => {
    const { sessions } = other.classroom;
    await eventually(
      () => sessions.find(sid),
      (url) => url !== null,
    );
    way.to = other;
  };
  return { link, way, lead };
}

test("a session goes on through another gateway, on its own TCP connection, and nothing is lost", async () => {
  const [home, other] = await two();
  const { link, way, lead } = await student(home);
  const talk = new Talker(link, home.server.lessonPorts.echo);
  await talk.when((it) => it.of("open").length > 0);
  talk.send("before");
  await talk.when(({ receivedBytes }) => receivedBytes === 6);
  await lead(other);
  for (let cuts = 1; cuts <= 3; cuts++) {
    way.ws?.terminate();
    talk.send(`after ${cuts}`);
    await linkWhen(link, ({ status }) => status.phase === "live" && status.resumes === cuts);
    await talk.when(({ receivedBytes }) => receivedBytes === 6 + cuts * 7);
  }
  expect(talk.of("open").filter(({ side }) => side === "near")).toHaveLength(1);
  expect(talk.text).toBe("beforeafter 1after 2after 3");
});

test("the socket that carries a page counts among those the gateway holds, for as long as it is there", async () => {
  const [home, other] = await two();
  const { link, way, lead } = await student(home);
  const carried = () => level(other.server, "wireside_relays");
  expect(await carried()).toBe(0);
  await lead(other);
  way.ws?.terminate();
  await linkWhen(link, ({ status }) => status.phase === "live" && status.resumes === 1);
  expect(await carried()).toBe(1);
  link.stop();
  await eventually(carried, (relays) => relays === 0);
});

test("a page that reads slowly what many connections send is carried on, and gets all of it", async () => {
  const block = Buffer.alloc(3 * 1024 * 1024, "x");
  const channels = [1, 3, 5, 7, 9, 11];
  const { home, page, sockets } = await carriedAndDeaf(channels);
  for (const socket of sockets) socket.end(block);
  // All that the page may be sent is on its way, and it says something as it looks up.
  const { server } = home;
  await eventually(
    () => level(server, "wireside_buffered_bytes"),
    (bytes) => bytes >= channels.length * block.length,
  );
  page.say({ type: "ping", n: 1 });
  page.say({ type: "look", on: false });
  page.ws.resume();
  for (const channel of channels)
    await page.binary((frame) => frame.channel === channel && frame.type === FrameType.eof);
  await page.text("pong");
  const read = page.answers.flatMap((it) => ("frame" in it ? [it.frame] : []));
  const bytes = read
    .filter(({ type }) => type === FrameType.data)
    .reduce((sum, { payload }) => sum + payload.length, 0);
  expect(bytes).toBe(channels.length * block.length);
});

test("what a carried page does not read waits at its own gateway, and not at the one that carries it", async () => {
  const total = 48 * 1024 * 1024;
  const home = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(home, "listening");
  stops.push(() => home.close());
  const { port } = home.address() as AddressInfo;
  const redis = await Redis.start();
  stops.push(() => redis.close());
  const flags = ["--redis", redis.url];
  const known = await startClassGateway([...flags, "--peer-url", `http://127.0.0.1:${port}`]);
  stops.push(known.close);
  const other = await startClassGateway(flags);
  stops.push(other.close);
  const { resume, cookie } = await known.student("Trinity");
  await eventually(
    () => other.classroom.sessions.find(resume.sid),
    (url) => url !== null,
  );
  const page = new WebSocketClient(other.place.url, SUBPROTOCOL, {
    origin: other.place.origin,
    headers: { cookie },
  });
  stops.push(() => page.terminate());
  await once(page, "open");
  page.send(JSON.stringify({ type: "hello", v: 1, resume }));
  const [carried] = (await once(home, "connection")) as [WebSocketClient];
  page.pause();
  const block = Buffer.alloc(64 * 1024);
  let taken = 0;
  const send = () => {
    if (taken === total) return;
    carried.send(block, () => {
      taken += block.length;
      send();
    });
  };
  send();
  // Kernels on the way take some of it.
  expect(await settled(() => taken, 25)).toBeLessThan(total / 2);
  let read = 0;
  page.on("message", (data: Buffer) => (read += data.length));
  page.resume();
  await eventually(
    () => read,
    (bytes) => bytes === total,
  );
});

test("a page that is carried and says goodbye while much is under way to it is gone at once", async () => {
  const block = Buffer.alloc(3 * 1024 * 1024, "x");
  const channels = [1, 3, 5, 7];
  const { home, page, sockets } = await carriedAndDeaf(channels);
  for (const socket of sockets) socket.write(block);
  await eventually(
    () => level(home.server, "wireside_buffered_bytes"),
    (bytes) => bytes >= channels.length * block.length,
  );
  page.ws.close(1000);
  page.ws.resume();
  expect((await page.closed).code).toBe(1000);
  await eventually(
    () => level(home.server, "wireside_sessions"),
    (sessions) => sessions === 0,
  );
  // What is cut for not answering the close is cut after 30 s.
}, 20_000);

test("a proxy before the other gateway that closes without a code costs the page no more than its way", async () => {
  const proxy = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(proxy, "listening");
  stops.push(() => proxy.close());
  proxy.on("connection", (ws) => ws.once("message", () => ws.close()));
  const { port } = proxy.address() as AddressInfo;
  const redis = await Redis.start();
  stops.push(() => redis.close());
  const flags = ["--redis", redis.url];
  const home = await startClassGateway([...flags, "--peer-url", `http://127.0.0.1:${port}`]);
  stops.push(home.close);
  const other = await startClassGateway(flags);
  stops.push(other.close);
  const { resume, cookie } = await home.student("Trinity");
  await eventually(
    () => other.classroom.sessions.find(resume.sid),
    (url) => url !== null,
  );
  const page = await RawPage.connect(other.place, { cookie });
  page.hello(resume);
  // Cut, so that it tries again.
  expect(await page.closed).toEqual({ code: 1006, reason: "" });
  const { page: next } = await other.student("Morpheus");
  next.say({ type: "ping", n: 1 });
  await next.text("pong");
});

test("a session whose gateway is gone is said to be gone, and the page has a new one where it came to", async () => {
  const [home, other] = await two();
  const { link, lead } = await student(home);
  const talk = new Talker(link, home.server.lessonPorts.echo);
  await talk.when((it) => it.of("open").length > 0);
  // Which by then knows who this is.
  await lead(other);
  await home.server.close();
  await talk.when(({ ended }) => ended);
  expect(talk.of("error").at(-1)).toMatchObject({ code: "SESSION_EXPIRED" });
  await linkWhen(link, ({ status }) => status.phase === "live");
  const again = new Talker(link, other.server.lessonPorts.echo);
  await again.when((it) => it.of("open").length > 0);
  again.send("here");
  await again.when(({ receivedBytes }) => receivedBytes === 4);
});
