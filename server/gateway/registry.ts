/** Every session and every WebSocket of this process: counts, room, the timer that watches them, the end. */
import { performance } from "node:perf_hooks";
import type { SecureContext } from "node:tls";
import type { WebSocket } from "ws";
import type { ClassCommand } from "../../shared/classroom.ts";
import type { FailureCode } from "../../shared/errors.ts";
import {
  CloseCode,
  type Endpoint,
  type GatewayMessage,
  type Welcome,
} from "../../shared/protocol.ts";
import type { Identity } from "../classroom/types.ts";
import type { Config } from "../config.ts";
import type { Doors } from "../doors.ts";
import type { Logger } from "../log.ts";
import type { Metrics } from "../metrics.ts";
import type { Observer } from "../observe.ts";
import { dial } from "../sockets/dial.ts";
import type { Kernel } from "../sockets/kernel.ts";
import { listen } from "../sockets/listen.ts";
import type { Policy } from "../sockets/policy.ts";
import type { Serving } from "../sockets/serving.ts";
import { openDatagrams } from "../sockets/udp.ts";
import { listenForDatagrams } from "../sockets/udp-listen.ts";
import type { Dialer } from "./channel.ts";
import { ClassDesk } from "./class-desk.ts";
import type { ClassSetup } from "./class-now.ts";
import { Connection, type ConnectionOptions, closeThenCut } from "./connection.ts";
import type { Refusal } from "./listener.ts";
import type { Call } from "./listeners.ts";
import { BufferBudget, Counts } from "./quota.ts";
import type { TcpDialer } from "./raw-connection.ts";
import { Recorder, type RecordingFollower } from "./recorder.ts";
import { Session, type SessionHost } from "./session.ts";
import type { Sight } from "./sight.ts";

export interface GatewayOptions {
  config: Config;
  policy: Policy;
  /** Whom to believe about certificates of tls:// targets. Default: Node's own list. */
  trust?: SecureContext | undefined;
  doors: Doors;
  log: Logger;
  metrics: Metrics;
  /** Calls of this process's own servers. */
  observer: Observer;
  /** The kernel's table of sockets; null where there is none. */
  kernel: Kernel | null;
  /** Where pages may listen. */
  serving: Serving;
  /** Servers offered to pages now, the first as the one to start with. */
  servers: () => Welcome["servers"];
  /** Sockets this process may hold at once, WebSockets and TCP together. */
  maxSockets: number;
  /** There is a class: students come in, and `policy` is the teachers'. */
  class?: { setup: ClassSetup; studentPolicy: Policy } | undefined;
  /** Who follows conversations from the beginning; others come with `Gateway.recorder`. Default: nobody. */
  followers?: readonly RecordingFollower[];
  /** Whether a page of that user which was loaded anew gets its session back. Default: nobody's does. */
  returns?: (identity: Identity) => boolean;
}

const ONLY_WATCHES = "A second screen watches the class, and opens nothing.";

const platforms = ["linux", "darwin", "win32"] as const;
const os = platforms.find((name) => name === process.platform) ?? "other";
const SWEEP_MAX_MS = 1000;
const SWEEP_MIN_MS = 5;
const KEPT_EXPIRED = 10_000;
/** Between the last answer of a living page and the limit there must be room for several sweeps. */
const SWEEPS_OF_GRACE = 8;

export class Registry implements SessionHost {
  readonly limits;
  readonly budget: BufferBudget;
  readonly recorder = new Recorder();
  /** null: there is no class. */
  readonly desk: ClassDesk<Session> | null;
  readonly #dial: Dialer;
  /** The same for students. */
  readonly #studentDial: Dialer;
  /** The same for programs that are told nothing but bytes. */
  readonly dialTcp: TcpDialer;
  readonly bind: SessionHost["bind"];
  readonly sight: Sight;
  /** How often everybody is looked at, in milliseconds. */
  readonly sweepMs: number;
  draining = false;
  /** Channels of all sessions, and TCP connections of the raw endpoint. */
  #channels = 0;
  /** WebSockets of the raw endpoint: each counts as a session with one channel. */
  #raw = 0;
  /** WebSockets to other gateways of the class. */
  #relays = 0;
  readonly #serving = { listeners: 0, waiting: 0 };
  /** Where pages listen now. */
  readonly #served = new Set<Endpoint>();
  readonly #options: GatewayOptions;
  readonly #sessions = new Map<string, Session>();
  /** Ids of sessions that ran out of grace, newest last, so that their pages can be told so. */
  readonly #expired = new Set<string>();
  readonly #connections = new Set<Connection>();
  readonly #byAddress = new Counts();
  readonly #carried: Metrics["carried"];
  readonly #sweeper: NodeJS.Timeout;
  #sweptAt = performance.now();
  #emptied: (() => void) | null = null;
  /** While draining: when what is left will be cut, of performance.now. */
  #drainUntil = Number.POSITIVE_INFINITY;

  constructor(options: GatewayOptions) {
    const { config, policy } = options;
    this.#options = options;
    this.limits = config;
    this.#carried = options.metrics.carried;
    for (const follower of options.followers ?? []) this.recorder.add(follower);
    this.budget = new BufferBudget(config.maxBufferedTotalBytes);
    const timeoutMs = config.connectTimeoutMs;
    this.sight = { observer: options.observer, kernel: options.kernel };
    const { serving, log, trust } = options;
    this.dialTcp = (address, onread, signal) =>
      dial(address, { policy, timeoutMs, onread, signal, trust });
    const dialer =
      (judge: Policy): Dialer =>
      (address, onread, signal, told) => {
        const common = { policy: judge, timeoutMs, onread, signal, ...told };
        return address.scheme === "udp"
          ? openDatagrams(address, common)
          : dial(address, { ...common, trust });
      };
    this.#dial = dialer(policy);
    this.#studentDial = dialer(options.class?.studentPolicy ?? policy);
    const { log: deskLog } = options;
    this.desk = options.class
      ? new ClassDesk<Session>(options.class.setup, {
          log: deskLog,
          studentOf: (user) => this.studentOf(user)?.id ?? null,
          recorder: this.recorder,
          sessions: () => this.#sessions.values(),
          expel: (session, code) => this.#expel(session, code),
        })
      : null;
    const onTrouble = ({ message }: Error) => log.warn({ reason: message }, "accept failed");
    this.bind = (address, onCaller) => {
      const bind = address.scheme === "udp" ? listenForDatagrams : listen;
      return bind(address, { serving, onCaller, onTrouble });
    };
    const graceMs = config.pingTimeoutMs - config.pingIntervalMs;
    this.sweepMs = Math.max(SWEEP_MIN_MS, Math.min(SWEEP_MAX_MS, graceMs / SWEEPS_OF_GRACE));
    this.#sweeper = setInterval(() => this.#sweep(), this.sweepMs);
    this.#sweeper.unref();
    this.#measure();
  }

  get greeting(): SessionHost["greeting"] {
    const { servers, serving, config } = this.#options;
    const { maxListeners } = config;
    const where = maxListeners > 0 ? serving.where : null;
    return { os, servers: servers(), ...(where && { serving: { ...where, maxListeners } }) };
  }

  /** There was a class, and it is over. */
  get isOver(): boolean {
    return this.desk?.isOver === true;
  }

  dialFor({ role }: Identity): Dialer {
    return role === "student" ? this.#studentDial : this.#dial;
  }

  mayOpen({ role }: Identity): Refusal | null {
    return role === "watch" ? { code: "NOT_ALLOWED", detail: ONLY_WATCHES } : null;
  }

  classCommand(session: Session, command: ClassCommand): void {
    if (this.desk) return this.desk.command(session, command);
    const problem = "There is no class here.";
    if (command.type === "steer") session.send({ type: "steered", n: command.n, problem });
    else session.send({ type: "refused", code: "NOT_ALLOWED", detail: problem });
  }

  away(session: Session): void {
    this.desk?.away(session);
  }

  studentOf(user: string): { id: string; name: string } | null {
    for (const { identity } of this.#sessions.values()) {
      if (identity.user === user) return this.#studentNow(identity);
    }
    return null;
  }

  /** The student whose page makes that connection; null: no student's of this gateway. */
  studentMaking(call: Call): { id: string; name: string } | null {
    const session = this.#making(call);
    return session && this.#studentNow(session.identity);
  }

  /** Under the name that the class gives it now: since the session began somebody else may have got the other one. */
  #studentNow({ student }: Identity): { id: string; name: string } | null {
    if (!student) return null;
    return { ...student, name: this.desk?.nameOf(student.id) ?? student.name };
  }

  get tellsRemotes(): boolean {
    return !this.#options.serving.exposed;
  }

  /** Sockets held now: WebSockets, TCP connections, visitors at doors, and what listens. */
  get sockets(): number {
    const { listeners, waiting } = this.#serving;
    const ofPages = this.#connections.size + this.#raw + this.#relays;
    return ofPages + this.#channels + listeners + waiting;
  }

  get full(): boolean {
    return this.sockets >= this.#options.maxSockets;
  }

  /** A WebSocket that passed the doors. */
  connected(ws: WebSocket, from: Pick<ConnectionOptions, "who" | "cookie" | "address">): void {
    const { config, log, metrics } = this.#options;
    const connection = new Connection({ ws, ...from, registry: this, config, log, metrics });
    this.#connections.add(connection);
    ws.once("close", () => this.#connections.delete(connection));
  }

  /** Where the other gateway has its page on which that session lives; null: there is none. */
  async whereIs(sid: string): Promise<string | null> {
    return (await this.#options.class?.setup.classroom.sessions.find(sid)) ?? null;
  }

  /** The session of that id, or why there is none. */
  find(sid: string): Session | "expired" | "unknown" {
    return this.#sessions.get(sid) ?? (this.#expired.has(sid) ? "expired" : "unknown");
  }

  returns(identity: Identity): boolean {
    return this.#options.returns?.(identity) ?? false;
  }

  /** The session that a page of this user which was loaded anew goes on with: one without a page first. */
  returning(identity: Identity): Session | null {
    if (!this.returns(identity)) return null;
    const { user } = identity;
    const own = [...this.#sessions.values()].filter(
      (session) => session.user === user && session.isReturnable,
    );
    return own.findLast(({ attached }) => !attached) ?? own.at(-1) ?? null;
  }

  expired(session: Session): void {
    this.#expired.add(session.sid);
    const [oldest] = this.#expired;
    if (this.#expired.size > KEPT_EXPIRED && oldest) this.#expired.delete(oldest);
  }

  /** A new session, or why there is no room for one. */
  create(identity: Identity, address: string): Session | { code: FailureCode; detail: string } {
    const none = this.roomFor(address);
    if (none) return none;
    const session = new Session(this, identity, address);
    this.#sessions.set(session.sid, session);
    this.#byAddress.add(address);
    this.desk?.entered(session);
    return session;
  }

  /** Why somebody at that address cannot have another session, or what counts like one; or null. */
  roomFor(address: string): { code: FailureCode; detail: string } | null {
    const { maxSessions, maxSessionsPerAddress } = this.#options.config;
    if (this.draining) return { code: "DRAINING", detail: "" };
    if (this.#sessions.size + this.#raw >= maxSessions)
      return { code: "GATEWAY_BUSY", detail: `${maxSessions} sessions` };
    if (this.#byAddress.of(address) < maxSessionsPerAddress) return null;
    return { code: "GATEWAY_BUSY", detail: `${maxSessionsPerAddress} sessions from your address` };
  }

  /** A raw WebSocket is there. */
  entered(address: string): void {
    this.#raw++;
    this.#byAddress.add(address);
  }

  /** It is gone, and so is its TCP connection. */
  left(address: string): void {
    this.#raw--;
    this.#byAddress.remove(address);
  }

  /** Tells every attached page; one that is away reads them in its next welcome. */
  serversChanged(): void {
    const message: GatewayMessage = { type: "servers", servers: this.#options.servers() };
    for (const session of this.#sessions.values()) session.send(message);
    this.desk?.changed();
  }

  held(channels: number): void {
    this.#channels += channels;
  }

  /** A WebSocket to another gateway is opened, or gone. */
  relayed(relays: 1 | -1): void {
    this.#relays += relays;
  }

  served(local: Endpoint, on: boolean, owner: Identity): void {
    if (on) this.#served.add(local);
    else this.#served.delete(local);
    this.desk?.served(local, on, owner);
  }

  tellsNames(host: Identity): boolean {
    return this.desk?.tellsNames(host) === true;
  }

  nameOf(call: Call): string | null {
    if (!this.desk) return null;
    const session = this.#making(call);
    return session && (this.#studentNow(session.identity)?.name ?? "the teacher");
  }

  #making(call: Call): Session | null {
    for (const session of this.#sessions.values()) if (session.makes(call)) return session;
    return null;
  }

  /** Where pages listen now. */
  get listening(): Endpoint[] {
    return [...this.#served];
  }

  isServed({ port }: Endpoint): boolean {
    for (const local of this.#served) if (local.port === port) return true;
    return false;
  }

  heldServing(what: "listeners" | "waiting", change: number): void {
    this.#serving[what] += change;
  }

  opened(result: FailureCode | "requested"): void {
    this.#options.metrics.opens.inc({ result });
  }

  listened(result: FailureCode | "requested"): void {
    this.#options.metrics.listens.inc({ result });
  }

  visited(result: "accepted" | "waits" | "refused"): void {
    this.#options.metrics.visitors.inc({ result });
  }

  moved(direction: "up" | "down", bytes: number): void {
    this.#carried[direction] += bytes;
  }

  /** A page has taken up its session, perhaps for what is left of a drain. */
  joined(session: Session): void {
    this.desk?.joined(session);
    if (!this.draining) return;
    session.drain(Math.max(0, Math.round(this.#drainUntil - performance.now())));
    if (session.channelCount === 0) this.settled(session);
  }

  /** While draining, a session is over once everything was delivered and acknowledged. */
  settled(session: Session): void {
    if (this.draining) this.#end(session, CloseCode.restart, "restarting");
  }

  ended(session: Session): void {
    this.#sessions.delete(session.sid);
    this.#byAddress.remove(session.address);
    this.desk?.ended(session);
    if (this.#sessions.size === 0) this.#emptied?.();
  }

  async drain(): Promise<void> {
    if (this.draining) return;
    this.draining = true;
    const deadlineMs = this.#options.config.shutdownTimeoutMs;
    this.#drainUntil = performance.now() + deadlineMs;
    for (const session of [...this.#sessions.values()]) this.joined(session);
    await this.#allEnded(deadlineMs);
    const late = this.#sessions.size;
    if (late > 0)
      this.#options.log.warn({ sessions: late }, "shutdown deadline reached, cutting what is left");
    await Promise.all(
      [...this.#connections].map((connection) =>
        connection.finish(CloseCode.restart, "restarting"),
      ),
    );
    this.close();
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const session of [...this.#sessions.values()]) session.end();
    this.desk?.close();
    for (const connection of this.#connections) connection.terminate();
  }

  #allEnded(deadlineMs: number): Promise<void> {
    if (this.#sessions.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const deadline = setTimeout(resolve, deadlineMs);
      this.#emptied = () => {
        clearTimeout(deadline);
        resolve();
      };
    });
  }

  #sweep(): void {
    const now = performance.now();
    // A gateway that was stopped itself has heard nobody: that is not their silence.
    const paused = Math.max(0, now - this.#sweptAt - this.sweepMs);
    this.#sweptAt = now;
    for (const connection of this.#connections) connection.check(now, paused);
    const { idleTimeoutMs, maxSessionMs } = this.#options.config;
    for (const session of [...this.#sessions.values()]) {
      const isWanted = session.hasVisitors || this.desk?.watches(session) === true;
      const isIdle = now - session.activeAt > idleTimeoutMs && !isWanted;
      if (isIdle) this.#expire(session, `nothing happened for ${minutes(idleTimeoutMs)}`);
      else if (now - session.startedAt > maxSessionMs)
        this.#expire(session, `it lasted ${minutes(maxSessionMs)}`);
    }
  }

  #expire(session: Session, detail: string): void {
    const message: GatewayMessage = { type: "refused", code: "SESSION_ENDED", detail };
    session.send(message);
    this.#end(session, CloseCode.timeout, detail);
    this.#options.log.info({ detail }, "session ended");
  }

  #expel(session: Session, code: FailureCode): void {
    session.send({ type: "refused", code, detail: "" });
    this.#end(session, CloseCode.forbidden, code);
    this.#options.log.info({ code }, "session ended");
  }

  #end(session: Session, code: number, reason: string): void {
    const ws = session.end();
    if (ws) closeThenCut(ws, code, reason);
  }

  /** Gauges are read when somebody asks, not kept. */
  #measure(): void {
    const { metrics } = this.#options;
    const sessions = this.#sessions;
    const budget = this.budget;
    metrics.observe(() => {
      let detached = 0;
      for (const session of sessions.values()) if (!session.attached) detached++;
      return {
        sessions: sessions.size,
        sessionsDetached: detached,
        channels: this.#channels,
        listeners: this.#serving.listeners,
        waiting: this.#serving.waiting,
        rawConnections: this.#raw,
        relays: this.#relays,
        bufferedBytes: budget.used,
      };
    });
  }
}

const minutes = (ms: number): string =>
  ms < 60_000 ? `${ms / 1000} s` : `${Math.round(ms / 60_000)} min`;
