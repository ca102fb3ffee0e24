/** Whoever stops reading makes the other end wait, and costs the gateway no memory. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FrameType } from "../../../shared/frames.ts";
import type { Link } from "../../../web/link.ts";
import { settled } from "../../support/eventually.ts";
import { type GatewayProcess, LITTLE_GARBAGE, startGatewayProcess } from "../../support/gateway.ts";
import { level, residentBytes } from "../../support/levels.ts";
import { RawPage } from "../../support/raw-page.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { openLink, Talker } from "../../support/wire.ts";

const MIB = 1024 * 1024;
const TOTAL_MIB = 64;
const MAY_GROW_BYTES = 8 * MIB;

const block = randomBytes(MIB);
const whole = createHash("sha256");
for (let i = 0; i < TOTAL_MIB; i++) whole.update(block);
const WHOLE_HASH = whole.digest("hex");

describe("a gateway process with 64 MiB waiting at the source", () => {
  let gateway: GatewayProcess;
  let far: TestServer;
  let link: Link;

  beforeAll(async () => {
    gateway = await startGatewayProcess([], { env: LITTLE_GARBAGE });
    far = await listenTcp();
    const url = `${gateway.url.replace("http", "ws")}wire`;
    link = await openLink({ url, origin: new URL(gateway.url).origin });
    // The same transfers once without a stop: buffers, code and heap have then had their growth.
    await transfer("down", async () => {});
    await transfer("up", async () => {});
  }, 60_000);

  afterAll(async () => {
    link.stop();
    await gateway.stop("SIGKILL");
    await far.close();
  });

  /** Carries 64 MiB one way; `stopped` runs while the reader, having read a little, reads no more. */
  async function transfer(way: "down" | "up", stopped: () => Promise<void>): Promise<string> {
    const hash = createHash("sha256");
    const talker = new Talker(link, far.port, { onData: (bytes) => hash.update(bytes) });
    const socket = await far.accepted();
    await talker.when((t) => t.of("open").length === 1);
    const reader = way === "down" ? pageReader(talker) : farReader(socket, hash);
    reader.stop();
    if (way === "down") socket.on("error", () => {}).resume();
    for (let i = 0; i < TOTAL_MIB; i++) {
      if (way === "down") socket.write(block);
      else talker.channel.send(block);
    }
    if (way === "down") socket.end();
    else talker.channel.shutdown();
    await stopped();
    reader.start();
    await talker.when((t) => t.of("eof").length === 1);
    if (way === "down") talker.channel.shutdown();
    else socket.end();
    await talker.when((t) => t.ended);
    return hash.digest("hex");
  }

  const pageReader = (talker: Talker) => ({
    stop() {
      talker.reading = false;
    },
    start() {
      talker.reading = true;
      talker.consume();
    },
  });

  const farReader = (socket: Socket, hash: { update(bytes: Buffer): unknown }) => ({
    stop() {
      socket.pause();
    },
    start() {
      socket.on("data", (bytes: Buffer) => hash.update(bytes)).resume();
    },
  });

  it.for(["down", "up"] as const)(
    "grows by at most 8 MiB while nobody reads (%s), and delivers every byte afterwards",
    { timeout: 60_000 },
    async (way, { annotate }) => {
      const baseline = residentBytes(gateway.child.pid);
      let most = 0;
      const hash = await transfer(way, async () => {
        // Nothing moves any more once every queue on the way is full.
        await settled(async () => {
          most = Math.max(most, residentBytes(gateway.child.pid));
          return level(gateway, "wireside_bytes_total");
        }, 20);
        expect(await level(gateway, "wireside_buffered_bytes")).toBeLessThanOrEqual(256 * 1024);
      });
      const grown = most - baseline;
      expect(grown).toBeLessThanOrEqual(MAY_GROW_BYTES);
      expect(hash).toBe(WHOLE_HASH);
      expect(await level(gateway, "wireside_buffered_bytes")).toBe(0);
      await annotate(
        `RSS ${(baseline / MIB).toFixed(1)} MiB, grown by ${(grown / MIB).toFixed(1)} MiB`,
      );
    },
  );

  it("grows by at most 8 MiB for a page that sends single bytes to a far end that does not read", async ({
    annotate,
  }) => {
    const COUNT = 120_000;
    const origin = new URL(gateway.url).origin;
    const { page } = await RawPage.attached({ url: `ws://127.0.0.1:${gateway.port}/wire`, origin });
    await page.open(1, far.port);
    const socket = await far.accepted();
    const hashes = { sent: createHash("sha256"), received: createHash("sha256") };
    let seq = 0;
    const send = (bytes: Uint8Array) => {
      page.frame(FrameType.data, 1, seq, bytes);
      hashes.sent.update(bytes);
      seq += bytes.length;
    };
    let acked = 0;
    const taken = () => {
      for (const answer of page.answers.splice(0)) {
        if ("frame" in answer && answer.frame.type === FrameType.ack) acked = answer.frame.seq;
      }
      return acked;
    };
    // Fills the kernel's queues, so that what follows waits in the gateway.
    const piece = block.subarray(0, 64 * 1024);
    do {
      send(piece);
      send(piece);
    } while ((await settled(taken, 3)) === seq);
    const baseline = residentBytes(gateway.child.pid);
    for (let i = 0; i < COUNT; i++) send(block.subarray(i, i + 1));
    // Answered once everything before it has been read.
    page.say({ type: "ping", n: 1 });
    await page.text("pong");
    const grown = residentBytes(gateway.child.pid) - baseline;
    await annotate(`grown by ${(grown / MIB).toFixed(1)} MiB for ${COUNT} sends`);
    expect(grown).toBeLessThanOrEqual(MAY_GROW_BYTES);
    page.frame(FrameType.eof, 1, seq);
    socket.on("data", (bytes: Buffer) => hashes.received.update(bytes));
    await once(socket, "end");
    expect(hashes.received.digest("hex")).toBe(hashes.sent.digest("hex"));
    page.ws.close();
  });
});
