/** Opens the class of `--class`, and puts together what the gateway's parts have to know of it. */
import { formatAddress, parseAddress } from "../shared/address.ts";
import type { ClassNow } from "../shared/classroom.ts";
import type { Bus } from "./classroom/bus.ts";
import { MemoryHub } from "./classroom/bus-memory.ts";
import { joinRedis } from "./classroom/bus-redis.ts";
import { classIdOf } from "./classroom/class-id.ts";
import { openClassroom } from "./classroom/classroom.ts";
import type { Classroom } from "./classroom/types.ts";
import type { Config } from "./config.ts";
import { type ClassSetup, joinUrl } from "./gateway/class-now.ts";
import { StartError } from "./listen.ts";
import type { Logger } from "./log.ts";
import { openRecordings, type Recordings } from "./recordings/open.ts";
import { RecordingsError } from "./recordings/problem.ts";
import { type Policy, parseRule } from "./sockets/policy.ts";
import type { Lessons } from "./start-lessons.ts";

/**
 * Joins the class, or begins it.
 * @throws {StartError} when Redis cannot be reached.
 */
export async function openClass(config: Config, log: Logger): Promise<Classroom> {
  const { data, keepMs } = config;
  const settings = {
    name: config.className,
    size: config.classSize,
    passMs: config.maxSessionMs,
    keeps: data === undefined ? null : { forMs: keepMs ?? null },
  };
  return openClassroom({ settings, bus: await openBus(config, log) });
}

async function openBus({ redis, className }: Config, log: Logger): Promise<Bus> {
  if (redis === undefined) return new MemoryHub().join();
  const url = redis.startsWith("/") ? `unix:${redis}` : redis;
  const onLost = ({ message }: Error) => log.warn({ reason: message }, "redis cannot be reached");
  try {
    return await joinRedis({ url, classId: classIdOf(className), onLost });
  } catch (error) {
    // The address may hold a password, which is nobody's to read.
    const { message } = error as Error;
    throw new StartError(`Redis, which --redis names, cannot be reached: ${message}.`);
  }
}

/**
 * Opens the directory of --data.
 * @param studentOf whose session a user's is.
 * @returns null: nothing is kept.
 * @throws {StartError} when nothing can be kept there.
 */
export async function openKept(
  { data, keepMs, className }: Config,
  studentOf: (user: string) => { id: string; name: string } | null,
  log: Logger,
): Promise<Recordings | null> {
  if (data === undefined) return null;
  try {
    const options = {
      directory: data,
      className,
      keepMs: keepMs ?? null,
      keeperOf: studentOf,
      log,
    };
    return await openRecordings(options);
  } catch (error) {
    throw error instanceof RecordingsError ? new StartError(error.message) : error;
  }
}

export interface ClassParts {
  config: Config;
  classroom: Classroom;
  /** What students open. */
  url: () => string;
  lessons: Lessons;
  policy: Policy;
  /** Lesson servers and targets with a name. */
  servers: () => ClassNow["targets"];
  /** null: nothing is kept. */
  kept: Recordings | null;
}

/** What the gateway is given. */
export function classSetup(parts: ClassParts): ClassSetup {
  const { config, classroom, url, lessons, policy, servers, kept } = parts;
  const unnamed = config.allow.flatMap(unnamedTarget);
  return {
    classroom,
    url,
    targets: () => [...servers(), ...unnamed, ...classroom.added.map(addedTarget)],
    targetProblem: (address) => {
      const parsed = parseAddress(address);
      // What cannot be read the class itself complains about.
      return parsed.ok ? policy.objection(parsed.address.host, parsed.address.port) : null;
    },
    keepProblem: () => kept?.problem ?? null,
    lessons: {
      list: () => lessons.listening().map(({ name, port, own }) => ({ name, port, own })),
      start: lessons.start,
      stop: lessons.stop,
    },
  };
}

type Target = ClassNow["targets"][number];

/** Values of --allow that have no name; of a whole block the block. */
function unnamedTarget(text: string): Target[] {
  const rule = parseRule(text);
  if (rule.kind === "block") {
    return [{ name: rule.text, address: rule.text, about: "Every port of every machine in it." }];
  }
  if (rule.name !== undefined) return [];
  const { host, port } = rule;
  const about = "Allowed by whoever started this gateway.";
  return [{ name: rule.text, address: formatAddress({ scheme: "tcp", host, port }), about }];
}

function addedTarget(target: string): Target {
  return { name: target, address: `tcp://${target}`, about: "Allowed by the teacher." };
}

/** What whoever starts a class has to know, and to show. */
export interface ClassDoor {
  readonly name: string;
  /** What students open, the most likely first. */
  readonly urls: readonly string[];
  /** As it is written on a board. */
  readonly board: string;
  /** For a QR code. */
  readonly joinUrl: string;
  /** For the teacher, and for nobody else. */
  readonly teacherUrl: string;
}

/** @param local the address that only this machine can open: students are shown it where there is no other. */
export function doorOf(
  classroom: Classroom,
  { openUrls, url: local }: { openUrls: readonly string[]; url: string },
): ClassDoor {
  const outside = openUrls.filter((it) => it !== local);
  const urls = outside.length > 0 ? outside : openUrls;
  const [url = ""] = urls;
  return {
    name: classroom.name,
    urls,
    board: classroom.board,
    joinUrl: joinUrl(url, classroom),
    teacherUrl: `${url}#t=${classroom.teacherSecret}`,
  };
}
