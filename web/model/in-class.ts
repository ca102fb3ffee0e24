/** What a student's page takes from the class for its conversations: where they may lead, and a stop to typing. */
import { parseAddress } from "../../shared/address.ts";
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
