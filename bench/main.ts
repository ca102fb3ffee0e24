/** The bench: starts the processes, measures the subjects in turns, prints one table. */

import { availableParallelism, cpus } from "node:os";
import { resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { FarPorts, Job, Result } from "./messages.ts";
import { type BenchOptions, HELP, OptionError, readOptions } from "./options.ts";
import {
  barePipe,
  Child,
  gateway,
  type Measured,
  type Subject,
  type SubjectOptions,
} from "./process.ts";
import { type Figures, ratios, table } from "./table.ts";
import { websockify } from "./websockify.ts";

const MIB = 2 ** 20;
/** What a process does of each before it is measured, so that its code is compiled and its buffers exist. */
const WARM_UP_SHARE = 0.25;
/** Single messages are few for a compiler: with fewer, its work is counted as theirs. */
const WARM_UP_MESSAGES = 4000;
/** Short messages that follow each other, for each one that goes alone. */
const BURST_FACTOR = 8;
/** A stopped reader's gateway is looked at so often, until it has been still for so many looks. */
const LOOK_MS = 50;
const STILL_LOOKS = 8;
/** A median of fewer says nothing. */
const LEAST_ROUNDS = 3;

/**
 * Runs the whole bench.
 * @param args flags, see HELP.
 * @returns exit code.
 */
export async function main(args: string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options) await bench(options);
    else process.stdout.write(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}\n\n${HELP}`);
    return 2;
  }
}

async function bench(options: BenchOptions): Promise<void> {
  const folder = import.meta.dirname;
  const subjects = subjectsOf(options, { folder, profiles: options.profile });
  const far = new Child("far end", resolve(folder, "far.js"));
  const ports = await far.message<FarPorts>();
  const client = new Child("client", resolve(folder, "client.js"));
  const rounds: Figures[][] = [];
  const begin = performance.now();
  const isLate = (done: number) => {
    const seconds = (performance.now() - begin) / 1000;
    return done >= LEAST_ROUNDS && seconds + seconds / done > options.limitSeconds;
  };
  for (let round = 0; round < options.rounds && !isLate(round); round++) {
    // Every other round begins with the other one: what the machine does meanwhile hits both.
    const order = round % 2 === 0 ? subjects : subjects.toReversed();
    const figures = new Map<Subject, Figures>();
    for (const subject of order)
      figures.set(subject, await measure(subject, client, ports, options));
    rounds.push(subjects.map((subject) => figures.get(subject) as Figures));
  }
  await Promise.all([client.stop(), far.stop()]);
  const names = subjects.map(({ name }) => name);
  process.stdout.write(
    `\n${heading(options, rounds.length)}\n\n${table(names, rounds)}\n\n${ratios(names, rounds)}\n`,
  );
}

function subjectsOf(options: BenchOptions, subjectOptions: SubjectOptions): Subject[] {
  // The programs are built below the checkout's .cache, the gateway in its dist.
  const built = resolve(subjectOptions.folder, "../../dist/server/main.js");
  const other = options.against === undefined ? [] : [resolve(options.against)];
  const rival = websockify("websockify");
  const all = [
    gateway("raw", built, "raw", subjectOptions),
    gateway("/wire", built, "wire", subjectOptions),
    ...other.map((file) => gateway("against", file, "wire", subjectOptions)),
    ...(rival ? [rival] : []),
    barePipe("bare pipe", subjectOptions),
  ];
  const chosen = all.filter(({ name }) => options.only?.includes(name) ?? true);
  if (chosen.length === 0) throw new OptionError("--only names nothing that can be measured here.");
  return chosen;
}

/** A fresh process for each round, so that none inherits another's heap. */
async function measure(
  subject: Subject,
  client: Child,
  far: FarPorts,
  options: BenchOptions,
): Promise<Figures> {
  const { child, route } = await subject.start(far);
  const perform = async <J extends Job>(job: J) => {
    const result = await client.ask<Result>({ ...job, route, far });
    if (result.did === "fail") throw new Error(`${subject.name}: ${result.problem}`);
    return result as Extract<Result, { did: J["do"] }>;
  };
  /** CPU time the subject takes for some work, in seconds, and what came out of it. */
  const costing = async <T>(work: () => Promise<T>) => {
    const before = await child.usage();
    const result = await work();
    const after = await child.usage();
    return { ...result, cpu: after.cpuSeconds - before.cpuSeconds };
  };
  const connections = async (count: number) => {
    const before = await child.usage();
    const { seconds } = await perform({ do: "connect", count });
    const after = await child.usage();
    await perform({ do: "hangUp" });
    const bytes = after.residentBytes - before.residentBytes;
    return { connects: count / seconds, idleMemory: bytes / 1024 / count };
  };
  const carry = async (direction: "down" | "up", bytes: number) => {
    const { seconds, cpu } = await costing(() => perform({ do: direction, bytes }));
    return { speed: bytes / MIB / seconds, cpu: (cpu / bytes) * 1024 * MIB };
  };
  const echo = (messages: number) => perform({ do: "echo", messages });
  const burst = async (messages: number) => {
    const { seconds, cpu } = await costing(() => perform({ do: "burst", messages }));
    return { burst: messages / seconds, burstCpu: (cpu / messages) * 1e6 };
  };

  const bytes = options.mebibytes * MIB;
  const few = (amount: number) => Math.ceil(amount * WARM_UP_SHARE);
  await connections(few(options.connections));
  const connected = await connections(options.connections);
  await echo(Math.max(WARM_UP_MESSAGES, few(options.messages)));
  const { p50, p99, cpu } = await costing(() => echo(options.messages));
  await burst(few(options.messages * BURST_FACTOR));
  const bursts = await burst(options.messages * BURST_FACTOR);
  await carry("down", few(bytes));
  const down = await carry("down", bytes);
  await carry("up", few(bytes));
  const up = await carry("up", bytes);
  const stalled = await stall(child, perform);
  await child.stop();
  return {
    ...connected,
    ...bursts,
    p50,
    p99,
    echoCpu: (cpu / options.messages) * 1e6,
    downSpeed: down.speed,
    downCpu: down.cpu,
    upSpeed: up.speed,
    upCpu: up.cpu,
    stalled,
  };
}

/** How much memory grows, in MiB, while a client reads nothing: until it has grown no more for a while. */
async function stall(child: Measured, perform: (job: Job) => Promise<unknown>): Promise<number> {
  const memory = async () => (await child.usage()).residentBytes;
  const before = await memory();
  await perform({ do: "stall" });
  let most = before;
  for (let still = 0; still < STILL_LOOKS; still++) {
    await wait(LOOK_MS);
    const now = await memory();
    // Garbage that is collected is no growth; a page or two is noise.
    if (now > most + 64 * 1024) still = 0;
    most = Math.max(most, now);
  }
  await perform({ do: "hangUp" });
  return (most - before) / MIB;
}

function heading(options: BenchOptions, rounds: number): string {
  const { mebibytes, messages, connections } = options;
  const cores = availableParallelism();
  const model = cpus()[0]?.model.trim() || "unknown processor";
  return [
    `npm run bench -- --rounds ${rounds} --mib ${mebibytes} --messages ${messages} --connections ${connections}`,
    `${cores} ${cores === 1 ? "core" : "cores"} (${model}), ${process.platform} ${process.arch}, Node ${process.versions.node}`,
    `median (lowest … highest) of ${rounds} alternating rounds; CPU is the measured process's alone`,
  ].join("\n");
}
