/** Which sockets hold a port, for whoever was told that it is in use. */
import { endianness } from "node:os";
import ipaddr from "ipaddr.js";
import type { Endpoint, Holder } from "../../shared/protocol.ts";
import type { KernelSocket, TcpState } from "../../shared/tcp.ts";
import type { Wanted } from "./kernel-table.ts";

/** As many as a message carries. */
const MAX_HOLDERS = 16;
/** Who listens stands in the way first, then what waits for its time to run out. */
const RANK: Partial<Record<TcpState, number>> = { LISTEN: 0, TIME_WAIT: 1 };

/** Collects the rows of whoever has a local port in the way of one who would listen there. */
export class HolderRows implements Wanted {
  readonly #wanted: Endpoint;
  readonly #rows: Holder[] = [];

  /** @param wanted an address in any spelling, and a port. */
  constructor({ host, port }: Endpoint) {
    this.#wanted = { host: plain(ipaddr.parse(host)), port };
  }

  mayWant(localPort: number): boolean {
    return localPort === this.#wanted.port;
  }

  has(): boolean {
    return true;
  }

  found(key: string, { state, timeWaitMs }: KernelSocket): void {
    const [at = "", remote = ""] = key.split(" ");
    const local = endOf(at);
    if (!overlap(local.host, this.#wanted.host)) return;
    const ends = { local, ...(state !== "LISTEN" && { remote: endOf(remote) }) };
    this.#rows.push({ state, ...ends, timeWaitMs });
  }

  /** The most telling first. */
  get holders(): Holder[] {
    const rank = ({ state }: Holder) => RANK[state] ?? 2;
    return this.#rows.sort((a, b) => rank(a) - rank(b)).slice(0, MAX_HOLDERS);
  }
}

/** @param text `0100007F:1F90`, as kernel-keys.ts writes it. */
function endOf(text: string): Endpoint {
  const [digits = "", port = ""] = text.split(":");
  const octets = (digits.match(/.{8}/g) ?? []).flatMap((word) => {
    const bytes = (word.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
    return endianness() === "LE" ? bytes.reverse() : bytes;
  });
  return { host: plain(ipaddr.fromByteArray(octets)), port: parseInt(port, 16) };
}

function plain(ip: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (!(ip instanceof ipaddr.IPv6)) return ip.toString();
  return ip.isIPv4MappedAddress() ? ip.toIPv4Address().toString() : ip.toRFC5952String();
}

/** Whether one port cannot be had at both: `::` takes IPv4 as well, unless it was told not to (ipv6(7)). */
function overlap(a: string, b: string): boolean {
  if (a === b || a === "::" || b === "::") return true;
  const isV4 = !a.includes(":") && !b.includes(":");
  return isV4 && (a === "0.0.0.0" || b === "0.0.0.0");
}
