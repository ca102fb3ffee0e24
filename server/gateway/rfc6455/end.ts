/**
 * The gateway's end of one WebSocket that carries a stream of bytes: frames in and out, pings, and
 * the close handshake (RFC 6455 section 7).
 *
 *     open ──close()──▶ closing ──their close frame──▶ closed
 *       └── their close frame, answered ──────────────▶ closed
 *       └── FIN, reset or terminate() ────────────────▶ closed
 *
 * Closed: nothing comes from the client any more and nothing goes to it; what was handed over
 * before is still flushed. `onGone` follows when the TCP connection below is gone.
 */
import type { Duplex } from "node:stream";
import { adopt } from "./adopt.ts";
import { Arena } from "./arena.ts";
import { closeFrame, controlFrame } from "./frames.ts";
import { Opcode, ProtocolError, Reader } from "./reader.ts";

export interface EndEvents {
  /** `chunk[start … end)` are the next bytes of the client. */
  onPayload(chunk: Buffer, start: number, end: number): void;
  /**
   * Everything of one read was handed over, or everything before a close frame.
   * @param done to be called once the chunk's memory is needed no longer.
   */
  onRead(done: () => void): void;
  /** A ping has been answered; pings cost. */
  onPing(): void;
  /** The client closed, or is lost (1006); called once, and not after `terminate`. */
  onClosed(code: number): void;
  onGone(): void;
}

type State = "open" | "closing" | "closed";

/** After our part of the handshake, a client that does nothing more is cut. Milliseconds. */
const CLOSE_MS = 2000;
const NO_PAYLOAD = new Uint8Array();
const nothing = (): void => {};

export class WebSocketEnd {
  #socket: Duplex;
  readonly #arena = new Arena();
  readonly #events: EndEvents;
  readonly #reader: Reader;
  #state: State = "open";
  /** Answers to pings that the kernel has not taken: at most one, and the latest ping's waits. */
  #pong: "none" | "written" | Buffer = "none";
  #cut: NodeJS.Timeout | null = null;
  #done = nothing;

  /** @param socket after the handshake, with nothing listening to its data yet. */
  constructor(socket: Duplex, events: EndEvents) {
    this.#socket = socket;
    this.#events = events;
    this.#reader = new Reader({
      onPayload: (chunk, start, end) => {
        if (this.#state === "open") events.onPayload(chunk, start, end);
      },
      onPing: (payload) => this.#onPing(payload),
      onPong: () => {},
      onCloseFrame: (code) => this.#onCloseFrame(code),
    });
  }

  /** Begins to read. @param head what came together with the request. */
  start(head: Buffer): void {
    const onread = { buffer: this.#arena.room, callback: (n: number) => this.#onArena(n) };
    const adopted = this.#socket.destroyed ? null : adopt(this.#socket, onread);
    if (adopted) this.#socket = adopted.socket;
    const socket = this.#socket;
    // "close" follows, and says as much as anybody needs to know.
    socket.on("error", () => socket.destroy());
    socket.on("end", () => this.#onLost());
    if (socket.destroyed) return this.#onGone();
    socket.on("close", () => this.#onGone());
    const early = adopted ? Buffer.concat([head, adopted.early]) : head;
    if (early.length > 0) this.#onData(early, nothing);
    if (!adopted) socket.on("data", (chunk: Buffer) => this.#onData(chunk, nothing));
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  /** Bytes handed over that the kernel has not taken. */
  get bufferedBytes(): number {
    return this.#socket.writableLength;
  }

  /**
   * Sends a whole frame.
   * @param done called when its memory is needed no longer.
   */
  send(frame: Buffer, done: () => void): void {
    this.#socket.write(frame, done);
  }

  ping(): void {
    if (this.#state === "open") this.#socket.write(controlFrame(Opcode.ping, NO_PAYLOAD));
  }

  /** Lets the client wait: its kernel, and then itself. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Closes after everything that was sent. What the client still says is not listened to. */
  close(code: number, reason: string): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#socket.write(closeFrame(code, reason), () => this.#cutLater());
    // Its answer comes after whatever it has sent before.
    this.#socket.resume();
  }

  /** Cuts at once. */
  terminate(): void {
    this.#state = "closed";
    this.#socket.destroy();
  }

  #onArena(length: number): boolean {
    const { buffer, start, done } = this.#arena.take(length);
    this.#onData(buffer.subarray(start, start + length), done);
    return true;
  }

  /** @param done to be called once the chunk's memory is needed no longer. */
  #onData(chunk: Buffer, done: () => void): void {
    if (this.#state === "closed") return done();
    this.#done = done;
    try {
      this.#reader.push(chunk);
      this.#handOver();
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#handOver();
      this.close(error.closeCode, error.message);
      this.#finish(error.closeCode);
    }
  }

  /** What the listener has been given of the read that is under way is now its own. */
  #handOver(): void {
    const done = this.#done;
    this.#done = nothing;
    this.#events.onRead(done);
  }

  /** Section 5.5.3: only the latest of several pings needs an answer, so one that waits is replaced. */
  #onPing(payload: Buffer): void {
    this.#events.onPing();
    if (this.#state !== "open") return;
    if (this.#pong !== "none") this.#pong = payload;
    else this.#sendPong(payload);
  }

  #sendPong(payload: Buffer): void {
    this.#pong = "written";
    this.#socket.write(controlFrame(Opcode.pong, payload), () => {
      const next = this.#pong;
      this.#pong = "none";
      if (typeof next !== "string" && this.#state === "open") this.#sendPong(next);
    });
  }

  #onCloseFrame(code: number): void {
    // What came before it in the same read is still the client's word.
    this.#handOver();
    if (this.#state === "open") this.#socket.write(closeFrame(code, ""));
    this.#finish(code);
  }

  #onGone(): void {
    this.#onLost();
    if (this.#cut) clearTimeout(this.#cut);
    this.#arena.close();
    this.#events.onGone();
  }

  #onLost(): void {
    this.#finish(1006);
  }

  /** Nothing more in either direction: FIN after what is under way. */
  #finish(code: number): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#socket.end(() => this.#cutLater());
    // Unread bytes would turn our close(2) into a reset, which can overtake what we have sent.
    this.#socket.resume();
    this.#events.onClosed(code);
  }

  #cutLater(): void {
    if (this.#cut || this.#socket.destroyed) return;
    this.#cut = setTimeout(() => this.#socket.destroy(), CLOSE_MS);
    this.#cut.unref();
  }
}
