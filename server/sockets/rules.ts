/** The texts of --allow and --deny, and sets of them that can be asked about an address. */
import { BlockList, isIP } from "node:net";
import { parseAddress } from "../../shared/address.ts";
import { LESSON_NAMES } from "../../shared/lessons.ts";
import { firstOfBlock, type IpNumber, readNumber } from "./numbers.ts";

export type Rule =
  /** One port of one address, or of whatever public address a name has. */
  | { kind: "endpoint"; text: string; host: string; port: number; name?: string }
  /** Every port of every address in a block. */
  | { kind: "block"; text: string; base: IpNumber; prefix: number };

/** A rule nobody can read. The message is a sentence for the person who typed it. */
export class RuleError extends Error {
  readonly code = "BAD_RULE";
}

const FORMS = "Write host:port, [IPv6]:port, a block such as 10.0.0.0/8, or name=host:port.";
/** A name is shown on buttons and used in URLs, so it stays plain. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Names of the gateway's own servers: what bears one is said to listen without being asked. */
const TAKEN: readonly string[] = LESSON_NAMES;

/**
 * Reads one value of --allow or --deny.
 * @param text `host:port`, `[v6]:port`, CIDR (any port) or `name=host:port`.
 * @throws {RuleError} saying what is wrong and what to write instead.
 */
export function parseRule(text: string): Rule {
  const rule = text.trim();
  if (rule === "") throw new RuleError(`The rule is empty. ${FORMS}`);
  if (rule.includes("://"))
    throw new RuleError(`"${rule}" has a scheme; a rule has none. ${FORMS}`);
  const equals = rule.indexOf("=");
  if (equals >= 0) {
    const name = rule.slice(0, equals);
    if (!NAME.test(name)) {
      throw new RuleError(
        `"${name}" cannot be a target's name: letters, digits, dot, hyphen and underscore only, 64 at most.`,
      );
    }
    if (TAKEN.includes(name)) {
      throw new RuleError(
        `"${name}" is the name of a lesson server. Choose another for this target.`,
      );
    }
    return { ...parseEndpoint(rule.slice(equals + 1)), text: rule, name };
  }
  return rule.includes("/") ? parseBlock(rule) : parseEndpoint(rule);
}

function parseEndpoint(text: string): Extract<Rule, { kind: "endpoint" }> {
  if (text.includes("/")) throw new RuleError(`"${text}" is not host:port. ${FORMS}`);
  if (isIP(text) !== 0) {
    const [host, bits] = isIP(text) === 6 ? [`[${text}]`, 128] : [text, 32];
    throw new RuleError(
      `"${text}" has no port. Write ${host}:8000 for one port, or ${text}/${bits} for all.`,
    );
  }
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new RuleError(`"${text}" is not host:port. ${parsed.problem}`);
  const { host, port } = parsed.address;
  return { kind: "endpoint", text, host, port };
}

function parseBlock(text: string): Rule {
  const slash = text.indexOf("/");
  const [address, length] = [text.slice(0, slash), text.slice(slash + 1)];
  const number = readNumber(address);
  if (!number) {
    throw new RuleError(
      `"${text}" is not a block of addresses. Write one such as 10.0.0.0/8 or fd00::/8.`,
    );
  }
  const base = number.outer;
  // A block of IPv4-mapped addresses is a block of IPv4: the first 96 bits only say "mapped".
  const mapped = isIP(address) === 6 && base.family === "ipv4" ? 96 : 0;
  const bits = base.family === "ipv4" ? 32 : 128;
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) - mapped : -1;
  if (prefix < 0 || prefix > bits) {
    throw new RuleError(
      `"${text}": the length after the slash goes from ${mapped} to ${bits + mapped}.`,
    );
  }
  if (firstOfBlock(base, prefix) !== base.text) {
    throw new RuleError(
      `"${text}": ${address} is not the first address of a /${length} block. Write ${address}/${bits + mapped} if you mean this one address.`,
    );
  }
  return { kind: "block", text, base, prefix };
}

/** Rules, asked about one address and port at a time. */
export class RuleSet {
  readonly #numbers: { rule: Rule; matches: (ip: IpNumber, port: number) => boolean }[] = [];
  readonly #names = new Map<string, Rule>();

  constructor(rules: Iterable<Rule>) {
    for (const rule of rules) {
      const ip = rule.kind === "endpoint" ? readNumber(rule.host)?.outer : undefined;
      if (rule.kind === "block") this.#numbers.push({ rule, matches: inBlock(rule) });
      else if (!ip) this.#names.set(`${rule.host}:${rule.port}`, rule);
      else {
        const matches = (other: IpNumber, port: number) =>
          port === rule.port && other.text === ip.text;
        this.#numbers.push({ rule, matches });
      }
    }
  }

  /** The first rule with a number that covers this address and port. */
  ofNumber(ip: IpNumber, port: number): Rule | undefined {
    return this.#numbers.find(({ matches }) => matches(ip, port))?.rule;
  }

  /** The rule for exactly this name and port. */
  ofName(host: string, port: number): Rule | undefined {
    return this.#names.get(`${host.toLowerCase().replace(/\.$/, "")}:${port}`);
  }
}

function inBlock(rule: Extract<Rule, { kind: "block" }>): (ip: IpNumber) => boolean {
  const list = new BlockList();
  list.addSubnet(rule.base.text, rule.prefix, rule.base.family);
  // BlockList compares across families, so that ::/0 would match 10.0.0.1. A block means its own.
  return (ip) => ip.family === rule.base.family && list.check(ip.text, ip.family);
}
