/** One direction of a channel under a network that loses whatever is under way at any moment. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FlowError, type Item, Receiver, Sender } from "../../shared/flow.ts";

const WINDOW = 100;

type Step =
  | { do: "write"; length: number }
  | { do: "move"; count: number }
  | { do: "use"; length: number }
  | { do: "ack" }
  | { do: "cut"; lostWelcomes: number }
  | { do: "end"; kind: "eof" | "rst" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("write" as const),
      length: fc.integer({ min: 1, max: 40 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("move" as const),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("use" as const),
      length: fc.integer({ min: 1, max: 60 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: "ack" as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("cut" as const),
      lostWelcomes: fc.integer({ min: 0, max: 2 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("end" as const),
      kind: fc.constantFrom("eof" as const, "rst" as const),
    }),
  },
);

/** Both ends of one direction and the frames between them. */
class Direction {
  released: Item[] = [];
  sender = new Sender<Item>(WINDOW, (item) => this.released.push(item));
  receiver = new Receiver(WINDOW);
  wire: Item[] = [];
  acks: { seq: number; credit: number }[] = [];
  /** Offsets delivered, in order of delivery. */
  delivered: number[] = [];
  ended = false;

  run(s: Step): void {
    if (s.do === "write") this.write({ length: s.length, kind: "data" });
    else if (s.do === "end") this.write({ length: 1, kind: s.kind });
    else if (s.do === "move") for (let i = 0; i < s.count; i++) this.move();
    else if (s.do === "use") this.use(s.length);
    else if (s.do === "ack")
      this.acks.push({ seq: this.receiver.consumed, credit: this.receiver.credit });
    else this.cut(s.lostWelcomes);
  }

  write({ length, kind }: { length: number; kind: Item["kind"] }): void {
    if (this.ended || (kind === "data" && this.sender.retained + length > WINDOW)) return;
    this.ended = kind !== "data";
    this.sender.push({ seq: this.sender.end, length, kind });
  }

  /** One step of the network: an item is taken, one arrives, an acknowledgement arrives. */
  move(): void {
    const taken = this.sender.take();
    if (taken) this.wire.push(taken);
    const item = this.wire.shift();
    if (item) {
      const skip = this.receiver.accept(item.seq, item.length, item.kind);
      for (let i = skip; i < item.length; i++) this.delivered.push(item.seq + i);
    }
    const ack = this.acks.shift();
    if (ack) this.sender.ack(ack.seq, ack.credit);
  }

  use(length: number): void {
    this.receiver.consume(Math.min(length, this.receiver.rx - this.receiver.consumed));
  }

  /** What is under way is lost; resumes whose welcome is lost too are simply tried again. */
  cut(lostWelcomes: number): void {
    for (let i = 0; i <= lostWelcomes; i++) {
      this.wire = [];
      this.acks = [];
      this.sender.rewind(this.receiver.rx);
      const taken = this.sender.take();
      if (taken && i < lostWelcomes) this.wire.push(taken);
      else if (taken) this.sender.rewind(this.receiver.rx);
    }
    this.acks.push({ seq: this.receiver.consumed, credit: this.receiver.credit });
  }

  settle(): void {
    for (let i = 0; i < 10_000 && this.sender.retained > 0; i++) {
      this.move();
      this.use(WINDOW);
      this.run({ do: "ack" });
    }
  }
}

describe("one direction of a channel", () => {
  it("delivers a prefix of what was sent at every moment, and all of it in the end", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const d = new Direction();
        for (const s of steps) {
          d.run(s);
          expect(d.delivered.every((offset, i) => offset === i)).toBe(true);
          expect(d.delivered.length).toBeLessThanOrEqual(d.sender.end);
          expect(d.sender.retained).toBeLessThanOrEqual(WINDOW + 1);
          expect(d.receiver.rx - d.receiver.consumed).toBeLessThanOrEqual(WINDOW + 1);
        }
        d.settle();
        expect(d.delivered.length).toBe(d.sender.end);
        // Every item was released, once, in order.
        expect(d.released.map((item) => item.seq)).toEqual(
          [...d.released.map((item) => item.seq)].sort((a, b) => a - b),
        );
        expect(d.released.reduce((sum, item) => sum + item.length, 0)).toBe(d.sender.end);
      }),
      { numRuns: 1000 },
    );
  });

  it("trims an overlap and drops what is old", () => {
    const receiver = new Receiver(WINDOW);
    expect(receiver.accept(0, 10)).toBe(0);
    expect(receiver.accept(5, 10)).toBe(5);
    expect(receiver.accept(0, 15)).toBe(15);
    expect(receiver.rx).toBe(15);
  });

  it("refuses a gap, bytes beyond the credit, and acknowledgements of what was never sent", () => {
    const receiver = new Receiver(WINDOW);
    expect(() => receiver.accept(1, 1)).toThrow(FlowError);
    expect(() => receiver.accept(0, WINDOW + 1)).toThrow(FlowError);
    expect(() => receiver.consume(1)).toThrow(FlowError);
    const sender = new Sender<Item>(WINDOW);
    sender.push({ seq: 0, length: 10, kind: "data" });
    expect(() => sender.ack(10, WINDOW)).toThrow(FlowError);
    sender.take();
    sender.ack(10, WINDOW);
    expect(() => sender.rewind(5)).toThrow(FlowError);
    expect(() => sender.rewind(11)).toThrow(FlowError);
  });

  it("holds bytes back without credit, but not an end", () => {
    const sender = new Sender<Item>(5);
    sender.push({ seq: 0, length: 6, kind: "data" });
    expect(sender.take()).toBeUndefined();
    sender.ack(0, 6);
    expect(sender.take()?.seq).toBe(0);
    sender.push({ seq: 6, length: 1, kind: "eof" });
    expect(sender.take()?.kind).toBe("eof");
  });
});

it("what the kernel takes only after a reset was counted with it, and changes nothing", () => {
  const receiver = new Receiver(100);
  receiver.accept(0, 10);
  receiver.skipTo(11);
  receiver.consume(10);
  expect([receiver.rx, receiver.consumed]).toEqual([11, 11]);
});
