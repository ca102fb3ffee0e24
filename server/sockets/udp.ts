/**
 * A UDP socket with one other end, shaped like a stream of writes and reads: one write is one datagram,
 * and so is one read. No connection is pretended: connect(2) of a datagram socket sends nothing, and
 * only makes the kernel choose an address, pass on what comes from the other end alone, and tell of
 * ICMP errors (udp(7)).
 */
import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { isIP, type OnReadOpts } from "node:net";
import { Duplex } from "node:stream";
import { type Address, formatEndpoint } from "../../shared/address.ts";
import { type FailureCode, failureOfCode } from "../../shared/errors.ts";
import { dialError, findAllowed, type LookupOptions } from "./judged.ts";
import { Limit } from "./limit.ts";

/** What happened to datagrams besides arriving, counted from the beginning. */
export interface DatagramCounts {
  /** Sent, and came to nothing as far as the kernel knows; and why the last one did. */
  undelivered: number;
  code: FailureCode;
  /** Came while nobody took them, and were thrown away. */
  dropped: number;
  droppedBytes: number;
  /** Came without a byte. */
  empty: number;
}

export interface UdpOptions extends LookupOptions {
  /** For looking up the name and binding. Milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal;
  /** Told of the counts when they have grown, a few times a second at most. */
  onCounts?: (counts: DatagramCounts) => void;
  onread: OnReadOpts;
}

/** Counts are told so long after the first that grew, in milliseconds. */
const TELL_AFTER_MS = 50;

/**
 * A socket that sends to an address the policy allows, judged as TCP is. Nothing is sent by this.
 * @returns paused: `resume` it once it has its listeners.
 * @throws {DialError} as dial() does, without what only TCP can meet.
 */
export async function openDatagrams(address: Address, options: UdpOptions): Promise<Datagrams> {
  const limit = new Limit(options.timeoutMs, options.signal);
  try {
    limit.check();
    const [ip = ""] = await findAllowed(address, options, limit);
    const where = formatEndpoint({ host: ip, port: address.port });
    const socket = createSocket(isIP(ip) === 6 ? "udp6" : "udp4");
    try {
      await limit.during(connected(socket, ip, address.port), "CONNECT_TIMEOUT", where);
    } catch (error) {
      socket.close();
      throw dialError(error, where);
    }
    return new Datagrams(socket, options);
  } finally {
    limit.release();
  }
}

function connected(socket: UdpSocket, ip: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(port, ip, () => {
      socket.off("error", reject);
      resolve();
    });
  });
}

/** Datagrams between two ends, as the channels of the gateway carry bytes. */
export class Datagrams extends Duplex {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #socket: UdpSocket;
  readonly #onread: OnReadOpts;
  readonly #onCounts: UdpOptions["onCounts"];
  readonly #counts: DatagramCounts = {
    undelivered: 0,
    code: "UNKNOWN",
    dropped: 0,
    droppedBytes: 0,
    empty: 0,
  };
  /** Nobody takes what comes now. */
  #full = true;
  #tell: NodeJS.Timeout | null = null;

  /** @param socket connected. */
  constructor(socket: UdpSocket, { onread, onCounts }: Pick<UdpOptions, "onread" | "onCounts">) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#onread = onread;
    this.#onCounts = onCounts;
    const [local, remote] = [socket.address(), socket.remoteAddress()];
    this.localAddress = local.address;
    this.localPort = local.port;
    this.remoteAddress = remote.address;
    this.remotePort = remote.port;
    socket.on("message", (bytes) => this.#arrived(bytes));
    // ICMP said that something sent before came to nothing (RFC 1122 section 4.1.3.3).
    socket.on("error", (error) => this.#failed(error));
    socket.on("close", () => this.destroy());
    super.pause();
  }

  /** From now on datagrams are handed on. */
  override resume(): this {
    this.#full = false;
    return super.resume();
  }

  /** From now on they are dropped and counted: UDP has nobody to tell to wait. */
  override pause(): this {
    this.#full = true;
    return super.pause();
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#send(bytes, true, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#tell) this.#tellCounts();
    this.#socket.removeAllListeners();
    this.#socket.on("error", () => {});
    try {
      this.#socket.close(() => done(error));
    } catch {
      done(error); // It closed by itself.
    }
  }

  #send(bytes: Uint8Array, again: boolean, done: () => void): void {
    this.#socket.send(bytes, (error) => {
      if (!error) return done();
      this.#failed(error);
      // The refusal is the answer to an earlier datagram: this one has not been sent (udp(7)).
      const code = (error as NodeJS.ErrnoException).code;
      if (again && code === "ECONNREFUSED") return this.#send(bytes, false, done);
      done();
    });
  }

  #failed(error: Error): void {
    this.#counts.undelivered++;
    this.#counts.code = failureOfCode((error as NodeJS.ErrnoException).code);
    this.#tellSoon();
  }

  #arrived(bytes: Buffer): void {
    if (bytes.length === 0) {
      this.#counts.empty++;
      return this.#tellSoon();
    }
    if (this.#full) {
      this.#counts.dropped++;
      this.#counts.droppedBytes += bytes.length;
      return this.#tellSoon();
    }
    const { buffer, callback } = this.#onread;
    const room = typeof buffer === "function" ? buffer() : buffer;
    room.set(bytes);
    this.#full = callback(bytes.length, room) === false;
  }

  #tellSoon(): void {
    this.#tell ??= setTimeout(() => this.#tellCounts(), TELL_AFTER_MS);
  }

  #tellCounts(): void {
    if (this.#tell) clearTimeout(this.#tell);
    this.#tell = null;
    this.#onCounts?.({ ...this.#counts });
  }
}
