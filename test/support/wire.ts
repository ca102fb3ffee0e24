/** The real gateway on a free port, and the real page's link without a page around it. */
import { createServer, type Server } from "node:http";
import WebSocketClient from "ws";
import { type Config, loadConfig } from "../../server/config.ts";
import { createDoors, type Doors, isExposed } from "../../server/doors.ts";
import { createGateway, type Gateway, type GatewayOptions } from "../../server/gateway/gateway.ts";
import { createLog } from "../../server/log.ts";
import { createMetrics, type Metrics } from "../../server/metrics.ts";
import { createObserver, type Observer } from "../../server/observe.ts";
import { createKernel } from "../../server/sockets/kernel.ts";
import { createPolicy } from "../../server/sockets/policy.ts";
import { createServing } from "../../server/sockets/serving.ts";
import { readTrust } from "../../server/sockets/trust.ts";
import type { Address } from "../../shared/address.ts";
import type { ConversationEvent, EventOf } from "../../shared/conversation.ts";
import { Link } from "../../web/link.ts";
import type { Channel, StartChannel } from "../../web/model/carrier.ts";
import { closedPort } from "./tcp.ts";

export interface Wire {
  readonly port: number;
  readonly url: string;
  readonly origin: string;
  readonly config: Config;
  readonly gateway: Gateway;
  readonly metrics: Metrics;
  readonly doors: Doors;
  /** Where a test's own server publishes its calls, as a server of the gateway does. */
  readonly observer: Observer;
  /** The value of a metric without labels, now. */
  level(name: string): Promise<number>;
  stop(): Promise<void>;
}

/** What a gateway on `port` that may dial loopback needs, with further flags. */
export function gatewayOptions(
  port: number,
  flags: string[] = [],
  maxSockets = 20_000,
): GatewayOptions {
  const config = loadConfig(["--port", `${port}`, "--log-level", "silent", ...flags], {});
  const own = () => [{ host: "127.0.0.1", port }];
  const policy = createPolicy({
    allow: [...config.allow],
    deny: [...config.deny],
    allowUnix: config.allowUnix,
    loopbackAllowed: true,
    ownEndpoints: own,
    lessonEndpoints: () => [],
  });
  const metrics = createMetrics();
  const log = createLog({ level: config.logLevel, format: config.logFormat });
  const doors = createDoors({ config, endpoints: own });
  const sight = { observer: createObserver(), kernel: createKernel() };
  const trust = readTrust(config.ca);
  const serving = createServing({
    host: config.listenHost,
    ports: config.listenPorts,
    exposed: isExposed(config),
    taken: own,
  });
  const servers = () => [];
  return { config, policy, trust, doors, log, metrics, servers, serving, maxSockets, ...sight };
}

/** Starts a gateway on a free port. @param more what is different from `gatewayOptions`. */
export async function startWire(
  flags: string[] = [],
  maxSockets = 20_000,
  more: Partial<GatewayOptions> = {},
): Promise<Wire> {
  const server = createServer();
  // A number that the kernel gives to no other socket: on any address and for UDP too it is the gateway's own door.
  const port = await closedPort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const options = { ...gatewayOptions(port, flags, maxSockets), ...more };
  const { config, doors, metrics, observer } = options;
  const gateway = createGateway(options);
  server.on("upgrade", gateway.handleUpgrade);
  return {
    port,
    url: `ws://127.0.0.1:${port}${config.basePath}wire`,
    origin: `http://127.0.0.1:${port}`,
    config,
    gateway,
    metrics,
    doors,
    observer,
    level: async (name) =>
      (await metrics.registry.getSingleMetric(name)?.get())?.values[0]?.value ?? 0,
    stop: () => stop(server, gateway),
  };
}

async function stop(server: Server, gateway: Gateway): Promise<void> {
  await gateway.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Opens WebSockets as a page of `origin` would. */
export function pageSocket(origin: string, opened: (ws: WebSocketClient) => void = () => {}) {
  return (url: string, protocol: string): WebSocket => {
    // Through a relay the port differs; a browser behind one would still name the gateway.
    const headers = { host: new URL(origin).host };
    const ws = new WebSocketClient(url, protocol, { origin, headers, perMessageDeflate: false });
    opened(ws);
    return ws as unknown as WebSocket;
  };
}

/** A started link to the gateway, attached. */
export async function openLink(wire: Pick<Wire, "url" | "origin">, url = wire.url): Promise<Link> {
  const link = new Link({ url, open: pageSocket(wire.origin) });
  link.start();
  await linkWhen(link, (l) => l.status.phase === "live");
  return link;
}

/** Resolves once `condition` holds for the link. */
export function linkWhen(link: Link, condition: (link: Link) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = () => {
      if (!condition(link)) return;
      stopWatching();
      resolve();
    };
    const stopWatching = link.subscribe(check);
    check();
  });
}

export interface TalkerOptions {
  /** False keeps what arrives unacknowledged until `consume` is called. */
  reading?: boolean;
  /** Called with each received piece. */
  onData?: (bytes: Uint8Array) => void;
}

/** One conversation of a link, with its events and a way to wait for them. */
export class Talker {
  readonly events: ConversationEvent[] = [];
  readonly channel: Channel;
  receivedBytes = 0;
  reading: boolean;
  #unread = 0;
  #waiting = new Set<() => void>();
  #text = "";

  /**
   * @param from the link that connects, or what an accepted visitor's channel is started with.
   * @param to an address, or a port of `host`; of no meaning for a visitor.
   */
  constructor(
    from: Link | StartChannel,
    to: number | Address = 0,
    options: TalkerOptions = {},
    host = "127.0.0.1",
  ) {
    this.reading = options.reading ?? true;
    const incoming = typeof from === "function" ? "out" : "in";
    const address = typeof to === "number" ? { scheme: "tcp" as const, host, port: to } : to;
    const start: StartChannel =
      typeof from === "function" ? from : (...follow) => from.open(address, ...follow);
    this.channel = start(
      (event) => {
        this.events.push(event);
        if (event.kind === "data" && event.direction === incoming && event.side === "near") {
          this.receivedBytes += event.length;
          if (this.receivedBytes <= 65_536) this.#text += Buffer.from(event.bytes).toString();
          options.onData?.(event.bytes);
          this.#unread += event.length;
          // As xterm does: what is written is acknowledged later, never inside the event.
          if (this.reading) queueMicrotask(() => this.consume());
        }
        this.#check();
      },
      () => this.#check(),
    );
  }

  /** The received text so far (of short conversations). */
  get text(): string {
    return this.#text;
  }
  get pending(): number {
    return this.channel.pendingBytes;
  }
  get ended(): boolean {
    return this.events.some(
      ({ kind }) => kind === "closed" || kind === "error" || kind === "reset",
    );
  }

  /** Acknowledges everything that has arrived. */
  consume(): void {
    const length = this.#unread;
    this.#unread = 0;
    if (length > 0) this.channel.consumed(length);
  }

  send(text: string): void {
    this.channel.send(new TextEncoder().encode(text));
  }

  of<K extends ConversationEvent["kind"]>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }

  /** Resolves once `condition` holds. */
  when(condition: (talker: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (!condition(this)) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #check(): void {
    for (const check of [...this.#waiting]) check();
  }
}
