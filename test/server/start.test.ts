/** Settings of the frame, each seen to do what it says in a gateway that runs. */
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { loadConfig } from "../../server/config.ts";
import { createLog } from "../../server/log.ts";
import { type RunningServer, startServer } from "../../server/start.ts";
import { SUBPROTOCOL } from "../../shared/bounds.ts";
import { GatewayMessage, parseMessage, type Welcome } from "../../shared/protocol.ts";
import { ANY_PORTS } from "../support/gateway-process.ts";
import { ask } from "../support/http.ts";
import { ROOT } from "../support/imports.ts";

let stops: (() => unknown)[] = [];
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  stops = [];
});

async function start(...flags: string[]) {
  const config = loadConfig([...ANY_PORTS, ...flags], {});
  let logged = "";
  const destination = {
    write(line: string) {
      logged += line;
    },
  };
  const log = createLog({ level: config.logLevel, format: config.logFormat, destination });
  const server = await startServer(config, { webRoot: ROOT, log });
  stops.push(server.close);
  return { ...server, logged: () => logged };
}

async function welcomeOf(
  server: RunningServer,
  headers: Record<string, string> = {},
): Promise<Welcome> {
  const { origin } = new URL(server.url);
  const ws = new WebSocket(`${server.url.replace("http", "ws")}wire`, SUBPROTOCOL, {
    headers: { origin, ...headers },
  });
  stops.push(() => ws.terminate());
  await once(ws, "open");
  ws.send('{"type":"hello","v":1}');
  const [data] = await once(ws, "message");
  const message = parseMessage(GatewayMessage, `${data}`);
  if (message.type !== "welcome") throw new Error(`got ${data}`);
  return message;
}

async function say(port: number, host: string, words: string): Promise<string> {
  const socket = connect(port, host);
  stops.push(() => socket.destroy());
  await once(socket, "connect");
  socket.end(words);
  return text(socket);
}

test("--host binds that address and no other", async () => {
  const { url, port } = await start("--host", "::1");
  expect(url).toBe(`http://[::1]:${port}/`);
  expect((await ask(`${url}healthz`)).status).toBe(200);
  await expect(ask(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("ECONNREFUSED");
});

test("--lesson-host and --lesson-port say where the lesson server listens, and pages are told", async () => {
  const server = await start("--lesson-host", "127.0.0.2");
  expect(await say(server.lessonPort, "127.0.0.2", "close")).toBe("closed");
  const [lesson] = (await welcomeOf(server)).servers;
  expect(lesson).toMatchObject({ name: "accept", address: `tcp://127.0.0.2:${server.lessonPort}` });
});

test("--lesson-once serves one client and then refuses", async () => {
  const { lessonPort } = await start("--lesson-once");
  expect(await say(lessonPort, "127.0.0.1", "close")).toBe("closed");
  await expect(say(lessonPort, "127.0.0.1", "close")).rejects.toThrow("ECONNREFUSED");
});

test("--allow with a name offers that target to pages", async () => {
  const { servers } = await welcomeOf(await start("--allow", "db=127.0.0.9:5432"));
  expect(servers[1]).toMatchObject({ name: "db", address: "tcp://127.0.0.9:5432" });
});

describe("names", () => {
  test("--allowed-host lets a request for that name in, and its page", async () => {
    const { url, port } = await start("--allowed-host", "class.test");
    const asked = { headers: { host: `class.test:${port}` } };
    expect((await ask(`${url}healthz`, asked)).status).toBe(200);
    expect((await ask(`${url}healthz`, { headers: { host: "other.test" } })).status).toBe(403);
  });

  test("--allowed-origin lets another site's page open a WebSocket", async () => {
    const server = await start("--allowed-origin", "https://embed.test");
    expect((await welcomeOf(server, { origin: "https://embed.test" })).type).toBe("welcome");
    const other = welcomeOf(server, { origin: "https://other.test" });
    await expect(other).rejects.toThrow("403");
  });

  test("--trust-proxy believes the proxy's word on scheme and client", async () => {
    const flags = ["--allowed-host", "class.test", "--access-code", "ABCD2345"];
    const headers = {
      host: "class.test",
      origin: "https://class.test",
      "content-type": "application/json",
      "x-forwarded-proto": "https",
      "x-forwarded-for": "192.0.2.7",
    };
    const request = { method: "POST", headers, body: '{"code":"ABCD2345"}' };
    const trusting = await start(...flags, "--trust-proxy");
    const answer = await ask(`${trusting.url}auth`, request);
    expect(answer.status).toBe(204);
    expect(answer.headers["set-cookie"]?.[0]).toContain("; Secure");
    expect(trusting.logged()).toContain('"address":"192.0.2.7"');
    const wary = await start(...flags);
    expect((await ask(`${wary.url}auth`, request)).status).toBe(403);
  });
});

describe("logs", () => {
  test("--log-level leaves out what is less important", async () => {
    expect((await start("--log-level", "info")).logged()).toContain("gateway ready");
    expect((await start("--log-level", "warn")).logged()).toBe("");
  });

  test("--log-format json is one object a line, pretty is for people", async () => {
    const json = (await start("--log-format", "json")).logged().trimEnd().split("\n");
    expect(json.map((line) => JSON.parse(line).msg)).toContain("gateway ready");
    expect((await start("--log-format", "pretty")).logged()).toMatch(
      /^\[.*\] INFO: .*gateway ready/m,
    );
  });
});

test("close() frees both ports, and may be called twice", async () => {
  const { close, port, lessonPort } = await start();
  await Promise.all([close(), close()]);
  for (const freed of [port, lessonPort]) {
    await expect(say(freed, "127.0.0.1", "x")).rejects.toThrow("ECONNREFUSED");
  }
});

test("a lesson port in use frees the page's port again", async () => {
  const { lessonPort } = await start();
  const { port, close } = await start();
  await close();
  const failing = start("--port", `${port}`, "--lesson-port", `${lessonPort}`);
  await expect(failing).rejects.toMatchObject({ code: "CANNOT_START" });
  expect((await start("--port", `${port}`)).port).toBe(port);
});
