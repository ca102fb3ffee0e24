/**
 * How many sockets this process may hold before it runs out of file descriptors, and a polite no
 * for those beyond: accept(2) that fails with EMFILE would leave them without any answer.
 */
import { readFileSync } from "node:fs";
import type { RequestListener, Server } from "node:http";
import type { Duplex } from "node:stream";

/** Descriptors for everything that is not a client: the event loop, files of the page, logs, DNS. */
const RESERVE = 64;
/** A client takes its WebSocket and its TCP socket, and a lesson server's end of that is here too. */
const DESCRIPTORS_PER_CLIENT = 3;
const SOCKETS_PER_CLIENT = 2;
/** How long a connection beyond the limit may wait with its request before it is cut. */
const PATIENCE_MS = 1_000;

/**
 * Sockets the gateway may hold at once: WebSockets and TCP connections together.
 * @param softLimit of open files; read from the kernel when left out.
 * @returns Infinity where the system does not tell (no /proc).
 */
export function admissionLimit(softLimit = openFilesLimit()): number {
  if (!Number.isFinite(softLimit)) return Number.POSITIVE_INFINITY;
  const clients = Math.floor((softLimit - RESERVE) / DESCRIPTORS_PER_CLIENT);
  return Math.max(1, clients) * SOCKETS_PER_CLIENT;
}

/** The soft limit RLIMIT_NOFILE, which Node has already raised to the hard one (proc(5)). */
export function openFilesLimit(file = "/proc/self/limits"): number {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    // Not Linux: there the limit is not known, and nobody is turned away because of it.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Number.POSITIVE_INFINITY;
    throw error;
  }
  const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(text) ?? [];
  return soft === undefined || soft === "unlimited" ? Number.POSITIVE_INFINITY : Number(soft);
}

export interface Admission {
  /** Whether this connection came when the limit was already reached. */
  isBeyond(socket: Duplex): boolean;
}

/**
 * Watches the connections of a server, from accept(2) on: one that never finishes its TLS handshake
 * holds a descriptor like any other.
 * @param limit connections that are served; the ones beyond are to be answered with 503, or cut
 * under TLS, where an answer would cost a handshake.
 */
export function watchAdmission(
  server: Server,
  { tls, limit }: { tls: boolean; limit: number },
): Admission {
  const beyond = new WeakSet<Duplex>();
  let count = 0;
  server.on("connection", (socket: Duplex) => {
    count++;
    socket.once("close", () => count--);
    if (count <= limit) return;
    if (tls) {
      socket.destroy();
      return;
    }
    beyond.add(socket);
    // A connection that says nothing holds a descriptor too.
    const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
    timer.unref();
    socket.once("close", () => clearTimeout(timer));
  });
  return { isBeyond: (socket) => beyond.has(socket) };
}

const SENTENCE = "The gateway has as many connections as it can hold. Try again in a moment.\n";
const HEADERS = {
  Connection: "close",
  "Content-Type": "text/plain; charset=utf-8",
  "Content-Length": `${Buffer.byteLength(SENTENCE)}`,
  "Retry-After": "1",
};

/** Answers requests with 503. */
export const busyRequest: RequestListener = (_request, response) => {
  response.writeHead(503, HEADERS).end(SENTENCE);
};

/** Answers an upgrade with 503. */
export function busyUpgrade(socket: Duplex): void {
  const lines = Object.entries(HEADERS).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 503 Service Unavailable\r\n${lines.join("")}\r\n${SENTENCE}`, () =>
    socket.destroy(),
  );
}
