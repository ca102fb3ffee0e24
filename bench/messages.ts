/** What the bench's processes tell each other over IPC, and how a far end is told a length. */

/** Ports of the far end's servers on 127.0.0.1. */
export interface FarPorts {
  echo: number;
  source: number;
  sink: number;
}

/** How the client reaches a far end: through the gateway's sessions, or through the bare pipe. */
export type Route = { kind: "wire" | "pipe"; port: number };

export type Job =
  /** Make so many connections, and keep them. */
  | { do: "connect"; count: number }
  | { do: "echo"; messages: number }
  | { do: "down" | "up"; bytes: number }
  /** Let go of the connections that were kept. */
  | { do: "hangUp" };

export type Task = Job & { route: Route; far: FarPorts };

export type Result =
  /** Seconds until the last of them had its first answer. */
  | { did: "connect"; seconds: number }
  /** Microseconds. */
  | { did: "echo"; p50: number; p99: number }
  | { did: "down" | "up"; seconds: number }
  | { did: "hangUp" }
  | { did: "fail"; problem: string };

/** What a measured process has used; answered by usage.ts inside it. */
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
