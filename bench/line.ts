/** One connection to a far end as the client sees it: the same for a wireside.v1 channel and a raw stream. */
import { WebSocket } from "ws";
import { DEFAULT_WINDOW_BYTES, PROTOCOL_VERSION, SUBPROTOCOL } from "../shared/bounds.ts";
import { type Item, Receiver, Sender } from "../shared/flow.ts";
import {
  ackCredit,
  decodeFrame,
  encodeAck,
  encodeFrame,
  FrameType,
  resetReason,
} from "../shared/frames.ts";
import { GatewayMessage, type PageMessage, parseMessage } from "../shared/protocol.ts";
import type { Route } from "./messages.ts";

export interface LineEvents {
  /** Bytes may be sent; called once. */
  onOpen(): void;
  onBytes(bytes: Uint8Array): void;
  /** There is more room than before. */
  onRoom(): void;
  /** It failed; nothing comes after this. */
  onFail(problem: string): void;
}

export interface Line {
  /** Bytes that may be sent now. */
  readonly room: number;
  /** @param bytes at most 64 KiB and at most `room`. */
  send(bytes: Uint8Array): void;
  /** Reads nothing more. */
  stall(): void;
  /** Resolves once the WebSocket is closed. */
  close(): Promise<void>;
  /** Lets go at once, whatever is still under way. */
  cut(): void;
}

export function openLine(route: Route, farPort: number, events: LineEvents): Line {
  const base = `ws://127.0.0.1:${route.port}`;
  switch (route.kind) {
    case "wire":
      return new WireLine(route.port, farPort, events);
    case "raw":
      return new PipeLine(`${base}/tcp/127.0.0.1:${farPort}`, events);
    case "pipe":
      return new PipeLine(`${base}/?port=${farPort}`, events);
    case "websockify":
      // Its file of tokens names each far end by its port.
      return new PipeLine(`${base}/websockify?token=${farPort}`, events);
  }
}

/** What both have in common: a WebSocket that is expected to live until `close`. */
abstract class WebSocketLine implements Line {
  abstract readonly room: number;
  protected readonly ws: WebSocket;
  protected readonly events: LineEvents;
  #closed = false;

  constructor(ws: WebSocket, events: LineEvents) {
    this.ws = ws;
    this.events = events;
    ws.on("error", (error) => events.onFail(error.message));
    ws.on("close", (code, reason) => {
      if (!this.#closed) events.onFail(`closed with ${code} ${reason}`);
    });
  }

  abstract send(bytes: Uint8Array): void;

  close(): Promise<void> {
    this.#closed = true;
    return new Promise((resolve) => {
      this.ws.once("close", () => resolve());
      this.ws.close(1000);
    });
  }

  stall(): void {
    this.ws.pause();
  }

  cut(): void {
    this.#closed = true;
    this.ws.terminate();
  }
}

/** A page acknowledges after so many bytes, or once it has used up everything. */
const ACK_STEP_BYTES = 32 * 1024;

/** The smallest client that keeps every rule of the protocol but resume: one session, one channel. */
class WireLine extends WebSocketLine {
  readonly #farPort: number;
  readonly #up = new Sender<Item & { frame: Uint8Array }>(DEFAULT_WINDOW_BYTES);
  readonly #down = new Receiver(DEFAULT_WINDOW_BYTES);
  #acknowledged = 0;
  #owesAck = false;

  constructor(port: number, farPort: number, events: LineEvents) {
    const origin = `http://127.0.0.1:${port}`;
    const url = `ws://127.0.0.1:${port}/wire`;
    super(new WebSocket(url, SUBPROTOCOL, { origin, perMessageDeflate: false }), events);
    this.#farPort = farPort;
    this.ws.on("open", () => this.#say({ type: "hello", v: PROTOCOL_VERSION }));
    this.ws.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.#onFrame(data);
      else this.#onText(data.toString());
    });
  }

  get room(): number {
    return DEFAULT_WINDOW_BYTES - this.#up.retained;
  }

  send(bytes: Uint8Array): void {
    const seq = this.#up.end;
    const frame = encodeFrame({ type: FrameType.data, channel: 1, at: 0, seq }, bytes);
    this.#up.push({ seq, length: bytes.length, kind: "data", frame });
    this.#pump();
  }

  /**
   * As often as a page does, whose terminal uses bytes up a turn of the loop later at the earliest:
   * at its end, and before that after so many bytes.
   */
  #acknowledge(): void {
    if (!this.#owesAck) return;
    this.#owesAck = false;
    this.#acknowledged = this.#down.consumed;
    if (this.ws.readyState !== this.ws.OPEN) return;
    this.ws.send(encodeAck(1, 0, this.#down.consumed, this.#down.credit));
  }

  #say(message: PageMessage): void {
    this.ws.send(JSON.stringify(message));
  }

  #onText(text: string): void {
    const message = parseMessage(GatewayMessage, text);
    if (message.type === "welcome") {
      this.#say({ type: "open", ch: 1, address: `tcp://127.0.0.1:${this.#farPort}` });
    } else if (message.type === "state") {
      if (message.state === "open") this.events.onOpen();
    } else if (message.type !== "pong") {
      this.events.onFail(text);
    }
  }

  #onFrame(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes);
    if (frame.type === FrameType.ack) {
      this.#up.ack(frame.seq, ackCredit(frame));
      this.#pump();
      return this.events.onRoom();
    }
    if (frame.type === FrameType.rst) return this.events.onFail(resetReason(frame).detail);
    if (frame.type === FrameType.eof) return this.events.onFail("the far end hung up");
    const { length } = frame.payload;
    const skip = this.#down.accept(frame.seq, length);
    this.#down.consume(length - skip);
    if (!this.#owesAck) setImmediate(() => this.#acknowledge());
    this.#owesAck = true;
    if (this.#down.consumed - this.#acknowledged >= ACK_STEP_BYTES) this.#acknowledge();
    this.events.onBytes(frame.payload.subarray(skip));
  }

  #pump(): void {
    for (let item = this.#up.take(); item; item = this.#up.take()) this.ws.send(item.frame);
  }
}

/** A WebSocket whose messages are the stream. */
class PipeLine extends WebSocketLine {
  #inFlight = 0;

  constructor(url: string, events: LineEvents) {
    super(new WebSocket(url, { perMessageDeflate: false }), events);
    this.ws.on("open", () => events.onOpen());
    this.ws.on("message", (data: Buffer) => events.onBytes(data));
  }

  /** The same bound as the other's window, on bytes the kernel has not taken. */
  get room(): number {
    return DEFAULT_WINDOW_BYTES - this.#inFlight;
  }

  send(bytes: Uint8Array): void {
    this.#inFlight += bytes.length;
    this.ws.send(bytes, (error) => {
      this.#inFlight -= bytes.length;
      // A lost WebSocket reports itself with "close".
      if (!error) this.events.onRoom();
    });
  }
}
