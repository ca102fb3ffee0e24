/** Frames of a server (RFC 6455 section 5.2): never masked, always whole. */
import { Opcode } from "./reader.ts";

/** In front of a payload there must be room for so much. */
export const SERVER_HEADER_BYTES = 10;
const MAX_REASON_BYTES = 123;
const FINAL = 0x80;

/**
 * Writes the header of a binary frame right before its payload.
 * @param buffer has SERVER_HEADER_BYTES of room before `start`.
 * @param start where the payload begins.
 * @returns where the frame begins.
 */
export function writeBinaryHeader(buffer: Buffer, start: number, length: number): number {
  if (length < 126) {
    buffer[start - 2] = FINAL | Opcode.binary;
    buffer[start - 1] = length;
    return start - 2;
  }
  if (length < 2 ** 16) {
    buffer[start - 4] = FINAL | Opcode.binary;
    buffer[start - 3] = 126;
    buffer.writeUInt16BE(length, start - 2);
    return start - 4;
  }
  buffer[start - 10] = FINAL | Opcode.binary;
  buffer[start - 9] = 127;
  buffer.writeUInt32BE(Math.floor(length / 2 ** 32), start - 8);
  buffer.writeUInt32BE(length % 2 ** 32, start - 4);
  return start - 10;
}

/** A whole control frame. @param payload at most 125 bytes. */
export function controlFrame(opcode: number, payload: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + payload.length);
  frame[0] = FINAL | opcode;
  frame[1] = payload.length;
  frame.set(payload, 2);
  return frame;
}

/**
 * A close frame.
 * @param code 1005 stands for none, and then there is no reason either.
 * @param reason cut to the 123 bytes there is room for.
 */
export function closeFrame(code: number, reason: string): Buffer {
  if (code === 1005) return controlFrame(Opcode.close, new Uint8Array());
  const text = Buffer.from(fitting(reason));
  const payload = Buffer.allocUnsafe(2 + text.length);
  payload.writeUInt16BE(code, 0);
  payload.set(text, 2);
  return controlFrame(Opcode.close, payload);
}

/** As many whole words as a close frame has room for, and an ellipsis for the others. */
function fitting(reason: string): string {
  if (Buffer.byteLength(reason) <= MAX_REASON_BYTES) return reason;
  const ellipsis = "…";
  const words = reason.split(" ");
  while (words.length > 1) {
    words.pop();
    const text = `${words.join(" ")}${ellipsis}`;
    if (Buffer.byteLength(text) <= MAX_REASON_BYTES) return text;
  }
  // One endless word: decoding a character that was cut makes U+FFFD, which is left out.
  const room = MAX_REASON_BYTES - Buffer.byteLength(ellipsis);
  const cut = new TextDecoder().decode(Buffer.from(reason).subarray(0, room));
  return `${cut.replace(/\ufffd$/, "")}${ellipsis}`;
}
