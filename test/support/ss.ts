/** What `ss` (iproute2) prints of a connection's sockets: the system's own word on their states. */
import { execFileSync } from "node:child_process";
import type { TcpState } from "../../shared/tcp.ts";

/** ss has a name of its own for one state; the others differ by their hyphens. */
const NAMES: Record<string, TcpState> = {
  ESTAB: "ESTABLISHED",
  "SYN-SENT": "SYN_SENT",
  "SYN-RECV": "SYN_RECV",
  "FIN-WAIT-1": "FIN_WAIT1",
  "FIN-WAIT-2": "FIN_WAIT2",
  "CLOSE-WAIT": "CLOSE_WAIT",
  CLOSING: "CLOSING",
  "LAST-ACK": "LAST_ACK",
  "TIME-WAIT": "TIME_WAIT",
};

export interface SsRow {
  state: TcpState;
  /** Recv-Q and Send-Q: bytes, and a FIN or SYN counted as one of them. */
  unread: number;
  unsent: number;
}

interface End {
  host: string;
  port: number;
}

interface Line extends SsRow {
  near: string;
  far: string;
}

/** Every connection's sockets; those that listen are left out. */
function rows(): Line[] {
  const printed = execFileSync("ss", ["-tanH", "state", "all"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return printed.split("\n").flatMap((line) => {
    const [name = "", unread, unsent, near = "", far = ""] = line.trim().split(/\s+/);
    const state = NAMES[name];
    if (!state) return [];
    const queues = { unread: Number(unread), unsent: Number(unsent) };
    return [{ state, ...queues, near: plain(near), far: plain(far) }];
  });
}

/** The row of the socket at `local` that talks to `remote`, in either spelling; null: there is none. */
export function ssRow(local: End, remote: End): SsRow | null {
  const [from, to] = [spelled(local), spelled(remote)];
  return rows().find(({ near, far }) => near === from && far === to) ?? null;
}

/** The state of that socket; one that has no row is CLOSED. */
export const ssState = (local: End, remote: End): TcpState =>
  ssRow(local, remote)?.state ?? "CLOSED";

const spelled = ({ host, port }: End) =>
  plain(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

/** `[::ffff:127.0.0.1]:80` is the IPv4 socket 127.0.0.1:80. */
const plain = (end: string) => end.replace(/^\[::ffff:(\d[\d.]+)\]:/, "$1:");

/** Whether a socket waits in TIME_WAIT at a port of this machine. */
export const ssWaitsAt = (port: number): boolean =>
  rows().some(({ near, state }) => state === "TIME_WAIT" && near.endsWith(`:${port}`));

/** The ports from which sockets of this host dial or talk to a port, each with its state. */
export function ssTalkingTo(port: number): { port: number; state: TcpState }[] {
  return rows()
    .filter(({ far }) => far.endsWith(`:${port}`))
    .map(({ near, state }) => ({ port: Number(near.slice(near.lastIndexOf(":") + 1)), state }));
}
