/** Flags over `WIRESIDE_*` variables over defaults: one frozen, validated Config, or one sentence. */
import { parseArgs } from "node:util";
import { LESSON_NAMES, type LessonName, lessonOffset } from "../shared/lessons.ts";
import { nearestFlag } from "./help.ts";
import {
  ALL_SETTINGS,
  type AnySetting,
  type Field,
  isSwitch,
  SETTINGS,
  SETTINGS_BY_FLAG,
} from "./settings.ts";
import {
  formatDuration,
  formatSize,
  type PortRange,
  quote,
  type Rate,
  ValueError,
} from "./values.ts";

export { helpText } from "./help.ts";
export type { PortRange, Rate };
export type LogLevel = "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
export type LogFormat = "pretty" | "json";

/** Everything that can be set. Times are in milliseconds, sizes in bytes; 0 as a port is any free one. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** `/` or `/x/`. */
  readonly basePath: string;
  /** Paths of PEM files: both or neither. */
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly lessonHost: string;
  /** The first lesson server's; the others follow in the order of their names. */
  readonly lessonPort: number;
  /** Those that run, in that order. */
  readonly lessons: readonly LessonName[];
  readonly lessonOnce: boolean;
  /** Absent: loopback, and nowhere at all on a gateway that others can reach. */
  readonly listenHost?: string;
  readonly listenPorts: PortRange;
  readonly maxListeners: number;
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** Directories whose Unix sockets may be reached, as absolute paths. */
  readonly allowUnix: readonly string[];
  /** PEM files of authorities that are trusted for tls:// besides the usual ones. */
  readonly ca: readonly string[];
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
  readonly accessCode?: string;
  /** Students come in by a join code; the address to listen on and some times are others then. */
  readonly class: boolean;
  readonly className: string;
  readonly classSize: number;
  /** What people open, with a slash at its end; `allowedHosts` and `allowedOrigins` have it too. */
  readonly publicUrl?: string;
  /** Directory of kept conversations; absent: nothing is kept. */
  readonly data?: string;
  /** Absent: until somebody deletes them. */
  readonly keepMs?: number;
  /** `redis://`, `rediss://` or the absolute path of a Unix socket. */
  readonly redis?: string;
  /** How other gateways of the class reach this one, with a slash at its end. */
  readonly peerUrl?: string;
  readonly maxSessions: number;
  readonly maxSessionsPerAddress: number;
  readonly maxChannels: number;
  readonly openRate: Rate;
  readonly windowBytes: number;
  readonly maxBufferedTotalBytes: number;
  readonly connectTimeoutMs: number;
  readonly helloTimeoutMs: number;
  readonly halfCloseTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly pingTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxSessionMs: number;
  readonly resumeGraceMs: number;
  readonly shutdownTimeoutMs: number;
  readonly logLevel: LogLevel;
  readonly logFormat: LogFormat;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that cannot be used. The message is one sentence that says what to do. */
export class ConfigError extends Error {
  readonly code = "BAD_CONFIG";
}

/** A battery that is changed, a lid that was shut. */
const CLASS_GRACE_MS = 10 * 60_000;
/** A lesson in which the class listens to its teacher. */
const CLASS_IDLE_MS = 3_600_000;
/** Screens of teachers, and programs of theirs. */
const TEACHERS_PAGES = 20;

const ASKS = { help: "h", version: "v" } as const;

/** `--max-sessions` is `WIRESIDE_MAX_SESSIONS`. */
export function variableOf(flag: string): string {
  return `WIRESIDE_${flag.toUpperCase().replaceAll("-", "_")}`;
}

function tokensOf(argv: readonly string[]) {
  const options: Record<string, { type: "string" | "boolean"; short?: string; multiple: true }> =
    {};
  for (const [flag, setting] of SETTINGS_BY_FLAG) {
    const { short } = setting;
    options[flag] = {
      type: isSwitch(setting) ? "boolean" : "string",
      multiple: true,
      ...(short ? { short } : {}),
    };
  }
  for (const [name, short] of Object.entries(ASKS)) {
    options[name] = { type: "boolean", short, multiple: true };
  }
  // Not strict: what is wrong is found in the tokens and said in our own words.
  return parseArgs({ args: [...argv], options, strict: false, tokens: true }).tokens;
}

/** What the arguments ask for instead of a server: `--help` and `--version` win over all others. */
export function askedFor(argv: readonly string[]): "help" | "version" | null {
  const names = tokensOf(argv).map((token) => (token.kind === "option" ? token.name : ""));
  return names.includes("help") ? "help" : names.includes("version") ? "version" : null;
}

/**
 * Reads all settings.
 * @param argv arguments after the program's name.
 * @param terminal whether logs go to a terminal, where they are pretty unless told otherwise.
 * @throws {ConfigError}
 */
export function loadConfig(
  argv: readonly string[],
  env: Environment,
  terminal = process.stderr.isTTY === true,
): Config {
  const flags = readFlags(argv);
  const values: Record<string, unknown> = { logFormat: terminal ? "pretty" : "json" };
  for (const [field, setting] of ALL_SETTINGS) {
    const value = flags.get(setting.flag) ?? readVariable(setting, env) ?? setting.default;
    if (value !== undefined) values[field] = freeze(value);
  }
  // The table has every field of Config, each with the kind of that field: the compiler checks it.
  const config = values as unknown as Config;
  const isGiven = (flag: string) => flags.has(flag) || Boolean(env[variableOf(flag)]?.trim());
  const whole = withPublicUrl(config.class ? { ...config, ...ofClass(config, isGiven) } : config);
  checkTogether(whole);
  return Object.freeze(whole);
}

/** What a class needs where nobody has said otherwise: to be reached, by all of it, and to be waited for. */
function ofClass(config: Config, isGiven: (flag: string) => boolean): Partial<Config> {
  const { classSize, maxSessions, maxSessionsPerAddress } = config;
  const others = (field: Field, value: unknown) =>
    isGiven(SETTINGS[field].flag) ? {} : { [field]: value };
  // Everybody twice: a page that is loaded anew before the old session is given up.
  const pages = 2 * classSize + TEACHERS_PAGES;
  return {
    ...others("host", "0.0.0.0"),
    ...others("resumeGraceMs", CLASS_GRACE_MS),
    ...others("idleTimeoutMs", CLASS_IDLE_MS),
    ...others("maxSessions", Math.max(maxSessions, pages)),
    // All of a class may come from behind one router.
    ...others("maxSessionsPerAddress", Math.max(maxSessionsPerAddress, pages)),
  };
}

/** A page that was opened under that address names it in Host and Origin. */
function withPublicUrl(config: Config): Config {
  if (config.publicUrl === undefined) return config;
  const { host, origin } = new URL(config.publicUrl);
  return {
    ...config,
    allowedHosts: Object.freeze([...config.allowedHosts, host]),
    allowedOrigins: Object.freeze([...config.allowedOrigins, origin]),
  };
}

function freeze(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze([...value]);
  return typeof value === "object" && value !== null ? Object.freeze({ ...value }) : value;
}

function readFlags(argv: readonly string[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  for (const token of tokensOf(argv)) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional") {
      throw new ConfigError(
        `Wireside takes flags only, not ${quote(token.value)}: wireside --help lists them.`,
      );
    }
    const negated = negatedSwitch(token.name);
    const setting = negated ?? SETTINGS_BY_FLAG.get(token.name);
    if (!setting) throw new ConfigError(unknownFlag(token.rawName));
    const value = readFlag(setting, token, negated !== undefined);
    const before = values.get(setting.flag);
    const both = setting.kind.repeatable && before ? [...(before as []), ...(value as [])] : value;
    values.set(setting.flag, both);
  }
  return values;
}

/** `--no-trust-proxy` takes back what the environment has switched on. */
function negatedSwitch(name: string): AnySetting | undefined {
  const setting = name.startsWith("no-") ? SETTINGS_BY_FLAG.get(name.slice(3)) : undefined;
  return setting && isSwitch(setting) ? setting : undefined;
}

function readFlag(
  setting: AnySetting,
  token: { rawName: string; value?: string | undefined; inlineValue?: boolean | undefined },
  negated: boolean,
): unknown {
  const { value, inlineValue, rawName } = token;
  if (isSwitch(setting)) {
    if (negated && value !== undefined) throw new ConfigError(`${rawName} takes no value.`);
    return value === undefined ? !negated : parse(setting, rawName, value);
  }
  // `--port --host x`: the next flag is hardly meant as the value of this one.
  if (value === undefined || (!inlineValue && /^--?[a-z]/i.test(value))) {
    throw new ConfigError(
      `${rawName} needs a value: write ${rawName} ${setting.kind.placeholder}, see wireside --help.`,
    );
  }
  return parse(setting, rawName, value);
}

/** An empty variable is an unset one: that is how compose files and unit files write it. */
function readVariable(setting: AnySetting, env: Environment): unknown {
  const name = variableOf(setting.flag);
  const text = env[name]?.trim();
  if (!text) return undefined;
  if (!setting.kind.repeatable) return parse(setting, name, text);
  const items = text.split(",").map((item) => item.trim());
  return items.filter((item) => item !== "").flatMap((item) => parse(setting, name, item));
}

function parse(setting: AnySetting, name: string, text: string): unknown {
  try {
    return setting.kind.parse(text);
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ConfigError(`${name} ${error.message.replace(/\.?$/, ".")}`);
  }
}

function unknownFlag(rawName: string): string {
  const name = rawName.replace(/^-+/, "");
  const near = nearestFlag(name, Object.keys(ASKS));
  const known = near ? `did you mean --${near}?` : "wireside --help lists the flags.";
  return `There is no flag ${quote(rawName).slice(1, -1)}: ${known}`;
}

/** Settings that are fine alone and impossible together. */
function checkTogether(config: Config): void {
  const problem =
    tlsProblem(config) ?? timeProblem(config) ?? portProblem(config) ?? classProblem(config);
  if (problem) throw new ConfigError(problem);
  const least = 2 * config.windowBytes;
  if (config.maxBufferedTotalBytes < least) {
    throw new ConfigError(
      `--max-buffered-total ${formatSize(config.maxBufferedTotalBytes)} is too small for one connection with --window ${formatSize(config.windowBytes)}: make it ${formatSize(least)} or more.`,
    );
  }
}

function tlsProblem({ tlsCert, tlsKey }: Config): string | undefined {
  if ((tlsCert === undefined) === (tlsKey === undefined)) return undefined;
  const [given, missing] = tlsCert ? ["--tls-cert", "--tls-key"] : ["--tls-key", "--tls-cert"];
  return `${given} is of no use alone: give ${missing} too, or neither.`;
}

function timeProblem({ pingIntervalMs, pingTimeoutMs }: Config): string | undefined {
  if (pingTimeoutMs > pingIntervalMs) return undefined;
  return `--ping-timeout ${formatDuration(pingTimeoutMs)} must be longer than --ping-interval ${formatDuration(pingIntervalMs)}, or every page would be given up between two pings.`;
}

/** What only a class can use. */
function classProblem(config: Config): string | undefined {
  const alone = (["data", "redis", "peerUrl"] as const).find((field) => config[field]);
  if (alone && !config.class) {
    return `--${SETTINGS[alone].flag} is of no use without a class: give --class too, or leave it out.`;
  }
  if (config.peerUrl !== undefined && config.redis === undefined) {
    return "--peer-url is of no use alone: give --redis too, through which gateways find each other.";
  }
  if (config.keepMs !== undefined && config.data === undefined) {
    return "--keep is of no use alone: give --data too, which says where conversations are kept.";
  }
  if (config.class && config.accessCode !== undefined) {
    return "--access-code is of no use with --class, which has a join code for students and a link for the teacher: leave it out.";
  }
  return undefined;
}

function portProblem(config: Config): string | undefined {
  const { host, port, lessonHost, lessonPort, lessons } = config;
  const highest = 65_536 - LESSON_NAMES.length;
  if (lessonPort > highest) {
    return `--lesson-port ${lessonPort} leaves too few ports for the lesson servers that follow the first: make it ${highest} or less.`;
  }
  const everywhere = ["0.0.0.0", "::"];
  const meet = host === lessonHost || everywhere.includes(host) || everywhere.includes(lessonHost);
  if (port === 0 || lessonPort === 0 || !meet) return undefined;
  const name = lessons.find((each) => lessonPort + lessonOffset(each) === port);
  if (!name) return undefined;
  return `The page and the lesson server ${name} cannot both have port ${port}: give another --port or --lesson-port.`;
}
