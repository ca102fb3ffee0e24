/** Two hundred in the chat, one of whom never reads: the others read each line soon, and memory is bounded. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MAX_WAITING_BYTES } from "../../../../server/lessons/chat/mailbox.ts";
import { eventually } from "../../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../../support/gateway.ts";
import { residentBytes } from "../../../support/levels.ts";

const MIB = 1024 * 1024;
const CLIENTS = 200;
/** In one round every second one says a line, spread evenly over this time. */
const SPREAD_MS = 2_000;
const P99_MS = 250;
/** A round in which another program had the processor is measured again; a chat that is slow is slow in all. */
const MOST_ROUNDS = 5;
const MAY_GROW_BYTES = 32 * MIB;
/** What loopback's two kernel buffers take of somebody who never reads, and some more. */
const FILL_BYTES = 4 * MIB;
const LONG_LINE = "x".repeat(1000);
/** As many as one client may say at once, less its name and its /quit. */
const LINES_A_VISIT = 18;
/** A stream's buffer, which the queue comes on top of. */
const STREAM_BUFFER_BYTES = 64 * 1024;

let gateway: GatewayProcess;
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await startGatewayProcess(["--lessons", "chat", "--log-level", "warn"]);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway.stop("SIGKILL");
});

/** Somebody in the chat; what it reads is handed on line by line. */
class Someone {
  readonly socket: Socket;
  count = 0;
  #rest = "";
  #onLine: (line: string) => void = () => {};
  readonly #waiting = new Set<() => void>();

  private constructor(socket: Socket) {
    this.socket = socket;
  }

  static async enter(name: string, onLine?: (line: string) => void): Promise<Someone> {
    const socket = connect({ host: "127.0.0.1", port: gateway.lessonPorts.chat, noDelay: true });
    sockets.push(socket);
    await once(socket, "connect");
    const someone = new Someone(socket);
    someone.say(name);
    someone.read();
    await someone.lines(4);
    if (onLine) someone.#onLine = onLine;
    return someone;
  }

  read(): void {
    this.socket.setEncoding("utf8").on("data", (text: string) => {
      const lines = (this.#rest + text).split("\n");
      this.#rest = lines.pop() ?? "";
      for (const line of lines) this.#onLine(line);
      this.count += lines.length;
      for (const check of this.#waiting) check();
    });
  }

  say(text: string): void {
    this.socket.write(`${text}\n`);
  }

  /** Waits until it has read so many lines. */
  lines(count: number): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (this.count < count) return;
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
      check();
    });
  }
}

/** One comes in, says as much as it may at once, and leaves: few are in the room, and much is said. */
async function visit(name: string): Promise<void> {
  const visitor = await Someone.enter(name);
  for (let i = 0; i < LINES_A_VISIT; i++) visitor.say(LONG_LINE);
  visitor.socket.end("/quit\n");
  await once(visitor.socket, "close");
}

test("their p99 stays under 250 ms, and what is kept for the one who does not read is bounded", async ({
  annotate,
}) => {
  const baseline = residentBytes(gateway.child.pid);
  const deaf: string[] = [];
  const sleeper = await Someone.enter("Sleeper", (line) => deaf.push(line));
  sleeper.socket.pause();
  const heard: string[] = [];
  await Someone.enter("Witness", (line) => heard.push(line));
  for (let said = 0, visits = 0; said < FILL_BYTES; said += LINES_A_VISIT * LONG_LINE.length) {
    await visit(`Visitor ${visits++}`);
  }

  let latencies: number[] = [];
  const onLine = (line: string) => {
    const [, sentAt] = /: at (\S+)$/.exec(line) ?? [];
    if (sentAt) latencies.push(performance.now() - Number(sentAt));
  };
  const others: Someone[] = [];
  for (let i = 2; i < CLIENTS; i++) others.push(await Someone.enter(`Number ${i}`, onLine));

  let p99 = Number.POSITIVE_INFINITY;
  for (let round = 0; round < MOST_ROUNDS && p99 >= P99_MS; round++) {
    latencies = [];
    const speakers = others.filter((_, i) => i % 2 === round % 2);
    for (const [i, one] of speakers.entries()) {
      setTimeout(() => one.say(`at ${performance.now()}`), (i * SPREAD_MS) / speakers.length);
    }
    const all = speakers.length * (others.length - 1);
    await eventually(
      () => latencies.length,
      (count) => count === all,
      20_000,
    );
    latencies.sort((a, b) => a - b);
    const at = (share: number) => latencies[Math.floor(share * (all - 1))] ?? Number.NaN;
    p99 = at(0.99);
    await annotate(
      `${all} deliveries: p50 ${at(0.5).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, most ${at(1).toFixed(1)} ms`,
    );
  }
  const grown = residentBytes(gateway.child.pid) - baseline;
  await annotate(`RSS grown by ${(grown / MIB).toFixed(1)} MiB`);
  expect(p99).toBeLessThan(P99_MS);
  expect(grown).toBeLessThan(MAY_GROW_BYTES);

  // What it was not sent it is told of, in its place; nothing else is missing, and nothing comes twice.
  sleeper.socket.resume();
  sleeper.say("/who");
  await eventually(
    () => deaf.at(-1) ?? "",
    (line) => line.startsWith(`* ${CLIENTS} are here`),
    20_000,
  );
  const [came, ...got] = deaf.slice(0, -1);
  expect(came).toBe("* Witness came in.");
  const place = got.findIndex((line) => line.includes("missed"));
  const missed = Number(/^\* … (\d+) lines missed/.exec(got[place] ?? "")?.[1]);
  expect(missed).toBeGreaterThan(0);
  const kept = got.slice(place + 1);
  expect([...got.slice(0, place), ...heard.slice(place, place + missed), ...kept]).toEqual(heard);
  const bytes = kept.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  expect(bytes).toBeLessThanOrEqual(MAX_WAITING_BYTES + STREAM_BUFFER_BYTES);
}, 60_000);
