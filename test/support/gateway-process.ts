/** The built gateway as a process of its own: started on free ports, watched, and stopped. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LESSON_NAMES, type LessonName } from "../../shared/lessons.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Flags for free ports, so that any number of gateways run at once. */
export const ANY_PORTS = ["--port", "0", "--lesson-port", "0"];

/**
 * Environment of a gateway whose memory is weighed: what is garbage at the moment is not kept, and the room for
 * it, some 30 MiB at will, would hide what is.
 */
export const LITTLE_GARBAGE = { NODE_OPTIONS: "--max-semi-space-size=1" };

/** The last of the page's addresses, which is this machine's own, and the lessons with their ports. */
const GREETING =
  /^ {4}(https?:\S+)\n\n(?:The access code .*\n|Conversations are .*\n)?(?:Lesson servers wait on \S+: (.*)\.\n)?Ctrl-C/m;

export interface ProcessOptions {
  /** What to start before `args`; the built server with this Node when left out. */
  command?: readonly [program: string, ...args: string[]];
  cwd?: string;
  /** On top of this process's own, without what a test runner has put there. */
  env?: Readonly<Record<string, string>>;
}

export interface GatewayProcess {
  /** Address of the page on this machine: `http://127.0.0.1:40123/`. */
  readonly url: string;
  /** The same as it was printed: with the access code in the fragment, when there is one. */
  readonly openUrl: string;
  readonly port: number;
  /** Of each lesson server; 0 for one that does not run. */
  readonly lessonPorts: Readonly<Record<LessonName, number>>;
  /** The first one's: `accept`. */
  readonly lessonPort: number;
  readonly child: ChildProcess;
  /** Milliseconds from the start of the process to the line with its address. */
  readonly startedAfterMs: number;
  /** Everything it has printed so far. */
  output(): string;
  /** Its exit code, or the name of the signal that ended it, once all its processes are gone. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Sends a signal and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** The environment as a person has it: no test runner in it, no settings of ours. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(
    ([name]) => !/^(?:VITEST|NODE_ENV$|NODE_OPTIONS$|WIRESIDE_|TEST$|FORCE_COLOR$)/.test(name),
  );
  return Object.fromEntries(entries);
}

/**
 * Starts the gateway on free ports.
 * @param args further flags; later ones win, so `--port` may be given too
 * @throws {Error} with what it printed when it ends before it listens
 */
export async function startGatewayProcess(
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<GatewayProcess> {
  const [program, ...first] = options.command ?? [
    process.execPath,
    join(ROOT, "dist/server/main.js"),
  ];
  const startedAt = performance.now();
  const child = spawn(program, [...first, ...ANY_PORTS, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...plainEnvironment(), ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  // "close" comes when nobody holds its output any more: when started through npm, nobody below it.
  const exited = once(child, "close").then(([code, signal]) => code ?? signal);
  const output = collect(child);
  const greeting = await Promise.race([
    output.match(GREETING),
    exited.then((code) => {
      throw new Error(`The gateway ended with ${code} before it listened:\n${output.text()}`);
    }),
  ]);
  const [, openUrl = "", lessons = ""] = greeting;
  const lessonPorts = portsOf(lessons);
  const url = new URL(openUrl);
  url.hash = "";
  return {
    url: url.href,
    openUrl,
    port: Number(url.port),
    lessonPorts,
    lessonPort: lessonPorts.accept,
    child,
    startedAfterMs: performance.now() - startedAt,
    output: output.text,
    exited,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return exited;
    },
  };
}

/** `accept 8000, echo 8001` */
function portsOf(printed: string): Record<LessonName, number> {
  const ports = LESSON_NAMES.map((name) => {
    const [, port] = new RegExp(`\\b${name} (\\d+)`).exec(printed) ?? [];
    return [name, Number(port ?? 0)] as const;
  });
  return Object.fromEntries(ports) as Record<LessonName, number>;
}

function collect(child: ChildProcess) {
  let text = "";
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (const look of waiting) look();
    });
  }
  /** The first time that what was printed matches. */
  const match = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const found = pattern.exec(text);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return { text: () => text, match };
}
