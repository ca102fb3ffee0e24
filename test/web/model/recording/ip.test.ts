/** Addresses as bytes, judged by another implementation. */
import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addressBytes } from "../../../../web/model/recording/ip.ts";

/** The one spelling that a URL has for it. */
const canonical = (host: string) =>
  new URL(`http://${host.includes(":") ? `[${host}]` : host}/`).hostname;

/** Bytes written out again, without any abbreviation. */
function written(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const hex = Buffer.from(bytes).toString("hex");
  return hex.match(/.{4}/g)?.join(":") ?? "";
}

describe("an address as bytes", () => {
  test("is the same address, in IPv4 and in every spelling of IPv6", () => {
    const spelled = ["::", "::1", "1::", "::ffff:192.0.2.1", "::0.0.0.0", "64:ff9b::192.0.2.1"];
    for (const host of spelled) expectSame(host);
    fc.assert(fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), expectSame), { numRuns: 1000 });
  });

  function expectSame(host: string): void {
    const bytes = addressBytes(host) ?? new Uint8Array(0);
    expect(bytes.length).toBe(isIP(host) === 4 ? 4 : 16);
    expect(canonical(written(bytes))).toBe(canonical(host));
  }

  test("does not contain the zone, which is no part of it", () => {
    expect(addressBytes("fe80::1%eth0")).toEqual(addressBytes("fe80::1"));
  });

  test("is none where there is no address", () => {
    const hosts = ["", "localhost", "1.2.3", "1.2.3.256", "1::2::3", ":::", "12345::"];
    for (const host of [...hosts, "::1.2.3.999", "1:2:3:4:5:6:7::8"]) {
      expect(isIP(host), host).toBe(0);
      expect(addressBytes(host), host).toBeNull();
    }
  });
});
