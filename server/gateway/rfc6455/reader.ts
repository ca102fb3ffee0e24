/**
 * Reads the frames of a client (RFC 6455 section 5) as they arrive. A payload is handed on piece by
 * piece, in the memory it was read into: no frame is collected, so a frame of any length costs
 * nothing, and neither do fragments.
 */
import { unmask } from "./mask.ts";

export const Opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** The client broke the rules; its WebSocket is closed with `closeCode` and `message`. */
export class ProtocolError extends Error {
  readonly code = "BAD_WEBSOCKET_FRAME";
  readonly closeCode: number;

  constructor(message: string, closeCode = 1002) {
    super(message);
    this.closeCode = closeCode;
  }
}

export interface ReaderEvents {
  /** `chunk[start … end)` are the next bytes of the stream of binary messages. */
  onPayload(chunk: Buffer, start: number, end: number): void;
  /** @param payload at most 125 bytes, a copy. */
  onPing(payload: Buffer): void;
  onPong(): void;
  /** The last thing that is read. @param code 1005 when the client gave none. */
  onCloseFrame(code: number): void;
}

/** Two bytes, a length of eight, a key of four. */
const MAX_HEADER_BYTES = 14;
const MAX_CONTROL_BYTES = 125;
const utf8 = new TextDecoder("utf-8", { fatal: true });

export class Reader {
  readonly #events: ReaderEvents;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerBytes = 0;
  /** Bytes the header has, as far as is known. */
  #headerNeeds = 2;
  #opcode = 0;
  #final = false;
  /** Bytes of the present payload still to come. */
  #left = 0;
  #key = 0;
  #phase = 0;
  /** A binary message has begun and not ended. */
  #inMessage = false;
  /** Only while a control frame is under way, which is next to never: made when one begins. */
  #control: Buffer | null = null;
  #closed = false;

  constructor(events: ReaderEvents) {
    this.#events = events;
  }

  /**
   * Takes the next bytes of the client; those of payloads are unmasked in place.
   * @throws {ProtocolError} when they break the rules. Nothing may be pushed after that.
   */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.#closed) {
      if (this.#headerBytes < this.#headerNeeds) {
        this.#header[this.#headerBytes++] = chunk[at++] as number;
        if (this.#headerBytes < this.#headerNeeds) continue;
        if (this.#headerNeeds === 2) this.#begin();
        else this.#measure();
        if (this.#headerBytes < this.#headerNeeds || this.#left > 0) continue;
        this.#endFrame();
      } else {
        const end = Math.min(chunk.length, at + this.#left);
        this.#take(chunk, at, end);
        at = end;
      }
    }
  }

  /** The first two bytes say what it is and how long the rest of the header will be. */
  #begin(): void {
    const [first = 0, second = 0] = this.#header;
    this.#final = (first & 0x80) !== 0;
    this.#opcode = first & 0x0f;
    if ((first & 0x70) !== 0) throw new ProtocolError("reserved bits are set");
    if ((second & 0x80) === 0) throw new ProtocolError("frames of a client are masked");
    const length = second & 0x7f;
    if (this.#opcode >= 8) this.#beginControl(length);
    else this.#beginData();
    this.#headerNeeds = 6 + (length === 127 ? 8 : length === 126 ? 2 : 0);
  }

  #beginControl(length: number): void {
    if (this.#opcode > Opcode.pong) throw new ProtocolError(`unknown opcode ${this.#opcode}`);
    if (!this.#final) throw new ProtocolError("control frames come in one piece");
    if (length > MAX_CONTROL_BYTES) throw new ProtocolError("a control frame is too long");
  }

  #beginData(): void {
    if (this.#opcode === Opcode.text) {
      throw new ProtocolError("Text frames are not supported: send binary ones", 1003);
    }
    if (this.#opcode > Opcode.binary) throw new ProtocolError(`unknown opcode ${this.#opcode}`);
    const continues = this.#opcode === Opcode.continuation;
    if (continues !== this.#inMessage) {
      throw new ProtocolError(continues ? "nothing to continue" : "the last message has no end");
    }
    this.#inMessage = true;
  }

  /** The header is complete: length (section 5.2 wants the shortest form) and key. */
  #measure(): void {
    const header = this.#header;
    const view = new DataView(header.buffer);
    const short = (header[1] as number) & 0x7f;
    this.#left = short;
    if (short === 126) {
      this.#left = view.getUint16(2);
      if (this.#left < 126) throw new ProtocolError("the length is not in its shortest form");
    } else if (short === 127) {
      const high = view.getUint32(2);
      if (high >= 2 ** 31) throw new ProtocolError("the length has its highest bit set");
      if (high >= 2 ** 21) throw new ProtocolError("a frame beyond 2^53 bytes", 1009);
      this.#left = high * 2 ** 32 + view.getUint32(6);
      if (this.#left < 2 ** 16) throw new ProtocolError("the length is not in its shortest form");
    }
    this.#key = view.getUint32(this.#headerNeeds - 4, true);
    this.#phase = 0;
    if (this.#opcode >= 8) this.#control = Buffer.alloc(0);
  }

  #take(chunk: Buffer, start: number, end: number): void {
    unmask(chunk, start, end, this.#key, this.#phase);
    this.#phase = (this.#phase + end - start) & 3;
    this.#left -= end - start;
    if (this.#control) {
      this.#control = Buffer.concat([this.#control, chunk.subarray(start, end)]);
    } else this.#events.onPayload(chunk, start, end);
    if (this.#left === 0) this.#endFrame();
  }

  #endFrame(): void {
    this.#headerBytes = 0;
    this.#headerNeeds = 2;
    const control = this.#control;
    this.#control = null;
    if (!control) {
      this.#inMessage = !this.#final;
    } else if (this.#opcode === Opcode.ping) {
      this.#events.onPing(control);
    } else if (this.#opcode === Opcode.pong) {
      this.#events.onPong();
    } else {
      this.#closed = true;
      this.#events.onCloseFrame(closeCodeOf(control));
    }
  }
}

/** Section 7.4: which codes may be sent, and that the reason is UTF-8. */
function closeCodeOf(payload: Buffer): number {
  if (payload.length === 0) return 1005;
  if (payload.length === 1) throw new ProtocolError("half a close code");
  const code = payload.readUInt16BE(0);
  const defined = code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
  if (!defined && !(code >= 3000 && code <= 4999)) {
    throw new ProtocolError(`close code ${code} may not be sent`);
  }
  try {
    utf8.decode(payload.subarray(2));
  } catch {
    throw new ProtocolError("the reason is not UTF-8", 1007);
  }
  return code;
}
