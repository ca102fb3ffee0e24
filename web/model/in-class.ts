/** What a student's page takes from the class for its conversations: where they may lead, and whether typing is frozen. */
import { formatEndpoint, parseAddress } from "../../shared/address.ts";
import type { ClassNow } from "../../shared/classroom.ts";
import type { InClass, LinkStatus } from "./carrier.ts";

/** Of a page that is no student's: null. */
export function inClass(now: ClassNow): InClass | null {
  if (now.role !== "student") return null;
  const others = listeners(now).filter(({ own }) => !own);
  const reach = others.map(({ name, address, port }) => ({
    name,
    address,
    about: `listens on ${port}`,
  }));
  return { frozen: now.frozen, reach: [...now.targets, ...reach] };
}

/** Somebody of the class who listens. */
export interface ClassListener {
  name: string;
  address: string;
  port: string;
  /** It is this page's own student. */
  own: boolean;
}

/** Who listens now, in the gateway's order. */
export function listeners({ servers, student: me }: ClassNow): ClassListener[] {
  return servers.map(({ student, name, address }) => ({
    name: name === "" ? "A student" : name,
    address,
    port: portOf(address),
    own: student === me?.id,
  }));
}

/** Where a page that has chosen nothing would listen. */
const FIRST = { host: "127.0.0.1", port: 9090 };

/** Where to listen unless something else was chosen: in a class, on the first port that nobody of it has. */
export function proposed({ student, serving }: LinkStatus): string {
  const { host } = FIRST;
  let { port } = FIRST;
  const taken = new Set(student?.reach.map(({ address }) => portOf(address)));
  const last = serving?.ports.last ?? FIRST.port + taken.size;
  while (taken.has(String(port)) && port < last) port++;
  return formatEndpoint({ host, port });
}

/** The servers to choose from: what the class may reach, or what the gateway offers. */
export function offered(status: LinkStatus): LinkStatus["servers"] {
  return status.student?.reach ?? status.servers;
}

/** What may be reached, each in a word or two: `echo (8001)`; null on a page that is no student's. */
export function reachable({ student }: LinkStatus): string[] | null {
  return student?.reach.map(({ name, address }) => `${name} (${portOf(address)})`) ?? null;
}

/** The port, or where there is none the address as it stands. */
function portOf(address: string): string {
  const parsed = parseAddress(address);
  return parsed.ok && parsed.address.port > 0 ? String(parsed.address.port) : address;
}
