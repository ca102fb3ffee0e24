/** Binary frames: what is written is what is read, and nothing else is accepted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FRAME_HEADER_BYTES, MAX_OFFSET, MAX_PAYLOAD_BYTES } from "../../shared/bounds.ts";
import {
  ackCredit,
  decodeFrame,
  encodeAck,
  encodeFrame,
  encodeReset,
  FrameError,
  FrameType,
  resetReason,
} from "../../shared/frames.ts";

const header = fc.record({
  type: fc.constant(FrameType.data),
  channel: fc.integer({ min: 1, max: 0xffff }),
  at: fc.integer({ min: 0, max: 0xffff_ffff }),
  seq: fc.maxSafeNat().filter((seq) => seq <= MAX_OFFSET - 64),
});

describe("frames", () => {
  it("come out as they went in", () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ minLength: 1, maxLength: 64 }), (fields, payload) => {
        expect(decodeFrame(encodeFrame(fields, payload))).toEqual({ ...fields, payload });
      }),
    );
  });

  it("have a big-endian header of 16 bytes", () => {
    const bytes = encodeFrame({
      type: FrameType.eof,
      channel: 0x0102,
      at: 0x03040506,
      seq: 2 ** 32 + 7,
    });
    expect([...bytes]).toEqual([3, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 1, 0, 0, 0, 7]);
  });

  it("read any bytes as a frame or as a FrameError, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          const frame = decodeFrame(bytes);
          expect(frame.seq).toBeLessThanOrEqual(MAX_OFFSET);
          expect(frame.channel).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  const valid = { type: FrameType.data, channel: 1, at: 0, seq: 0 };
  it.each([
    ["a short header", new Uint8Array(FRAME_HEADER_BYTES - 1)],
    ["an unknown type", encodeFrame({ ...valid, type: 9 as FrameType }, new Uint8Array(1))],
    ["channel 0", encodeFrame({ ...valid, channel: 0 }, new Uint8Array(1))],
    ["no data", encodeFrame(valid)],
    ["too much data", encodeFrame(valid, new Uint8Array(MAX_PAYLOAD_BYTES + 1))],
    ["an offset beyond 2^53", encodeFrame({ ...valid, seq: MAX_OFFSET }, new Uint8Array(1))],
    ["an ACK without credit", encodeFrame({ ...valid, type: FrameType.ack })],
    ["an EOF with payload", encodeFrame({ ...valid, type: FrameType.eof }, new Uint8Array(1))],
    ["an RST without a code", encodeFrame({ ...valid, type: FrameType.rst })],
  ])("are refused with %s", (_, bytes) => {
    expect(() => decodeFrame(bytes)).toThrow(FrameError);
  });

  it("are refused with flags", () => {
    const bytes = encodeFrame(valid, new Uint8Array(1));
    bytes[1] = 1;
    expect(() => decodeFrame(bytes)).toThrow("flags");
  });

  it("carry credit and reset reasons", () => {
    expect(ackCredit(decodeFrame(encodeAck(3, 0, 10, 262_144)))).toBe(262_144);
    const rst = encodeFrame({ ...valid, type: FrameType.rst }, encodeReset(8, "für Neo"));
    expect(resetReason(decodeFrame(rst))).toEqual({ code: 8, detail: "für Neo" });
  });
});
