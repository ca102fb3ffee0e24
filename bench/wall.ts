/** What the wall of a class costs and how late it is: `npm run bench -- wall`. Students in one process, over Redis those of two gateways. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Bus } from "../server/classroom/bus.ts";
import { MemoryHub } from "../server/classroom/bus-memory.ts";
import { joinRedis } from "../server/classroom/bus-redis.ts";
import { openClassroom } from "../server/classroom/classroom.ts";
import type { Classroom } from "../server/classroom/types.ts";
import { Redis } from "../test/support/redis.ts";

const STUDENTS = 300;
const EVERY_MS = 2_000;
const WARM_UP_MS = 4_000;
const MEASURED_MS = 20_000;
const CLASS_ID = "bench";
const SETTINGS = { name: "Bench", size: 2 * STUDENTS, passMs: 3_600_000, keeps: null };

/** Of the machine, in milliseconds since 1970 with a fraction: the same in both processes. */
const clock = () => performance.timeOrigin + performance.now();
const open = (bus: Bus) => openClassroom({ settings: SETTINGS, bus });

interface Cpu {
  seconds: number;
}

/** Measures both ways, one after the other. @returns exit code. */
export async function main(args: string[]): Promise<number> {
  const [url] = args;
  if (url) return students(url);
  console.log(
    `${STUDENTS} students, a line each every ${EVERY_MS} ms, one screen, ${MEASURED_MS / 1000} s:`,
  );
  const classroom = await open(new MemoryHub().join());
  const stop = await speak(classroom);
  console.log(`in one process   ${await measure(classroom)}`);
  stop();
  await classroom.close();
  await overRedis();
  return 0;
}

async function overRedis(): Promise<void> {
  const redis = await Redis.start();
  const classroom = await open(await joinRedis({ url: redis.url, classId: CLASS_ID }));
  const child = fork(fileURLToPath(import.meta.url), ["wall", redis.url]);
  await once(child, "message");
  const redisBefore = await redisSeconds(redis);
  const before = await cpuOf(child);
  const line = await measure(classroom);
  const seconds = (await cpuOf(child)) - before;
  const redisShare = ((await redisSeconds(redis)) - redisBefore) / (WARM_UP_MS + MEASURED_MS);
  console.log(`over Redis       ${line}`);
  console.log(
    `                 students' gateway ${percent((seconds * 1e3) / (WARM_UP_MS + MEASURED_MS))} of a core, Redis ${percent(redisShare * 1e3)}`,
  );
  child.disconnect();
  await once(child, "exit");
  await classroom.close();
  await redis.close();
}

/** The other process: a gateway with all the students. */
async function students(url: string): Promise<number> {
  const classroom = await open(await joinRedis({ url, classId: CLASS_ID }));
  const stop = await speak(classroom);
  process.on("message", () => process.send?.({ seconds: ownSeconds() } satisfies Cpu));
  process.send?.("ready");
  await once(process, "disconnect");
  stop();
  await classroom.close();
  return 0;
}

/** Everybody comes in, and says the time every two seconds, each at a moment of its own. @returns stops. */
async function speak(classroom: Classroom): Promise<() => void> {
  const timers: NodeJS.Timeout[] = [];
  for (let index = 0; index < STUDENTS; index++) {
    const name = `Student ${index}`;
    const joined = await classroom.join({ code: classroom.code, name, address: "127.0.0.1" });
    if (!joined.ok) throw new Error(joined.problem);
    const id = joined.identity.student?.id ?? "";
    const say = () => {
      const last = { direction: "out" as const, text: String(clock()) };
      const marks = [{ at: Date.now(), kind: "out" as const, bytes: 20 }];
      classroom.report(id, { here: true, open: 1, now: conversation(index), last }, marks);
    };
    const start = setTimeout(
      () => timers.push(setInterval(say, EVERY_MS)),
      (index / STUDENTS) * EVERY_MS,
    );
    timers.push(start);
  }
  return () => {
    for (const timer of timers) clearInterval(timer);
  };
}

const conversation = (index: number) => ({
  key: `${index}-1`,
  address: "tcp://127.0.0.1:8002",
  role: "client" as const,
  phase: "open" as const,
  state: "ESTABLISHED" as const,
  seen: true,
  local: { host: "127.0.0.1", port: 40_000 + index },
  remote: { host: "127.0.0.1", port: 8_002 },
});

/** A screen for a while. @returns what it saw, and what this process needed for it. */
async function measure(classroom: Classroom): Promise<string> {
  const admitted = classroom.admit(classroom.teacherSecret, "127.0.0.1");
  if (!admitted.ok) throw new Error("The teacher is not let in.");
  const delays: number[] = [];
  let characters = 0;
  let isMeasured = false;
  const stop = classroom.watch(admitted.identity, (wall) => {
    // What a gateway does with it.
    const text = JSON.stringify(wall);
    if (!isMeasured) return;
    characters += text.length;
    for (const { last } of wall.rows) if (last) delays.push(clock() - Number(last.text));
  });
  await wait(WARM_UP_MS);
  isMeasured = true;
  const before = ownSeconds();
  await wait(MEASURED_MS);
  const share = ((ownSeconds() - before) * 1e3) / MEASURED_MS;
  stop();
  delays.sort((a, b) => a - b);
  const at = (part: number) => `${Math.round(delays[Math.floor(delays.length * part)] ?? 0)} ms`;
  const speed = `${Math.round(characters / 1024 / (MEASURED_MS / 1000))} KiB/s to the screen`;
  return `${delays.length} rows, p50 ${at(0.5)}, p99 ${at(0.99)}, latest ${at(0.99999)}; ${percent(share)} of a core, ${speed}`;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

function ownSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send("usage");
  const [message] = (await once(child, "message")) as [Cpu];
  return message.seconds;
}

/** CPU time of the server, user and system. */
async function redisSeconds(redis: Redis): Promise<number> {
  const info = String(await redis.ask("INFO", "cpu"));
  const read = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, "m").exec(info)?.[1]);
  return read("used_cpu_user") + read("used_cpu_sys");
}

if (process.argv[2] === "wall" && process.send)
  process.exitCode = await main(process.argv.slice(3));
