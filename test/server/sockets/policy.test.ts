/** The dialling policy: what is refused, what is allowed, and what the person is told. */
import { networkInterfaces } from "node:os";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createPolicy,
  type PolicyOptions,
  parseRule,
  RuleError,
} from "../../../server/sockets/policy.ts";

const LESSON = { host: "127.0.0.1", port: 8000 };
const DOOR = { host: "127.0.0.1", port: 8080 };

function policyOf(options: Partial<PolicyOptions> = {}) {
  return createPolicy({
    allow: [],
    deny: [],
    loopbackAllowed: false,
    ownEndpoints: () => [DOOR],
    lessonEndpoints: () => [LESSON],
    ...options,
  });
}

/** Both steps for what a person could type as a literal. */
function verdictOf(policy: ReturnType<typeof policyOf>, host: string, port = 9000) {
  const early = policy.judgeHost(host, port);
  return early.allowed ? policy.judge(host, port) : early;
}

const ownAddresses = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .filter(({ address }) => !address.startsWith("fe80"));

describe("without rules", () => {
  test("a gateway on loopback dials loopback and nothing else", () => {
    const policy = policyOf({ loopbackAllowed: true });
    for (const ip of ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1"]) {
      expect(policy.judge(ip, 9000), ip).toEqual({ allowed: true });
    }
    for (const ip of ["10.0.0.5", "192.168.1.1", "93.184.216.34", "2606:2800::1", "fd00::5"]) {
      expect(policy.judge(ip, 9000), ip).toMatchObject({ allowed: false, code: "NOT_ALLOWED" });
    }
  });

  test("a gateway open to others dials its lesson server and no other port of loopback", () => {
    const policy = policyOf();
    expect(policy.judge("127.0.0.1", 8000)).toEqual({ allowed: true });
    expect(policy.judge("::ffff:127.0.0.1", 8000)).toEqual({ allowed: true });
    expect(policy.judge("127.0.0.2", 8000).allowed).toBe(false);
    expect(policy.judge("127.0.0.1", 22)).toMatchObject({ flag: "--allow 127.0.0.1:22" });
    expect(policy.judge("::1", 22)).toMatchObject({ flag: "--allow [::1]:22" });
  });

  test("a lesson server on every address may be dialled on each of them", () => {
    const policy = policyOf({ lessonEndpoints: () => [{ host: "0.0.0.0", port: 8000 }] });
    for (const { address } of ownAddresses) {
      expect(policy.judge(address, 8000), address).toEqual({ allowed: true });
    }
    expect(policy.judge("93.184.216.34", 8000).allowed).toBe(false);
  });

  test("a refusal says which flag would allow the target", () => {
    expect(policyOf().judge("10.0.0.5", 80)).toEqual({
      allowed: false,
      code: "NOT_ALLOWED",
      reason: "Start the gateway with --allow 10.0.0.5:80 to allow it.",
      flag: "--allow 10.0.0.5:80",
    });
    const flag = "--allow [2606:2800::1]:80";
    expect(policyOf().judge("2606:2800:0:0::1", 80)).toMatchObject({ flag });
  });

  test("the flag that a refusal names does allow the target", () => {
    for (const ip of ["10.0.0.5", "127.0.0.1", "::1", "2606:2800::1", "::ffff:10.0.0.5"]) {
      const verdict = policyOf().judge(ip, 9000);
      const flag = verdict.allowed ? "" : (verdict.flag ?? "");
      const allow = [flag.replace("--allow ", "")];
      expect(policyOf({ allow }).judge(ip, 9000), ip).toEqual({ allowed: true });
    }
  });
});

describe("always denied, whatever the rules", () => {
  const generous = policyOf({
    allow: ["0.0.0.0/0", "::/0", "127.0.0.0/8", "169.254.0.0/16", "169.254.169.254:80", "[::]:80"],
    loopbackAllowed: true,
  });

  test.each([
    ["0.0.0.0", /every address/],
    ["0.1.2.3", /every address/],
    ["::", /every address/],
    ["169.254.169.254", /link-local/],
    ["fe80::1", /link-local/],
    ["febf::1", /link-local/],
    ["224.0.0.1", /multicast/],
    ["ff02::1", /multicast/],
    ["255.255.255.255", /broadcast/],
    ["::ffff:169.254.169.254", /link-local/],
    ["::ffff:0.0.0.0", /every address/],
    ["::a9fe:a9fe", /leads to 169.254.169.254.*link-local/],
    ["64:ff9b::a9fe:a9fe", /leads to 169.254.169.254.*link-local/],
    ["2002:a9fe:a9fe::1", /leads to 169.254.169.254.*link-local/],
    ["2001:0:1::5601:5601", /leads to 169.254.169.254.*link-local/],
  ])("%s is refused, and no flag is offered", (ip, why) => {
    const verdict = generous.judge(ip, 80);
    expect(verdict).toMatchObject({ allowed: false, code: "NOT_ALLOWED" });
    expect(verdict).toMatchObject({ reason: expect.stringMatching(why) });
    expect(verdict).toMatchObject({ reason: expect.stringContaining("No setting allows it.") });
    expect(verdict).not.toHaveProperty("flag");
  });

  test("the ports of mail are refused by number and by name", () => {
    for (const port of [25, 465, 587]) {
      expect(generous.judge("127.0.0.1", port)).toMatchObject({
        allowed: false,
        reason: `Port ${port} carries mail. No setting allows it.`,
      });
      expect(generous.judgeHost("mail.example", port).allowed).toBe(false);
    }
    expect(generous.judge("127.0.0.1", 26).allowed).toBe(true);
  });

  test("the gateway's own port is refused on every address of the machine", () => {
    const doors = ["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "::ffff:127.0.0.1"];
    for (const ip of [...doors, ...ownAddresses.map(({ address }) => address)]) {
      expect(generous.judge(ip, 8080), ip).toMatchObject({
        allowed: false,
        reason: "Port 8080 of this machine is the gateway's own door. No setting allows it.",
      });
    }
    expect(generous.judge("10.99.0.1", 8080).allowed).toBe(true);
  });

  test("the gateway's own port is asked for at each decision", () => {
    let port = 1;
    const policy = policyOf({ loopbackAllowed: true, ownEndpoints: () => [{ ...DOOR, port }] });
    expect(policy.judge("127.0.0.1", 9000).allowed).toBe(true);
    port = 9000;
    expect(policy.judge("127.0.0.1", 9000).allowed).toBe(false);
  });
});

describe("rules", () => {
  test("with only 10.0.0.0/8 allowed, no spelling of loopback or of no address gets through", () => {
    const policy = policyOf({ allow: ["10.0.0.0/8"] });
    const tricks = ["::ffff:127.0.0.1", "::ffff:7f00:1", "0.0.0.0", "::", "64:ff9b::7f00:1"];
    tricks.push("2002:7f00:1::", "::127.0.0.1", "::7f00:1", "::ffff:0:127.0.0.1", "127.0.0.1");
    tricks.push("::1", "2001:0:1::80ff:fffe", "64:ff9b:1::7f00:1", "64:ff9b::a00:5");
    for (const ip of tricks) expect(policy.judge(ip, 80).allowed, ip).toBe(false);
    for (const ip of ["10.0.0.5", "10.255.255.255", "::ffff:10.0.0.5"]) {
      expect(policy.judge(ip, 80), ip).toEqual({ allowed: true });
    }
    expect(policy.judge("11.0.0.1", 80).allowed).toBe(false);
  });

  test("an address that carries another needs both to be allowed", () => {
    const policy = policyOf({ allow: ["64:ff9b::/96", "10.0.0.0/8"] });
    expect(policy.judge("64:ff9b::10.0.0.5", 80)).toEqual({ allowed: true });
    expect(policy.judge("64:ff9b::11.0.0.5", 80)).toMatchObject({ flag: "--allow 11.0.0.5:80" });
    expect(policy.judge("2002:a00:5::", 80).allowed).toBe(false);
  });

  test("host:port opens one port of one address", () => {
    const policy = policyOf({ allow: ["10.0.0.5:80", "[fd00::5]:443"] });
    expect(policy.judge("10.0.0.5", 80).allowed).toBe(true);
    expect(policy.judge("10.0.0.5", 81).allowed).toBe(false);
    expect(policy.judge("10.0.0.6", 80).allowed).toBe(false);
    expect(policy.judge("fd00:0::5", 443).allowed).toBe(true);
  });

  test("a block of IPv6 says nothing about IPv4", () => {
    const policy = policyOf({ allow: ["::/0"] });
    expect(policy.judge("2606:2800::1", 80).allowed).toBe(true);
    expect(policy.judge("93.184.216.34", 80).allowed).toBe(false);
    expect(policy.judge("::ffff:93.184.216.34", 80).allowed).toBe(false);
  });

  test("a block of IPv4-mapped addresses is a block of IPv4", () => {
    const policy = policyOf({ allow: ["::ffff:10.0.0.0/104"] });
    expect(policy.judge("10.1.2.3", 80).allowed).toBe(true);
    expect(policy.judge("11.1.2.3", 80).allowed).toBe(false);
  });

  test("the whole internet does not include this machine's loopback; loopback by its name does", () => {
    const wide = policyOf({ allow: ["0.0.0.0/0", "::/0"] });
    expect(wide.judge("127.0.0.1", 9000)).toMatchObject({ flag: "--allow 127.0.0.1:9000" });
    expect(wide.judge("::1", 9000).allowed).toBe(false);
    const exact = policyOf({ allow: ["127.0.0.1:9000", "[::1]:9000", "127.3.0.0/16"] });
    expect(exact.judge("127.0.0.1", 9000).allowed).toBe(true);
    expect(exact.judge("127.0.0.1", 9001).allowed).toBe(false);
    expect(exact.judge("127.3.9.9", 9001).allowed).toBe(true);
    expect(exact.judge("::1", 9000).allowed).toBe(true);
  });

  test("deny wins over allow, over loopback and over the lesson server", () => {
    const policy = policyOf({
      allow: ["10.0.0.0/8", "10.0.0.5:80", "example.com:80"],
      deny: ["10.0.0.5:80", "127.0.0.1:8000", "[::1]:9000", "example.com:80"],
      loopbackAllowed: true,
    });
    expect(policy.judge("10.0.0.5", 80)).toEqual({
      allowed: false,
      code: "NOT_ALLOWED",
      reason: "The gateway was started with --deny 10.0.0.5:80, and deny wins.",
    });
    expect(policy.judge("::ffff:10.0.0.5", 80).allowed).toBe(false);
    expect(policy.judge("10.0.0.5", 81).allowed).toBe(true);
    expect(policy.judge("127.0.0.1", 8000).allowed).toBe(false);
    expect(policy.judge("::1", 9000).allowed).toBe(false);
    expect(policy.judgeHost("EXAMPLE.com.", 80).allowed).toBe(false);
    expect(policy.judgeHost("example.com", 81).allowed).toBe(true);
  });
});

describe("rules with a name", () => {
  const policy = policyOf({ allow: ["example.com:80"] });

  test("open that name and port at whatever public address it has", () => {
    for (const ip of ["93.184.216.34", "2606:2800::1", "64:ff9b::93.184.216.34"]) {
      expect(policy.judge(ip, 80, "example.com"), ip).toEqual({ allowed: true });
    }
    expect(policy.judge("93.184.216.34", 80, "Example.COM.")).toEqual({ allowed: true });
    expect(policy.judge("93.184.216.34", 80).allowed).toBe(false);
    expect(policy.judge("93.184.216.34", 80, "www.example.com").allowed).toBe(false);
    expect(policy.judge("93.184.216.34", 443, "example.com").allowed).toBe(false);
  });

  test("never open loopback, private networks or what is always denied", () => {
    const inside = ["127.0.0.1", "::1", "10.0.0.5", "192.168.0.1", "fd00::1", "169.254.169.254"];
    inside.push("0.0.0.0", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:a00:1::", "100.64.0.1");
    for (const ip of inside) {
      expect(policy.judge(ip, 80, "example.com"), ip).toMatchObject({
        allowed: false,
        reason: expect.stringContaining(`The name example.com stands for ${ip} here.`),
      });
    }
  });

  test("leave loopback open to a name when it is open anyway", () => {
    const local = policyOf({ loopbackAllowed: true });
    expect(local.judge("127.0.0.1", 9000, "localhost").allowed).toBe(true);
  });

  test("with name=, offer the target under that name", () => {
    const named = policyOf({ allow: ["10.0.0.0/8", "printer=192.168.1.7:9100", "x=[::1]:7"] });
    expect(named.names).toEqual([
      { name: "printer", host: "192.168.1.7", port: 9100 },
      { name: "x", host: "::1", port: 7 },
    ]);
    expect(named.judge("192.168.1.7", 9100).allowed).toBe(true);
  });
});

describe("a rule that cannot be read", () => {
  test.each([
    ["", /empty/],
    ["10.0.0.5", /has no port. Write 10.0.0.5:8000 for one port, or 10.0.0.5\/32 for all/],
    ["::1", /has no port. Write \[::1\]:8000/],
    ["example.com", /port is missing/i],
    ["accept=10.0.0.5:80", /"accept" is the name of a lesson server/],
    ["tcp://10.0.0.5:80", /scheme/],
    ["10.0.0.5/8", /not the first address of a \/8 block. Write 10.0.0.5\/32/],
    ["10.0.0.0/33", /from 0 to 32/],
    ["fd00::/129", /from 0 to 128/],
    ["::ffff:10.0.0.0/8", /from 96 to 128/],
    ["10.0.0.0/", /from 0 to 32/],
    ["10/8", /not a block/],
    ["example.com/8", /not a block/],
    ["127.1:80", /not an IPv4 address/],
    ["10.0.0.5:0", /no port 0/],
    ["10.0.0.5:65536", /no port 65536/],
    ["=10.0.0.5:80", /name/],
    ["a b=10.0.0.5:80", /name/],
    ["lab=10.0.0.0/8", /not host:port/],
    ["*:80", /not a host name/],
  ])("%s is rejected with a sentence", (text, why) => {
    expect(() => parseRule(text)).toThrow(RuleError);
    expect(() => parseRule(text)).toThrow(why);
    expect(() => policyOf({ allow: [text] })).toThrow(RuleError);
    expect(() => policyOf({ deny: [text] })).toThrow(RuleError);
  });
});

describe("spellings", () => {
  test.each([
    "127.1",
    "0177.0.0.1",
    "0x7f.1",
    "2130706433",
    "0x7f000001",
    "127.0.0.01",
    "127.0.0.1.",
    "１２７.0.0.1",
    "127。0。0。1",
    " 127.0.0.1",
    "127.0.0.1 ",
    "[::1]",
    "::1%lo",
    "fe80::1%eth0",
    "a:b",
    "a@b",
    "a/b",
    "a_b",
    "-a",
    "",
    ".",
    "a..b",
    "x\0.example",
  ])("%j is no address, even where everything is allowed", (host) => {
    const policy = policyOf({ allow: ["0.0.0.0/0", "::/0"], loopbackAllowed: true });
    expect(policy.judgeHost(host, 80)).toMatchObject({ allowed: false, code: "BAD_ADDRESS" });
    expect(policy.judge(host, 80)).toMatchObject({ allowed: false, code: "BAD_ADDRESS" });
  });

  test.each([0, -1, 65_536, 1.5, Number.NaN])("%d is no port", (port) => {
    expect(policyOf().judgeHost("127.0.0.1", port)).toMatchObject({ code: "BAD_ADDRESS" });
    expect(policyOf().judge("127.0.0.1", port)).toMatchObject({ code: "BAD_ADDRESS" });
  });

  test("every spelling of a random IPv4 address is refused, except the canonical one where it is allowed", () => {
    const policies = [
      policyOf({ allow: ["10.0.0.0/8"] }),
      policyOf({ allow: ["0.0.0.0/1", "128.0.0.0/1"] }),
      policyOf({ loopbackAllowed: true }),
    ];
    const first = fc.oneof(fc.constantFrom(0, 10, 127, 169, 224, 255), fc.nat(255));
    const octets = fc.tuple(first, fc.nat(255), fc.nat(255), fc.nat(255));
    fc.assert(
      fc.property(octets, fc.constantFrom(...policies), (ip, policy) => {
        const canonical = ip.join(".");
        const verdict = verdictOf(policy, canonical);
        for (const mapped of mappedSpellings(ip)) {
          expect(verdictOf(policy, mapped), mapped).toEqual(verdict);
        }
        for (const odd of oddSpellings(ip)) {
          if (odd === canonical) continue;
          expect(verdictOf(policy, odd).allowed, odd).toBe(false);
        }
        for (const carrier of carrierSpellings(ip)) {
          expect(verdictOf(policy, carrier).allowed, carrier).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});

type Octets = [number, number, number, number];
const hex = (n: number) => n.toString(16);
const words = ([a, b, c, d]: Octets) => `${hex(a * 256 + b)}:${hex(c * 256 + d)}`;

function mappedSpellings(ip: Octets): string[] {
  const dotted = ip.join(".");
  const tails = [dotted, words(ip)];
  const heads = ["::ffff:", "::FFFF:", "0:0:0:0:0:ffff:", "0000:0000:0000:0000:0000:ffff:"];
  return heads.flatMap((head) => tails.map((tail) => head + tail));
}

/** What inet_aton(3) and WHATWG URL take for IPv4, and other scripts' digits and dots. */
function oddSpellings(ip: Octets): string[] {
  const [a, b, c, d] = ip;
  const number = ((a * 256 + b) * 256 + c) * 256 + d;
  const dotted = ip.join(".");
  const octal = (n: number) => `0${n.toString(8)}`;
  const wide = [...dotted].map((ch) =>
    ch === "." ? ch : String.fromCharCode(ch.charCodeAt(0) + 0xfee0),
  );
  return [
    String(number),
    `0x${hex(number)}`,
    octal(number),
    ip.map((n) => `0x${hex(n)}`).join("."),
    ip.map(octal).join("."),
    ip.map((n) => String(n).padStart(4, "0")).join("."),
    `${a}.${b * 65_536 + c * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    `${a}.0x${hex(b)}.${c}.${octal(d)}`,
    `${dotted}.`,
    ` ${dotted}`,
    wide.join(""),
    dotted.replaceAll(".", "．"),
    dotted.replaceAll(".", "。"),
  ];
}

function carrierSpellings(ip: Octets): string[] {
  const dotted = ip.join(".");
  // ::0.0.0.1 is ::1 itself, which has its own rules.
  const compatible = ip.slice(0, 3).every((n) => n === 0) && ip[3] <= 1 ? [] : [`::${dotted}`];
  return [...compatible, `64:ff9b::${dotted}`, `2002:${words(ip)}::`, `::ffff:0:${dotted}`];
}
