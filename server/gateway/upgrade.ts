/**
 * From an HTTP upgrade to a WebSocket (RFC 6455 section 4.2). A rejected upgrade looks to a page
 * like any lost connection, so only what a page cannot cause itself is rejected here: a wrong Host
 * or Origin, a wrong path, a flood. Everything a person can act on is answered after it.
 */
import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { WebSocketServer } from "ws";
import { MAX_FRAME_BYTES, SUBPROTOCOL, WIRE_PATH } from "../../shared/bounds.ts";
import { ACCESS_COOKIE, limitKey } from "../doors.ts";
import type { RawEndpoint } from "./raw.ts";
import type { GatewayOptions, Registry } from "./registry.ts";
import { RELAYED_HEADER } from "./relay.ts";

/** Upgrades from one address: a whole class behind one NAT coming back at once, and not a flood. */
const UPGRADES = { points: 600, duration: 60 };
const MAX_FRAGMENTS = 64;

export interface Upgrader {
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/** The pass out of a Cookie header, as a header of its own; null where there is none. */
function passCookie(header: string | undefined): string | null {
  const passes = (header ?? "").split(/; */).filter((pair) => pair.startsWith(`${ACCESS_COOKIE}=`));
  return passes.length > 0 ? passes.join("; ") : null;
}

export function createUpgrader(
  options: GatewayOptions,
  registry: Registry,
  raw: RawEndpoint,
): Upgrader {
  const { config, doors, log, metrics } = options;
  const path = `${config.basePath}${WIRE_PATH}`;
  const limiter = new RateLimiterMemory(UPGRADES);
  const wss = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
    maxFragments: MAX_FRAGMENTS,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });

  const reject = (socket: Duplex, status: number, reason: string): void => {
    metrics.upgrades.inc({ result: `${status}` });
    log.info({ status, reason }, "upgrade rejected");
    const body = `${reason}\n`;
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      () => socket.destroy(),
    );
  };

  /** Why this request may not become a WebSocket, or null. */
  const objection = (
    request: IncomingMessage,
    address: string,
  ): [status: number, reason: string] | null => {
    const { host, origin, authorization } = request.headers;
    if (!doors.checkHost(host))
      return [403, "This gateway is not known by that host name. See --allowed-host."];
    // No Origin means a program, not a page: it must show that it was let in.
    const welcome =
      origin === undefined
        ? doors.bearer(authorization, address)
        : doors.checkOrigin(origin, request);
    if (!welcome)
      return [403, "Pages of other sites may not use this gateway. See --allowed-origin."];
    if ((request.url ?? "").split("?", 1)[0] !== path) return [404, "There is no WebSocket here."];
    if (!(request.headers["sec-websocket-protocol"] ?? "").split(/\s*,\s*/).includes(SUBPROTOCOL)) {
      return [400, `This WebSocket speaks ${SUBPROTOCOL} only.`];
    }
    if (registry.draining && registry.sockets === 0) return [503, "The gateway is shutting down."];
    if (registry.full) return [503, "The gateway has no free sockets now."];
    return null;
  };

  const accept = (
    request: IncomingMessage,
    address: string,
    socket: Duplex,
    head: Buffer,
  ): void => {
    const { authorization, cookie } = request.headers;
    // Who it is is asked when it says so: a pass may be void by then.
    const who = () => doors.identify({ authorization, cookie }, address);
    wss.handleUpgrade(request, socket, head, (ws) => {
      metrics.upgrades.inc({ result: "101" });
      const mayRelay = request.headers[RELAYED_HEADER] === undefined;
      registry.connected(ws, {
        who,
        // The pass alone: other cookies of this host are nobody else's business.
        cookie: mayRelay ? passCookie(cookie) : null,
        address: limitKey(address),
      });
    });
  };

  return {
    handleUpgrade(request, socket, head) {
      socket.on("error", (error) =>
        log.debug({ reason: error.message }, "socket error before upgrade"),
      );
      const address = doors.clientAddress(request);
      // Before anything else, so that looking at bad upgrades is not free either.
      limiter.consume(limitKey(address)).then(
        () => {
          const target = raw.targetOf(request.url);
          const no = target ? raw.objection(request, address) : objection(request, address);
          if (no) reject(socket, ...no);
          else if (target) void raw.accept(request, target, address, socket, head);
          else accept(request, address, socket, head);
        },
        () => reject(socket, 429, "Too many connections from this address; wait a minute."),
      );
    },
    close: () => wss.close(),
  };
}
