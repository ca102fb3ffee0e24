/** Frames of clients, right and wrong, however the network cuts them. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unmask } from "../../../../server/gateway/rfc6455/mask.ts";
import { ProtocolError, Reader } from "../../../../server/gateway/rfc6455/reader.ts";
import { masked } from "../../../support/raw-client.ts";

const text = (value: string) => new TextEncoder().encode(value);

/** Pushes chunks and keeps what comes out. */
function read(chunks: Uint8Array[]) {
  const payload: number[] = [];
  const words: string[] = [];
  const reader = new Reader({
    onPayload: (chunk, start, end) => payload.push(...chunk.subarray(start, end)),
    onPing: (bytes) => words.push(`ping ${bytes}`),
    onPong: () => words.push("pong"),
    onCloseFrame: (code) => words.push(`close ${code}`),
  });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return { payload: Buffer.from(payload), words };
}

function problemOf(...frames: Uint8Array[]): [number, string] | null {
  try {
    read(frames);
    return null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return [error.closeCode, error.message];
  }
}

describe("unmasking", () => {
  it("gives what byte by byte would, for every length, place, phase and key", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        fc.nat(20),
        fc.nat(3),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.nat(17),
        (bytes, start, phase, key, tail) => {
          const from = Math.min(start, bytes.length);
          const end = Math.max(from, bytes.length - tail);
          const expected = bytes.map((byte, i) =>
            i < from || i >= end ? byte : byte ^ (key[(i - from + phase) % 4] ?? 0),
          );
          // A view into the middle of its memory, so that no word begins where the view does.
          const memory = new Uint8Array(bytes.length + 3);
          memory.set(bytes, 3);
          const view = memory.subarray(3);
          unmask(view, from, end, Buffer.from(key).readUInt32LE(0), phase);
          expect(view).toEqual(expected);
        },
      ),
    );
  });
});

describe("a reader", () => {
  it("hands on the same bytes however frames, fragments and reads cut them", () => {
    const frame = fc.record({
      payload: fc.oneof(
        fc.uint8Array({ maxLength: 130 }),
        fc.constantFrom(125, 126, 127, 65_535, 65_536).map((n) => new Uint8Array(n).fill(n)),
      ),
      key: fc.array(fc.nat(255), { minLength: 4, maxLength: 4 }),
      final: fc.boolean(),
      ping: fc.boolean(),
    });
    const property = fc.property(
      fc.array(frame, { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 12 }),
      (frames, cuts) => {
        let inMessage = false;
        const sent: Buffer[] = [];
        for (const { payload, key, final, ping } of frames) {
          sent.push(masked((final ? 0x80 : 0) | (inMessage ? 0 : 2), payload, key));
          inMessage = !final;
          // Control frames may stand between fragments (section 5.4).
          if (ping) sent.push(masked(0x89, text("there?"), key));
        }
        const stream = Buffer.concat(sent);
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const next = at + (cuts[i % cuts.length] ?? 1);
          chunks.push(stream.subarray(at, next));
          at = next;
        }
        const { payload, words } = read(chunks);
        expect(payload.equals(Buffer.concat(frames.map((it) => it.payload)))).toBe(true);
        expect(words).toEqual(frames.filter(({ ping }) => ping).map(() => "ping there?"));
      },
    );
    fc.assert(property, { numRuns: 60 });
  });

  it("takes a frame byte by byte, and an empty one", () => {
    const frames = Buffer.concat([
      masked(0x82, text("a")),
      masked(0x82, text("")),
      masked(0x8a, text("")),
      masked(0x88, Buffer.from([3, 232, 98, 121, 101])),
    ]);
    const { payload, words } = read([...frames].map((byte) => Uint8Array.of(byte)));
    expect(`${payload}`).toBe("a");
    expect(words).toEqual(["pong", "close 1000"]);
  });

  it("reads nothing after a close frame", () => {
    const { payload, words } = read([masked(0x88, text("")), Buffer.from("not a frame")]);
    expect([payload.length, words]).toEqual([0, ["close 1005"]]);
  });

  const noMask = Buffer.from([0x82, 1, 97]);
  const long = (...length: number[]) => Buffer.from([0x82, 0xff, ...length, 1, 2, 3, 4]);
  it.each<[string, number, Uint8Array[]]>([
    ["a frame without a mask", 1002, [noMask]],
    ["RSV1, which would mean compression", 1002, [masked(0xc2, text("x"))]],
    ["RSV2", 1002, [masked(0xa2, text("x"))]],
    ["RSV3", 1002, [masked(0x92, text("x"))]],
    ["a text frame", 1003, [masked(0x81, text("x"))]],
    ["opcode 3", 1002, [masked(0x83, text("x"))]],
    ["opcode 11", 1002, [masked(0x8b, text("x"))]],
    ["a continuation of nothing", 1002, [masked(0x80, text("x"))]],
    ["a message inside another", 1002, [masked(2, text("x")), masked(0x82, text("y"))]],
    ["a ping in fragments", 1002, [masked(9, text("x"))]],
    ["a ping of 126 bytes", 1002, [masked(0x89, new Uint8Array(126))]],
    ["a close code cut in half", 1002, [masked(0x88, Uint8Array.of(3))]],
    ["close code 1005, which may not be sent", 1002, [masked(0x88, Uint8Array.of(3, 237))]],
    ["close code 999", 1002, [masked(0x88, Uint8Array.of(3, 231))]],
    ["close code 2000", 1002, [masked(0x88, Uint8Array.of(7, 208))]],
    ["a reason that is no UTF-8", 1007, [masked(0x88, Uint8Array.of(3, 232, 0xff))]],
    ["a length with its highest bit set", 1002, [long(0x80, 0, 0, 0, 0, 1, 0, 0)]],
    ["a length beyond 2^53", 1009, [long(0, 0x20, 0, 0, 0, 0, 0, 0)]],
    ["8 bytes of length for 5", 1002, [long(0, 0, 0, 0, 0, 0, 0, 5)]],
    ["2 bytes of length for 5", 1002, [Buffer.from([0x82, 0xfe, 0, 5, 1, 2, 3, 4])]],
  ])("refuses %s with %i", (_what, code, frames) => {
    expect(problemOf(...frames)?.[0]).toBe(code);
  });

  it("keeps a frame of 2^52 bytes nowhere: what has come is handed on", () => {
    const head = Buffer.from([0x82, 0xff, 0, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const { payload } = read([head, Buffer.from("begins")]);
    expect(`${payload}`).toBe("begins");
  });
});
