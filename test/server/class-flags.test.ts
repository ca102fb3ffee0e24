/** Settings of a class, each seen to do what it says in gateways that run. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { loadConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { startServer } from "../../server/start.ts";
import { LESSON_NAMES } from "../../shared/lessons.ts";
import { startClassGateway } from "../support/class-gateway.ts";
import { eventually } from "../support/eventually.ts";
import { ANY_PORTS } from "../support/gateway-process.ts";
import { ask } from "../support/http.ts";
import { ROOT } from "../support/imports.ts";
import { Redis } from "../support/redis.ts";
import { closedPort, connectTcp, listenTcp } from "../support/tcp.ts";

const folder = () => mkdtempSync(join(tmpdir(), "wireside-class-"));
const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

async function start(...flags: string[]) {
  const gateway = await startClassGateway(flags);
  stops.push(gateway.close);
  return gateway;
}

function place(): string {
  const directory = folder();
  stops.push(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test("--class-size is how many students there is room for", async () => {
  const gateway = await start("--class-size", "1");
  await gateway.student("Neo");
  const { code } = gateway.classroom;
  expect((await gateway.post("join", { code, name: "Trinity" })).status).toBe(403);
});

test("--data keeps what students say, for the teacher to read, and every page is told so", async () => {
  const far = await listenTcp();
  stops.push(far.close);
  const allow = ["--allow", `127.0.0.1:${far.port}`];
  const gateway = await start("--data", place(), ...allow);
  const neo = await gateway.student("Neo");
  expect(await neo.now()).toMatchObject({ keeps: true, keepMs: null });
  await neo.page.open(1, far.port);
  neo.page.data(1, 0, "Wake up, Neo");
  await once(await far.accepted(), "data");
  const [teacher, url] = [await gateway.teacherPass(), `${gateway.server.url}recordings`];
  const kept = await eventually(
    async () => JSON.parse((await ask(url, { headers: { cookie: teacher } })).body).recordings,
    // Three to the open connection, and what was said.
    (recordings) => recordings.length > 0 && recordings[0].events > 3,
  );
  expect(kept[0]).toMatchObject({ student: "Neo", address: `tcp://127.0.0.1:${far.port}` });
  const file = await ask(`${url}/${kept[0].id}`, { headers: { cookie: teacher } });
  expect(file.body).toContain(btoa("Wake up, Neo"));
  expect((await ask(url, { headers: { cookie: neo.cookie } })).status).toBe(403);
  expect((await ask(url)).status).toBe(403);
});

test("without --data nothing of what students say is kept, in the log neither", async () => {
  const config = loadConfig([...ANY_PORTS, "--class", "--host", "127.0.0.1"], {}, false);
  let logged = "";
  const destination = {
    write(line: string) {
      logged += line;
    },
  };
  const log = createLog({ level: "trace", format: "json", destination });
  const server = await startServer(config, { webRoot: ROOT, log });
  stops.push(server.close);
  for (const name of LESSON_NAMES.filter((it) => it !== "silent")) {
    const talk = await connectTcp(server.lessonPorts[name]);
    stops.push(() => talk.socket.destroy());
    talk.send("my secret");
    // It has been read, whoever answers: as the tutorial's does, with the same, or by that name.
    await talk.until(() => /^ac|secret/.test(talk.received));
  }
  expect(logged).toContain("Accepted connection from");
  expect(logged).not.toMatch(/secret|Received/);
});

test("--keep says for how long, also to whoever has not joined yet", async () => {
  const gateway = await start("--data", place(), "--keep", "30d");
  const keepMs = 30 * 86_400_000;
  expect((await gateway.auth()).class).toMatchObject({ keeps: true, keepMs });
  expect(await (await gateway.student("Neo")).now()).toMatchObject({ keeps: true, keepMs });
});

test("--redis that cannot be reached is said in one sentence, without its password", async () => {
  const port = await closedPort();
  const started = startClassGateway(["--redis", `redis://:hunter2@127.0.0.1:${port}`]);
  await expect(started).rejects.toThrow(/^Redis, which --redis names, cannot be reached: [^\n]*$/);
  await expect(started).rejects.not.toThrow(/hunter2/);
});

test("gateways that share Redis and a name are one class: one code, one roster, and --peer-url is where the others find one", async () => {
  const redis = await Redis.start();
  stops.push(() => redis.close());
  const own = ["--redis", redis.url];
  const one = await start(...own);
  const two = await start("--redis", redis.url, "--peer-url", "http://10.0.0.2:8080");
  expect(two.classroom.code).toBe(one.classroom.code);
  const neo = await two.student("Neo");
  const teacher = await one.teacher();
  await teacher.now(({ students, teacher: door }) => students === 1 && door?.gateways === 1);
  const found = () => one.classroom.sessions.find(neo.resume.sid);
  expect(await eventually(found, (url) => url !== null)).toBe("http://10.0.0.2:8080/");
  await teacher.steer({ do: "freeze", on: true });
  await neo.now(({ frozen }) => frozen);
  await teacher.steer({ do: "remove", student: await neo.id() });
  expect((await neo.page.text("refused")).code).toBe("REMOVED");
});

test("without --peer-url the others find a gateway at its own address, whatever people open in front of all", async () => {
  const redis = await Redis.start();
  stops.push(() => redis.close());
  const shared = ["--redis", redis.url, "--public-url", "https://class.test/"];
  const [one, two] = [await start(...shared), await start(...shared)];
  const neo = await two.student("Neo");
  const found = () => one.classroom.sessions.find(neo.resume.sid);
  expect(await eventually(found, (url) => url !== null)).toBe(two.server.url);
});

test("behind an address of https a pass never goes over plain http, whether or not the proxy is believed", async () => {
  const gateway = await start("--public-url", "https://class.test/");
  const passFrom = async (host: string, origin: string) => {
    const headers = { host, origin, "content-type": "application/json" };
    const body = JSON.stringify({ code: gateway.classroom.teacherSecret });
    const answer = await ask(`${gateway.server.url}auth`, { method: "POST", headers, body });
    expect(answer.status).toBe(204);
    return answer.headers["set-cookie"]?.[0];
  };
  expect(await passFrom("class.test", "https://class.test")).toContain("; Secure");
  const own = new URL(gateway.server.url);
  expect(await passFrom(own.host, own.origin)).not.toContain("; Secure");
});
