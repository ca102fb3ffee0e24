/** What others type to reach a listening page: commands that work as they stand. */
import { formatEndpoint } from "../../shared/address.ts";
import type { Endpoint, Serving } from "../../shared/protocol.ts";
import { isLoopback } from "./fixes.ts";
import { talkLink } from "./place.ts";

export interface Invitation {
  /** What it is for. */
  name: string;
  /** What is copied. */
  text: string;
}

/** Binding to these means every address of the machine. */
const everywhere: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/**
 * Where others find the socket.
 * @param local where it listens.
 * @param here host of the page's own address, under which the gateway's machine is known already.
 */
export function reachableAt(local: Endpoint, serving: Serving | null, here: string): Endpoint {
  if (!everywhere.has(local.host)) return local;
  const named = serving?.hosts.find((host) => !everywhere.has(host) && !isLoopback(host));
  return { host: named ?? (here.replace(/^\[|\]$/g, "") || "127.0.0.1"), port: local.port };
}

/** @param page address of this page without a fragment. */
export function invitations(
  at: Endpoint,
  page: string,
  transport: "tcp" | "udp" = "tcp",
): Invitation[] {
  const { host, port } = at;
  if (transport === "udp") {
    return [
      { name: "netcat", text: `nc -u ${host} ${port}` },
      { name: "another page", text: talkLink(page, `udp://${formatEndpoint(at)}`) },
    ];
  }
  return [
    { name: "netcat", text: `nc ${host} ${port}` },
    { name: "another page", text: talkLink(page, `tcp://${formatEndpoint(at)}`) },
    { name: "Python", text: `python3 examples/client.py ${host} ${port}` },
  ];
}
