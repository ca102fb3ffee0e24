/** Coming into a class over HTTP and WebSocket: codes, names, passes, links; and everybody who may not. */
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { type ClassGateway, startClassGateway } from "../../support/class-gateway.ts";
import { ask } from "../../support/http.ts";
import { knock, RawPage } from "../../support/raw-page.ts";

let gateway: ClassGateway;
beforeEach(async () => {
  gateway = await startClassGateway(["--class-name", "Room 7", "--class-size", "3"]);
});
afterEach(() => gateway.close());

const join = (body: unknown, cookie?: string) => gateway.post("join", body, cookie);
const problemOf = async (answer: ReturnType<typeof join>) => {
  const { status, body } = await answer;
  return [status, JSON.parse(body).problem];
};

describe("joining", () => {
  test("takes the code in any spelling and a name, and gives a cookie that no script reads", async () => {
    const { board } = gateway.classroom;
    const typed = board.toLowerCase().replace(" ", " - ");
    const { status, headers } = await join({ code: typed, name: " Trinity " });
    expect(status).toBe(204);
    const [cookie = ""] = headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^wireside_access=.*; Path=\/;.*HttpOnly; SameSite=Strict/);
    expect(await gateway.auth(cookie.split(";", 1)[0])).toEqual({
      required: true,
      ok: true,
      class: { name: "Room 7", locked: false, keeps: false, role: "student", student: "Trinity" },
    });
    expect(await gateway.auth()).toEqual({
      required: true,
      ok: false,
      class: { name: "Room 7", locked: false, keeps: false },
    });
  });

  test("is refused with a status and a reason for each cause", async () => {
    const { code } = gateway.classroom;
    expect(await problemOf(join({ code: "222222", name: "Neo" }))).toEqual([401, "wrong-code"]);
    expect(await problemOf(join({ code, name: "\u202e" }))).toEqual([400, "bad-name"]);
    await gateway.student("Neo");
    const { status, body } = await join({ code, name: "NEO" });
    expect([status, JSON.parse(body)]).toEqual([
      409,
      { problem: "name-taken", suggestion: "NEO 2" },
    ]);
    await gateway.student("Trinity");
    await gateway.student("Tank");
    expect(await problemOf(join({ code, name: "Dozer" }))).toEqual([403, "full"]);
    const teacher = await gateway.teacher();
    await teacher.steer({ do: "lock", on: true });
    expect(await problemOf(join({ code, name: "Dozer" }))).toEqual([423, "locked"]);
    expect((await gateway.auth()).class.locked).toBe(true);
  });

  test("with a pass brings the same student back, also into a class that is locked", async () => {
    const cookie = await gateway.passOf("Neo");
    await (await gateway.teacher()).steer({ do: "lock", on: true });
    expect((await join({ code: "", name: "x" }, cookie)).status).toBe(204);
    expect((await gateway.enter(cookie).then((neo) => neo.now())).student?.name).toBe("Neo");
  });

  test("slows down who guesses", async () => {
    const tries = Array.from({ length: 40 }, () => join({ code: "222222", name: "Neo" }));
    const answers = await Promise.all(tries);
    const late = answers.find(({ status }) => status === 429);
    expect(late?.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    expect(JSON.parse(late?.body ?? "")).toMatchObject({ problem: "too-many-tries" });
    const right = await join({ code: gateway.classroom.code, name: "Neo" });
    expect(right.status).toBe(429);
  });

  test.each([
    ["{", 400],
    [{ code: "x" }, 400],
    [{ code: "x", name: "y", role: "teacher" }, 400],
    [{ code: ["x"], name: "y" }, 400],
    [{ code: "x".repeat(2000), name: "y" }, 413],
  ])("with %j is not understood", async (body, status) => {
    expect((await join(body)).status).toBe(status);
  });

  test("is for this gateway's own page", async () => {
    const body = JSON.stringify({ code: gateway.classroom.code, name: "Neo" });
    const headers = { origin: "http://evil.test", "content-type": "application/json" };
    const answer = await ask(`${gateway.server.url}join`, { method: "POST", headers, body });
    expect(answer.status).toBe(403);
    expect(gateway.classroom.hasName("Neo")).toBe(false);
  });
});

describe("a link", () => {
  test("makes a teacher or a watcher of a browser, each told what it may know", async () => {
    const teacher = await (await gateway.teacher()).now();
    const { board, code, watchSecret } = gateway.classroom;
    const url = gateway.server.openUrls[0];
    const door = { code: board, url, joinUrl: `${url}#join=${code}` };
    expect(teacher).toMatchObject({ name: "Room 7", role: "teacher", frozen: false });
    expect(teacher.teacher).toMatchObject({ ...door, watchUrl: `${url}#t=${watchSecret}` });
    const watch = await (await gateway.watcher()).now();
    expect(watch).toMatchObject({ role: "watch", door });
    expect(watch).not.toHaveProperty("teacher");
    const student = await (await gateway.student("Neo")).now();
    expect(JSON.stringify(student)).not.toContain(code);
  });

  test("that is guessed is refused, and slowed down", async () => {
    const guess = () => gateway.post("auth", { code: "222222" });
    expect((await guess()).status).toBe(401);
    const answers = await Promise.all(Array.from({ length: 40 }, guess));
    expect(answers.at(-1)?.status).toBe(429);
  });
});

describe("a WebSocket", () => {
  /** What somebody with this cookie is told. */
  async function told(cookie: string | null) {
    const page = await RawPage.connect(gateway.place, { cookie });
    page.hello();
    const { code } = await page.text("refused");
    return [code, (await page.closed).code];
  }

  test("without a pass, with one of another class or of somebody removed, is refused", async () => {
    expect(await told(null)).toEqual(["ACCESS_CODE", 4401]);
    const other = await startClassGateway();
    const foreign = await other.teacherPass();
    await other.close();
    expect(await told(foreign)).toEqual(["ACCESS_CODE", 4401]);
    const neo = await gateway.student("Neo");
    await (await gateway.teacher()).steer({ do: "remove", student: await neo.id() });
    expect(await told(neo.cookie)).toEqual(["ACCESS_CODE", 4401]);
  });

  test("that was opened before its pass was void is refused when it says hello", async () => {
    const neo = await gateway.student("Neo");
    const late = await RawPage.connect(gateway.place, { cookie: neo.cookie });
    await (await gateway.teacher()).steer({ do: "remove", student: await neo.id() });
    late.hello(neo.resume);
    expect((await late.text("refused")).code).toBe("ACCESS_CODE");
  });

  test("of a program needs the teacher's secret", async () => {
    const shown = (secret: string) =>
      knock(gateway.origin, "/wire", { Origin: null, authorization: `Bearer ${secret}` });
    const { code, watchSecret, teacherSecret } = gateway.classroom;
    expect(await shown(code)).toBe(403);
    expect(await shown(watchSecret)).toBe(403);
    expect(await shown(teacherSecret)).toBe(101);
  });

  test("of the raw endpoint is the teacher's, and a student is told so", async () => {
    const url = `${gateway.origin.replace("http", "ws")}/websockify?token=echo`;
    const cookie = await gateway.passOf("Neo");
    const ws = new WebSocket(url, { headers: { origin: gateway.origin, cookie } });
    const [code, reason] = await once(ws, "close");
    expect([code, `${reason}`]).toEqual([4403, expect.stringContaining("Students connect")]);
  });
});

test("metrics are not for students", async () => {
  const headers = { "x-forwarded-for": "192.0.2.1" };
  const get = (cookie: string) =>
    ask(`${gateway.origin}/metrics`, { headers: { ...headers, cookie } });
  expect((await get(await gateway.passOf("Neo"))).status).toBe(403);
  expect((await get(await gateway.teacherPass())).status).toBe(200);
});
