/** Five hundred pages at once, each with a conversation of its own, and nothing left of them afterwards. */
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Link } from "../../../web/link.ts";
import { eventually, settled } from "../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateway.ts";
import { ask, level, openDescriptors, residentBytes } from "../../support/levels.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { openLink, Talker } from "../../support/wire.ts";

const SESSIONS = 500;
const ROUNDS = 3;
const MIB = 1024 * 1024;

describe("a gateway process", () => {
  let gateway: GatewayProcess;
  let far: TestServer;

  beforeAll(async () => {
    gateway = await startGatewayProcess([
      ...["--max-sessions-per-address", "1000", "--resume-grace", "100ms"],
    ]);
    far = await listenTcp();
    far.server.on("connection", answer);
  });

  afterAll(async () => {
    await gateway.stop("SIGKILL");
    await far.close();
  });

  /** As the lesson server does, but with the request in the answer, so that a mix-up would show. */
  function answer(socket: Socket): void {
    socket.on("data", (data) => {
      if (data.toString() === "close") socket.end("closed");
      else socket.write(`accepted ${data}`);
    });
  }

  const connectPage = () =>
    openLink({
      url: `${gateway.url.replace("http", "ws")}wire`,
      origin: new URL(gateway.url).origin,
    });

  async function converse(link: Link, name: string): Promise<void> {
    const talker = new Talker(link, far.port);
    await talker.when((t) => t.of("open").length === 1);
    let expected = "";
    for (let round = 0; round < ROUNDS; round++) {
      expected += `accepted ${name}.${round}`;
      talker.send(`${name}.${round}`);
      await talker.when((t) => t.text.length >= expected.length);
      expect(talker.text).toBe(expected);
      await everybody(round);
      // All are open until they have been counted.
      await counted;
    }
    talker.send("close");
    await talker.when((t) => t.of("eof").length === 1);
    expect(talker.text).toBe(`${expected}closed`);
    talker.channel.shutdown();
    await talker.when((t) => t.ended);
    expect(talker.of("closed")).toHaveLength(1);
  }

  /** Holds each conversation until all of them have come as far: so all are open at once. */
  const meetings = Array.from({ length: ROUNDS }, () => {
    let come = 0;
    let go = () => {};
    const all = new Promise<void>((resolve) => (go = resolve));
    return { all, arrive: () => ++come === SESSIONS && go() };
  });
  function everybody(round: number): Promise<void> | undefined {
    meetings[round]?.arrive();
    return meetings[round]?.all;
  }

  let goOn = () => {};
  const counted = new Promise<void>((resolve) => (goOn = resolve));

  const timers = async () => {
    const { text } = await ask(`${gateway.url}metrics`);
    return Number(/^nodejs_active_resources\{type="Timeout"\} (\d+)/m.exec(text)?.[1] ?? 0);
  };

  it("gives 500 pages at once their own answers, and has nothing open after they have gone", async ({
    annotate,
  }) => {
    const { pid } = gateway.child;
    (await connectPage()).stop();
    await eventually(
      () => level(gateway, "wireside_sessions"),
      (n) => n === 0,
    );
    const before = {
      descriptors: await settled(() => openDescriptors(pid)),
      handles: await level(gateway, "nodejs_active_resources_total"),
      timers: await timers(),
      rss: residentBytes(pid),
    };
    const links = await Promise.all(Array.from({ length: SESSIONS }, connectPage));
    const talks = Promise.all(links.map((link, i) => converse(link, `page ${i}`)));
    await meetings[0]?.all;
    expect(await level(gateway, "wireside_sessions")).toBe(SESSIONS);
    expect(await level(gateway, "wireside_channels")).toBe(SESSIONS);
    expect(openDescriptors(pid)).toBeGreaterThanOrEqual(before.descriptors + 2 * SESSIONS);
    const busy = residentBytes(pid);
    goOn();
    await talks;
    for (const link of links) link.stop();
    await eventually(
      () => level(gateway, "wireside_sessions"),
      (n) => n === 0,
    );
    expect(await level(gateway, "wireside_channels")).toBe(0);
    expect(await level(gateway, "wireside_buffered_bytes")).toBe(0);
    await eventually(
      () => openDescriptors(pid),
      (n) => n <= before.descriptors,
    );
    await eventually(
      () => level(gateway, "nodejs_active_resources_total"),
      (n) => n <= before.handles,
    );
    await eventually(timers, (n) => n <= before.timers);
    const [idle, full, after] = [before.rss, busy, residentBytes(pid)].map((n) =>
      Math.round(n / MIB),
    );
    await annotate(
      `RSS ${idle} MiB with none, ${full} MiB with ${SESSIONS}, ${after} MiB afterwards`,
    );
    expect((busy - before.rss) / MIB).toBeLessThan(150);
  }, 60_000);
});
