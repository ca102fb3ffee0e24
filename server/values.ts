/** The kinds of values a setting can have: how each is written, checked, and shown in the help. */
import { isIP } from "node:net";
import { parseAddress } from "../shared/address.ts";
import { MAX_CLASS_NAME_CHARACTERS } from "../shared/classroom.ts";
import { unixPathProblem } from "../shared/unix-path.ts";
import { escapeInvisible } from "./invisible.ts";

/** A value that cannot be taken. The message continues a sentence that starts with the flag's name. */
export class ValueError extends Error {
  readonly code = "BAD_VALUE";
}

export interface Kind<T> {
  /** What stands for the value in the help; empty for a switch. */
  readonly placeholder: string;
  /** May be given several times, and as a comma list in the environment. */
  readonly repeatable?: true;
  /** @throws {ValueError} */
  parse(text: string): T;
  show(value: T): string;
}

/** A repeated flag or a rate, kept apart so that its fields have units. */
export interface Rate {
  readonly perSecond: number;
  /** How many may happen at once before the rate is felt. */
  readonly burst: number;
}

/** Ports from `first` to `last`, both included. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Text as it may be repeated in a sentence on a terminal: quoted, escaped, short. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return escapeInvisible(JSON.stringify(short));
}

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number, example: number): Kind<number> {
  return {
    placeholder: "NUMBER",
    parse(text) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw new ValueError(
        `must be a whole number from ${min} to ${max}, such as ${example}, not ${quote(text)}`,
      );
    },
    show: String,
  };
}

/** `1024-65535`, or one port. */
export const portRange: Kind<PortRange> = {
  placeholder: "FIRST-LAST",
  parse(text) {
    const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (first >= 1 && first <= last && last <= 65_535) return { first, last };
    throw new ValueError(`must be ports such as 9000-9099, from 1 to 65535, not ${quote(text)}`);
  },
  show: ({ first, last }) => `${first}-${last}`,
};

const DURATION_MS: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time such as `250ms`, `30s`, `15m`, `8h` or `1h30m`, in milliseconds. Bounds are written so too. */
export function duration(min: string, max: string): Kind<number> {
  const [minMs, maxMs] = [durationMs(min), durationMs(max)] as [number, number];
  return {
    placeholder: "TIME",
    parse(text) {
      const ms = durationMs(text);
      if (ms === null) {
        throw new ValueError(`must be a time such as 250ms, 30s, 15m or 8h, not ${quote(text)}`);
      }
      if (ms < minMs || ms > maxMs) {
        throw new ValueError(`must be a time from ${min} to ${max}, not ${quote(text)}`);
      }
      return ms;
    },
    show: formatDuration,
  };
}

function durationMs(text: string): number | null {
  if (!/^(?:\d{1,9}(?:\.\d{1,3})?(?:ms|s|m|h|d))+$/.test(text)) return null;
  let ms = 0;
  for (const [, count, unit] of text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)) {
    ms += Number(count) * (DURATION_MS[unit as string] as number);
  }
  return Math.round(ms);
}

/** The shortest exact spelling of a time: 90000 is `90s`, 900000 is `15m`, 30 days are `30d`. */
export function formatDuration(ms: number): string {
  const unit = ms === 0 ? "s" : (["d", "h", "m", "s"].find((u) => ms % unitMs(u) === 0) ?? "ms");
  return `${ms / unitMs(unit)}${unit}`;
}

const unitMs = (unit: string) => DURATION_MS[unit] as number;

const SIZE_BYTES: Record<string, number> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

/** A size such as `64KiB` or `256MiB`, in bytes. */
export function size(minBytes: number, maxBytes: number): Kind<number> {
  return {
    placeholder: "SIZE",
    parse(text) {
      const [, count, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(B|KiB|MiB|GiB)$/i.exec(text) ?? [];
      const factor = Object.entries(SIZE_BYTES).find(
        ([name]) => name.toLowerCase() === unit?.toLowerCase(),
      );
      if (!count || !factor) {
        throw new ValueError(`must be a size such as 64KiB or 256MiB, not ${quote(text)}`);
      }
      const bytes = Math.round(Number(count) * factor[1]);
      if (bytes < minBytes || bytes > maxBytes) {
        throw new ValueError(
          `must be a size from ${formatSize(minBytes)} to ${formatSize(maxBytes)}, not ${quote(text)}`,
        );
      }
      return bytes;
    },
    show: formatSize,
  };
}

/** The shortest exact spelling of a size: 262144 is `256KiB`. */
export function formatSize(bytes: number): string {
  const unit =
    ["GiB", "MiB", "KiB"].find((u) => bytes > 0 && bytes % (SIZE_BYTES[u] as number) === 0) ?? "B";
  return `${bytes / (SIZE_BYTES[unit] as number)}${unit}`;
}

/** `5/s` or `300/m`, and after a comma how many may come at once; left out, four seconds' worth. */
export const rate: Kind<Rate> = {
  placeholder: "N/s,BURST",
  parse(text) {
    const [, count, unit, burst] =
      /^(\d{1,6}(?:\.\d{1,3})?)\/(s|m)(?:,(\d{1,6}))?$/.exec(text) ?? [];
    const perSecond = Number(count) / (unit === "m" ? 60 : 1);
    const most = burst === undefined ? Math.max(1, Math.ceil(perSecond * 4)) : Number(burst);
    if (!(perSecond > 0) || most < 1) {
      throw new ValueError(
        `must be a rate such as 5/s, or 5/s,20 with a burst of 20, not ${quote(text)}`,
      );
    }
    return { perSecond, burst: most };
  },
  show: ({ perSecond, burst }) => `${perSecond}/s,${burst}`,
};

/** One of a few words. */
export function choice<T extends string>(...words: readonly T[]): Kind<T> {
  return {
    placeholder: "WORD",
    parse(text) {
      const word = words.find((w) => w === text.toLowerCase());
      if (word) return word;
      throw new ValueError(`must be one of ${words.join(", ")}, not ${quote(text)}`);
    },
    show: String,
  };
}

/** Some of a few words with commas between them, in the order of `words`; or `all`, or `none`. */
export function someOf<T extends string>(words: readonly T[]): Kind<readonly T[]> {
  return {
    placeholder: "NAMES",
    parse(text) {
      const asked = text.toLowerCase().split(",");
      const named = asked.map((item) => item.trim()).filter((item) => item !== "");
      if (named.length === 1 && named[0] === "all") return words;
      if (named.length === 1 && named[0] === "none") return [];
      const unknown = named.find((item) => !words.some((word) => word === item));
      if (named.length === 0 || unknown !== undefined) {
        throw new ValueError(
          `takes all, none, or some of ${words.join(", ")} with commas between them, not ${quote(unknown ?? text)}`,
        );
      }
      return words.filter((word) => named.includes(word));
    },
    show: (chosen) => (chosen.length > 0 ? chosen.join(",") : "none"),
  };
}

/** A switch. In the environment: 1, true, yes, on, or 0, false, no, off. */
export const toggle: Kind<boolean> = {
  placeholder: "",
  parse(text) {
    if (/^(?:1|true|yes|on)$/i.test(text)) return true;
    if (/^(?:0|false|no|off)$/i.test(text)) return false;
    throw new ValueError(`must be true or false, not ${quote(text)}`);
  },
  show: String,
};

/** Text that `check` returns as it is to be kept, or throws about. */
export function text(placeholder: string, check: (text: string) => string): Kind<string> {
  return { placeholder, parse: check, show: String };
}

/** A kind that may be given several times. */
export function list(kind: Kind<string>): Kind<readonly string[]> {
  return {
    placeholder: kind.placeholder,
    repeatable: true,
    parse: (text) => [kind.parse(text)],
    show: (values) => values.join(","),
  };
}

/** An IP address or a host name to listen on. Brackets around IPv6 are forgiven. */
export function hostToListenOn(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  const parsed = parseAddress(`tcp://${host.includes(":") ? `[${host}]` : host}:1`);
  if (parsed.ok) return parsed.address.host;
  throw new ValueError(
    `must be an address of this machine, such as 127.0.0.1 or 0.0.0.0, not ${quote(text)}`,
  );
}

/** An IP address to listen on. A name would have to be looked up, and might be another tomorrow. */
export function numberToListenOn(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  if (isIP(host) !== 0 && !host.includes("%")) return host.toLowerCase();
  throw new ValueError(
    `must be an IP address of this machine, such as 127.0.0.1 or 0.0.0.0, not ${quote(text)}`,
  );
}

/** A host as browsers write it in the Host header, with or without a port. */
export function hostHeader(text: string): string {
  const bare = text.toLowerCase();
  const withPort = /:\d+$/.test(bare.replace(/^\[.*\]/, "")) ? bare : `${bare}:1`;
  if (parseAddress(`tcp://${withPort}`).ok && !bare.includes("://")) return bare;
  throw new ValueError(
    `must be a host as the browser shows it, such as wireside.example or 192.0.2.7:8080, not ${quote(text)}`,
  );
}

/** An exact web origin: scheme, host, and the port if it is not the scheme's own. */
export function webOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const web = url?.protocol === "http:" || url?.protocol === "https:";
  if (url && web && /^https?:\/\/[^/?#@\\]+$/i.test(text)) return url.origin;
  throw new ValueError(
    `must be an origin such as https://wireside.example, without a path, not ${quote(text)}`,
  );
}

/** The address of a page or a gateway, with a slash at its end. */
export function webAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url && url.search + url.hash + url.username + url.password === "";
  if (url && isPlain && /^https?:\/\/[^/]/i.test(text)) {
    return url.href.replace(/\/*$/, "/");
  }
  throw new ValueError(
    `must be an address such as https://wireside.example/, without ? and #, not ${quote(text)}`,
  );
}

/** Where Redis is reached. The value may hold a password, so the sentence does not repeat it. */
export function redisAddress(text: string): string {
  const path = text.replace(/^unix:(?=\/)/, "");
  if (path.startsWith("/") && unixPathProblem(path) === null) return path;
  if (/^rediss?:\/\/[^/]/i.test(text) && URL.canParse(text)) return text;
  throw new ValueError(
    "must be an address such as redis://127.0.0.1:6379 or rediss://user:password@host:6379, or the absolute path of a Unix socket",
  );
}

/** What a class is called: something to be read on a screen and in a log. */
export function className(text: string): string {
  const name = text.trim();
  const isPlain = !/[\p{C}\p{Zl}\p{Zp}]/u.test(name);
  if (isPlain && name !== "" && [...name].length <= MAX_CLASS_NAME_CHARACTERS) return name;
  throw new ValueError(
    `must be a name of 1 to ${MAX_CLASS_NAME_CHARACTERS} characters that can be seen, not ${quote(text)}`,
  );
}

/** The path the page is served below, with a slash at both ends. */
export function basePath(text: string): string {
  const path = `/${text.replace(/^\/+|\/+$/g, "")}/`.replace("//", "/");
  const parts = path.split("/").filter((part) => part !== "");
  if (/^\/(?:[\w~.-]+\/)*$/.test(path) && !parts.includes(".") && !parts.includes(".."))
    return path;
  throw new ValueError(`must be a path such as /wireside/, not ${quote(text)}`);
}

/** Fewer letters than this could be guessed by somebody patient, in spite of the rate limit. */
const MIN_CODE_CHARACTERS = 8;

/** An access code: letters and digits; spaces and hyphens are for the eye. */
export function accessCode(text: string): string {
  const letters = text.replace(/[ -]/g, "");
  if (/^[a-z0-9]*$/i.test(letters) && letters.length >= MIN_CODE_CHARACTERS && text.length <= 64) {
    return text;
  }
  // The value is a secret, even a mistaken one: the sentence does not repeat it.
  throw new ValueError(
    `must be at least ${MIN_CODE_CHARACTERS} and at most 64 letters and digits, with spaces or hyphens between them if you like`,
  );
}

/** A file name. Whether the file can be read is found out at the start. */
export function fileName(text: string): string {
  if (text !== "" && !text.includes("\0")) return text;
  throw new ValueError(`must be the name of a file, not ${quote(text)}`);
}

/** A directory by its absolute path, in one spelling. Whether it is there is found out when it is needed. */
export function socketDirectory(text: string): string {
  const path = text.replace(/\/+$/, "");
  // What a directory may be called is what a socket in it may be called.
  if (unixPathProblem(path) === null) return path;
  throw new ValueError(
    `must be the absolute path of a directory, such as /run/wireside, not ${quote(text)}`,
  );
}
