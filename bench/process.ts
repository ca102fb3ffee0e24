/** Child processes of the bench: started, asked one thing at a time, measured, and ended with it. */
import { type ChildProcess, type ForkOptions, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FarPorts, Route, Usage } from "./messages.ts";
import { usageOf } from "./proc.ts";

/** The gateway's greeting: the line with the page's address. */
const ADDRESS = /^ {4}http:\/\/127\.0\.0\.1:(\d+)\/$/m;
/** Limits are for people; a bench comes in from one address, all at once. */
const NO_LIMITS = [
  "--max-sessions=100000",
  "--max-sessions-per-address=100000",
  "--open-rate=1000/s,10000",
];

export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<never>;

  constructor(name: string, file: string, args: string[] = [], options: ForkOptions = {}) {
    this.#process = fork(file, args, { stdio: ["ignore", "pipe", "inherit", "ipc"], ...options });
    this.#ended = once(this.#process, "exit").then(([code, signal]) => {
      throw new Error(`the ${name} ended early (${signal ?? code})`);
    });
    // Whoever waits for a word hears of it; while nobody does, it is no accident.
    this.#ended.catch(() => {});
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The next message. Rejects when the process ends first. */
  async message<T>(): Promise<T> {
    const [message] = await Promise.race([once(this.#process, "message"), this.#ended]);
    return message as T;
  }

  ask<T>(question: object | string): Promise<T> {
    const answer = this.message<T>();
    this.#process.send(question);
    return answer;
  }

  /** Waits until what it has printed matches. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    let text = "";
    const found = new Promise<RegExpExecArray>((resolve) => {
      this.#process.stdout?.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        const match = pattern.exec(text);
        if (match) resolve(match);
      });
    });
    return Promise.race([found, this.#ended]);
  }

  /** CPU time of all its threads, and memory the kernel has given it, so far. */
  async usage(): Promise<Usage> {
    return process.platform === "linux" ? usageOf(this.pid) : this.ask<Usage>("usage");
  }

  /** Every child ends when its channel does; resolves once it is gone. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.disconnect();
    await gone;
  }
}

/** Something that is measured from outside. */
export interface Measured {
  usage(): Promise<Usage>;
  stop(): Promise<void>;
}

/** Something that joins WebSockets and TCP sockets, to be measured. */
export interface Subject {
  name: string;
  start(far: FarPorts): Promise<{ child: Measured; route: Route }>;
}

export interface SubjectOptions {
  /** Where the bench's built programs are. */
  folder: string;
  /** Folder for CPU profiles of the measured processes; undefined: none are made. */
  profiles?: string | undefined;
}

/** The built gateway, as `npm start` runs it but without a log. */
export function gateway(
  name: string,
  file: string,
  kind: "wire" | "raw",
  options: SubjectOptions,
): Subject {
  return {
    name,
    async start() {
      const flags = ["--port=0", "--lesson-port=0", "--log-level=silent", ...NO_LIMITS];
      const child = new Child(name, file, flags, measured(options, name));
      const [, port] = await child.prints(ADDRESS);
      return { child, route: { kind, port: Number(port) } };
    },
  };
}

/** The bare pipe of pipe.ts. */
export function barePipe(name: string, options: SubjectOptions): Subject {
  return {
    name,
    async start() {
      const child = new Child(name, join(options.folder, "pipe.js"), [], measured(options, name));
      const { port } = await child.message<{ port: number }>();
      return { child, route: { kind: "pipe", port } };
    },
  };
}

let profileCount = 0;

function measured({ folder, profiles }: SubjectOptions, name: string): ForkOptions {
  const execArgv = ["--import", join(folder, "usage.js")];
  if (profiles) {
    const file = `${name.replaceAll(/\W+/g, "")}-${++profileCount}.cpuprofile`;
    execArgv.push("--cpu-prof", `--cpu-prof-dir=${profiles}`, `--cpu-prof-name=${file}`);
  }
  // A person's own settings must not change what is measured.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("WIRESIDE_"));
  return { execArgv, env: Object.fromEntries(own) };
}
