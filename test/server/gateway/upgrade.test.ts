/** Who becomes a WebSocket: the page of this gateway, and programs that have its code. */
import { afterEach, describe, expect, it } from "vitest";
import { type Headers, knock, RawPage } from "../../support/raw-page.ts";
import { startWire, type Wire } from "../../support/wire.ts";

const CODE = "WAKE-UPNE-2345";

describe("an upgrade", () => {
  let wire: Wire;
  afterEach(() => wire.stop());

  const ask = (headers: Headers = {}, path = "/wire") => knock(wire.origin, path, headers);

  it("is granted to the gateway's own page", async () => {
    wire = await startWire();
    expect(await ask()).toBe(101);
    expect(await wire.level("wireside_sessions")).toBe(0);
  });

  it("is refused to pages of every other origin", async () => {
    wire = await startWire();
    const { port } = wire;
    const others = [
      null,
      "null",
      `http://127.0.0.1:${port + 1}`,
      "http://127.0.0.1",
      `https://127.0.0.1:${port}`,
      `ws://127.0.0.1:${port}`,
      `http://host.evil:${port}`,
      `http://sub.127.0.0.1:${port}`,
      `http://127.0.0.1:${port}.evil`,
      `http://127.0.0.1:${port}/`,
      `http://localhost:${port}`,
      "",
    ];
    for (const origin of others) {
      expect([origin, await ask({ Origin: origin })]).toEqual([origin, 403]);
    }
  });

  it("is refused to a sub-domain of an allowed name", async () => {
    wire = await startWire(["--allowed-host", "class.test", "--allowed-origin", "http://a.test"]);
    const { port } = wire;
    const Host = `class.test:${port}`;
    expect(await ask({ Host, Origin: `http://${Host}` })).toBe(101);
    expect(await ask({ Host, Origin: "http://a.test" })).toBe(101);
    expect(await ask({ Host, Origin: `http://sub.${Host}` })).toBe(403);
    expect(await ask({ Host, Origin: "http://sub.a.test" })).toBe(403);
    expect(await ask({ Host: `sub.${Host}`, Origin: `http://sub.${Host}` })).toBe(403);
  });

  it("is refused when another name was made to lead here, though Host and Origin agree", async () => {
    wire = await startWire();
    const Host = `evil.test:${wire.port}`;
    expect(await ask({ Host, Origin: `http://${Host}` })).toBe(403);
    expect(await ask({ Host, Origin: wire.origin })).toBe(403);
  });

  it("is granted to a program without an Origin only with the access code", async () => {
    wire = await startWire(["--access-code", CODE]);
    const Origin = null;
    expect(await ask({ Origin, Authorization: `Bearer ${CODE}` })).toBe(101);
    expect(await ask({ Origin, Authorization: "Bearer WRONG-CODE-2345" })).toBe(403);
    expect(await ask({ Origin, Authorization: `Basic ${CODE}` })).toBe(403);
    expect(await ask({ Origin })).toBe(403);
  });

  it("is refused to a program where no code exists that it could show", async () => {
    wire = await startWire();
    expect(await ask({ Origin: null, Authorization: "Bearer undefined" })).toBe(403);
  });

  it("has one path and one subprotocol", async () => {
    wire = await startWire();
    expect(await ask({}, "/")).toBe(404);
    expect(await ask({}, "/wires")).toBe(404);
    expect(await ask({}, "/wire/")).toBe(404);
    expect(await ask({}, "/wire?x=1")).toBe(101);
    expect(await ask({ "Sec-WebSocket-Protocol": null })).toBe(400);
    expect(await ask({ "Sec-WebSocket-Protocol": "wireside.v2" })).toBe(400);
    expect(await ask({ "Sec-WebSocket-Protocol": "chat, wireside.v1" })).toBe(101);
  });

  it("moves below --base-path with the page", async () => {
    wire = await startWire(["--base-path", "/x/"]);
    expect(await ask({}, "/x/wire")).toBe(101);
    expect(await ask({}, "/wire")).toBe(404);
  });

  it("is refused with 429 to an address that asks too often, and only to that one", async () => {
    wire = await startWire(["--trust-proxy"]);
    const from = (address: string) => ask({ "X-Forwarded-For": address });
    const counts = new Map<number, number>();
    for (let i = 0; i < 640; i++) {
      // Two spellings of one address are one address.
      const status = await from(i % 2 ? "192.0.2.7" : "::ffff:192.0.2.7");
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect(counts).toEqual(
      new Map([
        [101, 600],
        [429, 40],
      ]),
    );
    expect(await from("192.0.2.8")).toBe(101);
  });

  it("is refused with 429 also to a foreign page or program that asks too often", async () => {
    wire = await startWire(["--trust-proxy"]);
    const counts = new Map<number, number>();
    for (let i = 0; i < 620; i++) {
      // A host picks the last 64 bits of its address itself.
      const from = { "X-Forwarded-For": `2001:db8::${i.toString(16)}` };
      const status = await ask({ ...from, Origin: i % 2 ? "http://evil.test" : null });
      counts.set(status, (counts.get(status) ?? 0) + 1);
    }
    expect(counts).toEqual(
      new Map([
        [403, 600],
        [429, 20],
      ]),
    );
    expect(await ask({ "X-Forwarded-For": "2001:db8::1:1" })).toBe(429);
    expect(await ask({ "X-Forwarded-For": "2001:db8:0:1::1" })).toBe(101);
  });

  it("is refused with the right code, too, after ten wrong ones from that address", async () => {
    wire = await startWire(["--access-code", CODE, "--trust-proxy"]);
    const show = (code: string, address: string) =>
      ask({ Origin: null, Authorization: `Bearer ${code}`, "X-Forwarded-For": address });
    for (let i = 0; i < 10; i++) expect(await show(`WRONG${i}`, "192.0.2.7")).toBe(403);
    expect(await show(CODE, "192.0.2.7")).toBe(403);
    expect(wire.doors.redeem(CODE, "192.0.2.7").ok).toBe(false);
    expect(await show(CODE, "192.0.2.8")).toBe(101);
  });

  it("is refused with 503 when no socket is left, and granted again when one is free", async () => {
    wire = await startWire([], 2);
    const { page } = await RawPage.attached(wire);
    const other = await RawPage.connect(wire);
    expect(await ask()).toBe(503);
    other.ws.close();
    await other.closed;
    expect(await ask()).toBe(101);
    page.ws.close();
  });

  it("leaves no socket for a connection: a page that opens one is told", async () => {
    wire = await startWire([], 1);
    const { page } = await RawPage.attached(wire);
    page.ws.send(JSON.stringify({ type: "open", ch: 1, address: "tcp://127.0.0.1:1" }));
    expect(await page.text("refused")).toMatchObject({ ch: 1, code: "EMFILE" });
    page.ws.close();
  });
});

describe("the access code", () => {
  it("is asked for after the upgrade, where a page can show it: ACCESS_CODE, then 4401", async () => {
    const wire = await startWire(["--access-code", CODE]);
    const page = await RawPage.connect(wire, { Cookie: "wireside_access=made-up" });
    page.hello();
    expect(await page.text("refused")).toEqual({
      type: "refused",
      code: "ACCESS_CODE",
      detail: "",
    });
    expect((await page.closed).code).toBe(4401);
    expect(await wire.level("wireside_sessions")).toBe(0);
    await wire.stop();
  });

  it("opens a session for a program that shows it", async () => {
    const wire = await startWire(["--access-code", CODE]);
    const page = await RawPage.connect(wire, { Origin: null, Authorization: `Bearer ${CODE}` });
    page.hello();
    expect((await page.text("welcome")).epoch).toBe(1);
    page.ws.close();
    await wire.stop();
  });
});
