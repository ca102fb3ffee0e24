/** Which targets the gateway may dial: the only place that decides it. */
import { networkInterfaces } from "node:os";
import { formatEndpoint, parseAddress } from "../../shared/address.ts";
import { type Destination, type IpNumber, readNumber, sameNumber } from "./numbers.ts";
import { parseRule, type Rule, RuleError, RuleSet } from "./rules.ts";
import { judgeUnixPath, type UnixVerdict } from "./unix-rules.ts";

export { parseRule, type Rule, RuleError };

export interface Endpoint {
  host: string;
  port: number;
}

export interface NamedTarget extends Endpoint {
  name: string;
}

export interface PolicyOptions {
  /** Values of --allow: `host:port`, `[v6]:port`, CIDR, `name=host:port`. */
  allow: string[];
  /** Values of --deny, in the same forms. Deny wins. */
  deny: string[];
  /** Values of --allow-unix: directories by their absolute paths. Default: none. */
  allowUnix?: readonly string[];
  /** Whether 127.0.0.0/8 and ::1 need no rule: only when the gateway itself is on loopback. */
  loopbackAllowed: boolean;
  /** Where the gateway listens, asked at each decision: a port of 0 is known only after listen. */
  ownEndpoints: () => Endpoint[];
  /** Where lesson servers and pages listen. Allowed without a rule, unless denied. */
  lessonEndpoints: () => Endpoint[];
  /** Endpoints that are allowed besides now, written like those of --allow. Default: none. */
  extraRules?: () => readonly string[];
}

export interface Refusal {
  allowed: false;
  /** BAD_ADDRESS: not an address at all. NOT_ALLOWED: one that may not be dialled. */
  code: "NOT_ALLOWED" | "BAD_ADDRESS";
  /** A sentence for the person who asked. */
  reason: string;
  /** The flag that would allow it; absent when nothing would. */
  flag?: string;
}

export type Verdict = { allowed: true } | Refusal;

export interface Policy {
  /**
   * Judges what can be judged before a name is looked up: spelling, port, and names that are denied.
   * @param host an IP literal without brackets, or a name.
   */
  judgeHost(host: string, port: number): Verdict;
  /**
   * Judges one address.
   * @param ip as the resolver gave it, or as it was typed.
   * @param name the name it was resolved from, for rules that allow a name.
   */
  judge(ip: string, port: number, name?: string): Verdict;
  /**
   * Why no rule would allow a target, as a sentence; null: a rule would. A name is judged as far as that
   * goes without looking it up.
   */
  objection(host: string, port: number): string | null;
  /** Judges the path of a Unix socket; the gateway itself listens on none. */
  judgeUnix(path: string): UnixVerdict;
  /** Targets that --allow gave a name, in the order of the flags. */
  readonly names: readonly NamedTarget[];
}

/** Submission and relay of mail (RFC 5321, 8314, 6409): what open proxies are abused for first. */
const MAIL_PORTS = new Set([25, 465, 587]);

/** Blocks that no rule opens, by their name in ipaddr.js; and what a person should know of them. */
const CLOSED_RANGES: Record<string, string> = {
  unspecified: "is no machine's address: it stands for every address of the machine that uses it",
  linkLocal: "is link-local, where cloud machines keep their secrets",
  multicast: "is a multicast address, and a conversation is between two",
  broadcast: "is the broadcast address, and a conversation is between two",
};

const ALLOWED: Verdict = Object.freeze({ allowed: true });

const never = (reason: string): Refusal => ({
  allowed: false,
  code: "NOT_ALLOWED",
  reason: `${reason} No setting allows it.`,
});

const bad = (reason: string): Refusal => ({ allowed: false, code: "BAD_ADDRESS", reason });

function needs(target: Endpoint, why = ""): Refusal {
  const flag = `--allow ${formatEndpoint(target)}`;
  const reason = `${why}Start the gateway with ${flag} to allow it.`;
  return { allowed: false, code: "NOT_ALLOWED", reason, flag };
}

function denied(rule: Rule): Refusal {
  const reason = `The gateway was started with --deny ${rule.text}, and deny wins.`;
  return { allowed: false, code: "NOT_ALLOWED", reason };
}

/** Whether an address is this machine's own, so that dialling it reaches a program here. */
function isLocal(ip: IpNumber): boolean {
  if (ip.range === "loopback") return true;
  const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return own.some(({ address }) => sameNumber(address, ip.text));
}

/** Whether something that listens on `endpoint` is reached by dialling `ip`. */
function reaches(ip: IpNumber, endpoint: Endpoint): boolean {
  if (sameNumber(endpoint.host, ip.text)) return true;
  return readNumber(endpoint.host)?.outer.range === "unspecified" && isLocal(ip);
}

/** Whether a rule speaks of loopback alone. 0.0.0.0/0 means other machines, not this one. */
function isLoopbackRule(rule: Rule): boolean {
  if (rule.kind === "endpoint") return true;
  return rule.base.range === "loopback" && rule.prefix >= (rule.base.family === "ipv4" ? 8 : 128);
}

/**
 * Builds the policy of one gateway.
 * @throws {RuleError} when a value of allow or deny cannot be read.
 */
export function createPolicy(options: PolicyOptions): Policy {
  const allowRules = options.allow.map(parseRule);
  const allow = new RuleSet(allowRules);
  const allowLoopback = new RuleSet(allowRules.filter(isLoopbackRule));
  const deny = new RuleSet(options.deny.map(parseRule));
  const extra = rulesNow(options.extraRules ?? (() => []));

  /** What holds for an address wherever it stands: itself, or carried inside another. */
  function forbidden(ip: IpNumber, port: number): Refusal | undefined {
    const closed = CLOSED_RANGES[ip.range];
    if (closed) return never(`${ip.text} ${closed}.`);
    const denial = deny.ofNumber(ip, port);
    return denial && denied(denial);
  }

  function judgeNumber(ip: IpNumber, port: number, opened: Rule | undefined): Verdict {
    const refusal = forbidden(ip, port);
    if (refusal) return refusal;
    if (options.lessonEndpoints().some((it) => it.port === port && reaches(ip, it))) return ALLOWED;
    const door = ownDoor(ip, port);
    if (door) return door;
    if (extra().ofNumber(ip, port)) return ALLOWED;
    if (ip.range === "loopback") {
      if (options.loopbackAllowed || allowLoopback.ofNumber(ip, port)) return ALLOWED;
    } else if (opened ?? allow.ofNumber(ip, port)) return ALLOWED;
    return needs({ host: ip.text, port });
  }

  function ownDoor(ip: IpNumber, port: number): Refusal | undefined {
    const isDoor = (door: Endpoint) =>
      door.port === port && (isLocal(ip) || sameNumber(door.host, ip.text));
    if (!options.ownEndpoints().some(isDoor)) return undefined;
    return never(`Port ${port} of this machine is the gateway's own door.`);
  }

  function judgeDestination({ outer, carried }: Destination, port: number, name?: string): Verdict {
    const named =
      name === undefined ? undefined : (allow.ofName(name, port) ?? extra().ofName(name, port));
    // A name is somebody else's to change, so its rule opens public addresses and nothing inside.
    const isPublic = (carried ?? outer).range === "unicast";
    const opened = isPublic ? named : undefined;
    const verdict = judgeNumber(outer, port, opened);
    if (!verdict.allowed || !carried) return verdict;
    const inner = judgeNumber(carried, port, opened);
    if (inner.allowed) return inner;
    return { ...inner, reason: `${outer.text} leads to ${carried.text}. ${inner.reason}` };
  }

  function judgeHost(host: string, port: number): Verdict {
    const problem = spellingProblem(host, port);
    if (problem !== undefined) return bad(problem);
    if (MAIL_PORTS.has(port)) return never(`Port ${port} carries mail.`);
    const denial = deny.ofName(host, port);
    return denial ? denied(denial) : ALLOWED;
  }

  return {
    names: Object.freeze(allowRules.flatMap(namedTarget)),
    judgeHost,
    objection(host, port) {
      const early = judgeHost(host, port);
      if (!early.allowed) return early.reason;
      const { outer, carried } = readNumber(host) ?? {};
      for (const ip of [outer, carried]) {
        const refusal = ip && (forbidden(ip, port) ?? ownDoor(ip, port));
        if (refusal) return refusal.reason;
      }
      return null;
    },
    judgeUnix: (path) => judgeUnixPath(path, options.allowUnix ?? []),
    judge(ip, port, name) {
      const destination = readNumber(ip);
      if (!destination) return bad("This is not an IP address.");
      const early = judgeHost(name ?? ip, port);
      if (!early.allowed) return early;
      const verdict = judgeDestination(destination, port, name);
      if (verdict.allowed || name === undefined) return verdict;
      return { ...verdict, reason: `The name ${name} stands for ${ip} here. ${verdict.reason}` };
    },
  };
}

/** Rules that change: read again only when they have. Those that cannot be read allow nothing. */
function rulesNow(texts: () => readonly string[]): () => RuleSet {
  let known = "";
  let rules = new RuleSet([]);
  return () => {
    const now = texts();
    const key = now.join("\n");
    if (key === known) return rules;
    known = key;
    rules = new RuleSet(now.flatMap(readRule));
    return rules;
  };
}

function readRule(text: string): Rule[] {
  try {
    return [parseRule(text)];
  } catch (error) {
    if (error instanceof RuleError) return [];
    throw error;
  }
}

function namedTarget(rule: Rule): NamedTarget[] {
  if (rule.kind !== "endpoint" || rule.name === undefined) return [];
  return [{ name: rule.name, host: rule.host, port: rule.port }];
}

/** What is wrong with a host and port; one target has one spelling (WHATWG URL calls others IPv4 too). */
function spellingProblem(host: string, port: number): string | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    return `There is no port ${port}: ports go from 1 to 65535.`;
  }
  if (readNumber(host)) return undefined;
  if (host.includes("%"))
    return "An address with a zone (%) is link-local, which is never dialled.";
  const parsed = parseAddress(`tcp://${formatEndpoint({ host, port })}`);
  if (!parsed.ok) return parsed.problem;
  const name = parsed.address.host;
  // parseAddress forgives blanks and reads literals by a pattern; a literal was settled above.
  const isName = !name.includes(":") && !/(?:^|\.)\d+$/.test(name);
  return isName && name === host.toLowerCase().replace(/\.$/, "")
    ? undefined
    : "This is neither an IP address nor a host name.";
}
