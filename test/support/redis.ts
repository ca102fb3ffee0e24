/** A real redis-server of its own: on a Unix socket in a folder of its own, killed, started again with or without its data. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@redis/client";
import { Program } from "./programs.ts";

export class Redis {
  readonly #folder = mkdtempSync(join(tmpdir(), "wireside-redis-"));
  #program: Program | null = null;

  /** Started, and ready to be asked. */
  static async start(): Promise<Redis> {
    const redis = new Redis();
    await redis.start();
    return redis;
  }

  /** As `--redis` takes it. */
  get url(): string {
    return `unix:${join(this.#folder, "redis.sock")}`;
  }

  async start(): Promise<void> {
    const socket = join(this.#folder, "redis.sock");
    const data = ["--dir", this.#folder, "--save", "", "--appendonly", "yes"];
    const args = ["--port", "0", "--unixsocket", socket, ...data, "--appendfsync", "always"];
    this.#program = new Program("redis-server", args);
    await this.#program.prints(/ready to accept connections/i);
  }

  /** As a power cut does it. @param keep its data, else it comes back empty. */
  async kill(keep: "with data" | "empty"): Promise<void> {
    await this.#program?.stop();
    if (keep === "empty")
      rmSync(join(this.#folder, "appendonlydir"), { recursive: true, force: true });
  }

  /** It keeps its connections and answers nothing. */
  pause(): void {
    this.#program?.child.kill("SIGSTOP");
  }

  resume(): void {
    this.#program?.child.kill("SIGCONT");
  }

  /** Runs a command beside everything else. */
  async ask(...command: string[]): Promise<unknown> {
    const path = join(this.#folder, "redis.sock");
    const client = createClient({ socket: { path, tls: false }, RESP: 2 });
    client.on("error", () => {});
    await client.connect();
    try {
      return await client.sendCommand(command);
    } finally {
      client.destroy();
    }
  }

  async close(): Promise<void> {
    this.resume();
    await this.#program?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
