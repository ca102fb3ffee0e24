/**
 * One WebSocket of the raw endpoint and the one TCP connection it stands for: bytes in, bytes out,
 * and nothing else. There is no credit here, so each side is made to wait by not reading it.
 *
 *     dialling ──connected──▶ open ──their close, our close, SIGTERM──▶ ending ──both gone──▶ over
 *         └──refused, given up──────────────────────────────────────────▲
 *
 * Ending: what the client sent is flushed to the target and followed by FIN, what the target sent is
 * flushed to the client and followed by a close frame; whatever else arrives is dropped.
 */
import type { OnReadOpts, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Address } from "../../shared/address.ts";
import { explain, type FailureCode, failureOfCode } from "../../shared/errors.ts";
import { CloseCode } from "../../shared/protocol.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import { DialError } from "../sockets/dial.ts";
import { onFin } from "../sockets/ended.ts";
import { type BufferBudget, TokenBucket } from "./quota.ts";
import { Arena } from "./rfc6455/arena.ts";
import { type EndEvents, WebSocketEnd } from "./rfc6455/end.ts";
import { writeBinaryHeader } from "./rfc6455/frames.ts";

/** Connects to a target of TCP; `dial` of sockets/dial.ts with policy and time limit filled in. */
export type TcpDialer = (
  address: Address,
  onread: OnReadOpts,
  signal: AbortSignal,
) => Promise<Socket>;

/** What a raw connection needs of the endpoint it belongs to. */
export interface RawHost {
  readonly config: Config;
  readonly log: Logger;
  readonly budget: BufferBudget;
  readonly dial: TcpDialer;
  moved(direction: "up" | "down", bytes: number): void;
  opened(result: FailureCode | "requested"): void;
  /** So many TCP sockets more, or fewer, are held. */
  held(sockets: number): void;
  /** Both ends are gone. */
  over(connection: RawConnection): void;
}

type State = "dialling" | "open" | "ending" | "over";

/** As websockify says it. */
const TARGET_CLOSED = "Target closed";
/** Bytes for a client that has not read them yet; the target waits from there on. */
const MAX_DOWN_BYTES = 512 * 1024;
/** Bytes for a target that has not read them yet; the client waits from there on. */
const MAX_UP_BYTES = 256 * 1024;
/** A target that has had everything and our FIN gets so long to end, too. Milliseconds. */
const LINGER_MS = 2000;
const PINGS = { perSecond: 50, burst: 200 };

export class RawConnection implements EndEvents {
  readonly address: string;
  readonly #host: RawHost;
  readonly #end: WebSocketEnd;
  readonly #arena = new Arena();
  #pings: TokenBucket | null = null;
  #state: State = "dialling";
  #dialling: AbortController | null = null;
  #target: Socket | null = null;
  #targetGone = true;
  #clientGone = false;
  /** What arrived before the target did. */
  #early: Buffer[] = [];
  #clientPaused = false;
  #targetPaused = false;
  /** Bytes handed to the WebSocket and counted in the budget. */
  #counted = 0;
  #failure: FailureCode | null = null;
  /** Why the gateway closes; null: the target did. */
  #reason: { code: number; text: string } | null = null;
  #linger: NodeJS.Timeout | null = null;
  /** Payload of the read that is under way: `#chunk[#from … #to)`. */
  #chunk: Buffer | null = null;
  #from = 0;
  #to = 0;
  #startedAt = performance.now();
  #heardAt = this.#startedAt;
  #pingedAt = this.#startedAt;
  #activeAt = this.#startedAt;

  /** @param address the client's, as limits count it. */
  constructor(host: RawHost, socket: Duplex, address: string) {
    this.#host = host;
    this.address = address;
    this.#end = new WebSocketEnd(socket, this);
  }

  /** Refuses: a close with a reason, right after the upgrade. */
  refuse(head: Buffer, code: number, reason: string): void {
    this.#state = "ending";
    this.#end.start(head);
    this.#end.close(code, reason);
  }

  /** Connects to the target and joins the two. @param head came together with the request. */
  async start(head: Buffer, address: Address): Promise<void> {
    this.#end.start(head);
    if (this.#state !== "dialling") return;
    const { host, port } = address;
    this.#host.opened("requested");
    this.#host.held(1);
    this.#targetGone = false;
    const dialling = new AbortController();
    this.#dialling = dialling;
    const onread = { buffer: this.#arena.room, callback: (n: number) => this.#targetOnRead(n) };
    try {
      this.#join(await this.#host.dial(address, onread, dialling.signal));
    } catch (error) {
      const { code, detail } =
        error instanceof DialError ? error : { code: "UNKNOWN" as const, detail: "" };
      if (!(error instanceof DialError)) this.#host.log.error({ err: error }, "dialling failed");
      this.#host.opened(code);
      const forbidden = code === "NOT_ALLOWED" || code === "BAD_ADDRESS";
      this.#close(
        code === "NOT_ALLOWED" ? CloseCode.forbidden : forbidden ? CloseCode.badMessage : 1011,
        explain(code, { host, port, detail }).sentence,
      );
      this.#targetOver();
    } finally {
      this.#dialling = null;
    }
  }

  /**
   * Pings, and gives up on a client that has been silent for too long.
   * @param now of performance.now, in milliseconds.
   * @param paused how long the gateway itself could not listen, in milliseconds.
   */
  check(now: number, paused: number): void {
    const { pingIntervalMs, pingTimeoutMs, idleTimeoutMs, maxSessionMs } = this.#host.config;
    this.#heardAt = Math.min(now, this.#heardAt + paused);
    const idle = now - this.#activeAt > idleTimeoutMs;
    if (this.#state === "ending") return idle ? this.terminate() : undefined;
    if (idle)
      return this.#close(CloseCode.timeout, `Nothing happened for ${idleTimeoutMs / 1000} s`);
    if (now - this.#startedAt > maxSessionMs)
      return this.#close(CloseCode.timeout, `It lasted ${maxSessionMs / 1000} s`);
    // Who is made to wait cannot answer, and whoever reads slowly has its answer waiting behind
    // what it has not read: neither is silent of its own.
    if (this.#clientPaused || this.#end.bufferedBytes > 0) this.#heardAt = now;
    if (now - this.#heardAt > pingTimeoutMs) {
      this.#host.log.info("raw client silent, cut");
      return this.terminate();
    }
    if (now - this.#pingedAt < pingIntervalMs) return;
    this.#pingedAt = now;
    this.#end.ping();
  }

  /**
   * SIGTERM: the target gets everything the client has sent, and FIN; the client gets everything
   * the target then has to say, and 1012.
   */
  drain(): void {
    if (this.#state === "over" || !this.#end.isOpen) return;
    const reason = { code: CloseCode.restart, text: "The gateway is shutting down" };
    if (this.#state === "dialling") return this.#close(reason.code, reason.text);
    this.#reason ??= reason;
    this.#state = "ending";
    this.#target?.end();
  }

  /** Cuts at once, in both directions. */
  terminate(): void {
    this.#reason ??= { code: 1006, text: "" };
    this.#dialling?.abort();
    this.#target?.destroy();
    this.#end.terminate();
  }

  onPayload(chunk: Buffer, start: number, end: number): void {
    if (this.#chunk === null) {
      this.#chunk = chunk;
      this.#from = start;
      this.#to = end;
      return;
    }
    // Behind the payload before it, over the header between them: one read becomes one write.
    chunk.copyWithin(this.#to, start, end);
    this.#to += end - start;
  }

  onRead(done: () => void): void {
    this.#heardAt = performance.now();
    const chunk = this.#chunk;
    if (chunk === null) return done();
    this.#chunk = null;
    this.#up(chunk.subarray(this.#from, this.#to), done);
  }

  onPing(): void {
    this.#pings ??= new TokenBucket(PINGS);
    if (!this.#pings.take()) this.#close(CloseCode.tooMany, "Too many pings");
  }

  onClosed(): void {
    this.#dialling?.abort();
    this.#endTarget();
  }

  onGone(): void {
    this.#clientGone = true;
    this.#uncount(this.#counted);
    this.#host.budget.forget(this.#readOn);
    this.#endTarget();
    this.#settle();
  }

  #up(bytes: Buffer, done: () => void): void {
    if (this.#state === "ending" || this.#state === "over") return done();
    this.#activeAt = this.#heardAt;
    this.#host.moved("up", bytes.length);
    const target = this.#target;
    if (!target) {
      this.#early.push(Buffer.from(bytes));
      done();
      return this.#pauseClient();
    }
    target.write(bytes, done);
    if (target.writableLength > MAX_UP_BYTES) this.#pauseClient();
  }

  #pauseClient(): void {
    this.#clientPaused = true;
    this.#end.pause();
  }

  #resumeClient(): void {
    if (!this.#clientPaused) return;
    this.#clientPaused = false;
    this.#heardAt = this.#activeAt = performance.now();
    this.#end.resume();
  }

  #join(target: Socket): void {
    this.#target = target;
    target.setNoDelay(true);
    target.on("drain", () => this.#resumeClient());
    onFin(target, () => this.#targetOnEnd());
    target.on("error", (error: NodeJS.ErrnoException) => {
      this.#failure = failureOfCode(error.code);
    });
    target.on("close", () => this.#targetOver());
    if (target.destroyed) return this.#targetOver();
    if (this.#state !== "dialling") return this.#endTarget();
    this.#state = "open";
    for (const bytes of this.#early) target.write(bytes);
    this.#early = [];
    if (target.writableLength <= MAX_UP_BYTES) this.#resumeClient();
  }

  /** So many bytes are in the arena's room; false stops reading. */
  #targetOnRead(length: number): boolean {
    if (!this.#end.isOpen) return true; // Read to the end and dropped, so that close(2) is no reset.
    const { buffer, start, done } = this.#arena.take(length);
    const frame = buffer.subarray(writeBinaryHeader(buffer, start, length), start + length);
    this.#activeAt = performance.now();
    this.#host.moved("down", length);
    this.#counted += length;
    this.#host.budget.retain(length);
    this.#end.send(frame, () => this.#sent(length, done));
    this.#targetPaused = !this.#mayRead();
    return !this.#targetPaused;
  }

  #sent(length: number, done: () => void): void {
    done();
    this.#uncount(Math.min(length, this.#counted));
    if (this.#targetPaused) this.#readOn();
  }

  #uncount(bytes: number): void {
    this.#counted -= bytes;
    this.#host.budget.release(bytes);
  }

  #mayRead(): boolean {
    const waiting = this.#end.bufferedBytes;
    if (waiting > MAX_DOWN_BYTES) return false;
    return waiting === 0 || this.#host.budget.hasRoom(this.#readOn);
  }

  readonly #readOn = (): void => {
    if (!this.#targetPaused || (this.#end.isOpen && !this.#mayRead())) return;
    this.#targetPaused = false;
    this.#target?.resume();
  };

  /** FIN: websockify knows no half-close, so neither do its clients, and this is the end of both. */
  #targetOnEnd(): void {
    const { code, text } = this.#reason ?? { code: 1000, text: TARGET_CLOSED };
    this.#close(code, text);
  }

  #close(code: number, text: string): void {
    this.#reason ??= { code, text };
    this.#state = "ending";
    this.#end.close(code, text);
    this.#dialling?.abort();
    this.#endTarget();
  }

  /** FIN after everything the client sent; then the target has a while to end as well. */
  #endTarget(): void {
    if (this.#state !== "over") this.#state = "ending";
    const target = this.#target;
    if (!target || target.destroyed || this.#linger) return;
    // Nobody waits for what it still says: it is read and dropped.
    if (!this.#end.isOpen) target.resume();
    const { halfCloseTimeoutMs } = this.#host.config;
    const late = (ms: number) => {
      if (this.#linger) clearTimeout(this.#linger);
      this.#linger = setTimeout(() => target.destroy(), ms);
      this.#linger.unref();
    };
    late(halfCloseTimeoutMs);
    target.end(() => late(Math.min(LINGER_MS, halfCloseTimeoutMs)));
  }

  /** The TCP connection is gone, or was never made. */
  #targetOver(): void {
    if (this.#targetGone) return;
    this.#targetGone = true;
    if (this.#linger) clearTimeout(this.#linger);
    this.#arena.close();
    this.#host.held(-1);
    const target = this.#target;
    if (target && this.#end.isOpen) {
      const code = this.#failure ?? "ECONNRESET";
      const context = {
        host: target.remoteAddress ?? "",
        port: target.remotePort ?? 0,
        detail: "",
      };
      const { code: close, text } = this.#reason ?? {
        code: 1011,
        text: explain(code, context).sentence,
      };
      this.#close(close, text);
    }
    this.#settle();
  }

  #settle(): void {
    if (!this.#clientGone || !this.#targetGone || this.#state === "over") return;
    this.#state = "over";
    this.#host.over(this);
  }
}
