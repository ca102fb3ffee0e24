/**
 * The raw endpoint, which websockify's clients know: `/websockify?token=NAME` and `/tcp/HOST:PORT`.
 * The same doors, policy and limits as for pages; no envelope, and one TCP connection a WebSocket.
 */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { Address } from "../../shared/address.ts";
import { explain, type FailureCode } from "../../shared/errors.ts";
import { CloseCode } from "../../shared/protocol.ts";
import { isInCharge, limitKey } from "../doors.ts";
import { RawConnection, type RawHost } from "./raw-connection.ts";
import { type RawTarget, rawTargetOf, resolveTarget } from "./raw-target.ts";
import type { GatewayOptions, Registry } from "./registry.ts";
import { handshakeAnswer, handshakeProblem, offeredProtocols } from "./rfc6455/handshake.ts";

/** The one subprotocol: bytes. Selected when offered, and nobody has to. */
const SUBPROTOCOL = "binary";
const UNKNOWN_HOST: Rejection = [
  403,
  "This gateway is not known by that host name. See --allowed-host.",
];

/** Nobody could say of a student's raw connection on the wall what was said in it. */
const PAGES_ONLY = "Students connect with the page: this way in is for the teacher's programs.";

type Rejection = readonly [status: number, reason: string];
/** What the WebSocket of somebody who may not go on is closed with. */
interface Refusal {
  code: number;
  reason: string;
}

export class RawEndpoint {
  readonly #options: GatewayOptions;
  readonly #registry: Registry;
  readonly #host: RawHost;
  readonly #connections = new Set<RawConnection>();
  /** Connections opened by one client address; to a page the same holds for its session. */
  readonly #opens: RateLimiterMemory;
  readonly #sweeper: NodeJS.Timeout;
  #sweptAt = performance.now();
  #emptied = (): void => {};

  constructor(options: GatewayOptions, registry: Registry) {
    const { config, log } = options;
    this.#options = options;
    this.#registry = registry;
    this.#host = {
      config,
      log,
      budget: registry.budget,
      dial: registry.dialTcp,
      moved: (direction, bytes) => registry.moved(direction, bytes),
      opened: (result) => registry.opened(result),
      held: (sockets) => registry.held(sockets),
      over: (connection) => this.#over(connection),
    };
    const { perSecond, burst } = config.openRate;
    this.#opens = new RateLimiterMemory({ points: burst, duration: burst / perSecond });
    this.#sweeper = setInterval(() => this.#sweep(), registry.sweepMs);
    this.#sweeper.unref();
  }

  /** The target that a URL names; null when it is none of this endpoint's. */
  targetOf(url: string | undefined): RawTarget | null {
    return rawTargetOf(url ?? "", this.#options.config.basePath);
  }

  /** Why this request may not become a WebSocket, or null. */
  objection(request: IncomingMessage, address: string): Rejection | null {
    const { doors } = this.#options;
    const { host, origin } = request.headers;
    if (!doors.checkHost(host) && !(origin === undefined && this.#isBareHost(request))) {
      return UNKNOWN_HOST;
    }
    if (origin !== undefined && !doors.checkOrigin(origin, request)) {
      return [403, "Pages of other sites may not use this gateway. See --allowed-origin."];
    }
    if (origin === undefined && !this.#programMayEnter(request, address)) {
      return [403, "Programs show the access code here: Authorization: Bearer CODE."];
    }
    const offered = offeredProtocols(request);
    if (offered.length > 0 && !offered.includes(SUBPROTOCOL)) {
      return [400, `This WebSocket speaks ${SUBPROTOCOL}, or no subprotocol.`];
    }
    if (this.#registry.draining) return [503, "The gateway is shutting down."];
    if (this.#registry.full) return [503, "The gateway has no free sockets now."];
    return handshakeProblem(request);
  }

  /** Makes it a WebSocket. What a person can act on is answered from there, with a close code. */
  async accept(
    request: IncomingMessage,
    target: RawTarget,
    address: string,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    const key = limitKey(address);
    const answer = this.#answerTo(request, target, address);
    const verdict = "code" in answer ? answer : ((await this.#tooMany(key)) ?? answer);
    const protocol = offeredProtocols(request).includes(SUBPROTOCOL) ? SUBPROTOCOL : null;
    // The web server cuts silent connections; this one may be silent, and it must not wait.
    (socket as Socket).setTimeout(0).setNoDelay(true);
    socket.write(handshakeAnswer(request, protocol));
    this.#options.metrics.upgrades.inc({ result: "101" });
    const connection = new RawConnection(this.#host, socket, key);
    this.#connections.add(connection);
    this.#registry.entered(key);
    if ("code" in verdict) {
      this.#options.log.info({ code: verdict.code, reason: verdict.reason }, "raw client refused");
      connection.refuse(head, verdict.code, verdict.reason);
    } else await connection.start(head, verdict);
  }

  /** Nothing new; what is under way is delivered as far as the time allows. */
  async drain(): Promise<void> {
    for (const connection of [...this.#connections]) connection.drain();
    if (this.#connections.size > 0) {
      await new Promise<void>((resolve) => {
        const deadline = setTimeout(resolve, this.#options.config.shutdownTimeoutMs);
        this.#emptied = () => {
          clearTimeout(deadline);
          resolve();
        };
      });
    }
    const late = this.#connections.size;
    if (late > 0) {
      this.#options.log.warn(
        { connections: late },
        "shutdown deadline reached, cutting what is left",
      );
    }
    this.close();
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const connection of [...this.#connections]) connection.terminate();
  }

  /** A program shows the code where there is one; elsewhere it has to sit at this machine. */
  #programMayEnter(request: IncomingMessage, address: string): boolean {
    const { doors } = this.#options;
    if (doors.accessRequired) return doors.bearer(request.headers.authorization, address);
    return doors.isLocal(request);
  }

  /**
   * Some programs leave our port out of Host (Debian's websockify client does). A browser never
   * does, and it is the name that a rebinding attack cannot choose.
   */
  #isBareHost(request: IncomingMessage): boolean {
    const { host } = request.headers;
    if (host === undefined || /:\d*$/.test(host)) return false;
    return this.#options.doors.checkHost(`${host}:${request.socket.localPort}`);
  }

  /** The address to dial, or why there is none. */
  #answerTo(request: IncomingMessage, target: RawTarget, address: string): Address | Refusal {
    // A program has shown its code to get this far.
    if (request.headers.origin !== undefined) {
      const identity = this.#options.doors.identify(request.headers, address);
      if (!identity) return refusal(CloseCode.unauthorized, "ACCESS_CODE");
      if (!isInCharge(identity)) return { code: CloseCode.forbidden, reason: PAGES_ONLY };
    }
    const room = this.#registry.roomFor(limitKey(address));
    if (room) return refusal(CloseCode.tryLater, room.code, room.detail);
    const resolved = resolveTarget(target, this.#options.servers());
    if (resolved.ok) return resolved.address;
    const code = resolved.missing ? CloseCode.notFound : CloseCode.badMessage;
    return { code, reason: resolved.problem };
  }

  async #tooMany(key: string): Promise<Refusal | null> {
    const { perSecond } = this.#options.config.openRate;
    try {
      await this.#opens.consume(key);
      return null;
    } catch {
      // The limiter rejects with the time to wait, and in memory with nothing else.
      this.#host.opened("TOO_FAST");
      return refusal(CloseCode.tryLater, "TOO_FAST", `${perSecond} a second`);
    }
  }

  #over(connection: RawConnection): void {
    if (!this.#connections.delete(connection)) return;
    this.#registry.left(connection.address);
    if (this.#connections.size === 0) this.#emptied();
  }

  #sweep(): void {
    const now = performance.now();
    // A gateway that was stopped itself has heard nobody: that is not their silence.
    const paused = Math.max(0, now - this.#sweptAt - this.#registry.sweepMs);
    this.#sweptAt = now;
    for (const connection of this.#connections) connection.check(now, paused);
  }
}

function refusal(code: number, failure: FailureCode, detail = ""): Refusal {
  return { code, reason: explain(failure, { host: "", port: 0, detail }).sentence };
}
