/** A page that says exactly what a test tells it to, right or wrong, and keeps what it is answered. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import WebSocketClient from "ws";
import { MAX_FRAME_BYTES, SUBPROTOCOL } from "../../shared/bounds.ts";
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  type FrameHeader,
  FrameType,
} from "../../shared/frames.ts";
import { GatewayMessage, type Hello, parseMessage, type Welcome } from "../../shared/protocol.ts";

type Of<T extends GatewayMessage["type"]> = Extract<GatewayMessage, { type: T }>;
type Answer = { text: GatewayMessage } | { frame: Frame };
export type Resume = NonNullable<Hello["resume"]>;

/** Header fields as they are sent; null leaves one out. */
export type Headers = Readonly<Record<string, string | null>>;

const kept = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== null),
  );

/** Asks for an upgrade and hangs up: the status it was answered with, 101 when it was granted. */
export function knock(origin: string, path: string, headers: Headers = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, origin), {
      agent: false,
      headers: kept({
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
        "Sec-WebSocket-Protocol": SUBPROTOCOL,
        Host: new URL(origin).host,
        Origin: origin,
        ...headers,
      }),
    });
    asked.on("upgrade", (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    asked.on("response", (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** Where a gateway is, as a page of its own would name it. */
export interface Place {
  readonly url: string;
  readonly origin: string;
}

export class RawPage {
  readonly ws: WebSocketClient;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly answers: Answer[] = [];
  readonly #watchers = new Set<() => void>();

  private constructor(ws: WebSocketClient) {
    this.ws = ws;
    this.closed = new Promise((resolve) => {
      ws.on("close", (code, reason) => {
        resolve({ code, reason: `${reason}` });
        this.#wake();
      });
    });
    // "close" follows, with what there is to know.
    ws.on("error", () => {});
    ws.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.answers.push({ frame: decodeFrame(data) });
      else this.answers.push({ text: parseMessage(GatewayMessage, `${data}`) });
      this.#wake();
    });
  }

  /** Opens the WebSocket; nothing is said on it yet. */
  static async connect(place: Place, headers: Headers = {}): Promise<RawPage> {
    const { origin } = place;
    const ws = new WebSocketClient(place.url, SUBPROTOCOL, {
      perMessageDeflate: false,
      maxPayload: MAX_FRAME_BYTES,
      headers: kept({ Host: new URL(origin).host, Origin: origin, ...headers }),
    });
    const page = new RawPage(ws);
    await Promise.race([
      once(ws, "open"),
      page.closed.then(({ code }) => Promise.reject(new Error(`not opened: ${code}`))),
    ]);
    return page;
  }

  /** Opens it and says hello. */
  static async attached(
    place: Place,
    resume?: Resume,
  ): Promise<{ page: RawPage; welcome: Welcome }> {
    const page = await RawPage.connect(place);
    page.hello(resume);
    return { page, welcome: await page.text("welcome") };
  }

  hello(resume?: Resume): void {
    this.say({ type: "hello", v: 1, ...(resume && { resume }) });
  }

  /** Sends a text frame: a string as it is, anything else as JSON. */
  say(message: unknown): void {
    this.ws.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** Sends a binary frame. */
  frame(type: FrameType, channel: number, seq: number, payload?: Uint8Array): void {
    this.ws.send(encodeFrame({ type, channel, seq, at: 0 } satisfies FrameHeader, payload));
  }

  data(channel: number, seq: number, text: string): void {
    this.frame(FrameType.data, channel, seq, Buffer.from(text));
  }

  /** Opens a channel and waits until it is. */
  async open(ch: number, port: number): Promise<void> {
    this.say({ type: "open", ch, address: `tcp://127.0.0.1:${port}` });
    await this.text("state", (state) => state.ch === ch && state.state === "open");
  }

  /** The first control message of a type, now or later. @throws when the WebSocket closes first. */
  text<T extends GatewayMessage["type"]>(
    type: T,
    fits: (message: Of<T>) => boolean = () => true,
  ): Promise<Of<T>> {
    return this.#first((answer) => {
      const message = "text" in answer && answer.text.type === type ? answer.text : null;
      return message && fits(message as Of<T>) ? (message as Of<T>) : null;
    });
  }

  /** The first binary frame that fits, now or later. @throws when the WebSocket closes first. */
  binary(fits: (frame: Frame) => boolean): Promise<Frame> {
    return this.#first((answer) => ("frame" in answer && fits(answer.frame) ? answer.frame : null));
  }

  /** Cuts the TCP connection without a word. */
  cut(): void {
    this.ws.terminate();
  }

  #first<T>(pick: (answer: Answer) => T | null): Promise<T> {
    return new Promise((resolve, reject) => {
      const look = () => {
        for (const answer of this.answers) {
          const found = pick(answer);
          if (found === null) continue;
          this.#watchers.delete(look);
          return resolve(found);
        }
        if (this.ws.readyState !== this.ws.CLOSED) return;
        this.#watchers.delete(look);
        reject(new Error(`closed before that; answered: ${JSON.stringify(this.answers)}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  #wake(): void {
    for (const look of [...this.#watchers]) look();
  }
}
