/**
 * One WebSocket of a page, from its upgrade to its end: hello first, then commands and frames for
 * its session. A message that breaks the protocol ends this WebSocket with 4400 and nobody else's.
 */
import { performance } from "node:perf_hooks";
import type { RawData, WebSocket } from "ws";
import { MAX_CONTROL_BYTES, MAX_HELLO_BYTES } from "../../shared/bounds.ts";
import type { FailureCode } from "../../shared/errors.ts";
import { FlowError } from "../../shared/flow.ts";
import { decodeFrame, FrameError } from "../../shared/frames.ts";
import {
  CloseCode,
  type GatewayMessage,
  type Hello,
  MessageError,
  PageMessage,
  parseMessage,
  type ResumeFailedReason,
} from "../../shared/protocol.ts";
import type { Identity } from "../classroom/types.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import { TokenBucket } from "./quota.ts";
import type { Registry } from "./registry.ts";
import { openRelay, type Relay } from "./relay.ts";
import { Session } from "./session.ts";

export interface ConnectionOptions {
  ws: WebSocket;
  /** Whose session this may be; null: a code is needed and was not given. */
  who: () => Identity | null;
  /** Its Cookie header, where another gateway may be asked for its session. */
  cookie: string | null;
  address: string;
  registry: Registry;
  config: Config;
  log: Logger;
  metrics: Metrics;
}

/** Commands are made by people; DATA and ACK frames are bounded by credit instead. */
const CONTROL_RATE = { perSecond: 50, burst: 200 };
/** Answers that may wait for a page, besides the data it has not taken yet. */
const UNREAD_ANSWERS_BYTES = 256 * 1024;
/** Of a page that is carried: so much may wait here, and then the other gateway waits. */
const UNREAD_CARRIED_BYTES = 256 * 1024;
/** What ws calls the close of a WebSocket that was cut (RFC 6455 section 7.1.5). */
const NO_CODE = 1006;
/** And that of one that was closed without saying why. Neither can be said oneself. */
const NONE_GIVEN = 1005;
/** After this a WebSocket that was told to close is cut. */
const CLOSE_MS = 2000;

export class Connection {
  readonly #ws: WebSocket;
  readonly #options: ConnectionOptions;
  readonly #control = new TokenBucket(CONTROL_RATE);
  #session: Session | null = null;
  /** Its session lives on another gateway, and all it says goes there; `asking` while that is found out. */
  #relay: Relay | "asking" | null = null;
  #helloTimer: NodeJS.Timeout | null;
  #closeCode = NO_CODE;
  #heardAt = performance.now();
  #pingedAt = performance.now();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { ws } = options;
    this.#ws = ws;
    this.#helloTimer = setTimeout(
      () => this.#closeWith(CloseCode.timeout, "no hello"),
      options.config.helloTimeoutMs,
    );
    ws.on("message", (data, isBinary) => this.#onMessage(data, isBinary));
    ws.on("pong", () => this.#heard());
    ws.on("ping", () => this.#onPing());
    // ws reports its own protocol errors here and then closes with the right code.
    ws.on("error", (error) => options.log.debug({ reason: error.message }, "websocket error"));
    ws.on("close", (code) => this.#onClose(code));
  }

  /**
   * Pings, and gives up on a page that has been silent for too long.
   * @param now of performance.now, in milliseconds.
   * @param paused how long the gateway itself could not listen, in milliseconds.
   */
  check(now: number, paused: number): void {
    const { config, registry } = this.#options;
    const { pingIntervalMs, pingTimeoutMs } = config;
    this.#heardAt = Math.min(now, this.#heardAt + paused);
    // The next check would be too late: the promise is to be done by then.
    if (now - this.#heardAt > pingTimeoutMs - registry.sweepMs) {
      this.#options.log.info("page silent, detached");
      return this.terminate();
    }
    if (now - this.#pingedAt < pingIntervalMs || this.#ws.readyState !== this.#ws.OPEN) return;
    this.#pingedAt = now;
    this.#ws.ping();
  }

  /** Closes with a code and waits for the page to answer, within a limit. */
  finish(code: number, reason: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.#ws.readyState === this.#ws.CLOSED) return resolve();
      this.#ws.once("close", () => resolve());
      this.#closeWith(code, reason);
    });
  }

  /** Cuts at once; what ws has received already is not listened to any more. */
  terminate(): void {
    this.#ws.removeAllListeners("message").removeAllListeners("ping");
    this.#ws.terminate();
  }

  #heard(): void {
    this.#heardAt = performance.now();
  }

  /** ws has answered it already (RFC 6455 section 5.5.2): asking costs as much as a command. */
  #onPing(): void {
    this.#heard();
    if (!this.#control.take()) this.#closeWith(CloseCode.tooMany, "too many pings");
  }

  #onMessage(data: RawData, isBinary: boolean): void {
    this.#heard();
    const bytes = data as Buffer;
    // Its own gateway knows what of it is data, and bounds the rest.
    if (this.#relay !== null && this.#relay !== "asking") return this.#relay.send(bytes, isBinary);
    if (this.#leavesUnread()) {
      this.#options.log.info("page asks and does not read, detached");
      return this.terminate();
    }
    try {
      if (!isBinary) this.#onText(bytes);
      else if (this.#session) this.#session.frame(decodeFrame(bytes));
      else throw new MessageError("say hello first");
    } catch (error) {
      if (
        error instanceof FrameError ||
        error instanceof MessageError ||
        error instanceof FlowError
      ) {
        return this.#reject(error.message);
      }
      throw error;
    }
  }

  /** Every message is answered: a page that does not read may not go on asking. */
  #leavesUnread(): boolean {
    const { bufferedAmount } = this.#ws;
    if (bufferedAmount < UNREAD_ANSWERS_BYTES) return false;
    return bufferedAmount > UNREAD_ANSWERS_BYTES + (this.#session?.queuedBytes ?? 0);
  }

  #onText(bytes: Buffer): void {
    const most = this.#session ? MAX_CONTROL_BYTES : MAX_HELLO_BYTES;
    if (bytes.length > most) throw new MessageError(`a control message is at most ${most} bytes`);
    if (!this.#control.take()) return this.#closeWith(CloseCode.tooMany, "too many messages");
    const message = parseMessage(PageMessage, bytes.toString());
    if (message.type === "hello") return this.#onHello(message);
    if (!this.#session) throw new MessageError("say hello first");
    this.#session.command(message);
  }

  #onHello(hello: Hello): void {
    const { who, registry, address, metrics } = this.#options;
    if (this.#session || this.#relay) throw new MessageError("hello was said already");
    if (registry.isOver) return this.#refuse("CLASS_ENDED", "", CloseCode.forbidden);
    const identity = who();
    if (identity === null) return this.#refuse("ACCESS_CODE", "", CloseCode.unauthorized);
    if (hello.resume) {
      const found = registry.find(hello.resume.sid);
      const reason =
        found instanceof Session ? found.refuseResume(hello.resume, identity.user) : found;
      metrics.resumes.inc({ result: reason ?? "ok" });
      if (found instanceof Session && !reason) return this.#join(found, hello.resume);
      if (reason === "unknown") return void this.#lookElsewhere(hello, hello.resume.sid);
      return this.#sendResumeFailed(reason ?? "unknown");
    }
    const kept = hello.back ? registry.returning(identity) : null;
    if (kept) return this.#join(kept, "anew");
    const session = registry.create(identity, address);
    if (session instanceof Session) return this.#join(session);
    this.#refuse(session.code, session.detail, CloseCode.tryLater);
  }

  /** A session nobody knows here may live on another gateway of the class: then the page is carried there. */
  async #lookElsewhere(hello: Hello, sid: string): Promise<void> {
    const { cookie, registry } = this.#options;
    this.#relay = "asking";
    const carry = async (): Promise<Relay | null> => {
      const url = cookie === null ? null : await registry.whereIs(sid);
      if (!url || !cookie) return null;
      const relay = openRelay(url, cookie, JSON.stringify(hello), {
        message: (data, isBinary) => this.#carry(data, isBinary),
        closed: (code, reason) => this.#relayClosed(code, reason),
      });
      registry.relayed(1);
      return relay;
    };
    // Redis may fail, and what is written there may be no address: then the session is not to be had.
    const relay = await carry().catch(() => null);
    this.#relay = relay;
    if (this.#ws.readyState !== this.#ws.OPEN) return relay?.close(this.#closeCode);
    if (!relay) return this.#sendResumeFailed("unknown");
    this.#clearHelloTimer();
    this.#options.log.info("page carried to the gateway of its session");
  }

  /** Something for the page from its own gateway. For one that has closed it is dropped, and nothing waits. */
  #carry(data: Buffer, isBinary: boolean): void {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    this.#ws.send(data, { binary: isBinary }, () => this.#pace());
    this.#pace();
  }

  #pace(): void {
    if (this.#relay === null || this.#relay === "asking") return;
    const isOpen = this.#ws.readyState === this.#ws.OPEN;
    this.#relay.flow(!isOpen || this.#ws.bufferedAmount < UNREAD_CARRIED_BYTES);
  }

  /**
   * With its own code: the page is to do what that gateway wants. One that is gone has none to give, and
   * something between the gateways may have none either.
   */
  #relayClosed(code: number, reason: string): void {
    this.#options.registry.relayed(-1);
    if (this.#relay === null || this.#relay === "asking") return;
    if (code === NO_CODE || code === NONE_GIVEN) return this.terminate();
    this.#closeWith(code, reason);
  }

  #join(session: Session, from?: Parameters<Session["attach"]>[1]): void {
    this.#clearHelloTimer();
    this.#session = session;
    const replaced = session.attach(this.#ws, from);
    if (replaced) closeThenCut(replaced, CloseCode.superseded, "superseded");
    this.#options.registry.joined(session);
  }

  #onClose(code: number): void {
    this.#clearHelloTimer();
    this.#closeCode = code;
    if (this.#relay !== "asking") this.#relay?.close(code);
    // A page that says goodbye is gone for good, and what it held goes with it. 1001 is no goodbye:
    // something between page and gateway may send it when it restarts.
    if (code === CloseCode.done) this.#session?.leave(this.#ws);
    else this.#session?.detach(this.#ws);
    this.#session = null;
  }

  #clearHelloTimer(): void {
    if (this.#helloTimer) clearTimeout(this.#helloTimer);
    this.#helloTimer = null;
  }

  #reject(reason: string): void {
    this.#options.metrics.messagesRejected.inc();
    this.#options.log.info({ reason }, "message rejected");
    this.#closeWith(CloseCode.badMessage, reason);
    // The page gives its session up as well: it would only say the same again.
    this.#session?.leave(this.#ws);
    this.#session = null;
  }

  /** The page may say hello again on the same WebSocket, for a new session. */
  #sendResumeFailed(reason: ResumeFailedReason): void {
    this.#send({ type: "resume_failed", reason });
  }

  #refuse(code: FailureCode, detail: string, closeCode: number): void {
    this.#send({ type: "refused", code, detail });
    this.#closeWith(closeCode, code);
  }

  #send(message: GatewayMessage): void {
    this.#ws.send(JSON.stringify(message));
  }

  #closeWith(code: number, reason: string): void {
    closeThenCut(this.#ws, code, reason);
  }
}

/**
 * Listens to nothing more, closes, and cuts a page that does not answer the close.
 * @param reason RFC 6455 allows 123 bytes of it.
 */
export function closeThenCut(ws: WebSocket, code: number, reason: string): void {
  // Until the page's own close frame arrives, ws would go on delivering what it says.
  ws.removeAllListeners("message").removeAllListeners("ping");
  if (ws.readyState === ws.CLOSED) return;
  ws.close(
    code,
    Buffer.from(reason)
      .subarray(0, 123)
      .toString("latin1")
      .replace(/[^\x20-\x7e]/g, "?"),
  );
  const cut = setTimeout(() => ws.terminate(), CLOSE_MS);
  cut.unref();
  ws.once("close", () => clearTimeout(cut));
}
