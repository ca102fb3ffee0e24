/** IP addresses as numbers: one spelling each, and the IPv4 address an IPv6 address may carry. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** One address that packets would really go to, in its one spelling. */
export interface IpNumber {
  /** `127.0.0.1` or RFC 5952 `::1`. */
  text: string;
  family: "ipv4" | "ipv6";
  /** Name of the block it belongs to in the IANA registries, as ipaddr.js calls it. */
  range: string;
}

/** An address and what it carries: both must be allowed. */
export interface Destination {
  /** Where the kernel sends packets. IPv4-mapped IPv6 is IPv4: the kernel itself unwraps it. */
  outer: IpNumber;
  /** Where a translator or tunnel would send them on, when `outer` is one of its addresses. */
  carried?: IpNumber;
}

const v4 = (octets: number[]): IpNumber => {
  const ip = new ipaddr.IPv4(octets);
  return { text: ip.toString(), family: "ipv4", range: ip.range() };
};

const v6 = (ip: ipaddr.IPv6): IpNumber => ({
  text: ip.toRFC5952String(),
  family: "ipv6",
  range: ip.range(),
});

/** A block of IPv6 whose addresses carry an IPv4 address in the four bytes from `at`. */
interface Carrier {
  block: [ipaddr.IPv6, number];
  at: number;
  /** Teredo stores the address with every bit turned (RFC 4380 section 4). */
  inverted?: true;
}

const carriers: Carrier[] = [
  { block: ipaddr.IPv6.parseCIDR("::/96"), at: 12 }, // IPv4-compatible, RFC 4291 section 2.5.5.1
  { block: ipaddr.IPv6.parseCIDR("::ffff:0:0:0/96"), at: 12 }, // SIIT, RFC 2765 section 2.1
  { block: ipaddr.IPv6.parseCIDR("64:ff9b::/96"), at: 12 }, // NAT64, RFC 6052 section 2.1
  { block: ipaddr.IPv6.parseCIDR("64:ff9b:1::/48"), at: 12 }, // local NAT64, RFC 8215
  { block: ipaddr.IPv6.parseCIDR("2002::/16"), at: 2 }, // 6to4, RFC 3056
  { block: ipaddr.IPv6.parseCIDR("2001::/32"), at: 12, inverted: true }, // Teredo, RFC 4380
];

/** `::ffff:1.2.3.4` as `::ffff:102:304`: ipaddr.js reads `::1.2.3.4` as if it were mapped. */
function withoutDots(text: string): string {
  return text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => {
    const word = (high: string, low: string) => (Number(high) * 256 + Number(low)).toString(16);
    return `${word(a, b)}:${word(c, d)}`;
  });
}

/**
 * Reads an IP address exactly as `net.isIP` does, so never `127.1` or `0x7f000001`.
 * @returns null for everything else, and for an address with a zone (`fe80::1%eth0`).
 */
export function readNumber(text: string): Destination | null {
  const family = text.includes("%") ? 0 : isIP(text);
  if (family === 0) return null;
  if (family === 4) return { outer: v4(ipaddr.IPv4.parse(text).octets) };
  const ip = ipaddr.IPv6.parse(withoutDots(text));
  const bytes = ip.toByteArray();
  const outer = v6(ip);
  if (outer.range === "ipv4Mapped") return { outer: v4(bytes.slice(12)) };
  if (outer.text === "::" || outer.text === "::1") return { outer };
  const carrier = carriers.find(({ block }) => ip.match(block));
  if (!carrier) return { outer };
  const octets = bytes.slice(carrier.at, carrier.at + 4);
  return { outer, carried: v4(carrier.inverted ? octets.map((octet) => octet ^ 0xff) : octets) };
}

/** Whether two spellings are one address. False when either is no address. */
export function sameNumber(a: string, b: string): boolean {
  const [first, second] = [readNumber(a), readNumber(b)];
  return first !== null && second !== null && first.outer.text === second.outer.text;
}

/** The first address of the block of this prefix length (bits) that `ip` is in. */
export function firstOfBlock(ip: IpNumber, prefix: number): string {
  const cidr = `${ip.text}/${prefix}`;
  return ip.family === "ipv4"
    ? ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()
    : ipaddr.IPv6.networkAddressFromCIDR(cidr).toRFC5952String();
}
