/** Why a page cannot listen, in words: what happened, which socket is in the way, and what to do about it. */
import { type Address, formatAddress, formatEndpoint } from "../../shared/address.ts";
import { type Explanation, explain, type Platform } from "../../shared/errors.ts";
import type { Holder, Serving } from "../../shared/protocol.ts";
import type { ListenFailure } from "./carrier.ts";
import { longDuration } from "./format.ts";

export interface ListenFix {
  title: string;
  button: string;
  remedy:
    | { kind: "again" }
    | { kind: "edit" }
    | { kind: "listen"; address: string }
    /** Again, once what is in the way is gone; in milliseconds after the failure. */
    | { kind: "wait"; ms: number };
}

export interface ListenExplanation {
  /** Large: what happened. */
  headline: string;
  sentence: string;
  /** As Python prints it, and the errno; null where no system call failed. */
  python: string;
  errno: string | null;
  fixes: ListenFix[];
}

/** Ports below this one belong to the administrator (ip(7), ip_unprivileged_port_start). */
const FIRST_FREE_PORT = 1024;
const MAX_PORT = 65_535;

/**
 * @param address what was asked for; null when it was no address.
 * @param serving where this gateway lets pages listen; null where it has not said.
 */
export function explainListen(
  failure: ListenFailure,
  address: Address | null,
  serving: Serving | null,
  platform: Platform,
): ListenExplanation {
  const target = { host: address?.host ?? "", port: address?.port ?? 0 };
  const known = explain(
    failure.code,
    { ...target, detail: failure.detail, listening: true },
    platform,
  );
  const words = address ? wordsOf(failure, address, serving, known) : plain(known);
  return {
    ...words,
    python: known.headline,
    errno: known.errno,
    fixes: address ? fixesOf(failure, address, serving) : [edit],
  };
}

interface Words {
  headline: string;
  sentence: string;
}

function plain({ headline, sentence }: Explanation): Words {
  return { headline: `${headline.replace(/^[\w.]+: (\[[^\]]*\] )?/, "")}.`, sentence };
}

function wordsOf(
  { code, detail, holders }: ListenFailure,
  { host, port }: Address,
  serving: Serving | null,
  known: Explanation,
): Words {
  switch (code) {
    case "EADDRINUSE":
      return { headline: `Port ${port} is taken.`, sentence: takenBy(holders, port) };
    case "EACCES":
      return {
        headline: `Port ${port} belongs to the administrator.`,
        sentence: `Below ${FIRST_FREE_PORT} only programs with special rights may listen, so that nobody can pretend to be the machine's web or mail server.`,
      };
    case "EADDRNOTAVAIL":
      return {
        headline: `${host} is not this machine.`,
        sentence: "A program can only listen on an address that its own machine has.",
      };
    case "LISTEN_NOT_ALLOWED":
      return {
        headline: "This gateway does not listen there.",
        sentence: `${detail} ${whereInstead(serving)}`.trim(),
      };
    default:
      return plain(known);
  }
}

/** Which socket is in the way, and why the kernel lets nobody else have the port. */
export function takenBy(holders: readonly Holder[], port: number): string {
  const [holder] = holders;
  if (!holder) return `Another socket has port ${port}, and the kernel gives it to nobody else.`;
  if (holder.state === "LISTEN")
    return `Another program listens on ${formatEndpoint(holder.local)}. The kernel would not know to which of the two a visitor wants.`;
  if (holder.state === "TIME_WAIT")
    return "A connection over this port has ended, and its server closed first: that end waits in TIME_WAIT, so that late packets of the old connection cannot fall into a new one. The server did not set SO_REUSEADDR, which would have allowed it to listen meanwhile.";
  return `A connection over this port is still there (${holder.state}), from a server that listens no longer.`;
}

function whereInstead(serving: Serving | null): string {
  if (!serving) return "";
  const { hosts, ports } = serving;
  return `Pages may listen on ${hosts.join(" or ")}, ports ${ports.first} to ${ports.last}.`;
}

const edit: ListenFix = {
  title: "Correct the address.",
  button: "Edit",
  remedy: { kind: "edit" },
};
const again: ListenFix = { title: "Try it again.", button: "Try again", remedy: { kind: "again" } };

function fixesOf(failure: ListenFailure, address: Address, serving: Serving | null): ListenFix[] {
  switch (failure.code) {
    case "EADDRINUSE":
      return taken(failure.holders, address, serving);
    case "EACCES":
      return [otherPort(address, inRange(9000 + (address.port % 1000), serving))];
    case "EADDRNOTAVAIL":
      return [otherHost(address, serving?.hosts[0] ?? "127.0.0.1")];
    case "LISTEN_NOT_ALLOWED":
      return serving ? [allowed(address, serving)] : [edit];
    case "BAD_ADDRESS":
      return [edit];
    default:
      return [again];
  }
}

function taken(holders: readonly Holder[], address: Address, serving: Serving | null): ListenFix[] {
  const next = otherPort(address, inRange(address.port + 1, serving));
  const ms = longestTimeWait(holders);
  if (ms === null) return [next, again];
  const wait: ListenFix = {
    title: `Or wait until the kernel lets go of it, in ${longDuration(Math.ceil(ms / 1000))}.`,
    button: "Listen then",
    remedy: { kind: "wait", ms },
  };
  return [next, wait];
}

/** When the last row is gone; null while one is in a state that nobody knows the end of. */
export function longestTimeWait(holders: readonly Holder[]): number | null {
  if (holders.length === 0) return null;
  let longest = 0;
  for (const { state, timeWaitMs } of holders) {
    if (state !== "TIME_WAIT" || timeWaitMs === null) return null;
    longest = Math.max(longest, timeWaitMs);
  }
  return longest;
}

function allowed(address: Address, { hosts, ports }: Serving): ListenFix {
  const host = hosts.includes(address.host) ? address.host : (hosts[0] ?? "127.0.0.1");
  const port = inside(address.port, ports) ? address.port : ports.first;
  return listenAt({ ...address, host, port }, "Listen where it may.");
}

function otherPort(address: Address, port: number): ListenFix {
  return listenAt({ ...address, port }, "Take another port.");
}

function otherHost(address: Address, host: string): ListenFix {
  return listenAt({ ...address, host }, "Listen on an address of the gateway's machine.");
}

function listenAt(where: Address, title: string): ListenFix {
  const address = where.scheme === "udp" ? formatAddress(where) : formatEndpoint(where);
  return { title, button: `Listen on ${where.port}`, remedy: { kind: "listen", address } };
}

function inside(port: number, { first, last }: Serving["ports"]): boolean {
  return port >= first && port <= last;
}

/** The port, or the first one that pages may have where that is none of them. */
function inRange(port: number, serving: Serving | null): number {
  const ports = serving?.ports ?? { first: FIRST_FREE_PORT, last: MAX_PORT };
  return inside(port, ports) ? port : ports.first;
}
