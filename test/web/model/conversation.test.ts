/** A conversation's storage: bytes by range, calls by offset, and memory that is bounded. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ConversationEvent,
  type Direction,
  initialState,
  next,
  type Side,
} from "../../../shared/conversation.ts";
import {
  Conversation,
  EXCERPT_BYTES,
  KEPT_BYTES,
  KEPT_EVENTS,
} from "../../../web/model/conversation.ts";

function data(
  direction: Direction,
  offset: number,
  bytes: Uint8Array,
  side: Side = "near",
): ConversationEvent {
  const { length } = bytes;
  const kept = side === "near" ? bytes : new Uint8Array();
  return { kind: "data", at: 0, side, direction, offset, length, bytes: kept };
}

/** Bytes that tell where they stand. */
const pattern = (start: number, length: number) =>
  Uint8Array.from({ length }, (_, i) => ((start + i) * 31 + ((start + i) >> 8)) & 0xff);

const MIB = 1024 * 1024;
const PIECE = 64 * 1024;

describe("the state", () => {
  const kinds = fc.array(fc.constantFrom("out", "in", "far out", "far in", "fin", "look"), {
    maxLength: 40,
  });

  test("is what its events add up to, whenever somebody looks, and what was looked at stays", () => {
    const run = fc.property(kinds, (steps) => {
      const conversation = new Conversation();
      let expected = initialState;
      const seen: { state: typeof initialState; as: string }[] = [];
      for (const [at, step] of steps.entries()) {
        if (step === "look") {
          const { state } = conversation;
          expect(state).toEqual(expected);
          seen.push({ state, as: JSON.stringify(state) });
          continue;
        }
        const direction = step.endsWith("out") ? "out" : "in";
        const side = step.startsWith("far") ? "far" : "near";
        const event: ConversationEvent =
          step === "fin"
            ? { kind: "eof", at, side: "near", direction: "out" }
            : { ...data(direction, at, new Uint8Array(at), side), at };
        conversation.append(event);
        expected = next(expected, event);
      }
      expect(conversation.state).toEqual(expected);
      for (const { state, as } of seen) expect(JSON.stringify(state)).toBe(as);
    });
    fc.assert(run);
  });
});

describe("bytes", () => {
  test("come by range as they were carried, whatever the calls were", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.nat(400), fc.nat(400), (lengths, start, length) => {
        const conversation = new Conversation();
        let offset = 0;
        for (const size of lengths) {
          conversation.append(data("in", offset, pattern(offset, size)));
          offset += size;
        }
        const end = Math.min(start + length, offset);
        expect(conversation.lengthOf("in")).toBe(offset);
        expect(conversation.bytes("in", start, start + length)).toEqual(
          pattern(start, Math.max(0, end - start)),
        );
      }),
    );
  });

  test("are a copy: what a view does with them stays its own", () => {
    const conversation = new Conversation();
    conversation.append(data("out", 0, new TextEncoder().encode("Wake up, Neo")));
    conversation.bytes("out", 0, 12).fill(0);
    expect(new TextDecoder().decode(conversation.bytes("out", 0, 12))).toBe("Wake up, Neo");
  });

  test("of 64 MiB are all kept; beyond that the oldest pieces keep their beginning", () => {
    const conversation = new Conversation();
    const piece = new Uint8Array(PIECE).fill(7);
    for (let offset = 0; offset < KEPT_BYTES; offset += PIECE)
      conversation.append(data("in", offset, piece.slice()));
    expect(conversation.wholeFrom("in")).toBe(0);
    expect(conversation.bytes("in", 0, KEPT_BYTES).length).toBe(64 * MIB);
    conversation.append(data("in", KEPT_BYTES, piece.slice()));
    // Two, because the beginning of the first is kept as well.
    expect(conversation.wholeFrom("in")).toBe(2 * PIECE);
    expect(conversation.bytes("in", 0, PIECE).length).toBe(EXCERPT_BYTES);
    expect(conversation.bytes("in", EXCERPT_BYTES, PIECE).length).toBe(0);
    expect(conversation.bytes("in", 2 * PIECE, KEPT_BYTES + PIECE).length).toBe(KEPT_BYTES - PIECE);
    const kept = conversation.events.reduce(
      (sum, event) => sum + (event.kind === "data" ? event.bytes.length : 0),
      0,
    );
    expect(kept).toBeLessThanOrEqual(KEPT_BYTES);
  });

  test("after a gap are found where they go on", () => {
    const conversation = new Conversation();
    const piece = new Uint8Array(PIECE).fill(7);
    for (let offset = 0; offset <= KEPT_BYTES; offset += PIECE)
      conversation.append(data("in", offset, piece.slice()));
    const into = new Uint8Array(10);
    expect(conversation.copy("in", EXCERPT_BYTES, into)).toEqual({ start: PIECE, length: 10 });
    expect(conversation.copy("in", EXCERPT_BYTES - 3, into)).toEqual({
      start: EXCERPT_BYTES - 3,
      length: 3,
    });
    expect(conversation.copy("in", KEPT_BYTES + PIECE, into).length).toBe(0);
  });

  test("of tiny reads share their buffers", () => {
    const conversation = new Conversation();
    for (let offset = 0; offset < 1000; offset++)
      conversation.append(data("in", offset, pattern(offset, 1)));
    const buffers = new Set(
      conversation.events.map((event) => event.kind === "data" && event.bytes.buffer),
    );
    expect(buffers.size).toBe(1);
    expect(conversation.bytes("in", 0, 1000)).toEqual(pattern(0, 1000));
  });
});

describe("calls", () => {
  /** The rabbit: one send of 23 bytes, read as 16 and 7, after twelve bytes before. */
  function rabbit(): Conversation {
    const conversation = new Conversation();
    conversation.append(data("out", 0, pattern(0, 12)));
    conversation.append(data("out", 0, pattern(0, 12), "far"));
    conversation.append(data("out", 12, pattern(12, 23)));
    conversation.append(data("out", 12, pattern(12, 16), "far"));
    conversation.append(data("out", 28, pattern(28, 7), "far"));
    return conversation;
  }

  test("of both ends are found by the bytes they carried, each with its event", () => {
    const conversation = rabbit();
    expect(conversation.pieces("out", "near", 12, 35)).toEqual([
      { event: 2, offset: 12, length: 23, calls: 1, at: 0 },
    ]);
    expect(conversation.pieces("out", "far", 12, 35).map((it) => [it.event, it.length])).toEqual([
      [3, 16],
      [4, 7],
    ]);
    expect(conversation.pieces("out", "far", 27, 29).map((it) => it.event)).toEqual([3, 4]);
    expect(conversation.pieces("in", "near", 0, 100)).toEqual([]);
    expect(conversation.calls("out", "far").borders(12, 35)).toEqual([28]);
    expect(conversation.callAt("out", 12)).toBe(2);
    expect(conversation.callAt("out", 35)).toBe(null);
  });

  test("stay where they were when the earliest events are forgotten", () => {
    const conversation = new Conversation();
    const total = 1.2 * KEPT_EVENTS;
    conversation.appendAll(
      Array.from({ length: total }, (_, offset) => data("in", offset, pattern(offset, 1))),
    );
    expect(conversation.forgotten).toBeGreaterThan(0);
    expect(conversation.events.length).toBeGreaterThanOrEqual(KEPT_EVENTS);
    expect(conversation.total).toBe(total);
    expect(conversation.wholeFrom("in")).toBe(conversation.forgotten);
    expect(conversation.callAt("in", 5)).toBe(null);
    expect(conversation.callAt("in", total - 1)).toBe(total - 1);
    expect(conversation.bytes("in", 0, total).length).toBe(0);
    const from = conversation.forgotten;
    expect(conversation.bytes("in", from, total)).toEqual(pattern(from, total - from));
  });

  test("tell one follower of each event, and the views once", () => {
    const conversation = new Conversation();
    const followed: ConversationEvent[] = [];
    let changes = 0;
    conversation.onEvent((event) => followed.push(event));
    conversation.subscribe(() => changes++);
    conversation.appendAll([data("in", 0, pattern(0, 3)), data("in", 3, pattern(3, 3))]);
    expect(followed).toEqual(conversation.events);
    expect(changes).toBe(1);
  });

  test("of a conversation whose beginning is not known keep their numbers and offsets", () => {
    const conversation = new Conversation(0, 40);
    conversation.append(data("out", 500, pattern(500, 20)));
    expect(conversation.total).toBe(41);
    expect(conversation.callAt("out", 510)).toBe(40);
    expect(conversation.lengthOf("out")).toBe(520);
  });
});
