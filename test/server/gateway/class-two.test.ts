/** One class on two gateway processes over a real Redis, which is killed, and one of which is killed. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { CrowdStudent } from "../../support/class-crowd.ts";
import { ClassPerson } from "../../support/class-gateway.ts";
import { type ClassProcess, startClassProcess } from "../../support/class-process.ts";
import { eventually } from "../../support/eventually.ts";
import { ask } from "../../support/http.ts";
import { RawPage } from "../../support/raw-page.ts";
import { Redis } from "../../support/redis.ts";
import { closedPort } from "../../support/tcp.ts";
import { WallSeen } from "../../support/wall-seen.ts";
import { linkWhen } from "../../support/wire.ts";

/** How long Redis stays away; longer where somebody wants to see it. */
const OUTAGE_MS = 1000 * Number(process.env.WIRESIDE_OUTAGE_SECONDS ?? 3);
/** A gateway that is gone is off the wall by then. */
const GONE_WITHIN_MS = 30_000;

let redis: Redis;
let a: ClassProcess;
let b: ClassProcess;
let students: CrowdStudent[];

beforeEach(async () => {
  redis = await Redis.start();
  a = await startClassProcess(["--redis", redis.url]);
  // Another gateway takes its port over: one that nobody else is given meanwhile.
  b = await startClassProcess(["--redis", redis.url, "--port", `${await closedPort()}`]);
  students = [];
});

afterEach(async () => {
  for (const student of students) student.leave();
  await Promise.all([a.stop("SIGKILL"), b.stop("SIGKILL")]);
  await redis.close();
});

async function enter(gateway: ClassProcess, name: string): Promise<CrowdStudent> {
  const student = await CrowdStudent.join(gateway.url, gateway.board, name);
  students.push(student);
  await student.connect(gateway.lessonPort);
  return student;
}

/** The teacher's page, on a gateway's wall. */
async function teach(gateway: ClassProcess): Promise<[ClassPerson, WallSeen]> {
  const { origin } = new URL(gateway.url);
  const { status, headers } = await ask(`${gateway.url}auth`, {
    method: "POST",
    headers: { origin, "content-type": "application/json" },
    body: JSON.stringify({ code: gateway.secret }),
  });
  expect(status).toBe(204);
  const cookie = (headers["set-cookie"]?.[0] ?? "").split(";", 1)[0] ?? "";
  const place = { origin, url: `${gateway.url.replace("http", "ws")}wire` };
  const page = await RawPage.connect(place, { cookie });
  page.hello();
  const { sid, token, epoch } = await page.text("welcome");
  page.say({ type: "wall", on: true, student: null });
  return [new ClassPerson(page, cookie, { sid, token, epoch, channels: [] }), new WallSeen(page)];
}

/** Says a line, and waits for its answer. */
async function exchange(student: CrowdStudent, line: string): Promise<void> {
  const before = student.talk.receivedBytes;
  student.talk.send(line);
  await student.talk.when((it) => it.receivedBytes === before + "accepted".length);
}

test("students of both are on the wall of either, and a teacher on one steers those of the other", async () => {
  expect([b.board, b.secret]).toEqual([a.board, a.secret]);
  const neo = await enter(a, "Neo");
  const trinity = await enter(b, "Trinity");
  const [teacher, wall] = await teach(a);
  await exchange(neo, "on a");
  await exchange(trinity, "on b");
  for (const name of ["Neo", "Trinity"])
    await wall.shows(name, (row) => row?.last?.text === "accepted" && row.now?.phase === "open");
  const id = wall.row("Trinity")?.id ?? "";
  const listener = trinity.link.status;
  expect(listener.student?.frozen).toBe(false);
  expect(await teacher.steer({ do: "freeze", on: true, student: id })).toBeNull();
  await linkWhen(trinity.link, ({ status }) => status.student?.frozen === true);
  expect(neo.link.status.student?.frozen).toBe(false);
  expect(await teacher.steer({ do: "freeze", on: false, student: id })).toBeNull();
  expect(await teacher.steer({ do: "hang-up", student: id })).toBeNull();
  await trinity.talk.when((it) => it.ended);
  expect(neo.talk.ended).toBe(false);
}, 30_000);

test("while Redis is dead everybody talks on, and afterwards the wall has every mark once", async () => {
  const neo = await enter(a, "Neo");
  const trinity = await enter(b, "Trinity");
  const [, wallOfA] = await teach(a);
  const [, wallOfB] = await teach(b);
  await exchange(trinity, "before");
  await wallOfA.shows("Trinity", (row) => row?.last?.text === "accepted");

  await redis.kill("with data");
  const until = performance.now() + OUTAGE_MS;
  let answered = 0;
  // The answers come while nobody can ask Redis.
  while (performance.now() < until) {
    await Promise.all([exchange(neo, `line ${answered}`), exchange(trinity, `line ${answered}`)]);
    answered++;
  }
  expect(answered).toBeGreaterThan(OUTAGE_MS / 1000);
  await redis.start();
  const backAt = performance.now();
  await exchange(trinity, "after");
  // Marks that are close together are one, sooner in a whole wall: what they add up to is what crossed.
  const sums = (wall: WallSeen) =>
    ["out", "in"].map((direction) =>
      wall
        .marks("Trinity")
        .filter(({ kind }) => kind === direction)
        .reduce((bytes, mark) => bytes + mark.bytes, 0),
    );
  const { talk } = trinity;
  const sent = talk
    .of("data")
    .filter(({ side, direction }) => side === "near" && direction === "out");
  const crossed = [sent.reduce((bytes, { length }) => bytes + length, 0), talk.receivedBytes];
  const told = await eventually(
    () => [sums(wallOfA), sums(wallOfB)],
    (both) => JSON.stringify(both) === JSON.stringify([crossed, crossed]),
    GONE_WITHIN_MS,
  );
  expect(told).toEqual([crossed, crossed]);
  const caughtUpMs = Math.round(performance.now() - backAt);
  process.stdout.write(
    `  Redis away ${OUTAGE_MS} ms: ${answered} lines each, caught up after ${caughtUpMs} ms\n`,
  );
}, 60_000);

test("a gateway that is killed takes its students off the other's wall, and their pages are told", async () => {
  const neo = await enter(a, "Neo");
  const trinity = await enter(b, "Trinity");
  const [, wall] = await teach(a);
  await wall.shows("Trinity", (row) => row?.here === true);
  await b.stop("SIGKILL");
  const killedAt = performance.now();
  await linkWhen(trinity.link, ({ status }) => status.phase === "lost");
  await wall.shows("Trinity", (row) => row === undefined || !row.here, GONE_WITHIN_MS);
  const goneMs = Math.round(performance.now() - killedAt);
  expect(goneMs).toBeLessThan(GONE_WITHIN_MS);
  process.stdout.write(`  off the wall ${goneMs} ms after its gateway was killed\n`);
  expect(wall.row("Neo")?.here).toBe(true);
  await exchange(neo, "still here");

  // The address of the class leads to the gateway that is left, on the port of the one that is not.
  const successor = await startClassProcess(["--redis", redis.url, "--port", `${b.port}`]);
  await trinity.talk.when((it) => it.ended);
  expect(trinity.talk.of("error")).toMatchObject([{ code: "SESSION_EXPIRED" }]);
  await successor.stop("SIGKILL");
}, 60_000);
