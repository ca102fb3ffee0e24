/** A real redis-server of its own: on a Unix socket in a folder of its own, killed, started again with or without its data. */

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
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
    const args = ["--port", "0", "--unixsocket", socket, ...data, "--appendfsync", "everysec"];
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

  /** A way to it that can be cut, as when a gateway's machine has died or its cable is out. */
  async line(): Promise<Line> {
    const line = new Line(join(this.#folder, "redis.sock"));
    await line.open();
    return line;
  }

  async close(): Promise<void> {
    this.resume();
    await this.#program?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export class Line {
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => this.#carry(near));
  #isCut = false;

  constructor(target: string) {
    this.#target = target;
  }

  async open(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  get url(): string {
    return `redis://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
  }

  #carry(near: Socket): void {
    if (this.#isCut) return void near.destroy();
    const far = connect(this.#target);
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.#sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
  }
}
