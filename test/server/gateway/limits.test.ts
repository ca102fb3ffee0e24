/** Every limit of the gateway does something: who is one too many is told so, and who is not is served. */
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Link } from "../../../web/link.ts";
import { type BlackHole, startBlackHole } from "../../support/black-hole.ts";
import { eventually } from "../../support/eventually.ts";
import { type Headers, knock, RawPage } from "../../support/raw-page.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { linkWhen, openLink, startWire, Talker, type Wire } from "../../support/wire.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

describe("the gateway", () => {
  let wire: Wire;
  let far: TestServer;
  const links: Link[] = [];
  let hole: BlackHole | null = null;

  beforeEach(async () => {
    far = await listenTcp();
    // Pages that give up reset their connections.
    far.server.on("connection", (socket) => socket.on("error", () => socket.destroy()));
  });

  afterEach(async () => {
    for (const link of links.splice(0)) link.stop();
    await wire.stop();
    await far.close();
    await hole?.stop();
    hole = null;
  });

  async function newLink(): Promise<Link> {
    const link = await openLink(wire);
    links.push(link);
    return link;
  }
  /** What a page that comes from there is told: welcome, or why not. */
  async function greeted(headers: Headers = {}) {
    const page = await RawPage.connect(wire, headers);
    page.hello();
    const answer = await Promise.race([page.text("welcome"), page.text("refused")]);
    return { page, answer: answer.type === "refused" ? answer.code : answer.type };
  }

  it("has room for --max-sessions pages, and again when one has gone", async () => {
    wire = await startWire(["--max-sessions", "2", "--resume-grace", "0s"]);
    const { page } = await greeted();
    expect((await greeted()).answer).toBe("welcome");
    const third = await greeted();
    expect(third.answer).toBe("GATEWAY_BUSY");
    expect((await third.page.closed).code).toBe(1013);
    page.ws.close();
    await eventually(
      () => wire.level("wireside_sessions"),
      (n) => n === 1,
    );
    expect((await greeted()).answer).toBe("welcome");
  });

  it("has room for --max-sessions-per-address pages of one address, whatever --trust-proxy says it is", async () => {
    const code = ["--access-code", "ABCD2345"];
    wire = await startWire(["--max-sessions-per-address", "1", "--trust-proxy", ...code]);
    const authorization = "Bearer ABCD2345";
    const from = async (address: string) =>
      (await greeted({ authorization, "X-Forwarded-For": `203.0.113.9, ${address}` })).answer;
    expect(await from("192.0.2.1")).toBe("welcome");
    expect(await from("::ffff:192.0.2.1")).toBe("GATEWAY_BUSY");
    expect(await from("::FFFF:C000:201")).toBe("GATEWAY_BUSY");
    expect(await from("192.0.2.2")).toBe("welcome");
    expect(await from("2001:db8::1")).toBe("welcome");
    expect(await from("2001:DB8:0:0::0:1")).toBe("GATEWAY_BUSY");
    // A host picks the last 64 bits of its address itself.
    expect(await from("2001:db8::aaaa:1:2:3")).toBe("GATEWAY_BUSY");
    expect(await from("2001:db8:0:1::1")).toBe("welcome");
  });

  it("does not believe X-Forwarded-For without --trust-proxy", async () => {
    wire = await startWire(["--max-sessions-per-address", "1"]);
    expect((await greeted({ "X-Forwarded-For": "192.0.2.1" })).answer).toBe("welcome");
    expect((await greeted({ "X-Forwarded-For": "192.0.2.2" })).answer).toBe("GATEWAY_BUSY");
  });

  it("opens --max-channels connections of a page, and another when one is over", async () => {
    wire = await startWire(["--max-channels", "2"]);
    const link = await newLink();
    const [one, two, three] = [1, 2, 3].map(() => new Talker(link, far.port));
    await three?.when((t) => t.ended);
    expect(three?.of("error")).toMatchObject([{ code: "TOO_MANY_CONNECTIONS", detail: "2" }]);
    await two?.when((t) => t.of("open").length === 1);
    one?.channel.abort();
    await eventually(
      () => wire.level("wireside_channels"),
      (n) => n === 1,
    );
    const four = new Talker(link, far.port);
    await four.when((t) => t.of("open").length === 1);
  });

  it("opens connections no faster than --open-rate, each page for itself", async () => {
    wire = await startWire(["--open-rate", "1/m,3"]);
    const outcome = async (link: Link) => {
      const talker = new Talker(link, far.port);
      await talker.when((t) => t.ended || t.of("open").length === 1);
      return talker.of("error")[0]?.code ?? "open";
    };
    const link = await newLink();
    const outcomes = [];
    for (let i = 0; i < 5; i++) outcomes.push(await outcome(link));
    expect(outcomes).toEqual(["open", "open", "open", "TOO_FAST", "TOO_FAST"]);
    expect(await outcome(await newLink())).toBe("open");
  });

  it("waits --connect-timeout for a machine that says nothing", async () => {
    hole = await startBlackHole();
    wire = await startWire(["--connect-timeout", "150ms"]);
    const before = performance.now();
    const talker = new Talker(await newLink(), hole.port);
    await talker.when((t) => t.ended);
    expect(talker.of("error")).toMatchObject([{ code: "CONNECT_TIMEOUT", detail: "0.15 s" }]);
    expect(performance.now() - before).toBeGreaterThanOrEqual(149);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it("stops waiting for a silent machine when the page gives up", async () => {
    hole = await startBlackHole();
    wire = await startWire();
    const talker = new Talker(await newLink(), hole.port);
    await eventually(
      () => wire.level("wireside_channels"),
      (n) => n === 1,
    );
    talker.channel.abort();
    await eventually(
      () => wire.level("wireside_channels"),
      (n) => n === 0,
    );
    expect(talker.of("error")).toMatchObject([{ code: "CANCELLED" }]);
  });

  it("waits --hello-timeout for a page's first message", async () => {
    wire = await startWire(["--hello-timeout", "100ms"]);
    const before = performance.now();
    const page = await RawPage.connect(wire);
    expect(await page.closed).toEqual({ code: 4408, reason: "no hello" });
    expect(performance.now() - before).toBeGreaterThanOrEqual(99);
  });

  it.each(["page", "far end"])(
    "waits --half-close-timeout for a direction that lives on in silence when the %s has ended",
    async (who) => {
      wire = await startWire(["--half-close-timeout", "120ms"]);
      const talker = new Talker(await newLink(), far.port);
      const socket = await far.accepted();
      await talker.when((t) => t.of("open").length === 1);
      const before = performance.now();
      if (who === "page") talker.channel.shutdown();
      else socket.end();
      await talker.when((t) => t.ended);
      expect(talker.of("error")).toMatchObject([{ code: "HALF_CLOSE_TIMEOUT", detail: "0.12 s" }]);
      expect(performance.now() - before).toBeGreaterThanOrEqual(119);
    },
  );

  it.each([64 * KIB, 128 * KIB])("has at most --window bytes under way: %d", async (bytes) => {
    wire = await startWire(["--window", `${bytes / KIB}KiB`]);
    const talker = new Talker(await newLink(), far.port, { reading: false });
    const socket = await far.accepted();
    socket.write(Buffer.alloc(MIB));
    await talker.when((t) => t.receivedBytes > bytes - 64 * KIB);
    expect(await wire.level("wireside_buffered_bytes")).toBeLessThanOrEqual(bytes);
    while (talker.receivedBytes < MIB) {
      const before = talker.receivedBytes;
      talker.consume();
      await talker.when((t) => t.receivedBytes > before);
      expect(await wire.level("wireside_buffered_bytes")).toBeLessThanOrEqual(bytes);
    }
  });

  it("keeps --max-buffered-total for all pages and one piece a connection, and starves nobody", async () => {
    wire = await startWire(["--max-buffered-total", "512KiB"]);
    const buffered = () => wire.level("wireside_buffered_bytes");
    const bound = 512 * KIB + 8 * 64 * KIB;
    const stalled = [];
    for (let i = 0; i < 7; i++) {
      const talker = new Talker(await newLink(), far.port, { reading: false });
      stalled.push(talker);
      (await far.accepted()).write(Buffer.alloc(2 * MIB));
    }
    await Promise.all(stalled.map((talker) => talker.when((t) => t.receivedBytes > 0)));
    await eventually(buffered, (bytes) => bytes >= 512 * KIB);
    const another = new Talker(await newLink(), far.port);
    (await far.accepted()).write(Buffer.alloc(2 * MIB));
    let most = 0;
    while (another.receivedBytes < 2 * MIB) {
      const before = another.receivedBytes;
      await another.when((t) => t.receivedBytes > before);
      most = Math.max(most, await buffered());
    }
    expect(most).toBeGreaterThanOrEqual(512 * KIB);
    expect(most).toBeLessThanOrEqual(bound);
    for (const talker of stalled) {
      talker.reading = true;
      talker.consume();
    }
    await Promise.all(stalled.map((talker) => talker.when((t) => t.receivedBytes === 2 * MIB)));
    await eventually(buffered, (bytes) => bytes === 0);
  });

  it("keeps a far end that sends single bytes from filling memory with frames", async () => {
    wire = await startWire();
    const talker = new Talker(await newLink(), far.port, { reading: false });
    const socket = await far.accepted();
    socket.setNoDelay(true);
    let sent = 0;
    const dribble = (): void => {
      if (sent++ < 6000) socket.write("x", () => setImmediate(dribble));
    };
    dribble();
    await eventually(
      () => sent,
      (n) => n > 6000,
      20_000,
    );
    expect(talker.of("data").length).toBeLessThanOrEqual(1024);
    talker.reading = true;
    talker.consume();
    await talker.when((t) => t.receivedBytes === 6000);
  });

  it("ends a session in which nothing has moved for --idle-timeout, pings or not", async () => {
    wire = await startWire(["--idle-timeout", "600ms"]);
    const link = await newLink();
    const talker = new Talker(link, far.port);
    const gone = once((await far.accepted()).resume(), "end");
    await linkWhen(link, (l) => l.status.phase === "stopped");
    expect(link.status.failure).toEqual({
      code: "SESSION_ENDED",
      detail: "nothing happened for 0.6 s",
    });
    expect(talker.of("error")).toMatchObject([{ code: "SESSION_ENDED" }]);
    await gone;
    expect(await wire.level("wireside_sessions")).toBe(0);
  });

  it("ends a session that has lasted --max-session, busy or not", async () => {
    // Longer than others on this machine may keep it from being busy.
    wire = await startWire(["--max-session", "1200ms", "--idle-timeout", "1s"]);
    const link = await newLink();
    const talker = new Talker(link, far.port);
    const socket = await far.accepted();
    socket.pipe(socket);
    await talker.when((t) => t.of("open").length === 1);
    while (link.status.phase === "live") {
      const before = talker.receivedBytes;
      talker.send("busy");
      await talker.when((t) => t.receivedBytes > before || t.ended);
    }
    await linkWhen(link, (l) => l.status.phase === "stopped");
    expect(link.status.failure).toEqual({ code: "SESSION_ENDED", detail: "it lasted 1.2 s" });
  });

  it("keeps the sockets of a page that is away for --resume-grace, and no longer", async () => {
    wire = await startWire(["--resume-grace", "150ms"]);
    const { page, welcome } = await RawPage.attached(wire);
    expect(welcome.graceMs).toBe(150);
    await page.open(1, far.port);
    const gone = once((await far.accepted()).resume(), "end");
    const before = performance.now();
    page.cut();
    await gone;
    expect(performance.now() - before).toBeGreaterThanOrEqual(149);
    expect(await wire.level("wireside_sessions")).toBe(0);
    const late = await RawPage.connect(wire);
    late.hello({ sid: welcome.sid, token: welcome.token, epoch: 1, channels: [{ ch: 1, rx: 0 }] });
    expect(await late.text("resume_failed")).toMatchObject({ reason: "expired" });
  });

  it("is found below --base-path", async () => {
    wire = await startWire(["--base-path", "/class/7b/"]);
    expect(await knock(wire.origin, "/class/7b/wire")).toBe(101);
    expect(await knock(wire.origin, "/wire")).toBe(404);
    const talker = new Talker(await newLink(), far.port);
    await talker.when((t) => t.of("open").length === 1);
  });
});
