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

/** The row of the socket at `local` that talks to `remote`, in either spelling; null: there is none. */
export function ssRow(local: End, remote: End): SsRow | null {
  const [from, to] = [spelled(local), spelled(remote)];
  const lines = execFileSync("ss", ["-tanH", "state", "all"], { encoding: "utf8" }).split("\n");
  for (const line of lines) {
    const [name = "", unread, unsent, near = "", far = ""] = line.trim().split(/\s+/);
    const state = NAMES[name];
    if (state && plain(near) === from && plain(far) === to) {
      return { state, unread: Number(unread), unsent: Number(unsent) };
    }
  }
  return null;
}

/** The state of that socket; one that has no row is CLOSED. */
export const ssState = (local: End, remote: End): TcpState =>
  ssRow(local, remote)?.state ?? "CLOSED";

const spelled = ({ host, port }: End) =>
  plain(host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`);

/** `[::ffff:127.0.0.1]:80` is the IPv4 socket 127.0.0.1:80. */
const plain = (end: string) => end.replace(/^\[::ffff:(\d[\d.]+)\]:/, "$1:");
