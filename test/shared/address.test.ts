/** Addresses: one spelling for one target, and a sentence for everything else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, formatEndpoint, parseAddress, transportOf } from "../../shared/address.ts";

const parsed = (text: string) => {
  const result = parseAddress(text);
  return result.ok ? result.address : result.problem;
};

describe("parseAddress", () => {
  it.each([
    ["tcp://127.0.0.1:8000", { scheme: "tcp", host: "127.0.0.1", port: 8000 }],
    ["127.0.0.1:8000", { scheme: "tcp", host: "127.0.0.1", port: 8000 }],
    ["  TCP://LocalHost:1  ", { scheme: "tcp", host: "localhost", port: 1 }],
    ["tcp://[::1]:65535", { scheme: "tcp", host: "::1", port: 65_535 }],
    ["tcp6://[2001:DB8::1]:80", { scheme: "tcp6", host: "2001:db8::1", port: 80 }],
    ["tcp6://localhost:80", { scheme: "tcp6", host: "localhost", port: 80 }],
    ["tcp://example.org.:80", { scheme: "tcp", host: "example.org", port: 80 }],
    ["udp://127.0.0.1:5353", { scheme: "udp", host: "127.0.0.1", port: 5353 }],
    ["UDP://[::1]:9", { scheme: "udp", host: "::1", port: 9 }],
    ["tls://Example.org:443", { scheme: "tls", host: "example.org", port: 443 }],
    ["unix:/run/x.sock", { scheme: "unix", host: "/run/x.sock", port: 0 }],
    ["unix:///run/x.sock", { scheme: "unix", host: "/run/x.sock", port: 0 }],
    [" Unix:/Run/Ä b:1@?#.sock ", { scheme: "unix", host: "/Run/Ä b:1@?#.sock", port: 0 }],
    [`unix:/${"a".repeat(106)}`, { scheme: "unix", host: `/${"a".repeat(106)}`, port: 0 }],
  ])("reads %s", (text, address) => {
    expect(parsed(text)).toEqual(address);
  });

  it("reads port 0, any free one, only where somebody is to listen", () => {
    const address = { scheme: "tcp", host: "127.0.0.1", port: 0 };
    expect(parseAddress("127.0.0.1:0", "listen")).toEqual({ ok: true, address });
    expect(parseAddress("127.0.0.1:0").ok).toBe(false);
  });

  it.each([
    ["", "empty"],
    ["tcp://127.0.0.1", "port is missing"],
    ["foo bar", "not a host name"],
    ["tcp://", "host is missing"],
    ["300.1.1.1", "not an IPv4 address"],
    ["8000", "host is missing"],
    ["tcp://:8000", "host is missing"],
    ["tcp://127.0.0.1:", "port is missing"],
    ["tcp://127.0.0.1:http", "must be a number"],
    ["tcp://127.0.0.1:0", "1 to 65535"],
    ["tcp://127.0.0.1:65536", "1 to 65535"],
    ["tcp://127.0.0.1:000080", "1 to 65535"],
    ["tcp://127.1:80", "not an IPv4 address"],
    ["tcp://2130706433:80", "not an IPv4 address"],
    ["tcp://0x7f.1:80", "not an IPv4 address"],
    ["tcp://0177.0.0.1:80", "not an IPv4 address"],
    ["tcp://256.1.1.1:80", "not an IPv4 address"],
    ["tcp://\uff11\uff12\uff17.0.0.1:80", "not an IPv4 address"],
    ["tcp://a b:80", "not a host name"],
    ["tcp://::1:80", "brackets"],
    ["tcp://[::1:80", "no ]"],
    ["tcp://[1.2.3.4]:80", "not an IPv6 address"],
    ["tcp://[fe80::1%eth0]:80", "not an IPv6 address"],
    ["tcp://host:80/path", "no path"],
    ["tcp://user@host:80", "no user name"],
    ["http://host:80", "spoken on top of TCP"],
    ["https://host:443", "spoken on top of TLS. Write tls://"],
    ["constructor://host:443", "not known here"],
    ["udp://host", "port is missing"],
    ["udp://host:53/x", "UDP knows no path"],
    ["tls://127.1:443", "not an IPv4 address"],
    ["unix:", "path is missing"],
    ["unix:8000", "tcp://unix:8000"],
    ["unix:run/x.sock", "begins with a slash"],
    ["unix://run/x.sock", "two slashes"],
    ["unix:////run/x.sock", "two slashes"],
    ["unix:/run//x.sock", "two slashes"],
    ["unix:/", "names a directory"],
    ["unix:/run/x/", "names a directory"],
    ["unix:/run/../etc/x", "detour"],
    ["unix:/run/./x", "detour"],
    ["unix:/..", "detour"],
    ["unix:/run/a\0b", "NUL"],
    ["unix:/run/a\u202eb", "cannot be seen"],
    ["unix:/run/a\nb", "cannot be seen"],
    [`unix:/${"a".repeat(107)}`, "108 bytes long"],
    [`unix:/${"ä".repeat(54)}`, "109 bytes long"],
    ["gopher://host:70", "not known here"],
    ["tcp6://127.0.0.1:80", "IPv6"],
    [`tcp://${"a".repeat(400)}:80`, "too long"],
  ])("says what is wrong with %j", (text, words) => {
    expect(parsed(text)).toContain(words);
  });

  it("reads what it wrote", () => {
    const host = fc.oneof(
      fc.ipV4(),
      fc.domain().filter((d) => d.length < 200),
    );
    const scheme = fc.constantFrom("tcp" as const, "udp" as const, "tls" as const);
    fc.assert(
      fc.property(scheme, host, fc.integer({ min: 1, max: 65_535 }), (scheme, name, port) => {
        const address = { scheme, host: name.toLowerCase(), port };
        expect(parsed(formatAddress(address))).toEqual(address);
      }),
    );
  });

  it("gives one spelling to whatever path of a Unix socket it takes", () => {
    const part = fc.constantFrom("a", "/", ".", "..", ":", " ", "é", "unix:", "//", "@", "\0");
    const path = fc.array(part, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(path, (text) => {
        const result = parseAddress(`unix:${text}`);
        if (!result.ok) return;
        const { host } = result.address;
        expect(host.split("/").slice(1)).not.toContain("..");
        expect(host.startsWith("/")).toBe(true);
        expect(parsed(formatAddress(result.address))).toEqual(result.address);
      }),
      { examples: [["/a b/é"], ["///a"], ["/a/../b"]] },
    );
  });

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 60 }),
        (text) => typeof parseAddress(text).ok === "boolean",
      ),
    );
  });
});

describe("formatEndpoint", () => {
  it.each([
    [{ host: "127.0.0.1", port: 80 }, "127.0.0.1:80"],
    [{ host: "::1", port: 80 }, "[::1]:80"],
    [{ host: "/run/x:y.sock", port: 0 }, "/run/x:y.sock"],
    [{ host: "", port: 0 }, "unnamed"],
  ])("writes %j", (endpoint, text) => {
    expect(formatEndpoint(endpoint)).toBe(text);
  });
});

it("knows what carries the bytes of an address", () => {
  const carriers = (["tcp", "tcp6", "udp", "tls", "unix"] as const).map((scheme) =>
    transportOf({ scheme }),
  );
  expect(carriers).toEqual(["tcp", "tcp", "udp", "tls", "unix"]);
});
