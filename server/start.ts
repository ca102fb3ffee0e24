/** Starts the whole gateway in this process: page, WebSockets and lesson servers; and stops it. */
import { networkInterfaces } from "node:os";
import { formatAddress, formatEndpoint } from "../shared/address.ts";
import { admissionLimit } from "./admission.ts";
import { createApp } from "./app.ts";
import type { Config } from "./config.ts";
import { createDoors, type Doors, isExposed } from "./doors.ts";
import { openFront } from "./front.ts";
import { createGateway, type Gateway } from "./gateway/gateway.ts";
import { StartError } from "./listen.ts";
import { createLog, type Logger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createObserver } from "./observe.ts";
import { createKernel } from "./sockets/kernel.ts";
import { createPolicy, type NamedTarget } from "./sockets/policy.ts";
import { createServing } from "./sockets/serving.ts";
import { readTrust, TrustError } from "./sockets/trust.ts";
import { type Lessons, type RunningLesson, startLessons } from "./start-lessons.ts";

export { StartError };

export interface StartOptions {
  /** Folder of the built page. */
  webRoot: string;
  /** Default: made from config, on standard error. */
  log?: Logger;
  /** Whose pages get their session back when they are loaded anew. Default: nobody's. */
  returns?: (user: string) => boolean;
}

export interface RunningServer {
  /** Address of the page, without the access code. */
  readonly url: string;
  /** All addresses the page has, with the access code in the fragment when there is one. */
  readonly openUrls: readonly string[];
  readonly port: number;
  /** Of each lesson server; 0 for one that does not run. */
  readonly lessonPorts: Lessons["ports"];
  /** The first one's: `accept`. */
  readonly lessonPort: number;
  readonly gateway: Gateway;
  readonly doors: Doors;
  readonly log: Logger;
  /** Not ready, nothing new, what is under way is delivered; then `close()`. */
  drain(): Promise<void>;
  /** Cuts everything and frees the ports. */
  close(): Promise<void>;
}

/**
 * Starts everything and resolves when all ports listen.
 * @throws {StartError} with one sentence, when it cannot.
 */
export async function startServer(config: Config, options: StartOptions): Promise<RunningServer> {
  const log = options.log ?? createLog({ level: config.logLevel, format: config.logFormat });
  const maxSockets = admissionLimit();
  const trust = trusted(config);
  // The page's port is taken first: when others are in use too, that is the one to name.
  const front = await openFront(config, maxSockets, log);
  const { bound } = front;
  const onUnavailable = (reason: string) =>
    log.warn({ reason }, "the kernel's states cannot be read");
  const sight = { observer: createObserver(), kernel: createKernel({ onUnavailable }) };
  let serversChanged = () => {};
  let listening: Gateway["listening"] = () => [];
  const context = { log, observer: sight.observer };
  const lessons = await startLessons(config, context, () => serversChanged()).catch(
    async (error) => {
      await front.close();
      throw error;
    },
  );
  const metrics = createMetrics();
  const endpoints = () => [bound];
  const doors = createDoors({ config, endpoints });
  const policy = createPolicy({
    allow: [...config.allow],
    deny: [...config.deny],
    allowUnix: config.allowUnix,
    loopbackAllowed: !isExposed(config),
    ownEndpoints: endpoints,
    lessonEndpoints: () => [...lessons.listening(), ...listening()],
  });
  const serving = createServing({
    host: config.listenHost,
    ports: config.listenPorts,
    exposed: isExposed(config),
    taken: () => [bound, ...lessons.listening()],
  });
  const servers = () => offered(lessons.listening(), policy.names);
  const gateway = createGateway({
    config,
    policy,
    trust,
    doors,
    log,
    metrics,
    servers,
    serving,
    maxSockets,
    ...(options.returns && { returns: options.returns }),
    ...sight,
  });
  ({ serversChanged, listening } = gateway);
  const ready = () => !gateway.draining;
  const app = createApp({ config, doors, log, metrics, webRoot: options.webRoot, ready });
  front.serve(app, gateway.handleUpgrade);
  log.info({ host: bound.host, port: bound.port }, "gateway ready");

  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= (async () => {
      await gateway.close();
      await Promise.all([front.close(), lessons.close()]);
    })();
    return closing;
  };
  return {
    ...addresses(config, bound, doors.accessCode),
    port: bound.port,
    lessonPorts: lessons.ports,
    lessonPort: lessons.ports.accept,
    gateway,
    doors,
    log,
    close,
    async drain() {
      await gateway.drain();
      await close();
    },
  };
}

function trusted(config: Config) {
  try {
    return readTrust(config.ca);
  } catch (error) {
    throw error instanceof TrustError ? new StartError(error.message) : error;
  }
}

/** What stands for "every address" cannot be dialled; the loopback one of its family reaches it. */
function dialable(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}

function offered(lessons: readonly RunningLesson[], names: readonly NamedTarget[]) {
  const address = (host: string, port: number) => formatAddress({ scheme: "tcp", host, port });
  return [
    ...lessons.map(({ name, about, host, port }) => ({
      name,
      address: address(dialable(host), port),
      about,
    })),
    ...names.map(({ name, host, port }) => ({
      name,
      address: address(host, port),
      about: "Allowed by whoever started this gateway.",
    })),
  ];
}

function addresses(config: Config, bound: { host: string; port: number }, code?: string) {
  const scheme = config.tlsCert === undefined ? "http" : "https";
  const urlOf = (host: string) =>
    `${scheme}://${formatEndpoint({ host, port: bound.port })}${config.basePath}`;
  const everywhere = dialable(bound.host) !== bound.host;
  const hosts = everywhere ? outsideAddresses() : [];
  const fragment = code === undefined ? "" : `#t=${code}`;
  const openUrls = [...hosts, dialable(bound.host)].map((host) => `${urlOf(host)}${fragment}`);
  return { url: urlOf(dialable(bound.host)), openUrls };
}

/** IPv4 addresses under which others reach this machine. */
function outsideAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4")
    .map(({ address }) => address);
}
