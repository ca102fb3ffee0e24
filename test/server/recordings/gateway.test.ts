/** kill -9 of the real gateway while thirty students talk: after a restart the teacher has every conversation. */
import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import WebSocketClient from "ws";
import type { ClassNow, RecordingsNow } from "../../../shared/classroom.ts";
import { Link } from "../../../web/link.ts";
import { read } from "../../../web/model/recording/jsonl.ts";
import { eventually } from "../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateway-process.ts";
import { ask } from "../../support/http.ts";
import { plainWriter, type Workplace, workplace } from "../../support/kept.ts";
import { linkWhen, Talker } from "../../support/wire.ts";

const COUNT = 30;
/** What may be lost, and how far the clocks of two processes may seem apart. */
const LOST_MS = 200;
/** For the threads that write; kill.test.ts measures the journal alone. */
const GRACE_MS = 250;
/** Between two lines of a student. */
const PACE_MS = 25;

let place: Workplace;
let stops: (() => unknown)[] = [];
beforeEach(() => {
  place = workplace();
  stops = [];
});
afterEach(async () => {
  for (const stop of stops.reverse()) await stop();
  place.remove();
});

async function start(): Promise<GatewayProcess & { secret: string }> {
  const flags = ["--class", "--class-name", "Networks", "--host", "127.0.0.1"];
  const gateway = await startGatewayProcess([...flags, "--data", place.directory]);
  stops.push(() => gateway.stop("SIGKILL"));
  const teacherLink = /#t=(\S+)/;
  await eventually(gateway.output, (text) => teacherLink.test(text));
  const [, secret = ""] = teacherLink.exec(gateway.output()) ?? [];
  return { ...gateway, secret };
}

/** A page's link with what lets it in. */
/** @param prepare before anything can be heard. */
async function enter(
  { url }: GatewayProcess,
  headers: Record<string, string>,
  prepare = (_link: Link) => {},
): Promise<Link> {
  const { origin } = new URL(url);
  const open = (to: string, protocol: string) =>
    new WebSocketClient(to, protocol, { origin, headers }) as unknown as WebSocket;
  const link = new Link({ url: `${url.replace("http", "ws")}wire`, open });
  stops.push(() => link.stop());
  prepare(link);
  link.start();
  await linkWhen(link, ({ status }) => status.phase === "live");
  return link;
}

/** The teacher's page: what it is told of the class, as soon as `holds`. */
async function teacherOf(gateway: GatewayProcess & { secret: string }) {
  let now: ClassNow["teacher"];
  await enter(gateway, { authorization: `Bearer ${gateway.secret}` }, (link) =>
    link.onClass({
      heard(message) {
        if (message.type === "class") now = message.teacher;
      },
      attached() {},
      lost() {},
    }),
  );
  return (holds: (teacher: ClassNow["teacher"]) => boolean) => eventually(() => now, holds);
}

/** A student who says a line again and again, and knows when each answer was there. */
async function student(gateway: GatewayProcess, code: string, n: number) {
  const { origin } = new URL(gateway.url);
  const body = JSON.stringify({ code, name: `Student ${n}` });
  const headers = { origin, "content-type": "application/json" };
  const joined = await ask(`${gateway.url}join`, { method: "POST", headers, body });
  const cookie = (joined.headers["set-cookie"] ?? []).map((each) => each.split(";")[0]).join("; ");
  const link = await enter(gateway, { cookie });
  const heard: { at: number; bytes: number }[] = [];
  const talker = new Talker(link, gateway.lessonPorts.echo, {
    onData: () => heard.push({ at: Date.now(), bytes: talker.receivedBytes }),
  });
  await talker.when(({ events }) => events.some(({ kind }) => kind === "open"));
  let lines = 0;
  const pace = setInterval(() => talker.send(`student ${n} says ${lines++}\n`), PACE_MS);
  stops.push(() => clearInterval(pace));
  return { n, heard, talker, stop: () => clearInterval(pace) };
}

type Student = Awaited<ReturnType<typeof student>>;

/** How many bytes of answers a student had by then. */
const bytesUntil = (heard: Student["heard"], until: number): number =>
  heard.filter(({ at }) => at <= until).at(-1)?.bytes ?? -1;

/** For how long, of late, nobody was answered: as long as others on this machine kept the gateway waiting. */
function waited(all: readonly Student[], now: number): number {
  const times = all.flatMap(({ heard }) => heard.map(({ at }) => at)).sort((a, b) => a - b);
  const recent = [now - 1_000, ...times.filter((at) => at > now - 1_000), now];
  return Math.max(...recent.slice(1).map((at, i) => at - (recent[i] ?? 0)));
}

const digest = (bytes: Uint8Array | string) => createHash("sha256").update(bytes).digest("hex");

test("what was answered more than 200 ms before is kept, and can be listed, read and zipped", async () => {
  const first = await start();
  const teacher = await teacherOf(first);
  const code = (await teacher((now) => now !== undefined))?.code ?? "";
  const plain = plainWriter(place, COUNT);
  stops.push(plain.stop);
  const all = await Promise.all(Array.from({ length: COUNT }, (_, n) => student(first, code, n)));
  // Until everybody has said enough before the moment up to which all of it must have been written.
  let safeAt = 0;
  await eventually(
    () => {
      const now = Date.now();
      safeAt = now - LOST_MS - GRACE_MS - waited(all, now) - plain.slowest(now);
      return Math.min(...all.map(({ heard }) => bytesUntil(heard, safeAt)));
    },
    (bytes) => bytes > 500,
  );
  expect(await first.stop("SIGKILL")).toBe("SIGKILL");
  for (const { stop } of all) stop();

  const second = await start();
  const headers = { authorization: `Bearer ${second.secret}` };
  const { body } = await ask(`${second.url}recordings`, { headers });
  const { recordings } = JSON.parse(body) as RecordingsNow;
  expect(recordings.map(({ student }) => student).sort()).toEqual(
    all.map(({ n }) => `Student ${n}`).sort(),
  );
  for (const { id, student: name, events, live } of recordings) {
    const file = await ask(`${second.url}recordings/${id}`, { headers });
    expect(digest(file.body)).toBe(
      digest(readFileSync(join(place.directory, "networks", `${id}.jsonl`))),
    );
    const { recording, problem } = read(file.body);
    expect(problem).toBeNull();
    expect(live).toBe(false);
    expect(recording.events).toHaveLength(events);
    const { heard = [], n = -1 } = all.find((one) => `Student ${one.n}` === name) ?? {};
    const safe = bytesUntil(heard, safeAt);
    expect(safe).toBeGreaterThan(500);
    const got = recording.events.flatMap((event) =>
      event.kind === "data" && event.side === "near" && event.direction === "in"
        ? [event.bytes]
        : [],
    );
    const text = Buffer.concat(got).toString();
    expect(text.length).toBeGreaterThanOrEqual(safe);
    const lines = text.split("\n").slice(0, -1);
    expect(lines).toEqual(lines.map((_, i) => `student ${n} says ${i}`));
  }
  const zip = await ask(`${second.url}recordings.zip`, { headers });
  expect(zip.status).toBe(200);
  const deleted = await ask(`${second.url}recordings`, { method: "DELETE", headers });
  expect(deleted.status).toBe(204);
  const none = await ask(`${second.url}recordings`, { headers });
  expect(JSON.parse(none.body)).toEqual({ recordings: [] });
}, 60_000);

test("the teacher's page says so when conversations cannot be kept, and they go on", async () => {
  const gateway = await start();
  const teacher = await teacherOf(gateway);
  const now = await teacher((it) => it !== undefined);
  expect(now).not.toHaveProperty("keepProblem");
  rmSync(join(place.directory, "networks"), { recursive: true });
  const { talker } = await student(gateway, now?.code ?? "", 1);
  const told = await teacher((it) => it?.keepProblem !== undefined);
  expect(told?.keepProblem).toBe(
    "The files of this class were moved or deleted: not every conversation is kept to its end.",
  );
  const before = talker.receivedBytes;
  await talker.when(({ receivedBytes }) => receivedBytes > before);
});
