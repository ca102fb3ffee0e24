/** A teacher's controls on students who are there, and the same from everybody who only says to be the teacher. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ClassAction } from "../../../shared/classroom.ts";
import { wireNumber } from "../../../shared/errors.ts";
import { FrameType, resetReason } from "../../../shared/frames.ts";
import {
  type ClassGateway,
  type ClassPerson,
  startClassGateway,
} from "../../support/class-gateway.ts";
import { eventually } from "../../support/eventually.ts";
import { RawPage } from "../../support/raw-page.ts";
import { closedPort, connectTcp, listenTcp, type TestServer } from "../../support/tcp.ts";

let gateway: ClassGateway;
let teacher: ClassPerson;
let neo: ClassPerson;
let trinity: ClassPerson;
let far: TestServer;
beforeEach(async () => {
  far = await listenTcp();
  gateway = await startClassGateway(["--allow", `127.0.0.1:${far.port}`]);
  teacher = await gateway.teacher();
  neo = await gateway.student("Neo");
  trinity = await gateway.student("Trinity");
});
afterEach(async () => {
  await gateway.close();
  await far.close();
});

/** A connection to a server of this test, both ends of it. */
async function dial({ page }: ClassPerson, ch = 1) {
  page.say({ type: "open", ch, address: `tcp://127.0.0.1:${far.port}` });
  const socket = await far.accepted();
  socket.on("error", () => {});
  await page.text("state", (state) => state.ch === ch && state.state === "open");
  return socket;
}

/** Everything up to the end. */
async function read(socket: Socket): Promise<string> {
  let text = "";
  for await (const bytes of socket) text += bytes;
  return text;
}

const reset = async ({ page }: ClassPerson, ch = 1) => {
  const frame = await page.binary(({ type, channel }) => type === FrameType.rst && channel === ch);
  return resetReason(frame);
};

describe("the teacher", () => {
  test("locks the class, hides names, points and writes notes, and every page is told", async () => {
    expect(await teacher.steer({ do: "lock", on: true })).toBeNull();
    await trinity.now(({ locked }) => locked);
    await teacher.steer({ do: "point", address: "127.0.0.1:8002" });
    await teacher.steer({ do: "note", text: "Look up" });
    await teacher.steer({ do: "note", text: "Neo only", student: await neo.id() });
    await neo.now(({ note, point }) => note?.text === "Neo only" && point !== undefined);
    const { note, point } = await trinity.now((now) => now.note !== undefined);
    expect([note?.text, point?.address]).toEqual(["Look up", "tcp://127.0.0.1:8002"]);
    await teacher.steer({ do: "hide-names", on: true });
    await teacher.now(({ namesHidden }) => namesHidden);
  });

  test("freezes typing: what is sent waits, the end too, and then all of it arrives in order", async () => {
    const socket = await dial(neo);
    const others = await dial(trinity);
    await teacher.steer({ do: "freeze", on: true, student: await neo.id() });
    await neo.now(({ frozen }) => frozen);
    neo.page.data(1, 0, "Wake up, ");
    neo.page.data(1, 9, "Neo");
    neo.page.frame(FrameType.eof, 1, 12);
    trinity.page.data(1, 0, "I can");
    expect(`${(await once(others, "data"))[0]}`).toBe("I can");
    // Whatever was to come of it at once has come by the time a later word is answered.
    neo.page.say({ type: "ping", n: 1 });
    await neo.page.text("pong");
    expect(socket.bytesRead).toBe(0);
    let text = "";
    socket.on("data", (bytes) => {
      text += bytes;
    });
    await teacher.steer({ do: "freeze", on: false, student: await neo.id() });
    await once(socket, "end");
    expect(text).toBe("Wake up, Neo");
    const acknowledged = await neo.page.binary(
      ({ type, seq }) => type === FrameType.ack && seq === 13,
    );
    expect(acknowledged.channel).toBe(1);
  });

  test("freezes typing for longer than a half-closed connection may be silent, and nothing is lost", async () => {
    const brief = await startClassGateway([
      ...["--allow", `127.0.0.1:${far.port}`],
      ...["--half-close-timeout", "300ms"],
    ]);
    const [head, slow, free] = [
      await brief.teacher(),
      await brief.student("Dozer"),
      await brief.student("Mouse"),
    ];
    // One ends while it is frozen, of the other the far end does.
    const ends = await dial(slow, 1);
    const ended = await dial(slow, 3);
    await head.steer({ do: "freeze", on: true, student: await slow.id() });
    slow.page.data(1, 0, "last words");
    slow.page.frame(FrameType.eof, 1, 10);
    ended.end();
    await slow.page.binary(({ type, channel }) => type === FrameType.eof && channel === 3);
    slow.page.frame(FrameType.ack, 3, 1, Buffer.from([0, 4, 0, 0]));
    slow.page.data(3, 0, "answer");
    slow.page.say({ type: "ping", n: 1 });
    await slow.page.text("pong");
    await dial(free);
    free.page.frame(FrameType.eof, 1, 0);
    expect(await reset(free)).toMatchObject({ code: wireNumber("HALF_CLOSE_TIMEOUT") });
    const heard = Promise.all([read(ends), once(ended, "data")]);
    await head.steer({ do: "freeze", on: false, student: await slow.id() });
    const [last, [answer]] = await heard;
    expect([last, `${answer}`]).toEqual(["last words", "answer"]);
    // And from then on it counts again.
    expect(await reset(slow, 3)).toMatchObject({ code: wireNumber("HALF_CLOSE_TIMEOUT") });
    await brief.close();
  });

  test("freezes connections that are opened later, and pages that come later", async () => {
    await teacher.steer({ do: "freeze", on: true });
    await trinity.now(({ frozen }) => frozen);
    const socket = await dial(trinity);
    trinity.page.data(1, 0, "x");
    const tank = await gateway.student("Tank");
    expect((await tank.now()).frozen).toBe(true);
    // Whatever was to come of it at once has come by the time a later word is answered.
    trinity.page.say({ type: "ping", n: 1 });
    await trinity.page.text("pong");
    expect(socket.bytesRead).toBe(0);
    await teacher.steer({ do: "freeze", on: false });
    await once(socket, "data");
  });

  test("hangs up one student's connections as close(2) does, and no other's", async () => {
    const socket = await dial(neo);
    const others = await dial(trinity);
    neo.page.data(1, 0, "last words");
    await teacher.steer({ do: "hang-up", student: await neo.id() });
    const [bytes] = await once(socket, "data");
    expect(`${bytes}`).toBe("last words");
    await once(socket, "end");
    expect(await reset(neo)).toMatchObject({ code: wireNumber("HUNG_UP") });
    // The page did not know yet: its bytes have nowhere to go, and that is no mistake.
    neo.page.data(1, 10, "more");
    neo.page.frame(FrameType.eof, 1, 14);
    trinity.page.data(1, 0, "still here");
    await once(others, "data");
    const again = await dial(neo, 3);
    neo.page.data(3, 0, "again");
    await once(again, "data");
  });

  test("hangs up everybody, also who talks with somebody that does not read", async () => {
    const socket = await dial(neo);
    socket.pause();
    const block = Buffer.alloc(60_000);
    for (let seq = 0; seq < 240_000; seq += block.length) {
      neo.page.frame(FrameType.data, 1, seq, block);
    }
    await dial(trinity);
    await teacher.steer({ do: "hang-up" });
    await reset(trinity);
    await reset(neo);
  });

  test("removes a student for good: the pages are told, the session is gone, the pass is void", async () => {
    const socket = await dial(neo);
    const gone = Promise.race([once(socket, "end"), once(socket, "close")]);
    socket.resume();
    const second = await gateway.enter(neo.cookie);
    await teacher.steer({ do: "remove", student: await neo.id() });
    for (const { page } of [neo, second]) {
      expect((await page.text("refused")).code).toBe("REMOVED");
      expect((await page.closed).code).toBe(4403);
    }
    await gone;
    const back = await RawPage.connect(gateway.place, { cookie: neo.cookie });
    back.hello(neo.resume);
    expect((await back.text("refused")).code).toBe("ACCESS_CODE");
    await teacher.now(({ students }) => students === 1);
  });

  test("starts a lesson server and stops it, or is told why not", async () => {
    const taken = { do: "lesson", lesson: "echo", port: far.port, on: true } as const;
    expect(await teacher.steer(taken)).toMatch(/already in use: choose another/);
    expect(await teacher.steer({ ...taken, port: 0 })).toBeNull();
    const own = (await teacher.now((now) => now.teacher?.lessons.some((it) => it.own) === true))
      .teacher?.lessons;
    const port = own?.find((it) => it.own)?.port ?? 0;
    const address = `tcp://127.0.0.1:${port}`;
    await neo.now(({ targets }) => targets.some((it) => it.address === address));
    neo.page.say({ type: "open", ch: 1, address });
    await neo.page.text("state", ({ state }) => state === "open");
    expect(
      await teacher.steer({ ...taken, port: gateway.server.lessonPorts.echo, on: false }),
    ).toMatch(/came with the gateway/);
    expect(await teacher.steer({ ...taken, port, on: false })).toBeNull();
    trinity.page.say({ type: "open", ch: 1, address });
    expect(await reset(trinity)).toMatchObject({ code: wireNumber("NOT_ALLOWED") });
  });

  test("ends the class: every page is told, and whoever comes later too", async () => {
    await dial(neo);
    teacher.page.say({ type: "steer", n: 1, action: { do: "end" } });
    for (const { page } of [teacher, neo, trinity]) {
      expect((await page.text("refused")).code).toBe("CLASS_ENDED");
      expect((await page.closed).code).toBe(4403);
    }
    const late = await RawPage.connect(gateway.place, { cookie: teacher.cookie });
    late.hello();
    expect((await late.text("refused")).code).toBe("CLASS_ENDED");
    const { code } = gateway.classroom;
    expect((await gateway.post("join", { code, name: "Dozer" })).status).toBe(410);
    expect((await gateway.post("auth", { code: gateway.classroom.teacherSecret })).status).toBe(
      401,
    );
  });
});

const ACTIONS: ClassAction[] = [
  { do: "lock", on: true },
  { do: "hide-names", on: true },
  { do: "clear" },
  { do: "point", address: "tcp://127.0.0.1:9" },
  { do: "note", text: "forged" },
  { do: "freeze", on: true },
  { do: "hang-up" },
  { do: "allow", address: "10.0.0.1:80", on: true },
  { do: "lesson", lesson: "echo", port: 0, on: true },
  { do: "end" },
];

describe("whoever is not the teacher", () => {
  test.each(["student", "watch"])(
    "and sends a control is answered, and nothing happens: %s",
    async (role) => {
      const forger = role === "student" ? neo : await gateway.watcher();
      await teacher.now(({ students }) => students === 2);
      const before = JSON.stringify(
        gateway.classroom.stateFor({ role: "teacher", user: "teacher" }),
      );
      const lessons = (await teacher.now()).teacher?.lessons;
      const socket = await dial(trinity);
      const told = trinity.page.answers.length;
      const remove = { do: "remove", student: await trinity.id() };
      for (const action of [...ACTIONS, remove]) {
        expect([action.do, await forger.steer(action)]).toEqual([
          action.do,
          "Only the teacher can do that.",
        ]);
      }
      expect(JSON.stringify(gateway.classroom.stateFor({ role: "teacher", user: "teacher" }))).toBe(
        before,
      );
      expect((await (await gateway.teacher()).now()).teacher?.lessons).toEqual(lessons);
      // Nobody else has heard of it, and everybody can go on.
      trinity.page.data(1, 0, "still here");
      await once(socket, "data");
      const later = trinity.page.answers
        .slice(told)
        .map((it) => ("text" in it ? it.text.type : "frame"));
      expect(later.filter((type) => type !== "frame" && type !== "state")).toEqual([]);
    },
  );

  test("and wants to see the wall is refused without harm", async () => {
    neo.page.say({ type: "wall", on: true, student: await trinity.id() });
    const refused = await neo.page.text("refused");
    expect([refused.code, refused.ch]).toEqual(["NOT_ALLOWED", undefined]);
    await dial(neo);
    expect(neo.page.answers.some((it) => "text" in it && it.text.type === "wall")).toBe(false);
  });

  test("and only watches opens nothing", async () => {
    const { page } = await gateway.watcher();
    page.say({ type: "open", ch: 1, address: `tcp://127.0.0.1:${far.port}` });
    expect((await page.text("refused")).code).toBe("NOT_ALLOWED");
    page.say({ type: "listen", ch: 3, address: "tcp://127.0.0.1:0", backlog: 1, atOnce: true });
    expect((await page.text("refused", ({ ch }) => ch === 3)).code).toBe("NOT_ALLOWED");
  });

  test("cannot take another student's session with its token", async () => {
    const page = await RawPage.connect(gateway.place, { cookie: trinity.cookie });
    page.hello(neo.resume);
    expect((await page.text("resume_failed")).reason).toBe("auth");
  });

  test("and sends what is no action ends its own WebSocket alone", async () => {
    neo.page.say({ type: "steer", n: 1, action: { do: "grade", student: "x" } });
    expect((await neo.page.closed).code).toBe(4400);
    expect(await teacher.steer({ do: "note", text: "" })).toBeNull();
  });
});

describe("students reach", () => {
  const outcome = async ({ page }: ClassPerson, ch: number, address: string) => {
    page.say({ type: "open", ch, address });
    return Promise.race([
      page.text("state", (it) => it.ch === ch && it.state === "open").then(() => "open"),
      reset({ page } as ClassPerson, ch).then(({ code }) => code),
    ]);
  };
  const no = wireNumber("NOT_ALLOWED");

  test("lesson servers and what the owner allows, and of loopback nothing else, unlike the teacher", async () => {
    const other = await listenTcp();
    const ask = (who: ClassPerson, ch: number, port: number) =>
      outcome(who, ch, `tcp://127.0.0.1:${port}`);
    expect(await ask(neo, 1, gateway.server.lessonPort)).toBe("open");
    expect(await ask(neo, 3, far.port)).toBe("open");
    expect(await ask(neo, 5, other.port)).toBe(no);
    expect(await ask(neo, 7, gateway.server.port)).toBe(no);
    expect(await ask(teacher, 1, other.port)).toBe("open");
    await other.close();
  });

  test("what the teacher allows, as long as it is allowed", async () => {
    const other = await listenTcp();
    const address = `127.0.0.1:${other.port}`;
    expect(await teacher.steer({ do: "allow", address, on: true })).toBeNull();
    await neo.now(({ targets }) => targets.some((it) => it.address === `tcp://${address}`));
    expect(await outcome(neo, 1, `tcp://${address}`)).toBe("open");
    await teacher.steer({ do: "allow", address, on: false });
    expect(await outcome(neo, 3, `tcp://${address}`)).toBe(no);
    await other.close();
  });

  test.each([
    ["169.254.169.254:80", "link-local"],
    ["[::ffff:169.254.169.254]:80", "link-local"],
    ["0.0.0.0:80", "no machine's address"],
    ["smtp.test:25", "carries mail"],
    ["224.0.0.1:9", "multicast"],
  ])("never what no rule opens, whoever allows it: %s", async (address, why) => {
    expect(await teacher.steer({ do: "allow", address, on: true })).toContain(why);
    expect((await teacher.now()).teacher?.added).toEqual([]);
  });

  test("never the gateway's own door", async () => {
    const address = `127.0.0.1:${gateway.server.port}`;
    expect(await teacher.steer({ do: "allow", address, on: true })).toContain("own door");
  });

  test("each other's ports under their names, but for a page that hides names", async () => {
    const [own, theirs] = [await closedPort(), await closedPort()];
    const listen = ({ page }: ClassPerson, port: number) =>
      page.say({
        ...{ type: "listen", ch: 1, address: `tcp://127.0.0.1:${port}`, backlog: 5, atOnce: true },
      } as const);
    listen(teacher, own);
    listen(trinity, theirs);
    await neo.now(({ servers }) => servers.length === 1);
    await teacher.page.text("listening");
    await teacher.steer({ do: "allow", address: `127.0.0.1:${own}`, on: true });
    await teacher.steer({ do: "hide-names", on: true });
    expect(await outcome(neo, 1, `tcp://127.0.0.1:${own}`)).toBe("open");
    expect(await teacher.page.text("accepted")).not.toHaveProperty("name");
    expect(await outcome(neo, 3, `tcp://127.0.0.1:${theirs}`)).toBe("open");
    expect(await trinity.page.text("accepted")).toMatchObject({ name: "Neo" });
    await teacher.steer({ do: "hide-names", on: false });
    expect(await outcome(neo, 5, `tcp://127.0.0.1:${own}`)).toBe("open");
    expect(await teacher.page.text("accepted", ({ n }) => n === 2)).toMatchObject({ name: "Neo" });
  });

  test("who waits at a door under its name, until the page that serves hides names", async () => {
    const port = await closedPort();
    const address = `tcp://127.0.0.1:${port}`;
    teacher.page.say({ type: "listen", ch: 1, address, backlog: 5, atOnce: false });
    await teacher.page.text("listening");
    await teacher.steer({ do: "allow", address: `127.0.0.1:${port}`, on: true });
    expect(await outcome(neo, 1, address)).toBe("open");
    await teacher.page.text("door", ({ waiting }) => waiting[0]?.name === "Neo");
    await teacher.steer({ do: "hide-names", on: true });
    const told = teacher.page.answers.length;
    expect(await outcome(trinity, 1, address)).toBe("open");
    await teacher.page.text("door", ({ waiting }) => waiting.length === 2);
    teacher.page.say({ type: "accept", ch: 1, count: 1 });
    expect(await teacher.page.text("accepted")).not.toHaveProperty("name");
    const later = JSON.stringify(teacher.page.answers.slice(told));
    expect(later).not.toMatch(/Neo|Trinity/);
    await teacher.steer({ do: "hide-names", on: false });
    teacher.page.say({ type: "accept", ch: 1, count: 2 });
    const second = await teacher.page.text("accepted", ({ n }) => n === 2);
    expect(second).toMatchObject({ name: "Trinity" });
  });

  test("each other's ports, which are in everybody's directory while they listen", async () => {
    const port = await closedPort();
    const address = `tcp://127.0.0.1:${port}`;
    trinity.page.say({ type: "listen", ch: 1, address, backlog: 5, atOnce: true });
    const { servers } = await neo.now((now) => now.servers.length > 0);
    expect(servers).toEqual([{ student: await trinity.id(), name: "Trinity", address }]);
    expect(await outcome(neo, 1, address)).toBe("open");
    expect(await trinity.page.text("accepted")).toMatchObject({ n: 1, name: "Neo" });
    // Whoever calls without a page of the class has no name in it.
    const stranger = await connectTcp(port);
    expect(await trinity.page.text("accepted", ({ n }) => n === 2)).not.toHaveProperty("name");
    stranger.socket.destroy();
    // The kernel may give a port again for another destination: only the whole pair is somebody's.
    const { local, remote } = await neo.page.text(
      "state",
      ({ ch, state }) => ch === 1 && state === "open",
    );
    if (!local || !remote) throw new Error("an open connection has no ends");
    const making = (there: typeof remote) =>
      gateway.server.gateway.studentMaking({ transport: "tcp", local, remote: there });
    expect(making(remote)?.name).toBe("Neo");
    expect(making({ ...remote, port: far.port })).toBeNull();
    trinity.page.say({ type: "close", ch: 1 });
    await eventually(
      () => gateway.classroom.served.length,
      (n) => n === 0,
    );
    expect(await outcome(neo, 3, address)).toBe(no);
  });
});
