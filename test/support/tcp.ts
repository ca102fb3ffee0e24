/** Real TCP on loopback for tests: a server on a free port, a client, and waiting for words. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { onFin } from "../../server/sockets/ended.ts";

export interface TestServer {
  server: Server;
  host: string;
  port: number;
  /** The next connection that is accepted. */
  accepted(): Promise<Socket>;
  close(): Promise<void>;
}

/** Listens, on a free port unless one is named. */
export async function listenTcp(host = "127.0.0.1", wanted = 0): Promise<TestServer> {
  const server = createServer({ allowHalfOpen: true });
  const sockets = new Set<Socket>();
  const fresh: Socket[] = [];
  const waiting: ((socket: Socket) => void)[] = [];
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    const taker = waiting.shift();
    if (taker) taker(socket);
    else fresh.push(socket);
  });
  server.listen({ host, port: wanted });
  await once(server, "listening");
  return {
    server,
    host,
    port: (server.address() as AddressInfo).port,
    accepted() {
      const socket = fresh.shift();
      return socket ? Promise.resolve(socket) : new Promise((resolve) => waiting.push(resolve));
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

/** Above the ports of services, below those that a kernel gives out by itself (Linux: from 32768, ip(7); others: later). */
const NOBODYS = [10_000, 32_768] as const;
/** Processes that run tests at once, at most: each has a share of those ports, so that none takes another's. */
const SHARES = 4;
const SHARE_PORTS = Math.floor((NOBODYS[1] - NOBODYS[0]) / SHARES);
const { VITEST_POOL_ID, TEST_PARALLEL_INDEX } = process.env;
const share = Number(VITEST_POOL_ID ?? TEST_PARALLEL_INDEX ?? 0) % SHARES;
/** Of the share, the first that was not given out yet; where it begins is chance, for other runs on this machine. */
let unused = randomInt(SHARE_PORTS);

/** The first of so many ports in a row where nobody listens, nor will who asks the kernel for any port. */
export async function freePorts(count: number, host = "127.0.0.1"): Promise<number> {
  for (;;) {
    if (unused + count > SHARE_PORTS) unused = 0;
    const first = NOBODYS[0] + share * SHARE_PORTS + unused;
    // The one behind stays free as well: pages propose the next port where one is taken.
    unused += count + 1;
    const held: TestServer[] = [];
    try {
      for (let port = first; port < first + count; port++) held.push(await listenTcp(host, port));
      return first;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    } finally {
      await Promise.all(held.map((server) => server.close()));
    }
  }
}

/** A port where nobody listens. */
export const closedPort = (): Promise<number> => freePorts(1);

/** Connects, and keeps everything that comes. */
export async function connectTcp(port: number, host = "127.0.0.1"): Promise<Talk> {
  const socket = connect({ host, port, allowHalfOpen: true });
  await once(socket, "connect");
  return new Talk(socket);
}

/** One end of a conversation whose received text can be waited for. */
export class Talk {
  readonly socket: Socket;
  /** Everything received so far, byte for byte as latin1. */
  received = "";
  ended = false;
  readonly #watchers = new Set<() => void>();

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      this.received += chunk.toString("latin1");
      this.#wake();
    });
    onFin(socket, () => {
      this.ended = true;
      this.#wake();
    });
    socket.on("close", () => this.#wake());
  }

  send(data: string | Uint8Array): void {
    this.socket.write(data);
  }

  /** Waits until so many bytes have come. */
  async bytes(count: number): Promise<string> {
    await this.until(() => this.received.length >= count);
    return this.received;
  }

  /** Waits until so many bytes have come, and returns everything since the last time it was taken. */
  async take(count: number): Promise<string> {
    const taken = await this.bytes(count);
    this.received = "";
    return taken;
  }

  /** Waits for the other end's FIN and returns everything. */
  async rest(): Promise<string> {
    await this.until(() => this.ended);
    return this.received;
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const holds = condition();
        if (!holds && !this.socket.destroyed) return;
        this.#watchers.delete(check);
        if (holds) resolve();
        else reject(new Error(`closed after ${JSON.stringify(this.received.slice(-200))}`));
      };
      this.#watchers.add(check);
      check();
    });
  }

  #wake(): void {
    for (const check of this.#watchers) check();
  }
}
