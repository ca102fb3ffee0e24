/** What the bench's processes tell each other over IPC, and how a far end is told a length. */

/** Ports of the far end's servers on 127.0.0.1. */
export interface FarPorts {
  echo: number;
  source: number;
  sink: number;
}

/** How the client reaches a far end: through a session, or through a WebSocket that is the stream. */
export type Route = { kind: "wire" | "raw" | "pipe" | "websockify"; port: number };

export type Job =
  /** Make so many connections, and keep them. */
  | { do: "connect"; count: number }
  | { do: "echo" | "burst"; messages: number }
  /** Ask for more than anybody keeps, and read nothing of it. */
  | { do: "stall" }
  | { do: "down" | "up"; bytes: number }
  /** Let go of the connections that were kept. */
  | { do: "hangUp" };

export type Task = Job & { route: Route; far: FarPorts };

export type Result =
  /** Seconds until the last of them had its first answer. */
  | { did: "connect"; seconds: number }
  /** Microseconds. */
  | { did: "echo"; p50: number; p99: number }
  | { did: "burst" | "down" | "up"; seconds: number }
  | { did: "stall" }
  | { did: "hangUp" }
  | { did: "fail"; problem: string };

/** What a measured process has used, its children with it; elsewhere than on Linux usage.ts answers. */
export interface Usage {
  cpuSeconds: number;
  residentBytes: number;
}

/** A length is sent to a far end as a 64-bit big-endian number. */
export const LENGTH_BYTES = 8;

export function encodeLength(bytes: number): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeBigUInt64BE(BigInt(bytes));
  return length;
}
