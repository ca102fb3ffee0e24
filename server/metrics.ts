/** What the gateway counts, in a registry of its own so that two gateways in one process do not mix. */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** What is there at this moment. */
export interface Levels {
  sessions: number;
  /** Sessions whose page lost its WebSocket and may come back. */
  sessionsDetached: number;
  /** TCP connections: those of sessions and those of the raw endpoint. */
  channels: number;
  listeners: number;
  /** Visitors that no page has accepted yet. */
  waiting: number;
  /** WebSockets of the raw endpoint. */
  rawConnections: number;
  /** WebSockets to other gateways of the class, on which pages are carried to their sessions. */
  relays: number;
  bufferedBytes: number;
}

export interface Metrics {
  readonly registry: Registry;
  readonly sessions: Gauge;
  readonly sessionsDetached: Gauge;
  readonly channels: Gauge;
  readonly listeners: Gauge;
  readonly waiting: Gauge;
  readonly rawConnections: Gauge;
  readonly relays: Gauge;
  readonly bufferedBytes: Gauge;
  /**
   * Bytes carried since the metrics were read last: `up` is page to far end, `down` is far end to
   * page. Added up here because a counter costs as much as carrying a small message.
   */
  readonly carried: { up: number; down: number };
  readonly opens: Counter<"result">;
  readonly listens: Counter<"result">;
  /** Those that came to a listening page: `waits` each of them, `refused` or `accepted` then. */
  readonly visitors: Counter<"result">;
  readonly resumes: Counter<"result">;
  readonly upgrades: Counter<"result">;
  readonly messagesRejected: Counter;
  /** Names who knows the levels; asked whenever the metrics are read. */
  observe(levels: () => Levels): void;
}

/** Counters and gauges of one gateway, with those of the process (memory, CPU, event loop). */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  let read: (() => Levels) | null = null;

  const gauge = (name: string, help: string, field: keyof Levels) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        if (read) this.set(read()[field]);
      },
    });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, registers, labelNames });
  const carried = { up: 0, down: 0 };
  new Counter({
    name: "wireside_bytes_total",
    help: "Payload bytes carried, by direction",
    labelNames: ["direction"],
    registers,
    collect() {
      for (const direction of ["up", "down"] as const) {
        this.inc({ direction }, carried[direction]);
        carried[direction] = 0;
      }
    },
  });

  return {
    registry,
    carried,
    sessions: gauge("wireside_sessions", "Sessions, detached ones too", "sessions"),
    sessionsDetached: gauge(
      "wireside_sessions_detached",
      "Sessions waiting for their page to come back",
      "sessionsDetached",
    ),
    channels: gauge(
      "wireside_channels",
      "TCP connections of sessions and of the raw endpoint",
      "channels",
    ),
    listeners: gauge("wireside_listeners", "Listening sockets of all sessions", "listeners"),
    waiting: gauge("wireside_visitors_waiting", "Visitors no page has accepted yet", "waiting"),
    rawConnections: gauge(
      "wireside_raw_connections",
      "WebSockets of the raw endpoint",
      "rawConnections",
    ),
    relays: gauge("wireside_relays", "Pages carried to another gateway of the class", "relays"),
    bufferedBytes: gauge(
      "wireside_buffered_bytes",
      "Bytes kept for pages that have not acknowledged them",
      "bufferedBytes",
    ),
    opens: counter("wireside_opens_total", "Connections asked for, by result", "result"),
    listens: counter("wireside_listens_total", "Listening sockets asked for, by result", "result"),
    visitors: counter(
      "wireside_visitors_total",
      "Visitors of listening pages, by result",
      "result",
    ),
    resumes: counter("wireside_resumes_total", "Resumes tried, by result", "result"),
    upgrades: counter("wireside_upgrades_total", "WebSocket upgrades, by HTTP status", "result"),
    messagesRejected: counter(
      "wireside_messages_rejected_total",
      "Messages that broke the protocol",
    ),
    observe(levels) {
      read = levels;
    },
  };
}
