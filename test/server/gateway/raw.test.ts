/** The raw endpoint: who gets in, where it leads, and how it says no. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateway.ts";
import { masked, openByHand, RawClient } from "../../support/raw-client.ts";
import { type Headers, knock } from "../../support/raw-page.ts";
import { closedPort, listenTcp, type TestServer } from "../../support/tcp.ts";
import { startWire, type Wire } from "../../support/wire.ts";

const CODE = "WAKE-UPNE-2345";
const PLAIN: Headers = { Origin: null, "Sec-WebSocket-Protocol": null };

let wire: Wire;
let far: TestServer;
/** Connections that were made to the far end. */
let dials: number;

beforeEach(async () => {
  far = await listenTcp();
  dials = 0;
  far.server.on("connection", () => dials++);
});
afterEach(async () => {
  await wire.stop();
  await far.close();
});

const url = (path: string) => `ws://127.0.0.1:${wire.port}/${path}`;
const here = () => `tcp/127.0.0.1:${far.port}`;
const closing = (path: string) => new RawClient(url(path)).closed;
const ask = (headers: Headers = {}, path = `/${here()}`) =>
  knock(wire.origin, path, { ...PLAIN, ...headers });

describe("where it leads", () => {
  it("carries bytes both ways to an address, and closes with 1000 when the target does", async () => {
    wire = await startWire();
    const client = await RawClient.open(url(here()));
    const socket = await far.accepted();
    client.send("Wake up");
    socket.on("data", (bytes) => socket.end(`${bytes}, Neo`));
    expect(await client.closed).toEqual({ code: 1000, reason: "Target closed" });
    expect(client.received).toBe("Wake up, Neo");
  });

  it("knows a target by its name, in the query or behind the path", async () => {
    wire = await startWire();
    const gateway = await startGateway(["--allow", `desk=127.0.0.1:${far.port}`]);
    const at = (path: string) => `ws://127.0.0.1:${gateway.port}/${path}`;
    for (const path of ["websockify?token=desk", "websockify/?x=1&token=desk", "websockify/desk"]) {
      const client = await RawClient.open(at(path));
      (await far.accepted()).end("hello");
      expect([path, await client.closed]).toEqual([path, { code: 1000, reason: "Target closed" }]);
      expect(client.received).toBe("hello");
    }
    const lesson = await RawClient.open(at("websockify?token=accept"));
    lesson.send("Wake up, Neo\n");
    await lesson.until("accepted");
    lesson.send("close\n");
    expect(await lesson.closed).toEqual({ code: 1000, reason: "Target closed" });
    await gateway.close();
  });

  it("says 4404 to a name that nobody has, and to none", async () => {
    wire = await startWire();
    expect(await closing("websockify?token=nobody")).toEqual({
      code: 4404,
      reason: "No target of this gateway has that name.",
    });
    expect((await closing("websockify")).code).toBe(4404);
    expect((await closing("websockify?token=__proto__")).code).toBe(4404);
    expect(await closing("websockify/%E0%A4%A")).toMatchObject({ code: 4404 });
  });

  it("takes IPv6 in brackets, also percent-encoded", async () => {
    wire = await startWire();
    const six = await listenTcp("::1");
    for (const path of [`tcp/[::1]:${six.port}`, `tcp/%5B%3A%3A1%5D%3A${six.port}`]) {
      const client = await RawClient.open(url(path));
      (await six.accepted()).end("six");
      expect((await client.closed).code).toBe(1000);
      expect(client.received).toBe("six");
    }
    await six.close();
  });

  it("moves below --base-path", async () => {
    wire = await startWire(["--base-path", "/x/"]);
    const { origin: Origin } = wire;
    expect(await ask({ Origin }, `/x/${here()}`)).toBe(101);
    expect(await ask({ Origin }, `/${here()}`)).toBe(404);
  });

  it("says 1011 and a plain sentence of at most 123 bytes when nobody listens", async () => {
    wire = await startWire();
    const port = await closedPort();
    const { code, reason } = await closing(`tcp/127.0.0.1:${port}`);
    expect(code).toBe(1011);
    expect(reason).toContain(`No program listens on port ${port}`);
    expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
  });

  it("says 1011 when the target resets the connection: that is no end", async () => {
    wire = await startWire();
    const client = await RawClient.open(url(here()));
    const socket = await far.accepted();
    client.send("x");
    socket.once("data", () => socket.resetAndDestroy());
    expect(await client.closed).toMatchObject({ code: 1011 });
  });

  it.each([
    "tcp/",
    "tcp/127.0.0.1",
    "tcp/127.1:80",
    "tcp/127.0.0.1:0",
    "tcp/a@b:1",
    "tcp/127.0.0.1:80/x",
    "tcp/127.0.0.1%3A80%2Fx",
    "tcp/tcp6:%2F%2F[::1]:80",
    "tcp/%zz:80",
  ])("says 4400 to %s", async (path) => {
    wire = await startWire();
    expect((await closing(path)).code).toBe(4400);
  });
});

describe("the policy", () => {
  it("refuses with 4403 and the reason, and nothing is dialled", async () => {
    wire = await startWire(["--deny", `127.0.0.1:${far.port}`]);
    const refused = await closing(here());
    expect(refused.code).toBe(4403);
    expect(refused.reason).toContain("--deny");
    const spellings = [`[::ffff:127.0.0.1]:${far.port}`, `[::ffff:7f00:1]:${far.port}`];
    for (const it of spellings) expect([it, (await closing(`tcp/${it}`)).code]).toEqual([it, 4403]);
    for (const it of ["169.254.169.254:80", "0.0.0.0:80", "[::]:80", "10.0.0.1:22", "127.0.0.1:25"])
      expect([it, (await closing(`tcp/${it}`)).code]).toEqual([it, 4403]);
    expect((await closing(`tcp/127.0.0.1:${wire.port}`)).code).toBe(4403);
    expect(dials).toBe(0);
  });
});

describe("the doors", () => {
  it("let in programs of this machine and pages of this gateway, and nobody else", async () => {
    wire = await startWire();
    const Host = `evil.test:${wire.port}`;
    expect(await ask()).toBe(101);
    expect(await ask({ Origin: wire.origin })).toBe(101);
    for (const Origin of ["null", "http://evil.test", `http://127.0.0.1:${wire.port + 1}`, ""])
      expect([Origin, await ask({ Origin })]).toEqual([Origin, 403]);
    expect(await ask({ Host })).toBe(403);
    expect(await ask({ Host, Origin: `http://${Host}` })).toBe(403);
    // A program that came through a proxy nobody spoke of does not sit at this machine.
    expect(await ask({ "X-Forwarded-For": "192.0.2.7" })).toBe(403);
  });

  it("take a Host without our port from programs only", async () => {
    wire = await startWire();
    expect(await ask({ Host: "127.0.0.1" })).toBe(101);
    expect(await ask({ Host: "evil.test" })).toBe(403);
    expect(await ask({ Host: "127.0.0.1:1" })).toBe(403);
    expect(await ask({ Host: "127.0.0.1", Origin: wire.origin })).toBe(403);
  });

  it("ask for the code where there is one: programs for the bearer, pages for the cookie", async () => {
    wire = await startWire(["--access-code", CODE]);
    expect(await ask()).toBe(403);
    expect(await ask({ Authorization: "Bearer WRONG-CODE-2345" })).toBe(403);
    expect(await ask({ Authorization: `Bearer ${CODE}` })).toBe(101);
    const page = { headers: { Origin: wire.origin } };
    // Rejected upgrades are invisible to a page, so it is told after it.
    expect((await new RawClient(url(here()), page).closed).code).toBe(4401);
    expect(dials).toBeLessThanOrEqual(1);
    const redeemed = wire.doors.redeem(CODE, "127.0.0.1");
    if (!redeemed.ok) throw new Error("the code was not taken");
    const Cookie = `wireside-access=${redeemed.cookie}`;
    const known = await RawClient.open(url(here()), { headers: { ...page.headers, Cookie } });
    known.ws.close();
    await known.closed;
  });

  it("ask for the code on a gateway that others can reach", async () => {
    wire = await startWire(["--trust-proxy"]);
    expect(wire.doors.accessRequired).toBe(true);
    expect(await ask()).toBe(403);
  });

  it("select binary when it is offered, nothing when nothing is, and refuse the rest", async () => {
    wire = await startWire();
    const protocolOf = async (protocols: string[]) => {
      const client = await RawClient.open(url(here()), { protocols });
      client.ws.close();
      return client.ws.protocol;
    };
    expect(await protocolOf([])).toBe("");
    expect(await protocolOf(["binary"])).toBe("binary");
    expect(await protocolOf(["base64", "binary"])).toBe("binary");
    expect(await ask({ "Sec-WebSocket-Protocol": "base64" })).toBe(400);
    expect(await ask({ "Sec-WebSocket-Protocol": "wireside.v1" })).toBe(400);
  });

  it("refuse what is no WebSocket handshake", async () => {
    wire = await startWire();
    expect(await ask({ "Sec-WebSocket-Key": "short" })).toBe(400);
    expect(await ask({ "Sec-WebSocket-Key": null })).toBe(400);
    expect(await ask({ "Sec-WebSocket-Version": "7" })).toBe(426);
    expect(await ask({ Upgrade: "h2c" })).toBe(400);
  });
});

describe("the limits", () => {
  it("count a raw connection as a session: 1013 beyond them, and room again after", async () => {
    wire = await startWire(["--max-sessions-per-address", "1"]);
    const first = await RawClient.open(url(here()));
    await far.accepted();
    expect((await closing(here())).code).toBe(1013);
    await eventually(
      () => wire.level("wireside_raw_connections"),
      (count) => count === 1,
    );
    first.ws.close();
    await first.closed;
    const again = await RawClient.open(url(here()));
    again.ws.terminate();
  });

  it("say 1013 to an address that opens connections too fast", async () => {
    wire = await startWire(["--open-rate", "1/m,2"]);
    const clients = await Promise.all([1, 2].map(() => RawClient.open(url(here()))));
    const third = await closing(here());
    expect(third.code).toBe(1013);
    expect(third.reason).toContain("faster than the gateway allows");
    for (const { ws } of clients) ws.terminate();
  });

  it("answer 503 when no socket is left", async () => {
    wire = await startWire([], 2);
    const client = await RawClient.open(url(here()));
    await far.accepted();
    expect(await ask()).toBe(503);
    client.ws.terminate();
  });

  it("give up on a target that does not answer", async () => {
    wire = await startWire(["--connect-timeout", "50ms", "--allow", "192.0.2.0/24"]);
    expect((await closing("tcp/192.0.2.1:80")).code).toBe(1011);
  });

  it("end a connection on which nothing happens, with 4408", async () => {
    wire = await startWire(["--idle-timeout", "1s"]);
    expect(await closing(here())).toMatchObject({ code: 4408 });
  });

  it("cut a client that answers no ping", async () => {
    wire = await startWire(["--ping-interval", "50ms", "--ping-timeout", "200ms"]);
    const talk = await openByHand(wire.origin, `/${here()}`);
    // FIN or reset: Talk gives up when the connection is gone.
    await talk.rest().catch(() => {});
    expect(talk.received).toContain("\x89\x00");
  });
});

describe("a hostile client", () => {
  const afterUpgrade = (received: string) => received.slice(received.indexOf("\r\n\r\n") + 4);

  it("that sends a text frame is told 1003, and the bytes before it are delivered", async () => {
    wire = await startWire();
    const talk = await openByHand(wire.origin, `/${here()}`);
    talk.send(Buffer.concat([masked(0x82, Buffer.from("bytes")), masked(0x81, Buffer.from("x"))]));
    const socket = await far.accepted();
    const got = await new Promise((resolve) => {
      let text = "";
      socket.on("data", (bytes) => (text += bytes));
      socket.on("end", () => resolve(text));
    });
    expect(got).toBe("bytes");
    expect(afterUpgrade(await talk.rest()).slice(2, 4)).toBe("\x03\xeb");
    talk.socket.end();
  });

  it("that does not mask is told 1002, and nobody else is harmed", async () => {
    wire = await startWire();
    const other = await RawClient.open(url(here()));
    const socket = await far.accepted();
    const talk = await openByHand(wire.origin, `/${here()}`);
    talk.send(Buffer.from([0x82, 1, 97]));
    expect(afterUpgrade(await talk.rest()).slice(2, 4)).toBe("\x03\xea");
    socket.end("still here");
    await other.closed;
    expect(other.received).toBe("still here");
    talk.socket.destroy();
  });

  it("that pings without end is told 4429", async () => {
    wire = await startWire();
    const client = await RawClient.open(url(here()));
    for (let i = 0; i < 400; i++) client.ws.ping();
    expect((await client.closed).code).toBe(4429);
  });

  it("that sends its first frame together with the request is heard", async () => {
    wire = await startWire();
    const first = masked(0x82, Buffer.from("early"));
    const talk = await openByHand(wire.origin, `/${here()}`, {}, first);
    const socket = await far.accepted();
    socket.on("data", (bytes) => socket.end(bytes));
    expect(await talk.rest()).toContain("early");
    talk.socket.destroy();
  });
});
