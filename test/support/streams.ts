/** The far end of each kind of stream, real: TCP over IPv4 and IPv6, a Unix socket, TLS. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Address } from "../../shared/address.ts";
import { makeAuthority } from "./certificate.ts";

export type StreamKind = "tcp" | "tcp6" | "unix" | "tls";

/** A connection as the far end's program has it. */
export interface FarEnd {
  readonly stream: Duplex;
  /** As rudely as this kind of socket can. */
  reset(): void;
}

export interface FarServer {
  readonly address: Address;
  /** Flags of a gateway that may reach it. */
  readonly flags: string[];
  accepted(): Promise<FarEnd>;
  /** Stops listening; of a Unix socket the file stays, as a server leaves it that was killed. */
  stopListening(): Promise<void>;
  close(): Promise<void>;
}

/** Listens where nobody else does. */
export async function listenStream(kind: StreamKind): Promise<FarServer> {
  const directory = mkdtempSync(join(tmpdir(), "wireside-"));
  const authority = kind === "tls" ? makeAuthority() : null;
  const pem = authority?.issue({ hosts: ["127.0.0.1", "localhost"] });
  const server = createServer({ allowHalfOpen: true });
  const ends: FarEnd[] = [];
  const waiting: ((end: FarEnd) => void)[] = [];
  const sockets = new Set<Socket>();
  server.on("connection", (raw) => {
    sockets.add(raw);
    raw.on("error", () => {}).on("close", () => sockets.delete(raw));
    const stream = pem ? new TLSSocket(raw, { isServer: true, ...pem }) : raw;
    stream.on("error", () => {});
    const end = { stream, reset: () => resetEnd(kind, raw) };
    const taker = waiting.shift();
    if (taker) taker(end);
    else ends.push(end);
  });
  const path = join(directory, "far.sock");
  const host = kind === "tcp6" ? "::1" : "127.0.0.1";
  server.listen(kind === "unix" ? { path } : { host, port: 0 });
  await once(server, "listening");
  const ca = join(directory, "ca.pem");
  if (authority) writeFileSync(ca, authority.cert);
  const flags = { tcp: [], tcp6: [], unix: ["--allow-unix", directory], tls: ["--ca", ca] };
  const port = kind === "unix" ? 0 : (server.address() as AddressInfo).port;
  return {
    address: { scheme: kind, host: kind === "unix" ? path : host, port },
    flags: flags[kind],
    accepted: async () => ends.shift() ?? new Promise((resolve) => waiting.push(resolve)),
    async stopListening() {
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, "close");
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      if (server.listening) await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** A Unix socket knows no RST: one that is closed with bytes unread gives the other end ECONNRESET. */
function resetEnd(kind: StreamKind, raw: Socket): void {
  if (kind === "unix") raw.destroy();
  else raw.resetAndDestroy();
}
