/** Who may come in: Host, Origin, addresses, access codes. */
import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { createDoors, type DoorSettings, limitKey } from "../../server/doors.ts";

const SETTINGS: DoorSettings = {
  host: "127.0.0.1",
  allowedHosts: [],
  allowedOrigins: [],
  trustProxy: false,
  maxSessionMs: 60_000,
};

function doorsOf(settings: Partial<DoorSettings> = {}, bound?: { host: string; port: number }) {
  const config = { ...SETTINGS, ...settings };
  const clock = { ms: 0 };
  const doors = createDoors({
    config,
    endpoints: () => [bound ?? { host: config.host, port: 8080 }],
    now: () => clock.ms,
  });
  return { doors, clock };
}

const from = (remoteAddress: string, headers: Record<string, string> = {}) => ({
  headers,
  socket: { remoteAddress },
});

describe("Host", () => {
  test.each(["localhost:8080", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080"])(
    "%s leads to a gateway on 127.0.0.1:8080",
    (host) => expect(doorsOf().doors.checkHost(host)).toBe(true),
  );

  test.each([
    undefined,
    "",
    "evil.test",
    "evil.test:8080",
    "localhost",
    "localhost:80",
    "localhost:8081",
    "localhost.evil.test:8080",
    "127.0.0.1.evil.test:8080",
    "127.1:8080",
    "0.0.0.0:8080",
    "localhost:8080,evil.test",
    "a@localhost:8080",
    "localhost:8080/",
    " localhost:8080",
    "[::1",
  ])("%s is refused there", (host) => expect(doorsOf().doors.checkHost(host)).toBe(false));

  test("may leave out the port when it is the scheme's own", () => {
    expect(doorsOf({}, { host: "127.0.0.1", port: 80 }).doors.checkHost("localhost")).toBe(true);
    const tls = doorsOf({ tlsCert: "c" }, { host: "127.0.0.1", port: 443 }).doors;
    expect([tls.checkHost("localhost"), tls.checkHost("localhost:80")]).toEqual([true, false]);
  });

  test("may be any address of this machine when the gateway listens on all", () => {
    const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    for (const bound of ["0.0.0.0", "::"]) {
      const { doors } = doorsOf({ host: bound }, { host: bound, port: 8080 });
      expect(doors.checkHost("localhost:8080")).toBe(true);
      for (const { address, family } of own) {
        const host = family === "IPv6" ? `[${address}]` : address;
        expect([host, doors.checkHost(`${host}:8080`)]).toEqual([host, true]);
        expect([host, doors.checkHost(`${host}:8081`)]).toEqual([host, false]);
      }
      expect(doors.checkHost("198.51.100.7:8080")).toBe(false);
      expect(doors.checkHost("evil.test:8080")).toBe(false);
    }
  });

  test("may be the one address it listens on, and then not localhost", () => {
    const { doors } = doorsOf({ host: "192.0.2.7" });
    expect(doors.checkHost("192.0.2.7:8080")).toBe(true);
    expect(doors.checkHost("localhost:8080")).toBe(false);
  });

  test("may be a name of --allowed-host: without a port behind a proxy or on ours, else exactly", () => {
    const { doors } = doorsOf({ allowedHosts: ["class.test", "b.test:9000"] });
    const verdicts = ["class.test", "class.test:8080", "b.test:9000"].map(doors.checkHost);
    expect(verdicts).toEqual([true, true, true]);
    const others = ["class.test:9000", "b.test", "b.test:8080", "x.class.test"].map(
      doors.checkHost,
    );
    expect(others).toEqual([false, false, false, false]);
  });
});

describe("Origin", () => {
  const asked = (settings: Partial<DoorSettings>, origin?: string, headers = {}) =>
    doorsOf(settings).doors.checkOrigin(origin, {
      headers: { host: "localhost:8080", ...headers },
    });

  test("of the page that was served under the same Host is let in", () => {
    expect(asked({}, "http://localhost:8080")).toBe(true);
    expect(asked({}, "http://127.0.0.1:8080", { host: "127.0.0.1:8080" })).toBe(true);
    expect(asked({}, "http://[::1]:8080", { host: "[::1]:8080" })).toBe(true);
  });

  test.each([
    undefined,
    "",
    "null",
    "http://localhost",
    "http://localhost:8081",
    "https://localhost:8080",
    "http://127.0.0.1:8080",
    "http://localhost.evil:8080",
    "http://evil.test:8080",
    "http://localhost:8080.evil.test",
    "http://localhost:8080/",
    "http://x@localhost:8080",
    "HTTP://localhost:8080",
    "ws://localhost:8080",
    "file://",
    "chrome-extension://localhost:8080",
  ])("%s is refused by http://localhost:8080", (origin) => expect(asked({}, origin)).toBe(false));

  test("and Host of the same foreign name are refused: that is DNS rebinding", () => {
    expect(asked({}, "http://evil.test:8080", { host: "evil.test:8080" })).toBe(false);
  });

  test("must be https when the gateway serves TLS", () => {
    expect(asked({ tlsCert: "c" }, "https://localhost:8080")).toBe(true);
    expect(asked({ tlsCert: "c" }, "http://localhost:8080")).toBe(false);
  });

  test("has the scheme that a trusted proxy saw, and no other proxy is believed", () => {
    const settings = { trustProxy: true, allowedHosts: ["class.test"] };
    const headers = { host: "class.test", "x-forwarded-proto": "https" };
    expect(asked(settings, "https://class.test", headers)).toBe(true);
    expect(asked(settings, "http://class.test", headers)).toBe(false);
    expect(asked({ ...settings, trustProxy: false }, "https://class.test", headers)).toBe(false);
  });

  test("may be one of --allowed-origin, exactly", () => {
    const settings = { allowedOrigins: ["https://embed.test"] };
    expect(asked(settings, "https://embed.test")).toBe(true);
    expect(asked(settings, "https://embed.test:443")).toBe(true);
    expect(asked(settings, "http://embed.test")).toBe(false);
    expect(asked(settings, "https://embed.test:444")).toBe(false);
    expect(asked(settings, "https://x.embed.test")).toBe(false);
  });
});

describe("a client's address", () => {
  test.each([
    ["1.2.3.4", "1.2.3.4"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::ffff:102:304", "1.2.3.4"],
    ["2001:DB8:0:0::1", "2001:db8::1"],
    ["fe80::1%eth0", "fe80::1"],
  ])("%s is %s", (written, address) => {
    expect(doorsOf().doors.clientAddress(from(written))).toBe(address);
  });

  test("is the last entry of X-Forwarded-For, only with --trust-proxy", () => {
    const request = from("10.0.0.1", { "x-forwarded-for": "6.6.6.6, [::ffff:1.2.3.4]:99" });
    expect(doorsOf({ trustProxy: true }).doors.clientAddress(request)).toBe("1.2.3.4");
    expect(doorsOf().doors.clientAddress(request)).toBe("10.0.0.1");
    const garbled = from("10.0.0.1", { "x-forwarded-for": "whoever" });
    expect(doorsOf({ trustProxy: true }).doors.clientAddress(garbled)).toBe("10.0.0.1");
  });

  test.each([
    ["1.2.3.4", "1.2.3.4"],
    ["unknown", "unknown"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::1", "2001:db8:1:2::/64"],
    ["2001:db8:1:3::1", "2001:db8:1:3::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8::2:3:4:5:6", "2001:db8:0:2::/64"],
    ["64:ff9b::1.2.3.4", "64:ff9b:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
  ])("%s is counted as %s: whoever has an IPv6 address has its /64", (address, key) => {
    expect(limitKey(address)).toBe(key);
  });

  test("is this machine's only when no unknown proxy stands between", () => {
    const { doors } = doorsOf();
    expect(doors.isLocal(from("::ffff:127.0.0.1"))).toBe(true);
    expect(doors.isLocal(from("::1"))).toBe(true);
    expect(doors.isLocal(from("10.0.0.1"))).toBe(false);
    expect(doors.isLocal(from("127.0.0.1", { "x-forwarded-for": "127.0.0.1" }))).toBe(false);
  });
});

const userOf = (doors: ReturnType<typeof createDoors>, cookie: string | undefined) =>
  doors.identify({ cookie }, "10.0.0.1")?.user ?? null;

describe("an access code", () => {
  test("is needed off loopback, or when one is given", () => {
    expect(doorsOf().doors.accessRequired).toBe(false);
    expect(doorsOf().doors.accessCode).toBeUndefined();
    for (const host of ["localhost", "::1", "127.9.9.9"]) {
      expect([host, doorsOf({ host }).doors.accessRequired]).toEqual([host, false]);
    }
    for (const host of ["0.0.0.0", "::", "192.0.2.7", "class.test"]) {
      expect([host, doorsOf({ host }).doors.accessRequired]).toEqual([host, true]);
    }
    expect(doorsOf({ accessCode: "ABCD2345" }).doors.accessRequired).toBe(true);
    // Behind a proxy it is not only this machine that comes in.
    expect(doorsOf({ trustProxy: true }).doors.accessRequired).toBe(true);
  });

  test("is made up of twelve letters and digits that cannot be mistaken, each time others", () => {
    const codes = Array.from({ length: 50 }, () => doorsOf({ host: "::" }).doors.accessCode);
    for (const code of codes)
      expect(code).toMatch(/^[2-9A-HJKMNP-Z]{4}(?:-[2-9A-HJKMNP-Z]{4}){2}$/);
    expect(new Set(codes).size).toBe(50);
  });

  test("is taken in any case, with or without blanks and hyphens", () => {
    const { doors } = doorsOf({ accessCode: "ABCD-2345" });
    for (const code of ["ABCD-2345", "abcd2345", " ab cd 23-45 "]) {
      expect(doors.redeem(code, "10.0.0.1").ok).toBe(true);
    }
    for (const code of ["", "ABCD-234", "ABCD-23456", "ABCD.2345"]) {
      expect(doors.redeem(code, "10.0.0.1")).toEqual({ ok: false, retryAfterMs: 0 });
    }
  });

  test("is exchanged for a cookie of 256 bits that says who it is until it expires", () => {
    const { doors, clock } = doorsOf({ accessCode: "ABCD2345", maxSessionMs: 1_000 });
    const [one, two] = [doors.redeem("ABCD2345", "::1"), doors.redeem("ABCD2345", "::1")];
    if (!one.ok || !two.ok) throw new Error("not redeemed");
    expect(Buffer.from(one.cookie, "base64url")).toHaveLength(32);
    const user = userOf(doors, `theme=dark; wireside_access=${one.cookie}`);
    expect(user).toEqual(expect.any(String));
    expect(user).not.toContain(one.cookie);
    expect(userOf(doors, `wireside_access=stale; wireside_access=${one.cookie}`)).toBe(user);
    expect(userOf(doors, `wireside_access=${two.cookie}`)).not.toBe(user);
    clock.ms = 1_000;
    expect(userOf(doors, `wireside_access=${one.cookie}`)).toBeNull();
  });

  test.each([
    undefined,
    "",
    "wireside_access=",
    "wireside_access=ABCD2345",
    "x=y",
    "wireside_access",
  ])("cookie header %s is nobody", (header) =>
    expect(userOf(doorsOf({ accessCode: "ABCD2345" }).doors, header)).toBeNull(),
  );

  test("cannot be tried for ever: after ten wrong codes an address waits, and others do not", () => {
    const { doors, clock } = doorsOf({ accessCode: "ABCD2345" });
    for (let i = 0; i < 10; i++) {
      expect(doors.redeem(`WRONG${i}`, "10.0.0.1")).toEqual({ ok: false, retryAfterMs: 0 });
    }
    const waiting = doors.redeem("ABCD2345", "10.0.0.1");
    expect(waiting).toEqual({ ok: false, retryAfterMs: 6_000 });
    expect(doors.redeem("ABCD2345", "10.0.0.2").ok).toBe(true);
    clock.ms += 6_000;
    expect(doors.redeem("ABCD2345", "10.0.0.1").ok).toBe(true);
  });

  test("is not tried more often by changing between the addresses of one /64", () => {
    const { doors } = doorsOf({ accessCode: "ABCD2345" });
    for (let i = 0; i < 10; i++) doors.redeem("WRONG", `2001:db8::${i}`);
    expect(doors.redeem("ABCD2345", "2001:db8::ffff:1")).toMatchObject({ retryAfterMs: 6_000 });
    expect(doors.bearer("Bearer ABCD2345", "2001:db8::ffff:2")).toBe(false);
    expect(doors.redeem("ABCD2345", "2001:db8:0:1::1").ok).toBe(true);
  });

  test("that is wrong counts the same as a bearer token and in the form", () => {
    const { doors, clock } = doorsOf({ accessCode: "ABCD2345" });
    const shown = (code: string, address: string) => doors.bearer(`Bearer ${code}`, address);
    for (let i = 0; i < 5; i++) {
      expect(shown(`WRONG${i}`, "10.0.0.1")).toBe(false);
      expect(doors.redeem(`WRONG${i}`, "10.0.0.1").ok).toBe(false);
    }
    expect(shown("ABCD2345", "10.0.0.1")).toBe(false);
    expect(doors.redeem("ABCD2345", "10.0.0.1")).toEqual({ ok: false, retryAfterMs: 6_000 });
    expect(shown("ABCD2345", "10.0.0.2")).toBe(true);
    clock.ms += 6_000;
    expect(shown("ABCD2345", "10.0.0.1")).toBe(true);
  });

  test("that is right costs nothing, so a class behind one address comes in", () => {
    const { doors } = doorsOf({ accessCode: "ABCD2345" });
    const results = Array.from({ length: 60 }, () => doors.redeem("ABCD2345", "10.0.0.1").ok);
    expect(results).not.toContain(false);
  });

  test("lets programs in as a bearer token", () => {
    const { doors } = doorsOf({ accessCode: "ABCD-2345" });
    expect(doors.bearer("Bearer ABCD-2345", "10.0.0.1")).toBe(true);
    expect(doors.bearer("bearer abcd2345", "10.0.0.1")).toBe(true);
    for (const header of [undefined, "", "Bearer", "Bearer x", "Basic ABCD-2345", "ABCD-2345"]) {
      expect([header, doors.bearer(header, "10.0.0.1")]).toEqual([header, false]);
    }
    expect(doorsOf().doors.bearer("Bearer ", "10.0.0.1")).toBe(false);
  });
});
