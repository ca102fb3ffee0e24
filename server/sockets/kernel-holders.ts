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

/** Collects the rows of one local port. */
export class HolderRows implements Wanted {
  readonly #port: number;
  readonly #rows: Holder[] = [];

  constructor(port: number) {
    this.#port = port;
  }

  mayWant(localPort: number): boolean {
    return localPort === this.#port;
  }

  has(): boolean {
    return true;
  }

  found(key: string, { state, timeWaitMs }: KernelSocket): void {
    const [local = "", remote = ""] = key.split(" ");
    const ends = { local: endOf(local), ...(state !== "LISTEN" && { remote: endOf(remote) }) };
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
  const ip = ipaddr.fromByteArray(octets);
  const plain = ip instanceof ipaddr.IPv6 && ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
  const host = plain instanceof ipaddr.IPv6 ? plain.toRFC5952String() : plain.toString();
  return { host, port: parseInt(port, 16) };
}
