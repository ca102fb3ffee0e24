/** Every setting: its flag, its default, and one line about it. Flags, variables and help follow. */
import {
  CLOCK_STEPS_PER_SECOND,
  MAX_CLOCK_STEPS,
  MAX_WINDOW_BYTES,
  MIN_WINDOW_BYTES,
} from "../shared/bounds.ts";
import { LESSON_NAMES } from "../shared/lessons.ts";
import type { Config } from "./config.ts";
import { parseRule, RuleError } from "./sockets/policy.ts";
import * as value from "./values.ts";

export type Field = keyof Config;

export const GROUPS = [
  "Where it listens",
  "Where pages may listen",
  "What may be reached",
  "Who may come in",
  "A class",
  "How much",
  "How long",
  "Logs",
] as const;

export interface Setting<T> {
  /** Without the two hyphens. */
  readonly flag: string;
  readonly short?: string;
  readonly kind: value.Kind<T>;
  readonly default?: T;
  /** What the help says about the default when the value alone would not explain it. */
  readonly shown?: string;
  readonly group: (typeof GROUPS)[number];
  readonly help: string;
}

type Settings = { readonly [K in Field]-?: Setting<NonNullable<Config[K]>> };

/** Well below what setTimeout can wait (2^31 - 1 ms, 24.8 days). */
const LONGEST = "24h";
/** The frame clock ends after 11.9 hours. */
const LONGEST_SESSION = `${Math.floor(MAX_CLOCK_STEPS / CLOCK_STEPS_PER_SECOND / 3600)}h`;

const rule = value.text("RULE", (text) => {
  try {
    return parseRule(text).text;
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new value.ValueError(`cannot be read: ${error.message}`);
  }
});

export const SETTINGS: Settings = {
  port: {
    flag: "port",
    short: "p",
    kind: value.integer(0, 65_535, 8080),
    default: 8080,
    group: "Where it listens",
    help: "port of the page; 0 takes any free one",
  },
  host: {
    flag: "host",
    kind: value.text("ADDRESS", value.hostToListenOn),
    default: "127.0.0.1",
    shown: "127.0.0.1; 0.0.0.0 with --class",
    group: "Where it listens",
    help: "address to listen on; any but this machine's own turns access codes on",
  },
  basePath: {
    flag: "base-path",
    kind: value.text("PATH", value.basePath),
    default: "/",
    group: "Where it listens",
    help: "path the page is served below, for a reverse proxy",
  },
  tlsCert: {
    flag: "tls-cert",
    kind: value.text("FILE", value.fileName),
    group: "Where it listens",
    help: "certificate chain (PEM): serve https and wss; needs --tls-key",
  },
  tlsKey: {
    flag: "tls-key",
    kind: value.text("FILE", value.fileName),
    group: "Where it listens",
    help: "private key (PEM) of --tls-cert",
  },
  lessonHost: {
    flag: "lesson-host",
    kind: value.text("ADDRESS", value.hostToListenOn),
    default: "127.0.0.1",
    group: "Where it listens",
    help: "address of the lesson servers",
  },
  lessonPort: {
    flag: "lesson-port",
    kind: value.integer(0, 65_535, 8000),
    default: 8000,
    group: "Where it listens",
    help: "port of the lesson server accept; those of the others follow; 0 takes any free ones",
  },
  lessons: {
    flag: "lessons",
    kind: value.someOf(LESSON_NAMES),
    default: LESSON_NAMES,
    shown: "all",
    group: "Where it listens",
    help: `lesson servers to run, of ${LESSON_NAMES.join(", ")}; all or none`,
  },
  lessonOnce: {
    flag: "lesson-once",
    kind: value.toggle,
    default: false,
    group: "Where it listens",
    help: "the lesson server accept serves one client and stops, as the tutorial's does",
  },
  listenHost: {
    flag: "listen-host",
    kind: value.text("ADDRESS", value.numberToListenOn),
    shown: "127.0.0.1; nowhere when others can reach the gateway",
    group: "Where pages may listen",
    help: "address pages may listen on, besides this machine's loopback",
  },
  listenPorts: {
    flag: "listen-ports",
    kind: value.portRange,
    default: { first: 1024, last: 65_535 },
    group: "Where pages may listen",
    help: "ports pages may listen on",
  },
  maxListeners: {
    flag: "max-listeners",
    kind: value.integer(0, 64, 4),
    default: 4,
    group: "Where pages may listen",
    help: "listening sockets at once in one page; 0 lets none listen",
  },
  allow: {
    flag: "allow",
    kind: value.list(rule),
    default: [],
    group: "What may be reached",
    help: "allow a target: HOST:PORT, a network in CIDR form, or NAME=HOST:PORT; repeatable",
  },
  deny: {
    flag: "deny",
    kind: value.list(rule),
    default: [],
    group: "What may be reached",
    help: "forbid a target, written the same way; wins over --allow; repeatable",
  },
  allowUnix: {
    flag: "allow-unix",
    kind: value.list(value.text("DIR", value.socketDirectory)),
    default: [],
    group: "What may be reached",
    help: "allow the Unix sockets in this directory and below it; repeatable",
  },
  ca: {
    flag: "ca",
    kind: value.list(value.text("FILE", value.fileName)),
    default: [],
    group: "What may be reached",
    help: "certificate (PEM) of an authority to trust for tls:// besides the usual ones; repeatable",
  },
  allowedHosts: {
    flag: "allowed-host",
    kind: value.list(value.text("HOST", value.hostHeader)),
    default: [],
    shown: "from --host",
    group: "Who may come in",
    help: "another name this gateway is reached under; repeatable",
  },
  allowedOrigins: {
    flag: "allowed-origin",
    kind: value.list(value.text("ORIGIN", value.webOrigin)),
    default: [],
    shown: "from --host",
    group: "Who may come in",
    help: "another origin whose pages may connect; repeatable",
  },
  trustProxy: {
    flag: "trust-proxy",
    kind: value.toggle,
    default: false,
    group: "Who may come in",
    help: "believe X-Forwarded-For and X-Forwarded-Proto of the proxy in front",
  },
  accessCode: {
    flag: "access-code",
    kind: value.text("CODE", value.accessCode),
    shown: "made up when others can reach the gateway",
    group: "Who may come in",
    help: "code everybody must give; better in WIRESIDE_ACCESS_CODE, where ps does not show it",
  },
  class: {
    flag: "class",
    kind: value.toggle,
    default: false,
    group: "A class",
    help: "open a class: students come in with a join code, and the teacher sees all of them",
  },
  className: {
    flag: "class-name",
    kind: value.text("NAME", value.className),
    default: "Class",
    group: "A class",
    help: "what the class is called where students come in; gateways that share --redis and this name share the class",
  },
  classSize: {
    flag: "class-size",
    kind: value.integer(1, 10_000, 400),
    default: 400,
    group: "A class",
    help: "students at most",
  },
  publicUrl: {
    flag: "public-url",
    kind: value.text("URL", value.webAddress),
    group: "A class",
    help: "address people open, where that is a proxy's; it counts as --allowed-host and --allowed-origin",
  },
  data: {
    flag: "data",
    kind: value.text("DIR", value.fileName),
    group: "A class",
    help: "keep every conversation of the class in this directory",
  },
  keepMs: {
    flag: "keep",
    kind: value.duration("1m", "3650d"),
    shown: "until they are deleted",
    group: "A class",
    help: "delete kept conversations after this time, such as 30d",
  },
  redis: {
    flag: "redis",
    kind: value.text("URL", value.redisAddress),
    group: "A class",
    help: "join the gateways that use this Redis into one class: redis://, rediss:// or a socket's path; better in WIRESIDE_REDIS, where ps does not show its password",
  },
  peerUrl: {
    flag: "peer-url",
    kind: value.text("URL", value.webAddress),
    shown: "its own address",
    group: "A class",
    help: "address under which the other gateways of the class reach this one",
  },
  maxSessions: {
    flag: "max-sessions",
    kind: value.integer(1, 100_000, 2000),
    default: 2000,
    shown: "2000; with --class at least twice its size",
    group: "How much",
    help: "open pages at once",
  },
  maxSessionsPerAddress: {
    flag: "max-sessions-per-address",
    kind: value.integer(1, 100_000, 200),
    default: 200,
    shown: "200; with --class at least twice its size",
    group: "How much",
    help: "open pages at once from one address: a class may share one",
  },
  maxChannels: {
    flag: "max-channels",
    kind: value.integer(1, 1024, 16),
    default: 16,
    group: "How much",
    help: "connections at once in one page",
  },
  openRate: {
    flag: "open-rate",
    kind: value.rate,
    default: { perSecond: 5, burst: 20 },
    group: "How much",
    help: "connections one page may open in a time, and how many at once",
  },
  windowBytes: {
    flag: "window",
    kind: value.size(MIN_WINDOW_BYTES, MAX_WINDOW_BYTES),
    default: 256 * 1024,
    group: "How much",
    help: "bytes on their way in a connection, each way, before the sender waits",
  },
  maxBufferedTotalBytes: {
    flag: "max-buffered-total",
    kind: value.size(2 * MIN_WINDOW_BYTES, 2 ** 40),
    default: 256 * 1024 * 1024,
    group: "How much",
    help: "bytes kept for all pages together",
  },
  connectTimeoutMs: {
    flag: "connect-timeout",
    kind: value.duration("10ms", "10m"),
    default: 10_000,
    group: "How long",
    help: "wait for a connection to be made",
  },
  helloTimeoutMs: {
    flag: "hello-timeout",
    kind: value.duration("10ms", "10m"),
    default: 5_000,
    group: "How long",
    help: "wait for a page's first message",
  },
  halfCloseTimeoutMs: {
    flag: "half-close-timeout",
    kind: value.duration("10ms", LONGEST),
    default: 60_000,
    group: "How long",
    help: "keep a connection of which one direction has ended and the other is silent",
  },
  pingIntervalMs: {
    flag: "ping-interval",
    kind: value.duration("10ms", LONGEST),
    default: 5_000,
    group: "How long",
    help: "between two questions whether a page is still there",
  },
  pingTimeoutMs: {
    flag: "ping-timeout",
    kind: value.duration("10ms", LONGEST),
    default: 20_000,
    group: "How long",
    help: "let go of a WebSocket that has been silent for so long",
  },
  idleTimeoutMs: {
    flag: "idle-timeout",
    kind: value.duration("10ms", LONGEST),
    default: 15 * 60_000,
    shown: "15m; 1h with --class",
    group: "How long",
    help: "end a session in which nothing has moved",
  },
  maxSessionMs: {
    flag: "max-session",
    kind: value.duration("10ms", LONGEST_SESSION),
    default: 8 * 3_600_000,
    group: "How long",
    help: "longest life of a session, and of an access cookie",
  },
  resumeGraceMs: {
    flag: "resume-grace",
    kind: value.duration("0s", LONGEST),
    default: 60_000,
    shown: "1m; 10m with --class",
    group: "How long",
    help: "keep the sockets of a page that lost its WebSocket",
  },
  shutdownTimeoutMs: {
    flag: "shutdown-timeout",
    kind: value.duration("0s", "1h"),
    default: 25_000,
    group: "How long",
    help: "time to deliver what is on its way after SIGTERM",
  },
  logLevel: {
    flag: "log-level",
    kind: value.choice("fatal", "error", "warn", "info", "debug", "trace", "silent"),
    default: "info",
    group: "Logs",
    help: "fatal, error, warn, info, debug, trace or silent",
  },
  logFormat: {
    flag: "log-format",
    kind: value.choice("pretty", "json"),
    shown: "pretty on a terminal, else json",
    group: "Logs",
    help: "pretty or json, on standard error",
  },
};

export type AnySetting = Setting<unknown>;
/** In the order of the help. */
export const ALL_SETTINGS = Object.entries(SETTINGS) as [Field, AnySetting][];
export const SETTINGS_BY_FLAG = new Map(ALL_SETTINGS.map(([, setting]) => [setting.flag, setting]));
/** A switch takes no value. */
export const isSwitch = (setting: AnySetting): boolean => setting.kind.placeholder === "";
