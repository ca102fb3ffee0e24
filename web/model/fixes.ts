/** What to do about a failure: at most two things, each with a button that works. */
import { type Address, formatAddress, parseAddress } from "../../shared/address.ts";
import type { Explanation, FailureCode } from "../../shared/errors.ts";
import { LESSON_NAMES } from "../../shared/lessons.ts";
import type { LinkStatus } from "./carrier.ts";

export type Remedy = { kind: "again" } | { kind: "connect"; address: string } | { kind: "edit" };

export interface Fix {
  /** What to do: `Start a server there`. */
  title: string;
  /** The rest of the sentence; may be empty. */
  text: string;
  /** A command that does it, to be read and copied; null for most. */
  command: string | null;
  button: string;
  remedy: Remedy;
}

type Servers = LinkStatus["servers"];

/** Lesson servers run inside the gateway, and the list changes when one stops: they do listen. */
const lessons: ReadonlySet<string> = new Set(LESSON_NAMES);

/** The servers that are known to listen, because the gateway itself runs them. */
export function listening(servers: Servers): Address[] {
  return servers
    .filter(({ name }) => lessons.has(name))
    .flatMap(({ address }) => {
      const parsed = parseAddress(address);
      return parsed.ok ? [parsed.address] : [];
    });
}

/** True when two hosts are written for the same machine, as far as the writing shows. */
export function sameMachine(a: string, b: string): boolean {
  const plain = (host: string) => (host === "localhost" || host === "::1" ? "127.0.0.1" : host);
  return plain(a) === plain(b);
}

/** True for the addresses with which a machine means itself. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}

/**
 * @param address what was asked for; null when it was no address at all.
 * @param servers what the gateway offers, as its newest list says.
 */
export function fixes(failure: Explanation, address: Address | null, servers: Servers): Fix[] {
  const elsewhere =
    address && leadsAway(failure.code) ? other(failure.code, address, servers) : null;
  return elsewhere ? [first(failure, address), elsewhere] : own(failure, address);
}

/** Failures of one address, for which another server is a cure. */
function leadsAway(code: FailureCode): boolean {
  return ofOneAddress.has(code) || ofTheAddress.has(code);
}

const ofOneAddress: ReadonlySet<FailureCode> = new Set([
  "ECONNREFUSED",
  "CONNECT_TIMEOUT",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EAI_AGAIN",
  "EACCES",
  "EADDRNOTAVAIL",
]);

/** Failures of the address itself: the same again would only fail again. */
const ofTheAddress: ReadonlySet<FailureCode> = new Set(["BAD_ADDRESS", "NOT_ALLOWED", "ENOTFOUND"]);

function own(failure: Explanation, address: Address | null): Fix[] {
  const button = first(failure, address);
  const rest = failure.hints.find((hint) => !sameAdvice(hint, button));
  // A second piece of advice without a button of its own is said beside the first.
  return [rest && button.text === "" ? { ...button, text: rest } : button];
}

function sameAdvice(hint: string, fix: Fix): boolean {
  return hint.startsWith(fix.title.replace(/\.$/, ""));
}

function first(failure: Explanation, address: Address | null): Fix {
  if (ofTheAddress.has(failure.code)) return edit(failure);
  if (address && withoutTls.has(failure.code)) return plainly(address);
  if (failure.code === "ECONNREFUSED" && address && address.scheme !== "unix")
    return startServer(address);
  const title = failure.hints.find((hint) => /\bagain\b/i.test(hint)) ?? failure.hints[0];
  const [what = "Try again.", then = ""] = (title ?? "Try again.").split(/, (?=then )/);
  return {
    title: what,
    text: then.replace(/\.$/, ""),
    command: null,
    button: "Try again",
    remedy: { kind: "again" },
  };
}

/** Failures of TLS that come of a server which does not speak it. */
const withoutTls: ReadonlySet<FailureCode> = new Set(["TLS_NOT_TLS", "TLS_ENDED", "TLS_TIMEOUT"]);

function plainly(address: Address): Fix {
  const plain = formatAddress({ ...address, scheme: "tcp" });
  return {
    title: "Try it without TLS",
    text: "the server may speak something else here",
    command: null,
    button: `Connect to ${plain}`,
    remedy: { kind: "connect", address: plain },
  };
}

/** `localhost` and IPv6 are left out: the example server takes the number it is to listen on. */
function startServer({ host, port }: Address): Fix {
  const ours = host === "127.0.0.1" && port >= 1024;
  return {
    title: "Start a server there",
    text: "then try again",
    command: ours ? `python3 examples/server.py ${host} ${port}` : null,
    button: "Try again",
    remedy: { kind: "again" },
  };
}

function edit(failure: Explanation): Fix {
  return {
    title: failure.hints[0] ?? "Choose another address.",
    text: failure.hints[1] ?? "",
    command: null,
    button: "Change the address",
    remedy: { kind: "edit" },
  };
}

/** Another server: one that is known to listen, on the same machine if possible; else one by name. */
function other(code: FailureCode, asked: Address, servers: Servers): Fix | null {
  const known = listening(servers).filter((one) => !isAsked(one, asked));
  const near = known.find((one) => sameMachine(one.host, asked.host));
  const found = near ?? known[0];
  if (found) return connectTo(code, found, near !== undefined, servers);
  const named = servers.find(({ name, address }) => {
    const parsed = parseAddress(address);
    return !lessons.has(name) && parsed.ok && !isAsked(parsed.address, asked);
  });
  return named ? tryNamed(named) : null;
}

function isAsked(one: Address, asked: Address): boolean {
  return one.port === asked.port && sameMachine(one.host, asked.host);
}

function connectTo(code: FailureCode, found: Address, near: boolean, servers: Servers): Fix {
  const where = near ? "" : " on the gateway's machine";
  const address = servers.find((server) => {
    const parsed = parseAddress(server.address);
    return parsed.ok && parsed.address.port === found.port && parsed.address.host === found.host;
  })?.address;
  return {
    title: near && code === "ECONNREFUSED" ? "Wrong port?" : "Somewhere else?",
    text: `port ${found.port}${where} is listening`,
    command: null,
    button: `Connect to ${shortAddress(address ?? "")}`,
    remedy: { kind: "connect", address: address ?? "" },
  };
}

/** A name that whoever started the gateway gave: whether anybody listens there was not checked. */
function tryNamed(server: Servers[number]): Fix {
  return {
    title: `Or try ${server.name}`,
    text: "whether it listens was not checked",
    command: null,
    button: `Connect to ${shortAddress(server.address)}`,
    remedy: { kind: "connect", address: server.address },
  };
}

/** `8000` for a server on the gateway's own machine, else the address without its scheme. */
function shortAddress(address: string): string {
  const parsed = parseAddress(address);
  if (parsed.ok && parsed.address.host === "127.0.0.1") return String(parsed.address.port);
  return address.replace(/^tcp:\/\//, "");
}
