/** The gateway's HTTP side, asked over real sockets. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createApp } from "../../server/app.ts";
import { loadConfig } from "../../server/config.ts";
import { createDoors } from "../../server/doors.ts";
import { createLog } from "../../server/log.ts";
import { createMetrics } from "../../server/metrics.ts";
import { startServer } from "../../server/start.ts";
import { makeCertificate } from "../support/certificate.ts";
import { ANY_PORTS } from "../support/gateway-process.ts";
import { ask } from "../support/http.ts";

const CODE = "ABCD-2345";
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

let folder = "";
let stops: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wireside-app-"));
  mkdirSync(join(folder, "web/assets"), { recursive: true });
  writeFileSync(join(folder, "web/index.html"), "<!doctype html><title>the page</title>");
  writeFileSync(join(folder, "web/assets/main-abc123.js"), "export {};");
  stops = [];
});
afterEach(async () => {
  await Promise.all(stops.map((stop) => stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(flags: string[] = [], webRoot = join(folder, "web")) {
  let logged = "";
  const log = createLog({
    level: "trace",
    format: "json",
    destination: {
      write(line: string) {
        logged += line;
      },
    },
  });
  const config = loadConfig([...ANY_PORTS, ...flags], {});
  const server = await startServer(config, { webRoot, log });
  stops.push(server.close);
  return { ...server, origin: new URL(server.url).origin, logged: () => logged };
}

const post = (origin: string, body: string, headers: Record<string, string> = {}) => ({
  method: "POST",
  headers: { origin, "content-type": "application/json", ...headers },
  body,
});

describe("the page", () => {
  test("is served and asked for each time, its hashed parts never again", async () => {
    const { url } = await start();
    const page = await ask(url);
    expect(page.status).toBe(200);
    expect(page.body).toContain("the page");
    expect(page.headers["cache-control"]).toBe("no-cache");
    const asset = await ask(`${url}assets/main-abc123.js`);
    expect(asset.status).toBe(200);
    expect(asset.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  test("lives below --base-path, and nothing but health and metrics beside it", async () => {
    const { url, origin } = await start(["--base-path", "/x/y"]);
    expect(url).toBe(`${origin}/x/y/`);
    expect((await ask(url)).body).toContain("the page");
    const bare = await ask(`${origin}/x/y`);
    expect([bare.status, bare.headers.location]).toEqual([301, "/x/y/"]);
    const root = await ask(`${origin}/`);
    expect([root.status, root.body]).toEqual([
      404,
      "There is nothing here. The page is at /x/y/\n",
    ]);
    expect((await ask(`${origin}/healthz`)).status).toBe(200);
  });

  test("that was never built is answered with what to do", async () => {
    const { url } = await start([], join(folder, "nowhere"));
    const answer = await ask(url);
    expect(answer.status).toBe(503);
    expect(answer.body).toContain("npm start");
  });

  test.each(["../package.json", "%2e%2e/package.json", "..%2fpackage.json", ".hidden", "assets/"])(
    "gives out no other file: %s",
    async (path) => {
      const { url } = await start();
      const answer = await ask(`${url}${path}`);
      expect([403, 404]).toContain(answer.status);
      expect(answer.body).not.toContain("wireside-app-");
    },
  );
});

describe("every answer", () => {
  test.each(["", "nowhere", "healthz", "auth", "assets/main-abc123.js"])(
    "has the headers that keep a page to itself: /%s",
    async (path) => {
      const { url } = await start();
      const { headers } = await ask(`${url}${path}`);
      expect(headers["content-security-policy"]).toBe(POLICY);
      expect(headers["referrer-policy"]).toBe("no-referrer");
      expect(headers["x-content-type-options"]).toBe("nosniff");
      expect(headers["x-frame-options"]).toBe("DENY");
      expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
      expect(headers).not.toHaveProperty("strict-transport-security");
      expect(headers).not.toHaveProperty("x-powered-by");
    },
  );

  test.each(["", "healthz", "readyz", "metrics", "auth"])(
    "to a foreign Host is 403: /%s",
    async (path) => {
      const { url } = await start();
      const answer = await ask(`${url}${path}`, { headers: { host: "evil.test" } });
      expect(answer.status).toBe(403);
      expect(answer.body).toContain("--allowed-host");
    },
  );

  test("about something that is not there, or not understood, is one plain sentence", async () => {
    const { url, origin } = await start(["--access-code", CODE]);
    const missing = await ask(`${url}nowhere`);
    expect([missing.status, missing.headers["content-type"]]).toEqual([
      404,
      "text/plain; charset=utf-8",
    ]);
    const broken = await ask(`${url}auth`, post(origin, "{"));
    expect([broken.status, broken.body]).toEqual([400, "This request cannot be understood.\n"]);
    const long = await ask(`${url}auth`, post(origin, JSON.stringify({ code: "x".repeat(2000) })));
    expect(long.status).toBe(413);
    expect((await ask(`${url}%ff`)).status).toBe(404);
  });

  test("after a mistake of our own says so without a stack, and the log has it", async () => {
    let logged = "";
    const destination = {
      write(line: string) {
        logged += line;
      },
    };
    const config = loadConfig([], {});
    const metrics = createMetrics();
    metrics.observe(() => {
      throw new Error("levels unknown");
    });
    const http = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => http.once("listening", resolve));
    stops.push(() => new Promise((resolve) => http.close(resolve)));
    const { port } = http.address() as AddressInfo;
    const doors = createDoors({ config, endpoints: () => [{ host: "127.0.0.1", port }] });
    const log = createLog({ level: "info", format: "json", destination });
    http.on(
      "request",
      createApp({ config, doors, log, metrics, webRoot: folder, ready: () => true }),
    );
    const answer = await ask(`http://127.0.0.1:${port}/metrics`);
    expect(answer.status).toBe(500);
    expect(answer.body).toBe("Something went wrong in the gateway. Its log says what.\n");
    expect(logged).toContain("levels unknown");
  });
});

describe("health", () => {
  test("is always ok, and ready until the gateway drains", async () => {
    const { origin, gateway } = await start();
    expect((await ask(`${origin}/healthz`)).body).toBe("ok\n");
    expect((await ask(`${origin}/readyz`)).status).toBe(200);
    await gateway.drain();
    expect((await ask(`${origin}/healthz`)).status).toBe(200);
    expect((await ask(`${origin}/readyz`)).status).toBe(503);
  });

  test("metrics are for this machine, and through a proxy only with the access code", async () => {
    const { origin } = await start(["--access-code", CODE]);
    const here = await ask(`${origin}/metrics`);
    expect(here.status).toBe(200);
    expect(here.body).toContain("wireside_sessions 0");
    const proxied = { "x-forwarded-for": "192.0.2.7" };
    expect((await ask(`${origin}/metrics`, { headers: proxied })).status).toBe(403);
    const headers = { ...proxied, authorization: `Bearer ${CODE}` };
    expect((await ask(`${origin}/metrics`, { headers })).status).toBe(200);
  });
});

describe("metrics", () => {
  test("are no place to guess the access code: wrong ones count, and then not even it is taken", async () => {
    const { url, origin } = await start(["--access-code", CODE, "--trust-proxy"]);
    const from = { "x-forwarded-for": "192.0.2.7" };
    const asked = async (code: string, forwarded = from) => {
      const headers = { ...forwarded, authorization: `Bearer ${code}` };
      return (await ask(`${origin}/metrics`, { headers })).status;
    };
    for (let i = 0; i < 10; i++) expect(await asked(`WRONG${i}`)).toBe(403);
    expect(await asked(CODE)).toBe(403);
    expect(await asked(CODE, { "x-forwarded-for": "192.0.2.8" })).toBe(200);
    const body = JSON.stringify({ code: CODE });
    expect((await ask(`${url}auth`, post(origin, body, from))).status).toBe(429);
  });
});

describe("the access code", () => {
  test("keeps the cookie of a browser that has one, so that its other tabs stay who they are", async () => {
    const { url, origin } = await start(["--access-code", CODE]);
    const body = JSON.stringify({ code: CODE });
    const first = await ask(`${url}auth`, post(origin, body));
    const cookie = first.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const second = await ask(`${url}auth`, post(origin, body, { cookie }));
    expect(second.status).toBe(204);
    expect(second.headers).not.toHaveProperty("set-cookie");
    const wrong = await ask(`${url}auth`, post(origin, '{"code":"WRONG"}', { cookie }));
    expect(wrong.status).toBe(401);
    const stale = { cookie: "wireside_access=stale" };
    const renewed = await ask(`${url}auth`, post(origin, body, stale));
    expect(renewed.headers["set-cookie"]).toHaveLength(1);
  });

  test("is not asked for on loopback", async () => {
    const { url, origin } = await start();
    expect(JSON.parse((await ask(`${url}auth`)).body)).toEqual({ required: false, ok: true });
    const answer = await ask(`${url}auth`, post(origin, '{"code":"x"}'));
    expect(answer.status).toBe(204);
    expect(answer.headers).not.toHaveProperty("set-cookie");
  });

  test("is exchanged for a cookie that scripts and other sites cannot use", async () => {
    const { url, origin } = await start(["--access-code", CODE, "--base-path", "/x"]);
    expect(JSON.parse((await ask(`${url}auth`)).body)).toEqual({ required: true, ok: false });
    const answer = await ask(`${url}auth`, post(origin, '{"code":"abcd 2345"}'));
    expect([answer.status, answer.headers["cache-control"]]).toEqual([204, "no-store"]);
    const [cookie = ""] = answer.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/^wireside_access=[\w-]{43}; Max-Age=28800; Path=\/x\/; /);
    expect(cookie).toContain("; HttpOnly");
    expect(cookie).toContain("; SameSite=Strict");
    expect(cookie).not.toContain("Secure");
    const headers = { cookie: cookie.split(";")[0] ?? "" };
    expect(JSON.parse((await ask(`${url}auth`, { headers })).body)).toEqual({
      required: true,
      ok: true,
    });
  });

  test("that is wrong gets 401, and after ten of them 429 with a time, even when right", async () => {
    const { url, origin } = await start(["--access-code", CODE]);
    for (let i = 0; i < 10; i++) {
      const answer = await ask(`${url}auth`, post(origin, `{"code":"WRONG${i}"}`));
      expect([answer.status, answer.body]).toEqual([401, '{"error":"This code is wrong."}']);
    }
    const answer = await ask(`${url}auth`, post(origin, JSON.stringify({ code: CODE })));
    expect(answer.status).toBe(429);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
    expect(JSON.parse(answer.body).error).toMatch(/^Too many wrong codes\. Try again in \d s\.$/);
  });

  test.each([undefined, "null", "http://evil.test", "https://127.0.0.1"])(
    "is not taken from a page of origin %s",
    async (origin) => {
      const { url } = await start(["--access-code", CODE]);
      const headers = { "content-type": "application/json", ...(origin ? { origin } : {}) };
      const body = JSON.stringify({ code: CODE });
      const answer = await ask(`${url}auth`, { method: "POST", headers, body });
      expect(answer.status).toBe(403);
      expect(answer.headers).not.toHaveProperty("set-cookie");
    },
  );

  test.each(['{"code":1}', "{}", "[]", '{"__proto__":{"code":"ABCD-2345"}}'])(
    "must be a text in JSON, not %s",
    async (body) => {
      const { url, origin } = await start(["--access-code", CODE]);
      expect((await ask(`${url}auth`, post(origin, body))).status).toBe(400);
      const form = post(origin, `code=${CODE}`, { "content-type": "text/plain" });
      expect((await ask(`${url}auth`, form)).status).toBe(400);
    },
  );

  test("and other secrets are in no log line and no metric, wherever somebody puts them", async () => {
    const secret = "CANARY0123456789";
    const { url, origin, logged } = await start(["--access-code", secret]);
    const good = await ask(`${url}auth`, post(origin, JSON.stringify({ code: secret })));
    const cookie = good.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    const everywhere = { cookie, authorization: `Bearer ${secret}`, referer: `${url}?t=${secret}` };
    await ask(`${url}?t=${secret}`, { headers: everywhere });
    await ask(`${url}nowhere?t=${secret}`, { headers: everywhere });
    await ask(`${url}auth`, post(origin, `{"code":"${secret}`));
    await ask(`${url}auth`, post(origin, JSON.stringify({ code: [secret] })));
    await ask(`${url}auth`, post(origin, JSON.stringify({ code: `${secret}x` })));
    const upgrade = {
      connection: "Upgrade",
      upgrade: "websocket",
      origin: `http://${secret}.test`,
    };
    await ask(`${url}wire?t=${secret}`, { headers: { ...everywhere, ...upgrade } });
    const metrics = await ask(`${origin}/metrics`);
    expect(metrics.status).toBe(200);
    expect(logged()).toContain("access code tried");
    for (const hidden of [secret, cookie.split("=")[1] ?? "no cookie"]) {
      expect(logged()).not.toContain(hidden);
      expect(metrics.body).not.toContain(hidden);
    }
  });
});

describe("TLS", () => {
  test("serves the page over https with a Secure cookie, and refuses http's origin", async () => {
    const { cert, key } = makeCertificate();
    writeFileSync(join(folder, "cert.pem"), cert);
    writeFileSync(join(folder, "key.pem"), key);
    const files = ["--tls-cert", join(folder, "cert.pem"), "--tls-key", join(folder, "key.pem")];
    const { url, origin, port } = await start([...files, "--access-code", CODE]);
    expect(url).toBe(`https://127.0.0.1:${port}/`);
    expect((await ask(url, { ca: cert })).body).toContain("the page");
    const body = JSON.stringify({ code: CODE });
    const answer = await ask(`${url}auth`, { ...post(origin, body), ca: cert });
    expect(answer.headers["set-cookie"]?.[0]).toContain("; Secure");
    const http = post(`http://127.0.0.1:${port}`, body);
    expect((await ask(`${url}auth`, { ...http, ca: cert })).status).toBe(403);
  });
});

describe("slow clients", () => {
  test("500 that never finish their headers are gone within 12 s, and the page is served meanwhile", async () => {
    const { url, port } = await start();
    const lateness = monitorEventLoopDelay();
    lateness.enable();
    const gone = Array.from(
      { length: 500 },
      () =>
        new Promise<number>((resolve) => {
          let connectedAt = 0;
          const socket = connect(port, "127.0.0.1", () => {
            connectedAt = performance.now();
            socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
          });
          // How it is ended does not matter here, only that it is.
          socket.on("error", () => socket.destroy());
          socket.on("close", () => resolve(performance.now() - connectedAt));
          socket.resume();
        }),
    );
    expect((await ask(url)).status).toBe(200);
    const longest = Math.max(...(await Promise.all(gone)));
    lateness.disable();
    // Ten seconds, looked after once a second; each may find the loop of a busy machine late.
    expect(longest).toBeLessThan(12_000 + 2 * (lateness.max / 1e6));
  });
});
