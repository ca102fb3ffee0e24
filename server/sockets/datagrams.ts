/**
 * Datagrams between two ends, shaped like a stream of writes and reads: one write is one datagram, and
 * so is one read. The socket below may be theirs alone, or shared with others.
 */
import type { OnReadOpts } from "node:net";
import { Duplex } from "node:stream";
import { type FailureCode, failureOfCode } from "../../shared/errors.ts";

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

export const noCounts = (): DatagramCounts => ({
  undelivered: 0,
  code: "UNKNOWN",
  dropped: 0,
  droppedBytes: 0,
  empty: 0,
});

/** The way of one stream of datagrams to its socket. */
export interface DatagramPort {
  readonly local: { address: string; port: number };
  readonly remote: { address: string; port: number };
  send(bytes: Uint8Array, done: (error: Error | null) => void): void;
  /** Lets go of the socket; `done` once that has happened. */
  close(done: () => void): void;
}

export interface DatagramOptions {
  /** Told of the counts when they have grown, a few times a second at most. */
  onCounts?: ((counts: DatagramCounts) => void) | undefined;
  onread: OnReadOpts;
  /** Datagrams that came before, to be handed on first. */
  held?: Buffer[];
  /** What was counted before. */
  counts?: DatagramCounts;
}

/** Counts are told so long after the first that grew, in milliseconds. */
const TELL_AFTER_MS = 50;

/** Paused at first: `resume` it once it has its listeners. */
export class Datagrams extends Duplex {
  readonly localAddress: string;
  readonly localPort: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly #port: DatagramPort;
  readonly #onread: OnReadOpts;
  readonly #onCounts: DatagramOptions["onCounts"];
  readonly #counts: DatagramCounts;
  #held: Buffer[];
  /** Nobody takes what comes now. */
  #full = true;
  #tell: NodeJS.Timeout | null = null;

  constructor(port: DatagramPort, { onread, onCounts, held, counts }: DatagramOptions) {
    super({ allowHalfOpen: true });
    this.#port = port;
    this.#onread = onread;
    this.#onCounts = onCounts;
    this.#held = held ?? [];
    this.#counts = counts ?? noCounts();
    this.localAddress = port.local.address;
    this.localPort = port.local.port;
    this.remoteAddress = port.remote.address;
    this.remotePort = port.remote.port;
    if (counts && counts.dropped + counts.empty > 0) this.#tellSoon();
    super.pause();
  }

  /** From now on datagrams are handed on. */
  override resume(): this {
    this.#full = false;
    while (!this.#full) {
      const bytes = this.#held.shift();
      if (!bytes) break;
      this.#hand(bytes);
    }
    return super.resume();
  }

  /** From now on they are dropped and counted: UDP has nobody to tell to wait. */
  override pause(): this {
    this.#full = true;
    return super.pause();
  }

  /** A datagram has come from the other end. */
  arrived(bytes: Buffer): void {
    if (bytes.length === 0) {
      this.#counts.empty++;
      return this.#tellSoon();
    }
    if (!this.#full) return this.#hand(bytes);
    this.#counts.dropped++;
    this.#counts.droppedBytes += bytes.length;
    this.#tellSoon();
  }

  /** One that was sent came to nothing. */
  failed(error: Error): void {
    this.#counts.undelivered++;
    this.#counts.code = failureOfCode((error as NodeJS.ErrnoException).code);
    this.#tellSoon();
  }

  override _read(): void {}

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.#send(bytes, true, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.#tell) this.#tellCounts();
    this.#held = [];
    this.#port.close(() => done(error));
  }

  #send(bytes: Uint8Array, again: boolean, done: () => void): void {
    this.#port.send(bytes, (error) => {
      if (!error) return done();
      this.failed(error);
      // The refusal is the answer to an earlier datagram: this one has not been sent (udp(7)).
      const code = (error as NodeJS.ErrnoException).code;
      if (again && code === "ECONNREFUSED") return this.#send(bytes, false, done);
      done();
    });
  }

  #hand(bytes: Buffer): void {
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
