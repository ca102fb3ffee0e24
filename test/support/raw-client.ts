/** A client of the raw endpoint, as any program would be one: real WebSockets, bytes and nothing else. */
import { once } from "node:events";
import { connect } from "node:net";
import WebSocketClient from "ws";
import type { Headers } from "./raw-page.ts";
import { Talk } from "./tcp.ts";

export interface Closing {
  code: number;
  reason: string;
}

export interface RawOptions {
  protocols?: string[];
  headers?: Record<string, string>;
}

export class RawClient {
  readonly ws: WebSocketClient;
  readonly closed: Promise<Closing>;
  /** Everything received, byte for byte as latin1; only while `keeping`. */
  received = "";
  bytes = 0;
  keeping = true;
  onBytes: (bytes: Buffer) => void = () => {};
  readonly #watchers = new Set<() => void>();

  /** @param url `ws://…/websockify?token=NAME` or `ws://…/tcp/HOST:PORT`. */
  constructor(url: string, { protocols = [], headers = {} }: RawOptions = {}) {
    this.ws = new WebSocketClient(url, protocols, { perMessageDeflate: false, headers });
    this.closed = new Promise((resolve) => {
      this.ws.on("close", (code, reason) => {
        resolve({ code, reason: `${reason}` });
        this.#wake();
      });
    });
    // "close" follows, with what there is to know.
    this.ws.on("error", () => {});
    this.ws.on("message", (data: Buffer) => {
      this.bytes += data.length;
      if (this.keeping) this.received += data.toString("latin1");
      this.onBytes(data);
      this.#wake();
    });
  }

  /** Opens it. @throws when the upgrade was rejected. */
  static async open(url: string, options: RawOptions = {}): Promise<RawClient> {
    const client = new RawClient(url, options);
    await Promise.race([
      once(client.ws, "open"),
      client.closed.then(() => Promise.reject(new Error("not opened"))),
    ]);
    return client;
  }

  send(data: string | Buffer): void {
    this.ws.send(Buffer.from(data));
  }

  /** Waits until that text has come. @throws when the WebSocket closes first. */
  until(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.received.includes(text);
        if (!found && this.ws.readyState !== this.ws.CLOSED) return;
        this.#watchers.delete(look);
        if (found) resolve();
        else reject(new Error(`closed after ${JSON.stringify(this.received.slice(-200))}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  #wake(): void {
    for (const look of [...this.#watchers]) look();
  }
}

/**
 * A WebSocket whose frames a test writes byte by byte: the connection after its upgrade.
 * @param tail sent right behind the request.
 */
export async function openByHand(
  origin: string,
  path: string,
  headers: Headers = {},
  tail: Uint8Array = new Uint8Array(),
): Promise<Talk> {
  const { hostname, port, host } = new URL(origin);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  const talk = new Talk(socket);
  const fields = Object.entries({
    Host: host,
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  }).flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`]));
  talk.send(Buffer.concat([Buffer.from(`GET ${path} HTTP/1.1\r\n${fields.join("")}\r\n`), tail]));
  await talk.until(() => talk.received.includes("\r\n\r\n"));
  return talk;
}

/** A client's frame with a mask. @param first the byte with FIN, reserved bits and opcode. */
export function masked(first: number, payload: Uint8Array, key = [1, 2, 3, 4]): Buffer {
  const { length } = payload;
  const head =
    length < 126
      ? [first, 0x80 | length]
      : length < 2 ** 16
        ? [first, 0x80 | 126, length >> 8, length & 0xff]
        : [first, 0x80 | 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((by) => (length >>> by) & 0xff)];
  const body = payload.map((byte, i) => byte ^ (key[i % 4] ?? 0));
  return Buffer.from([...head, ...key, ...body]);
}
