/** websockify, as Debian packages it, to compare with; absent where it is not installed. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { FarPorts, Usage } from "./messages.ts";
import { usageOf } from "./proc.ts";
import type { Measured, Subject } from "./process.ts";

const PROGRAM = "/usr/bin/websockify";
/** How often it is asked whether it listens: it says nothing by itself. A busy machine needs its time. */
const ASK_MS = 50;
const ATTEMPTS = 1200;
/** Above the ports of services, below those that a kernel gives out by itself meanwhile (ip(7)). */
const PORTS = [10_000, 32_768] as const;

/** Null where it cannot be measured: not installed, or no /proc to read its children from. */
export function websockify(name: string): Subject | null {
  if (process.platform !== "linux" || !existsSync(PROGRAM)) return null;
  return {
    name,
    async start(far) {
      const folder = mkdtempSync(join(tmpdir(), "bench-websockify-"));
      const tokens = join(folder, "tokens");
      writeFileSync(tokens, tokenLines(far));
      const port = await freePort();
      const args = ["--token-plugin=TokenFile", `--token-source=${tokens}`, `127.0.0.1:${port}`];
      const child = new Websockify(spawn(PROGRAM, args, { stdio: "ignore" }), folder);
      await child.listening(port);
      return { child, route: { kind: "websockify", port } };
    },
  };
}

/** A far end is named by its port. */
const tokenLines = (far: FarPorts): string =>
  Object.values(far)
    .map((port) => `${port}: 127.0.0.1:${port}\n`)
    .join("");

/** It can neither choose a port itself nor say which it has. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...PORTS);
    const server = createServer().listen(port, "127.0.0.1");
    try {
      await once(server, "listening");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") continue;
      throw error;
    }
    server.close();
    await once(server, "close");
    return port;
  }
}

class Websockify implements Measured {
  readonly #process: ChildProcess;
  readonly #folder: string;

  constructor(child: ChildProcess, folder: string) {
    this.#process = child;
    this.#folder = folder;
    process.once("exit", () => child.kill());
  }

  async listening(port: number): Promise<void> {
    for (let i = 0; i < ATTEMPTS; i++) {
      if (await answers(port)) return;
      if (this.#process.exitCode !== null) break;
      await wait(ASK_MS);
    }
    throw new Error("websockify did not begin to listen");
  }

  /** It forks for each connection; all its processes together. */
  async usage(): Promise<Usage> {
    return usageOf(this.#process.pid ?? 0);
  }

  async stop(): Promise<void> {
    const gone = once(this.#process, "exit");
    this.#process.kill();
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => socket.end(() => resolve(true)));
    socket.on("error", () => resolve(false));
  });
}
