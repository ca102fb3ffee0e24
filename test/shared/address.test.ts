/** Addresses: one spelling for one target, and a sentence for everything else. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../shared/address.ts";

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
    fc.assert(
      fc.property(host, fc.integer({ min: 1, max: 65_535 }), (name, port) => {
        const address = { scheme: "tcp" as const, host: name.toLowerCase(), port };
        expect(parsed(formatAddress(address))).toEqual(address);
      }),
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
