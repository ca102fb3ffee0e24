/** Binary frames between page and gateway: fields ↔ bytes. The only parser of untrusted frames. */
import { FRAME_HEADER_BYTES, MAX_OFFSET, MAX_PAYLOAD_BYTES } from "./bounds.ts";

export const FrameType = { data: 1, ack: 2, eof: 3, rst: 4 } as const;
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** The fields of a frame's 16-byte header, which is big-endian. */
export interface FrameHeader {
  type: FrameType;
  /** 1 … 65535. */
  channel: number;
  /** Steps of 10 µs since the session began, by the gateway's clock; 0 from the page. */
  at: number;
  /** DATA, EOF, RST: offset of the first byte. ACK: the next offset expected. */
  seq: number;
}

export interface Frame extends FrameHeader {
  /** A view of the received bytes, not a copy. */
  payload: Uint8Array;
}

/** A frame that breaks the format; the WebSocket it came on is closed with 4400 and this message. */
export class FrameError extends Error {
  readonly code = "BAD_FRAME";
}

const PAYLOAD_BYTES: Record<FrameType, { min: number; max: number }> = {
  [FrameType.data]: { min: 1, max: MAX_PAYLOAD_BYTES },
  [FrameType.ack]: { min: 4, max: 4 },
  [FrameType.eof]: { min: 0, max: 0 },
  [FrameType.rst]: { min: 2, max: 2 + 512 },
};

const TWO_32 = 2 ** 32;

/**
 * Writes a header into the first 16 bytes of `target`, so that a socket read that left room in
 * front of its bytes becomes a frame without a copy.
 */
export function writeHeader(target: Uint8Array, header: FrameHeader): void {
  const view = new DataView(target.buffer, target.byteOffset, FRAME_HEADER_BYTES);
  view.setUint8(0, header.type);
  view.setUint8(1, 0);
  view.setUint16(2, header.channel);
  view.setUint32(4, header.at);
  view.setUint32(8, Math.floor(header.seq / TWO_32));
  view.setUint32(12, header.seq % TWO_32);
}

/** Header and payload as one new array. */
export function encodeFrame(header: FrameHeader, payload?: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(FRAME_HEADER_BYTES + (payload?.length ?? 0));
  writeHeader(bytes, header);
  if (payload) bytes.set(payload, FRAME_HEADER_BYTES);
  return bytes;
}

/**
 * Reads one binary WebSocket message.
 * @throws {FrameError} when it is too short or long, of an unknown type, has flags set, or a field
 *   is out of range.
 */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length < FRAME_HEADER_BYTES) {
    throw new FrameError(`a frame of ${bytes.length} bytes has no room for its header`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const type = view.getUint8(0) as FrameType;
  const bounds = PAYLOAD_BYTES[type];
  if (!bounds) throw new FrameError(`unknown frame type ${type}`);
  if (view.getUint8(1) !== 0) throw new FrameError("flags must be 0");
  const channel = view.getUint16(2);
  if (channel === 0) throw new FrameError("channel 0 does not exist");
  const seq = view.getUint32(8) * TWO_32 + view.getUint32(12);
  const payload = bytes.subarray(FRAME_HEADER_BYTES);
  if (seq > MAX_OFFSET - payload.length) throw new FrameError("offset beyond 2^53");
  if (payload.length < bounds.min || payload.length > bounds.max) {
    throw new FrameError(`a payload of ${payload.length} bytes does not fit frame type ${type}`);
  }
  return { type, channel, at: view.getUint32(4), seq, payload };
}

/** An ACK: everything before `seq` is consumed, and `credit` bytes beyond it may be sent. */
export function encodeAck(
  channel: number,
  at: number,
  seq: number,
  credit: number,
): Uint8Array<ArrayBuffer> {
  const payload = new Uint8Array(4);
  new DataView(payload.buffer).setUint32(0, credit);
  return encodeFrame({ type: FrameType.ack, channel, at, seq }, payload);
}

/** The credit of an ACK frame, in bytes. */
export function ackCredit(frame: Frame): number {
  return new DataView(frame.payload.buffer, frame.payload.byteOffset, 4).getUint32(0);
}

/** The payload of an RST: a number from the table in errors.ts and a detail for people. */
export function encodeReset(code: number, detail = ""): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder().encode(detail).subarray(0, 512);
  const payload = new Uint8Array(2 + text.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(text, 2);
  return payload;
}

/** The number and detail of an RST frame. */
export function resetReason(frame: Frame): { code: number; detail: string } {
  const { payload } = frame;
  const code = new DataView(payload.buffer, payload.byteOffset, 2).getUint16(0);
  return { code, detail: new TextDecoder().decode(payload.subarray(2)) };
}
