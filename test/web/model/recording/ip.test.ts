/** Addresses as bytes, judged by another implementation. */
import { isIP } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { addressBytes } from "../../../../web/model/recording/ip.ts";

describe("an address as bytes", () => {
  test("is what another reading of it gives, in IPv4 and in every spelling of IPv6", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (host) => {
        expect([...(addressBytes(host) ?? [])]).toEqual(ipaddr.parse(host).toByteArray());
      }),
    );
    const mapped = [...new Array(10).fill(0), 255, 255, 192, 0, 2, 1];
    expect([...(addressBytes("::ffff:192.0.2.1") ?? [])]).toEqual(mapped);
  });

  test("does not contain the zone, which is no part of it", () => {
    expect(addressBytes("fe80::1%eth0")).toEqual(addressBytes("fe80::1"));
  });

  test("is none where there is no address", () => {
    const hosts = [
      "",
      "localhost",
      "1.2.3",
      "1.2.3.256",
      "1::2::3",
      ":::",
      "12345::",
      "::1.2.3.999",
    ];
    for (const host of hosts) {
      expect(isIP(host)).toBe(0);
      expect(addressBytes(host), host).toBeNull();
    }
  });
});
