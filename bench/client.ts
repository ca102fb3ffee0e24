/** The client as a process of its own: does one task at a time and says how long it took. */
import { MAX_PAYLOAD_BYTES } from "../shared/bounds.ts";
import { type Line, type LineEvents, openLine } from "./line.ts";
import { encodeLength, type Result, type Task } from "./messages.ts";

const PIECE = Buffer.alloc(MAX_PAYLOAD_BYTES, "wireside ");
/** A short line, as somebody types it. */
const SHORT = Buffer.from("Wake up, Neo");
/** How many connections are being made at a time. */
const AT_ONCE = 16;
/** The first messages find cold code and an empty window. */
const WARM_UP_MESSAGES = 100;

/** Answers that are waited for at a time, where many short messages follow each other. */
const BURST_AHEAD = 64;
/** More than all buffers on the way hold. */
const STALL_BYTES = 64 * 2 ** 20;

/** Opened by `connect` or `stall`, and kept until `hangUp`. */
const idle: Line[] = [];

process.once("disconnect", () => process.exit());
process.on("message", (task: Task) => {
  perform(task).then(
    (result) => process.send?.(result),
    (error: Error) => process.send?.({ did: "fail", problem: `${task.do}: ${error.message}` }),
  );
});

async function perform(task: Task): Promise<Result> {
  switch (task.do) {
    case "connect":
      return connectMany(task, task.count);
    case "echo":
      return echo(task, task.messages);
    case "burst":
      return { did: "burst", seconds: await burst(task, task.messages) };
    case "stall":
      return stall(task);
    case "down":
      return { did: "down", seconds: await receive(task, task.bytes) };
    case "up":
      return { did: "up", seconds: await transmit(task, task.bytes) };
    case "hangUp":
      for (const line of idle.splice(0)) line.cut();
      return { did: "hangUp" };
  }
}

/** A line on which one thing at a time is waited for. */
class Waiter implements LineEvents {
  readonly line: Line;
  #received = 0;
  #wanted = 0;
  #resolve: (() => void) | null = null;
  #reject: (problem: Error) => void = () => {};
  onRoom: () => void = () => {};
  /** Resolves once bytes may be sent. */
  readonly opened: Promise<void>;
  onOpen!: () => void;

  constructor(task: Task, port: number) {
    this.opened = new Promise((resolve, reject) => {
      this.onOpen = resolve;
      this.#reject = reject;
    });
    this.line = openLine(task.route, port, this);
  }

  onBytes(bytes: Uint8Array): void {
    this.#received += bytes.length;
    if (this.#received < this.#wanted) return;
    this.#resolve?.();
  }

  onFail(problem: string): void {
    this.#reject(new Error(problem));
  }

  /** Resolves once so many more bytes have arrived. */
  bytes(count: number): Promise<void> {
    this.#wanted += count;
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }
}

async function connectMany(task: Task, count: number): Promise<Result> {
  let started = 0;
  const makeSome = async () => {
    while (started < count) {
      started++;
      const waiter = new Waiter(task, task.far.echo);
      await waiter.opened;
      // Open means different things to the two; an answer means the same.
      const answer = waiter.bytes(SHORT.length);
      waiter.line.send(SHORT);
      await answer;
      idle.push(waiter.line);
    }
  };
  const begin = performance.now();
  await Promise.all(Array.from({ length: AT_ONCE }, makeSome));
  return { did: "connect", seconds: (performance.now() - begin) / 1000 };
}

async function echo(task: Task, messages: number): Promise<Result> {
  const waiter = new Waiter(task, task.far.echo);
  await waiter.opened;
  const times: number[] = [];
  for (let i = -WARM_UP_MESSAGES; i < messages; i++) {
    const begin = performance.now();
    const answer = waiter.bytes(SHORT.length);
    waiter.line.send(SHORT);
    await answer;
    if (i >= 0) times.push((performance.now() - begin) * 1000);
  }
  await waiter.line.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.ceil(share * times.length) - 1] ?? 0;
  return { did: "echo", p50: at(0.5), p99: at(0.99) };
}

/** Seconds for so many short messages to the echo server and back, always some of them under way. */
async function burst(task: Task, messages: number): Promise<number> {
  const waiter = new Waiter(task, task.far.echo);
  await waiter.opened;
  const begin = performance.now();
  for (let left = messages; left > 0; left -= BURST_AHEAD) {
    const count = Math.min(left, BURST_AHEAD);
    const answers = waiter.bytes(count * SHORT.length);
    for (let i = 0; i < count; i++) waiter.line.send(SHORT);
    await answers;
  }
  const seconds = (performance.now() - begin) / 1000;
  await waiter.line.close();
  return seconds;
}

async function stall(task: Task): Promise<Result> {
  const waiter = new Waiter(task, task.far.source);
  await waiter.opened;
  waiter.line.stall();
  waiter.line.send(encodeLength(STALL_BYTES));
  idle.push(waiter.line);
  return { did: "stall" };
}

/** Seconds from asking for so many bytes to having them. */
async function receive(task: Task, bytes: number): Promise<number> {
  const waiter = new Waiter(task, task.far.source);
  await waiter.opened;
  const begin = performance.now();
  const all = waiter.bytes(bytes);
  waiter.line.send(encodeLength(bytes));
  await all;
  const seconds = (performance.now() - begin) / 1000;
  await waiter.line.close();
  return seconds;
}

/** Seconds from sending the first of so many bytes to the far end's word that it has the last. */
async function transmit(task: Task, bytes: number): Promise<number> {
  const waiter = new Waiter(task, task.far.sink);
  await waiter.opened;
  const begin = performance.now();
  const done = waiter.bytes(1);
  waiter.line.send(encodeLength(bytes));
  let left = bytes;
  waiter.onRoom = () => {
    while (left > 0) {
      const piece = PIECE.subarray(0, left);
      if (waiter.line.room < piece.length) return;
      left -= piece.length;
      waiter.line.send(piece);
    }
  };
  waiter.onRoom();
  await done;
  const seconds = (performance.now() - begin) / 1000;
  await waiter.line.close();
  return seconds;
}
