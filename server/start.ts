/** Starts the whole gateway in this process: page, WebSockets and lesson servers; and stops it. */
import { formatAddress, formatEndpoint } from "../shared/address.ts";
import { admissionLimit } from "./admission.ts";
import { createApp } from "./app.ts";
import type { Classroom, ServedPort } from "./classroom/types.ts";
import type { Config } from "./config.ts";
import { createDoors, type Doors, isExposed } from "./doors.ts";
import { openFront } from "./front.ts";
import { dialable, reachable } from "./gateway/class-now.ts";
import { createGateway, type Gateway } from "./gateway/gateway.ts";
import { nobodyKnown, type People } from "./lessons/chat/people.ts";
import { StartError } from "./listen.ts";
import { createLog, type Logger } from "./log.ts";
import { createMetrics } from "./metrics.ts";
import { createObserver } from "./observe.ts";
import { recordingsAnswers } from "./recordings/http.ts";
import { folderName } from "./recordings/names.ts";
import { createKernel } from "./sockets/kernel.ts";
import { createPolicy, type NamedTarget } from "./sockets/policy.ts";
import { createServing } from "./sockets/serving.ts";
import { readTrust, TrustError } from "./sockets/trust.ts";
import { defaultAddress, outsideAddresses } from "./start-addresses.ts";
import { type ClassDoor, classSetup, doorOf, openClass, openKept } from "./start-class.ts";
import { type Lessons, type RunningLesson, startLessons } from "./start-lessons.ts";

export { StartError };

export interface StartOptions {
  /** Folder of the built page. */
  webRoot: string;
  /** Default: made from config, on standard error. */
  log?: Logger;
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
  /** Of a class: how people come in. */
  readonly classDoor?: ClassDoor;
  readonly classroom?: Classroom;
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
  let running: Gateway | null = null;
  const classroom = config.class ? await openClass(config, log).catch(failed([front])) : undefined;
  const context = { log, observer: sight.observer, people: people(classroom, () => running) };
  const lessons = await startLessons(config, context, () => running?.serversChanged()).catch(
    failed([front, classroom]),
  );
  const studentOf = (user: string) => running?.studentOf(user) ?? null;
  const kept = await openKept(config, studentOf, log).catch(failed([front, classroom, lessons]));
  const metrics = createMetrics();
  const endpoints = () => [bound];
  const doors = createDoors({ config, endpoints, classroom });
  const rules = {
    allow: [...config.allow],
    deny: [...config.deny],
    ownEndpoints: endpoints,
    lessonEndpoints: () => [
      ...lessons.listening(),
      ...(running?.listening() ?? []),
      ...(classroom ? reachable(classroom).filter(isTcpElsewhere(classroom)) : []),
    ],
    extraRules: () => classroom?.added ?? [],
  };
  const policy = createPolicy({
    ...rules,
    allowUnix: config.allowUnix,
    loopbackAllowed: !isExposed(config),
  });
  const serving = createServing({
    host: config.listenHost,
    ports: config.listenPorts,
    exposed: isExposed(config),
    inClass: config.class,
    taken: () => [bound, ...lessons.listening()],
  });
  const servers = () => offered(lessons.listening(), policy.names);
  const { ownUrl, ...where } = await addresses(config, bound, doors.accessCode);
  const url = () => where.openUrls[0] ?? where.url;
  const ofClass = classroom && {
    setup: classSetup({ config, classroom, url, lessons, policy, servers, kept }),
    studentPolicy: createPolicy({ ...rules, loopbackAllowed: false }),
  };
  const gateway = createGateway({
    config,
    class: ofClass,
    returns: ({ role }) => role === "student",
    followers: kept ? [kept.follower] : [],
    policy,
    trust,
    doors,
    log,
    metrics,
    servers,
    serving,
    maxSockets,
    ...sight,
  });
  running = gateway;
  kept?.onProblem(() => gateway.serversChanged());
  const ready = () => !gateway.draining;
  const { webRoot } = options;
  const recordings = recordingsAnswers(kept?.library ?? null, {
    log,
    archive: folderName(config.className),
  });
  const app = createApp({ config, doors, log, metrics, webRoot, ready, classroom, recordings });
  classroom?.sessions.reachableAt(config.peerUrl ?? ownUrl);
  front.serve(app, gateway.handleUpgrade);
  log.info({ host: bound.host, port: bound.port }, "gateway ready");

  let closing: Promise<void> | null = null;
  const close = () => {
    closing ??= (async () => {
      await gateway.close();
      await Promise.all([front.close(), lessons.close(), classroom?.close(), kept?.close()]);
    })();
    return closing;
  };
  return {
    ...where,
    ...(classroom && { classroom, classDoor: doorOf(classroom, where) }),
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

/** Closes what was opened before something could not be. */
const failed =
  (opened: readonly ({ close(): Promise<unknown> } | undefined)[]) =>
  async (error: unknown): Promise<never> => {
    await Promise.all(opened.map((it) => it?.close()));
    throw error;
  };

/** Students who listen on another gateway, as far as their address can be dialled from here. */
const isTcpElsewhere =
  (classroom: Classroom) =>
  ({ gateway, scheme }: ServedPort): boolean =>
    gateway !== classroom.gateway && scheme === "tcp";

/** Whom the chat knows without asking. */
function people(classroom: Classroom | undefined, gateway: () => Gateway | null): People {
  if (!classroom) return nobodyKnown;
  return {
    whoIs: ({ local, remote }) => {
      const call = { transport: "tcp", local: remote, remote: local } as const;
      return gateway()?.studentMaking(call)?.name ?? null;
    },
    isKnown: (name) => classroom.hasName(name),
    elsewhere: {
      ...classroom.chat,
      get isThere() {
        return classroom.others > 0;
      },
    },
  };
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

async function addresses(config: Config, bound: { host: string; port: number }, code?: string) {
  const scheme = config.tlsCert === undefined ? "http" : "https";
  const urlOf = (host: string) =>
    `${scheme}://${formatEndpoint({ host, port: bound.port })}${config.basePath}`;
  const everywhere = dialable(bound.host) !== bound.host;
  const hosts = everywhere ? outsideAddresses(undefined, await defaultAddress()) : [];
  const fragment = code === undefined ? "" : `#t=${code}`;
  const url = urlOf(dialable(bound.host));
  const urls = [...hosts.map(urlOf), url];
  // Behind the address that people open may be any gateway of a class: another one has to find this.
  const [ownUrl = url] = urls;
  if (config.publicUrl !== undefined) urls.unshift(config.publicUrl);
  return { url, ownUrl, openUrls: urls.map((each) => `${each}${fragment}`) };
}
