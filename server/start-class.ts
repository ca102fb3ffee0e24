/** Opens the class of `--class`, and puts together what the gateway's parts have to know of it. */
import { formatAddress, parseAddress } from "../shared/address.ts";
import type { ClassNow } from "../shared/classroom.ts";
import { MemoryHub } from "./classroom/bus-memory.ts";
import { openClassroom } from "./classroom/classroom.ts";
import type { Classroom } from "./classroom/types.ts";
import type { Config } from "./config.ts";
import { type ClassSetup, joinUrl } from "./gateway/class-now.ts";
import type { Policy } from "./sockets/policy.ts";
import { parseRule } from "./sockets/policy.ts";
import type { Lessons } from "./start-lessons.ts";

/** Joins the class, or begins it. */
export function openClass(config: Config): Promise<Classroom> {
  const { data, keepMs = null } = config;
  const settings = {
    name: config.className,
    size: config.classSize,
    passMs: config.maxSessionMs,
    keeps: data === undefined ? null : { forMs: keepMs },
  };
  return openClassroom({ settings, bus: new MemoryHub().join() });
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
}

/** What the gateway is given. */
export function classSetup(parts: ClassParts): ClassSetup {
  const { config, classroom, url, lessons, policy, servers } = parts;
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

export function doorOf(classroom: Classroom, urls: readonly string[]): ClassDoor {
  const [url = ""] = urls;
  return {
    name: classroom.name,
    urls,
    board: classroom.board,
    joinUrl: joinUrl(url, classroom),
    teacherUrl: `${url}#t=${classroom.teacherSecret}`,
  };
}
