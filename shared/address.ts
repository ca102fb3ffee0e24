/**
 * Addresses of sockets, `tcp://host:port`, `tcp6://…`, `udp://…`, `tls://…` and `unix:/path`: parse,
 * format, and say what is wrong with the rest.
 */
import * as v from "valibot";
import { MAX_ADDRESS_CHARACTERS } from "./bounds.ts";
import { unixPathProblem } from "./unix-path.ts";

export type Scheme = "tcp" | "tcp6" | "udp" | "tls" | "unix";

export interface Address {
  /** `tcp`, `udp` and `tls` take IPv4 or IPv6, `tcp6` only IPv6. */
  scheme: Scheme;
  /**
   * An IPv4 or IPv6 literal (without brackets), or a host name in lower case; of a Unix socket its
   * absolute path.
   */
  host: string;
  /** 1 … 65535; where somebody is to listen also 0, any free one. 0 of a Unix socket, which has none. */
  port: number;
}

/** What carries the bytes. */
export type Transport = "tcp" | "udp" | "unix" | "tls";

export type ParsedAddress = { ok: true; address: Address } | { ok: false; problem: string };

const isIPv4 = (text: string) => v.is(v.pipe(v.string(), v.ipv4()), text);
/** Without a zone: which network card to use is the gateway's business. */
const isIPv6 = (text: string) => !text.includes("%") && v.is(v.pipe(v.string(), v.ipv6()), text);
/** Letters, digits, hyphen (RFC 952, RFC 1123 section 2.1). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Schemes with a host and a port, and the protocol that an address of each belongs to. */
const PROTOCOLS = { tcp: "TCP", tcp6: "TCP", udp: "UDP", tls: "TLS" } as const;
type HostScheme = keyof typeof PROTOCOLS;
/** Protocols people ask for by name, and the scheme here that carries them. */
const ON_TOP: Record<string, HostScheme> = { http: "tcp", ws: "tcp", https: "tls", wss: "tls" };

const no = (problem: string): ParsedAddress => ({ ok: false, problem });

/**
 * Parses what a person typed. A missing `tcp://` is forgiven; everything else must be exact, so
 * that one target has one spelling.
 * @param purpose to listen, port 0 is an address as well: any free port.
 */
export function parseAddress(
  input: string,
  purpose: "connect" | "listen" = "connect",
): ParsedAddress {
  const text = input.trim();
  if (text === "") return no("The address is empty. Write tcp://host:port.");
  if (text.length > MAX_ADDRESS_CHARACTERS) return no("The address is too long.");
  if (/^unix:/i.test(text)) return parseUnix(text.slice("unix:".length));
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text);
  const name = scheme?.[1]?.toLowerCase() ?? "tcp";
  const below = Object.hasOwn(ON_TOP, name) ? ON_TOP[name] : undefined;
  if (below) {
    return no(
      `${name} is spoken on top of ${PROTOCOLS[below]}. Write ${below}://host:port and speak it yourself.`,
    );
  }
  if (!isHostScheme(name)) return no(`${name}:// is not known here. Write tcp://host:port.`);
  const rest = scheme ? text.slice(scheme[0].length) : text;
  const protocol = PROTOCOLS[name];
  if (rest.includes("/") || rest.includes("?") || rest.includes("#")) {
    return no(`An address ends after the port: ${protocol} knows no path.`);
  }
  if (rest.includes("@")) return no(`An address has no user name: ${protocol} knows none.`);
  const split = splitPort(rest, name);
  if ("problem" in split) return no(split.problem);
  const host = parseHost(split.host, name);
  if ("problem" in host) return no(host.problem);
  const port = parsePort(split.port, purpose === "listen" ? 0 : 1);
  if (typeof port === "string") return no(port);
  return { ok: true, address: { scheme: name, host: host.host, port } };
}

const isHostScheme = (name: string): name is HostScheme => Object.hasOwn(PROTOCOLS, name);

/** `/path`, or `///path` of somebody used to URLs: two slashes and an empty host. */
function parseUnix(rest: string): ParsedAddress {
  const path = rest.startsWith("///") ? rest.slice(2) : rest;
  if (/^\d{1,5}$/.test(path)) {
    return no(`unix: takes a path. For a machine called unix write tcp://unix:${path}.`);
  }
  const problem = unixPathProblem(path);
  if (problem !== null) return no(problem);
  return { ok: true, address: { scheme: "unix", host: path, port: 0 } };
}

function splitPort(
  rest: string,
  scheme: HostScheme,
): { host: string; port: string } | { problem: string } {
  if (rest.startsWith("[")) {
    const end = rest.indexOf("]");
    if (end < 0) return { problem: "The [ of the IPv6 address has no ]." };
    const host = rest.slice(1, end);
    if (!isIPv6(host)) return { problem: `[${host}] is not an IPv6 address.` };
    const tail = rest.slice(end + 1);
    if (tail === "") return { problem: `The port is missing. Write [${host}]:8000, for example.` };
    if (!tail.startsWith(":")) return { problem: "After ] comes a colon and the port." };
    return { host, port: tail.slice(1) };
  }
  const colons = rest.split(":").length - 1;
  if (colons > 1) return { problem: "An IPv6 address goes in brackets: [::1]:8000." };
  if (colons === 0) {
    if (/^\d{1,5}$/.test(rest)) {
      return {
        problem: `The host is missing. Write 127.0.0.1:${rest} for this port on the gateway's machine.`,
      };
    }
    // The advice must work: a port does not make an address of what is no host.
    const host = parseHost(rest, scheme);
    if ("problem" in host) return host;
    return { problem: `The port is missing. Write ${rest}:8000, for example.` };
  }
  const [host = "", port = ""] = rest.split(":");
  return { host, port };
}

function parseHost(host: string, scheme: HostScheme): { host: string } | { problem: string } {
  if (host === "")
    return { problem: "The host is missing. 127.0.0.1 is the gateway's own machine." };
  if (isIPv6(host)) return { host: host.toLowerCase() };
  if (isIPv4(host)) {
    if (scheme === "tcp6")
      return { problem: "tcp6:// takes an IPv6 address or a name; this is IPv4." };
    return { host };
  }
  const lower = host.toLowerCase();
  const labels = lower.replace(/\.$/, "").split(".");
  const last = labels.at(-1) ?? "";
  // A last label that is a number makes some resolvers read the whole as an IPv4 address
  // (WHATWG URL, "ends in a number"): 127.1, 0x7f.1, 2130706433. One target, one spelling.
  if (/^(?:\d+|0x[0-9a-f]*)$/.test(last)) {
    return {
      problem: `${host} is not an IPv4 address: write four numbers from 0 to 255, such as 127.0.0.1.`,
    };
  }
  if (lower.length > 253 || !labels.every((label) => LABEL.test(label))) {
    return { problem: `${host} is not a host name: letters, digits, hyphens and dots only.` };
  }
  return { host: labels.join(".") };
}

function parsePort(text: string, least: number): number | string {
  if (text === "") return "The port is missing after the colon.";
  if (!/^\d+$/.test(text)) return `The port must be a number from 1 to 65535, not ${text}.`;
  const port = Number(text);
  if (port < least || port > 65_535 || text.length > 5)
    return `There is no port ${text}: ports go from 1 to 65535.`;
  return port;
}

/** `127.0.0.1:8000` or `[::1]:8000`; of a Unix socket its path, or `unnamed` where it is bound to none. */
export function formatEndpoint(endpoint: { host: string; port: number }): string {
  if (endpoint.port === 0 && endpoint.host === "") return "unnamed";
  if (endpoint.host.startsWith("/")) return endpoint.host;
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

/** `tcp://127.0.0.1:8000`, `unix:/run/example.sock`. */
export function formatAddress(address: Address): string {
  if (address.scheme === "unix") return `unix:${address.host}`;
  return `${address.scheme}://${formatEndpoint(address)}`;
}

/** What carries the bytes of a conversation with this address. */
export function transportOf(address: Pick<Address, "scheme">): Transport {
  return address.scheme === "tcp6" ? "tcp" : address.scheme;
}
