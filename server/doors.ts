/**
 * Who may come in, for HTTP requests and for WebSocket upgrades alike: the Host they ask for, the
 * Origin of the page that asks, the address they come from, and the access code.
 */
import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIP, SocketAddress } from "node:net";
import { networkInterfaces } from "node:os";
import { Access, accessCookies, makeCode, type Redeemed, type Tried } from "./access.ts";
import type { Classroom, Identity } from "./classroom/types.ts";

export { ACCESS_COOKIE } from "./access.ts";

/** The settings that doors need; Config has them. */
export interface DoorSettings {
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly trustProxy: boolean;
  readonly tlsCert?: string;
  readonly accessCode?: string;
  readonly maxSessionMs: number;
  /** Behind it others come in. */
  readonly publicUrl?: string;
}

export interface DoorOptions {
  config: DoorSettings;
  /** Where the gateway listens; asked each time, because a port of 0 is known only after listen. */
  endpoints: () => readonly { host: string; port: number }[];
  /** A clock that never goes back, in milliseconds. Default: performance.now. */
  now?: () => number;
  /** Where there is a class, its passes and secrets are what people come in with. */
  classroom?: Pick<Classroom, "identify" | "admit"> | undefined;
}

/** What doors look at in a request. */
export interface Knock {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export interface Doors {
  /** Whether the Host header names this gateway. Otherwise some other name was made to lead here. */
  checkHost(host: string | undefined): boolean;
  /** Whether a page of this origin may use the gateway: its own pages, and those of --allowed-origin. */
  checkOrigin(origin: string | undefined, request: Pick<Knock, "headers">): boolean;
  /** The client's address in its one canonical spelling: `::ffff:1.2.3.4` is `1.2.3.4`. */
  clientAddress(request: Knock): string;
  /** Whether the client sits at this machine, with no proxy between. */
  isLocal(request: Knock): boolean;
  /** Whether the browser came over https, to this process or to a trusted proxy. */
  isSecure(request: Pick<Knock, "headers">): boolean;
  readonly accessRequired: boolean;
  /** The code, for the person who started the gateway; absent when none is needed. */
  readonly accessCode?: string;
  /** Exchanges the code for a new cookie. */
  redeem(code: string, clientAddress: string): Redeemed;
  /** The same question without a new cookie: for those who have one. */
  tryCode(code: string, clientAddress: string): Tried;
  /**
   * Who shows these headers: a program with a code or a secret, a browser with a cookie or a pass, or
   * anybody where nothing is asked for. Asked again, it says what is true by then.
   * @returns null: nobody who was let in.
   */
  identify(headers: IncomingHttpHeaders, clientAddress: string): Identity | null;
  /**
   * Whether `Authorization: Bearer CODE` has the code: how programs come in. A wrong code counts
   * like one that is redeemed, and where too many have come from not even the right one is taken.
   */
  bearer(authorization: string | undefined, clientAddress: string): boolean;
}

/** Whether this is somebody who runs the gateway or the class. */
export const isInCharge = (identity: Identity | null): boolean =>
  identity?.role === "owner" || identity?.role === "teacher";

interface Place {
  name: string;
  /** null: not given, so the scheme's own. */
  port: number | null;
}

const LOOPBACK_NAMES = ["localhost", "127.0.0.1", "[::1]"];
const loopback = new BlockList();
loopback.addSubnet("127.0.0.0", 8, "ipv4");
loopback.addAddress("::1", "ipv6");

/** Sessions of people without an access code belong to this user. */
const LOCAL_USER = "local";
const owner = (user: string): Identity => ({ role: "owner", user });

/** Where no code exists, none is right. */
const NO_CODE = { ok: false, retryAfterMs: 0 } as const;

/** How long a list of the machine's addresses is believed; Wi-Fi comes and goes. */
const INTERFACES_MS = 5_000;

/** Whether only this machine can reach a host that is listened on. */
export function isLoopback(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return host === "localhost";
  return loopback.check(host, family === 4 ? "ipv4" : "ipv6");
}

/**
 * Whether others than the people at this machine can reach the gateway: through another address, or
 * through a proxy in front. Then a code is asked for, and loopback is no longer everybody's.
 */
export function isExposed(
  config: Pick<DoorSettings, "host" | "trustProxy" | "publicUrl">,
): boolean {
  return config.trustProxy || config.publicUrl !== undefined || !isLoopback(config.host);
}

export function createDoors({
  config,
  endpoints,
  now = () => performance.now(),
  classroom,
}: DoorOptions): Doors {
  const needsCode = !classroom && (config.accessCode !== undefined || isExposed(config));
  const access = needsCode
    ? new Access(config.accessCode ?? makeCode(), config.maxSessionMs, now)
    : null;
  const checkHost = hostJudge(config, endpoints, now);

  const isSecure = ({ headers }: Pick<Knock, "headers">): boolean => {
    const said = config.trustProxy
      ? lastOf(headers["x-forwarded-proto"])?.toLowerCase()
      : undefined;
    return said === "http" || said === "https" ? said === "https" : config.tlsCert !== undefined;
  };

  const clientAddress = ({ headers, socket }: Knock): string => {
    const said = config.trustProxy ? lastOf(headers["x-forwarded-for"]) : undefined;
    return canonical(said) ?? canonical(socket.remoteAddress) ?? "unknown";
  };

  const bearer: Doors["bearer"] = (authorization, address) => {
    const [, code] = /^Bearer +(\S{1,128}) *$/i.exec(authorization ?? "") ?? [];
    if (code === undefined) return false;
    const key = limitKey(address);
    if (!classroom) return access?.tryCode(code, key).ok === true;
    const admitted = classroom.admit(code, key);
    return admitted.ok && admitted.identity.role === "teacher";
  };

  return {
    checkHost,
    isSecure,
    clientAddress,
    checkOrigin(origin, request) {
      const asked = readOrigin(origin);
      if (!asked) return false;
      if (config.allowedOrigins.some((allowed) => sameOrigin(asked, readOrigin(allowed))))
        return true;
      const { host } = request.headers;
      if (!checkHost(host)) return false;
      return sameOrigin(asked, readOrigin(`${isSecure(request) ? "https" : "http"}://${host}`));
    },
    isLocal(request) {
      const { headers } = request;
      const forwarded = headers["x-forwarded-for"] ?? headers.forwarded;
      if (forwarded !== undefined && !config.trustProxy) return false;
      return isLoopback(clientAddress(request));
    },
    accessRequired: access !== null || classroom !== undefined,
    ...(access ? { accessCode: access.code } : {}),
    redeem: (code, address) => access?.redeem(code, limitKey(address)) ?? NO_CODE,
    tryCode: (code, address) => access?.tryCode(code, limitKey(address)) ?? NO_CODE,
    identify({ authorization, cookie }, address) {
      if (bearer(authorization, address)) {
        return classroom ? { role: "teacher", user: "teacher" } : owner("bearer");
      }
      if (!classroom && !access) return owner(LOCAL_USER);
      const known = accessCookies(cookie).map((value) => {
        if (classroom) return classroom.identify(value);
        const user = access?.userOf(value);
        return user ? owner(user) : null;
      });
      return known.find((identity) => identity !== null) ?? null;
    },
    bearer,
  };
}

function hostJudge(
  config: DoorSettings,
  endpoints: DoorOptions["endpoints"],
  now: () => number,
): (host: string | undefined) => boolean {
  const ownAddresses = interfaceAddresses(now);
  const allowed = config.allowedHosts.map(readPlace);
  const ownPort = config.tlsCert === undefined ? 80 : 443;

  const namesOf = (bound: string): string[] => {
    if (isLoopback(bound)) return [...LOOPBACK_NAMES, inUrl(bound)];
    if (bound === "0.0.0.0" || bound === "::") return [...LOOPBACK_NAMES, ...ownAddresses()];
    return [inUrl(bound), inUrl(config.host)];
  };

  return (host) => {
    const place = readPlace(host);
    if (!place) return false;
    const port = place.port ?? ownPort;
    const here = endpoints();
    if (here.some((it) => it.port === port && namesOf(it.host).includes(place.name))) return true;
    return allowed.some((it) => {
      if (it?.name !== place.name) return false;
      // Without a port it is the name alone: behind a proxy's own port, or on ours.
      if (it.port !== null) return it.port === port;
      return place.port === null || here.some((bound) => bound.port === place.port);
    });
  };
}

/** A Host header (RFC 9110 section 7.2): name or address, in lower case, and perhaps a port. */
function readPlace(text: string | undefined): Place | null {
  const [, name, port] = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(text ?? "") ?? [];
  if (!name) return null;
  return { name: name.toLowerCase(), port: port === undefined ? null : Number(port) };
}

interface Origin extends Place {
  scheme: string;
  port: number;
}

/** An origin (RFC 6454 section 6.2) with its port filled in; null for `null` and everything else. */
function readOrigin(text: string | undefined): Origin | null {
  const [, scheme, rest] = /^(https?):\/\/(.*)$/.exec(text ?? "") ?? [];
  const place = readPlace(rest);
  if (!scheme || !place) return null;
  return { scheme, name: place.name, port: place.port ?? (scheme === "https" ? 443 : 80) };
}

function sameOrigin(a: Origin, b: Origin | null): boolean {
  return b !== null && a.scheme === b.scheme && a.name === b.name && a.port === b.port;
}

const inUrl = (host: string) => (isIP(host) === 6 ? `[${host}]` : host.toLowerCase());

/** The entry that the nearest proxy wrote; those before it came from who knows whom. */
function lastOf(header: string | string[] | undefined): string | undefined {
  const entries = (Array.isArray(header) ? header.join(",") : (header ?? "")).split(",");
  return entries.at(-1)?.trim() || undefined;
}

/** One spelling for one address; a port, brackets and a zone are cut off. Null when it is none. */
function canonical(text: string | undefined): string | null {
  const bare = (text ?? "")
    .replace(/^\[([^\]]*)\](?::\d+)?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, "$1")
    .replace(/%.*$/, "");
  const family = isIP(bare);
  if (family === 0) return null;
  if (family === 4) return bare;
  const { address } = new SocketAddress({ address: bare, family: "ipv6" });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}

/**
 * What limits for each address are counted by: an IPv4 address, or the /64 of an IPv6 address, for
 * a host picks the other 64 bits itself, and another one whenever it likes (RFC 8981).
 * @param address canonical, as clientAddress() returns it
 */
export function limitKey(address: string): string {
  if (isIP(address) !== 6) return address;
  const [before = [], after = []] = address
    .split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  // An IPv4 address at the end (RFC 4291 section 2.2) stands for two groups.
  const written = before.length + after.length + (address.includes(".") ? 1 : 0);
  const zeros = Array<string>(8 - written).fill("0");
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}

function interfaceAddresses(now: () => number): () => string[] {
  let names: string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - readAt > INTERFACES_MS) {
      names = Object.values(networkInterfaces()).flatMap((list) =>
        (list ?? []).map(({ address }) => inUrl(address)),
      );
      readAt = now();
    }
    return names;
  };
}
