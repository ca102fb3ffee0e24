/**
 * A WebSocket whose network is in the test's hands: nothing arrives until it is delivered, and a cut
 * loses everything under way. Used to drive page and gateway through orders of events that a real
 * network produces rarely.
 */
import { EventEmitter } from "node:events";
import type { WebSocket as GatewayWebSocket } from "ws";

type Data = string | Uint8Array;
type PageListener = (event: { data?: unknown; code?: number }) => void;

/** Of its own: a Buffer's slice would still be the sender's memory. */
const copy = (data: Data): Data => (typeof data === "string" ? data : new Uint8Array(data));

export class MemorySocket {
  readonly up: Data[] = [];
  readonly down: Data[] = [];
  readonly #page = new Map<string, PageListener[]>();
  readonly #gateway = new EventEmitter();
  readonly #sent: (() => void)[] = [];
  #pageState = 0;
  #gatewayState = 1;

  /** The page's end, as a browser's WebSocket. */
  readonly pageEnd: WebSocket;
  /** The gateway's end, as one of ws. */
  readonly gatewayEnd: GatewayWebSocket;

  constructor() {
    const self = this;
    this.pageEnd = {
      binaryType: "blob",
      get readyState() {
        return self.#pageState;
      },
      addEventListener: (type: string, listener: PageListener) => {
        this.#page.set(type, [...(this.#page.get(type) ?? []), listener]);
      },
      send: (data: Data) => this.#pageState === 1 && this.up.push(copy(data)),
      close: () => this.cut(),
    } as unknown as WebSocket;
    this.gatewayEnd = Object.assign(this.#gateway, {
      OPEN: 1,
      CLOSED: 3,
      send: (data: Data, options?: unknown, done?: () => void) => {
        if (this.#gatewayState === 1) this.down.push(copy(data));
        if (done && options) this.#sent.push(done);
      },
      close: () => this.cut(),
      terminate: () => this.cut(),
      ping: () => {},
    }) as unknown as GatewayWebSocket;
    Object.defineProperty(this.gatewayEnd, "readyState", { get: () => this.#gatewayState });
  }

  /** The handshake is done. */
  open(): void {
    this.#pageState = 1;
    this.#tellPage("open", {});
  }

  /** Delivers up to `count` messages of the page. */
  deliverUp(count: number): void {
    for (const data of this.up.splice(0, count)) {
      const bytes = Buffer.from(data as string);
      this.#gateway.emit("message", bytes, typeof data !== "string");
    }
  }

  /** Delivers up to `count` messages of the gateway. */
  deliverDown(count: number): void {
    for (const data of this.down.splice(0, count)) {
      this.#sent.shift()?.();
      this.#tellPage("message", { data: typeof data === "string" ? data : data.buffer });
    }
  }

  /** Both ends lose it. */
  cut(): void {
    this.cutPage();
    this.cutGateway();
  }

  /** The page loses it; the gateway still believes in it. */
  cutPage(): void {
    if (this.#pageState === 3) return;
    this.#pageState = 3;
    this.down.length = 0;
    this.#tellPage("close", { code: 1006 });
  }

  cutGateway(): void {
    if (this.#gatewayState === 3) return;
    this.#gatewayState = 3;
    this.up.length = 0;
    for (const done of this.#sent.splice(0)) done();
    this.#gateway.emit("close", 1006);
  }

  #tellPage(type: string, event: { data?: unknown; code?: number }): void {
    for (const listener of this.#page.get(type) ?? []) listener(event);
  }
}
