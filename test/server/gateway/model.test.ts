/**
 * The rules of the wire as a model: whatever happens to the WebSockets, and whenever, what was
 * received is a prefix of what was sent, and all of it in the end. The page's real link, the
 * gateway's real session and a real TCP connection; only the network between them is in our hands.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Registry } from "../../../server/gateway/registry.ts";
import { Link } from "../../../web/link.ts";
import { MemorySocket } from "../../support/memory-socket.ts";
import { gatewayOptions, Talker } from "../../support/wire.ts";

const NEO = { role: "owner", user: "neo" } as const;
const WINDOW = 64 * 1024;
const RUNS = 1000;
/** Ends a wait that will never be over. */
const SETTLED_MS = 10_000;

type Command =
  | { do: "pageSend" | "farSend" | "up" | "down" | "read"; n: number }
  | { do: "cut" | "lostWelcome" | "doubleResume" | "pageEnd" | "farEnd" | "farReset" | "expire" };

const amount = (name: "pageSend" | "farSend", max: number) =>
  fc.record({ do: fc.constant(name), n: fc.integer({ min: 1, max }) });
const count = (name: "up" | "down" | "read") =>
  fc.record({ do: fc.constant(name), n: fc.integer({ min: 1, max: 6 }) });
const event = (name: Exclude<Command, { n: number }>["do"]) => fc.constant({ do: name });

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 60, arbitrary: amount("pageSend", 40_000) },
  { weight: 60, arbitrary: amount("farSend", 40_000) },
  { weight: 80, arbitrary: count("up") },
  { weight: 80, arbitrary: count("down") },
  { weight: 50, arbitrary: count("read") },
  { weight: 30, arbitrary: event("cut") },
  { weight: 20, arbitrary: event("lostWelcome") },
  { weight: 20, arbitrary: event("doubleResume") },
  { weight: 10, arbitrary: event("pageEnd") },
  { weight: 10, arbitrary: event("farEnd") },
  { weight: 3, arbitrary: event("farReset") },
  { weight: 2, arbitrary: event("expire") },
) as fc.Arbitrary<Command>;

/** Byte `i` of a stream, so that a skipped, repeated or swapped byte shows. */
const byteAt = (i: number, seed: number): number => (i * 31 + (i >> 8) * 7 + seed) & 0xff;
const stretch = (from: number, length: number, seed: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => byteAt(from + i, seed));
const UP = 1;
const DOWN = 2;

class World {
  readonly registry: Registry;
  readonly link: Link;
  readonly talker: Talker;
  readonly far: Promise<Socket>;
  socket: Socket | null = null;
  network: MemorySocket | null = null;
  sent = { up: 0, down: 0 };
  received = { up: 0, down: 0 };
  pageEnded = false;
  farEnded = false;
  broken = false;
  /** The far end has read everything up to our FIN: the kernel took it long before. */
  farReadAll = false;

  constructor(options: ReturnType<typeof gatewayOptions>, server: Server) {
    this.registry = new Registry(options);
    this.link = new Link({ url: "ws://gateway/wire", open: () => this.dialGateway() });
    this.link.start();
    this.far = once(server, "connection").then(([socket]) => socket as Socket);
    const { port } = server.address() as AddressInfo;
    this.talker = new Talker(this.link, port, {
      reading: false,
      onData: (bytes) => this.check("down", bytes, DOWN),
    });
  }

  dialGateway(): WebSocket {
    this.network = new MemorySocket();
    this.registry.connected(this.network.gatewayEnd, {
      who: () => NEO,
      cookie: null,
      address: "127.0.0.1",
    });
    return this.network.pageEnd;
  }

  check(direction: "up" | "down", bytes: Uint8Array, seed: number): void {
    const from = this.received[direction];
    const wrong = bytes.findIndex((byte, i) => byte !== byteAt(from + i, seed));
    if (wrong >= 0)
      throw new Error(`${direction}: byte ${from + wrong} is not what was sent there`);
    this.received[direction] += bytes.length;
  }

  /** Attached, connected, the far end accepted. */
  async begin(): Promise<void> {
    this.network?.open();
    while (this.talker.of("open").length === 0) await this.exchange();
    const socket = await this.far;
    socket.on("data", (bytes) => this.check("up", bytes, UP));
    socket.on("end", () => (this.farReadAll = true));
    socket.on("error", () => {});
    this.socket = socket;
  }

  async run(c: Command): Promise<void> {
    switch (c.do) {
      case "pageSend":
        if (this.pageEnded) return;
        this.talker.channel.send(stretch(this.sent.up, c.n, UP));
        this.sent.up += c.n;
        return;
      case "farSend":
        if (this.farEnded) return;
        this.socket?.write(stretch(this.sent.down, c.n, DOWN));
        this.sent.down += c.n;
        return;
      case "up":
        this.network?.deliverUp(c.n);
        return void (await turn());
      case "down":
        await turn();
        return this.network?.deliverDown(c.n);
      case "read":
        return this.talker.consume();
      default:
        return this.happen(c.do);
    }
  }

  happen(name: Exclude<Command, { n: number }>["do"]): void {
    switch (name) {
      case "cut":
        this.network?.cut();
        return this.reconnect();
      case "lostWelcome":
        this.network?.deliverUp(Number.POSITIVE_INFINITY);
        this.network?.cut();
        return this.reconnect();
      case "doubleResume": {
        const stale = this.network;
        stale?.cutPage();
        this.reconnect();
        // What the page had sent on the old WebSocket arrives after the new one was attached.
        this.network?.deliverUp(1);
        return stale?.deliverUp(Number.POSITIVE_INFINITY);
      }
      case "pageEnd":
        this.pageEnded = true;
        return this.talker.channel.shutdown();
      case "farEnd":
        this.farEnded = true;
        return void this.socket?.end();
      case "farReset":
        this.broken = this.farEnded = true;
        this.socket?.resetAndDestroy();
        return;
      case "expire":
        this.broken = true;
        this.registry.close();
    }
  }

  reconnect(): void {
    this.link.retry();
    this.network?.open();
  }

  async exchange(): Promise<void> {
    this.network?.deliverUp(Number.POSITIVE_INFINITY);
    await turn();
    this.network?.deliverDown(Number.POSITIVE_INFINITY);
    this.talker.consume();
    if (this.link.status.phase === "lost") this.reconnect();
  }

  /** Everything is delivered and read until nothing is left to wait for. */
  async settle(): Promise<void> {
    if (!this.pageEnded) this.happen("pageEnd");
    if (!this.farEnded) this.happen("farEnd");
    const done = () => this.talker.ended && (this.broken || this.farReadAll);
    const startedAt = performance.now();
    while (!done() && performance.now() - startedAt < SETTLED_MS) await this.exchange();
  }

  async close(): Promise<void> {
    this.link.stop();
    this.registry.close();
    this.socket?.destroy();
    await turn();
  }
}

describe("page, gateway and a TCP connection", () => {
  let server: Server;
  beforeAll(async () => {
    server = createServer({ allowHalfOpen: true });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterAll(() => server.close());

  it(`receive a prefix of what was sent at every moment, and all of it in the end (${RUNS} runs)`, async () => {
    const options = gatewayOptions(1, ["--window", "64KiB"]);
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
        const world = new World(options, server);
        try {
          await world.begin();
          for (const c of commands) {
            await world.run(c);
            expect(world.received.up).toBeLessThanOrEqual(world.sent.up);
            expect(world.received.down).toBeLessThanOrEqual(world.sent.down);
            // The window, an EOF and an RST.
            expect(world.registry.budget.used).toBeLessThanOrEqual(WINDOW + 2);
          }
          await world.settle();
          expect(world.talker.ended).toBe(true);
          if (!world.broken) {
            expect(world.received).toEqual(world.sent);
            expect(world.talker.of("closed")).toHaveLength(1);
            expect(world.talker.of("error")).toEqual([]);
          }
        } finally {
          await world.close();
        }
        // Nothing is left behind, expired or not.
        expect(world.registry.sockets).toBe(0);
        expect(world.registry.budget.used).toBe(0);
      }),
      // A failure is told as it was found: making it smaller would settle each try by the clock.
      { numRuns: RUNS, endOnFailure: true },
    );
  }, 120_000);
});
