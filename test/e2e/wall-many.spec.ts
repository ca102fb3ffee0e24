/** The wall of three hundred students who each say something every two seconds: it stays smooth. */
import { expect, type Page, test } from "@playwright/test";
import type { Wall } from "../../shared/classroom.ts";
import { CrowdStudent } from "../support/class-crowd.ts";
import { openClass } from "../support/class-page.ts";
import { report } from "../support/figures.ts";
import { measureWork } from "../support/page-probe.ts";
import { counted, openWall } from "../support/wall-page.ts";

const STUDENTS = 300;
const EVERY_MS = 2_000;
/** Students who join at the same time. */
const TOGETHER = 10;
const FRAMES = 300;
/** Between two frames of the projector's page. */
const FRAME_MS = 50;
/** From the gateway's socket call to the projector's page. */
const DELIVERY_MS = 500;
/** Twice as slow is as much as a crowded machine explains. */
const MOST_EXCUSED = 2;
const ATTEMPTS = 3;

/** Milliseconds of each of the frames to come. */
function framesOf(page: Page): Promise<number[]> {
  return page.evaluate(async (count) => {
    const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
    const frames: number[] = [];
    let before = await frame();
    while (frames.length < count) {
      const now = await frame();
      frames.push(now - before);
      before = now;
    }
    return frames;
  }, FRAMES);
}

/** All of them, each connected to the first lesson. */
async function crowd(url: string, code: string, port: number): Promise<CrowdStudent[]> {
  const students: CrowdStudent[] = [];
  while (students.length < STUDENTS) {
    const from = students.length;
    const joining = Array.from({ length: TOGETHER }, (_, i) =>
      CrowdStudent.join(url, code, `Student number ${from + i + 1}`),
    );
    const joined = await Promise.all(joining);
    await Promise.all(joined.map((student) => student.connect(port)));
    students.push(...joined);
  }
  return students;
}

/** Everybody says something every two seconds, spread evenly over them. @returns stops. */
function talking(students: readonly CrowdStudent[]): () => void {
  let turn = 0;
  const timer = setInterval(() => {
    students[turn % STUDENTS]?.talk.send(`line ${turn}`);
    turn++;
  }, EVERY_MS / STUDENTS);
  return () => clearInterval(timer);
}

/** For each thing that happened to a student, milliseconds until the wall's page had received it. */
async function deliveries(page: Page): Promise<{ late: number[]; stop(): Promise<void> }> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const late: number[] = [];
  session.on("Network.webSocketFrameReceived", ({ response }) => {
    const now = Date.now();
    if (!response.payloadData.startsWith('{"type":"wall"')) return;
    const wall: Wall = JSON.parse(response.payloadData);
    if (wall.whole) return;
    for (const { marks } of wall.rows) for (const { at } of marks) late.push(now - at);
  });
  return { late, stop: () => session.detach() };
}

test("three hundred students who all talk are on the wall without a long frame", async ({
  browser,
}) => {
  test.setTimeout(180_000);
  const room = await openClass(browser);
  const page = await openWall(room);
  const students = await crowd(room.url, room.board, room.ports.accept);
  const stop = talking(students);
  await expect(counted(page, "connected")).toHaveText(`${STUDENTS}`, { timeout: 30_000 });
  await page.keyboard.press("ArrowRight");
  await expect(page.locator(".ladder-row").first()).toBeVisible();
  for (let attempt = 1; ; attempt++) {
    const told = await deliveries(page);
    const began = performance.now();
    const before = process.cpuUsage();
    const worked = await measureWork(page);
    const frames = await framesOf(page);
    const { computed, crowding } = await worked();
    // Of this process: the gateway, and the three hundred students with it.
    const { user, system } = process.cpuUsage(before);
    const cores = (user + system) / 1000 / (performance.now() - began);
    await told.stop();
    const p99 = told.late.sort((a, b) => a - b)[Math.floor(told.late.length * 0.99)] ?? Number.NaN;
    const longest = Math.max(...frames);
    const rows = await page.locator(".class-row").count();
    const meanMs = (1000 * computed) / FRAMES;
    report("300 students", {
      "longest frame ms": longest,
      "work ms a frame": meanMs,
      rows,
      deliveries: told.late.length,
      "delivery p99 ms": p99,
      "cores of gateway and students": cores,
      crowding,
    });
    expect(rows, "only one page of the wall is there").toBe(14);
    // The limit is the page's: what other programs took of its processor is left out, up to a point.
    const limit = FRAME_MS * Math.min(MOST_EXCUSED, Math.max(1, crowding));
    const isLate = longest > limit || p99 > DELIVERY_MS;
    if (isLate && attempt < ATTEMPTS) continue;
    expect(longest).toBeLessThanOrEqual(limit);
    // Each line and each answer is a mark; a wall without any would be on time always.
    expect(told.late.length).toBeGreaterThan(STUDENTS);
    expect(p99).toBeLessThanOrEqual(DELIVERY_MS);
    expect(cores).toBeLessThan(1);
    break;
  }
  stop();
  for (const student of students) student.leave();
  await room.close();
});
