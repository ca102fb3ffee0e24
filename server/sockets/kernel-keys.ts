/** How the kernel's table spells a pair of addresses, and which pairs are asked for. */
import { endianness } from "node:os";
import ipaddr from "ipaddr.js";
import type { Endpoint } from "../../shared/protocol.ts";
import type { KernelSocket } from "../../shared/tcp.ts";
import type { Pair } from "../observe.ts";
import type { Wanted } from "./kernel-table.ts";
import { readNumber } from "./numbers.ts";

/** ::ffff:0:0/96, which stands for IPv4 in an IPv6 socket (RFC 4291 section 2.5.5.2). */
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

/** The spellings of one order of a pair: an IPv4 pair can stand in either table. */
export interface Spellings {
  /** In /proc/net/tcp; null for IPv6. */
  tcp: string | null;
  /** In /proc/net/tcp6. */
  tcp6: string;
}

/** @returns null when an end is not a plain IP address and a port. */
export function spellingsOf({ local, remote }: Pair): Spellings | null {
  const [a, b] = [octetsOf(local.host), octetsOf(remote.host)];
  if (!a || !b || a.length !== b.length) return null;
  const join = (first: number[], second: number[]) =>
    `${wordsOf(first)}:${portOf(local)} ${wordsOf(second)}:${portOf(remote)}`;
  if (a.length === 16) return { tcp: null, tcp6: join(a, b) };
  return { tcp: join(a, b), tcp6: join([...MAPPED, ...a], [...MAPPED, ...b]) };
}

function octetsOf(host: string): number[] | null {
  const number = readNumber(host);
  return number ? ipaddr.parse(number.outer.text).toByteArray() : null;
}

/** The kernel prints an address as 32-bit numbers of its own byte order. */
function wordsOf(octets: number[]): string {
  const words: string[] = [];
  for (let i = 0; i < octets.length; i += 4) {
    const word = octets.slice(i, i + 4);
    if (endianness() === "LE") word.reverse();
    words.push(...word.map((octet) => octet.toString(16).padStart(2, "0")));
  }
  return words.join("").toUpperCase();
}

const portOf = ({ port }: Endpoint) => port.toString(16).toUpperCase().padStart(4, "0");

/** Called with the row of one socket, where the table has one. */
export type Found = (socket: KernelSocket) => void;

/** Which rows are asked for, and by whom. Any other row is passed over unread. */
export class WantedRows implements Wanted {
  readonly #takers = new Map<string, Set<Found>>();
  /** Pairs by the exclusive or of their ports, which is the same in both orders. */
  readonly #ports = new Uint32Array(0x10000);

  get size(): number {
    return this.#takers.size;
  }

  add(key: string, taker: Found): void {
    const takers = this.#takers.get(key);
    if (takers) return void takers.add(taker);
    this.#takers.set(key, new Set([taker]));
    this.#count(key, 1);
  }

  remove(key: string, taker: Found): void {
    const takers = this.#takers.get(key);
    if (!takers?.delete(taker) || takers.size > 0) return;
    this.#takers.delete(key);
    this.#count(key, -1);
  }

  mayWant(localPort: number, remotePort: number): boolean {
    return this.#ports[localPort ^ remotePort] !== 0;
  }

  has(key: string): boolean {
    return this.#takers.has(key);
  }

  found(key: string, socket: KernelSocket): void {
    for (const taker of this.#takers.get(key) ?? []) taker(socket);
  }

  #count(key: string, change: number): void {
    const [local = 0, remote = 0] = key.split(" ").map((end) => parseInt(end.slice(-4), 16));
    const slot = local ^ remote;
    this.#ports[slot] = (this.#ports[slot] ?? 0) + change;
  }
}
