/** Where a page may listen: the only place that decides it. */
import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { type IpNumber, readNumber } from "./numbers.ts";
import type { Endpoint } from "./policy.ts";

export interface ServingOptions {
  /** --listen-host, an IP address. Absent: loopback alone, and nowhere on an exposed gateway. */
  host?: string | undefined;
  ports: { first: number; last: number };
  /** Others than the people at this machine can reach the gateway. */
  exposed: boolean;
  /** Loopback is open to pages also where others can reach the gateway: they are a class. */
  inClass?: boolean;
  /** The gateway's own door and the lesson servers: their ports are nobody else's. */
  taken: () => Endpoint[];
}

export type ServingVerdict =
  /** `host` in its one spelling. */
  | { allowed: true; host: string }
  | { allowed: false; code: "LISTEN_NOT_ALLOWED" | "BAD_ADDRESS"; reason: string };

export interface Serving {
  readonly exposed: boolean;
  /** For the page: the addresses it may listen on, loopback first. null: nowhere. */
  readonly where: { hosts: string[]; ports: { first: number; last: number } } | null;
  /**
   * Judges one address.
   * @param host an IP literal, or `localhost`; no other name is looked up.
   * @param port 0: any free one of the range.
   */
  judge(host: string, port: number): ServingVerdict;
}

const LOOPBACK = ["127.0.0.1", "::1"];
/** Below it, a port needs a capability on Linux, and an administrator elsewhere. */
const FIRST_FREE_PORT = 1024;
/** CAP_NET_BIND_SERVICE, capabilities(7). */
const BIND_SERVICE_BIT = 10n;

export function createServing(options: ServingOptions): Serving {
  const { host, ports, exposed, inClass = false, taken } = options;
  const outside = host === undefined ? undefined : readNumber(host)?.outer;
  const isNowhere = exposed && host === undefined && !inClass;

  function judgeHost(ip: IpNumber): ServingVerdict {
    if (ip.range === "loopback") return { allowed: true, host: ip.text };
    const isIt = outside !== undefined && ip.text === outside.text;
    if (isIt || (outside?.range === "unspecified" && covers(outside, ip))) {
      return { allowed: true, host: ip.text };
    }
    return no(`Start it with --listen-host ${ip.text} to allow it.`);
  }

  function portProblem(ip: IpNumber, port: number): string | undefined {
    // Its own port on another address of this machine would be taken for the gateway, or the lesson.
    const owner = taken().find((it) => it.port === port);
    if (owner && !isSame(owner.host, ip)) return `Port ${port} belongs to the gateway itself.`;
    if (port === 0 || (port >= ports.first && port <= ports.last)) return undefined;
    // The kernel says no by itself, and its word teaches more than ours.
    if (port < FIRST_FREE_PORT && !mayBindLowPorts()) return undefined;
    return `It listens on ports from ${ports.first} to ${ports.last}; --listen-ports says which.`;
  }

  return {
    exposed,
    where: isNowhere ? null : { hosts: [...LOOPBACK, ...outsideHosts(outside)], ports },
    judge(name, port) {
      if (isNowhere) {
        return no("Others can reach it, so it listens for nobody until --listen-host says where.");
      }
      const ip = readNumber(name === "localhost" ? "127.0.0.1" : name)?.outer;
      if (!ip) {
        const reason = "To listen, write an address of the gateway's machine, such as 127.0.0.1.";
        return { allowed: false, code: "BAD_ADDRESS", reason };
      }
      const verdict = judgeHost(ip);
      const problem = verdict.allowed ? portProblem(ip, port) : undefined;
      return problem === undefined ? verdict : no(problem);
    },
  };
}

const no = (reason: string): ServingVerdict => ({
  allowed: false,
  code: "LISTEN_NOT_ALLOWED",
  reason,
});

/** 0.0.0.0 opens every IPv4 address of this machine; :: opens those, and every IPv6 address. */
function covers(everywhere: IpNumber, ip: IpNumber): boolean {
  const isEverywhere = ip.range === "unspecified";
  if (everywhere.family === "ipv4" && ip.family === "ipv6") return false;
  return isEverywhere || ownAddresses().includes(ip.text);
}

/** The same socket address: there the kernel itself says that it is in use. */
function isSame(host: string, ip: IpNumber): boolean {
  const other = readNumber(host)?.outer;
  return other?.text === ip.text || other?.range === "unspecified" || ip.range === "unspecified";
}

function outsideHosts(outside: IpNumber | undefined): string[] {
  if (!outside || outside.range === "loopback") return [];
  if (outside.range !== "unspecified") return [outside.text];
  return [...ownAddresses().filter((text) => covers(outside, numberOf(text))), outside.text];
}

const numberOf = (text: string): IpNumber => (readNumber(text) as { outer: IpNumber }).outer;

/** Addresses of this machine's network cards. Link-local ones need a zone, which is no address here. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && readNumber(address) !== null)
    .map(({ address }) => numberOf(address).text)
    .filter((text) => numberOf(text).range !== "linkLocal");
}

/** Whether this process could have a port below 1024. Where that cannot be told, it could. */
function mayBindLowPorts(): boolean {
  try {
    const first = Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
    const [, set = ""] =
      /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    const isCapable = ((BigInt(`0x${set}`) >> BIND_SERVICE_BIT) & 1n) === 1n;
    return isCapable || first < FIRST_FREE_PORT;
  } catch {
    return true;
  }
}
