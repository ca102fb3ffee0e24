/** One class in Redis, through two connections: one for commands, one that waits for what is new. */
import { createClient } from "@redis/client";
import type { Message } from "./outbox.ts";
import * as scripts from "./redis-scripts.ts";
import { readVersion, type Version } from "./replica.ts";

/** Entries that a stream keeps, about: minutes of a class for who was cut off, not more. */
const LOG_ENTRIES = 10_000;
const STREAM_ENTRIES = 1_000;
/** What a class leaves behind is gone a week after its last gateway. */
const LIFE_MS = 7 * 24 * 3_600_000;
const BLOCK_MS = 1_000;
const READ_ENTRIES = 500;

/** A stream by what it is for: lasting values, holds and messages; the wall; what is for one participant. */
export const LOG = "log";
export const WALL = "wall";
export const inboxOf = (participant: string): string => `to:${participant}`;

export interface Entry {
  stream: string;
  id: string;
  from: string;
  /** Those that begin with = are the bus's own. */
  topic: string;
  n: number;
  key: string;
  body: string;
}

export interface StoreOptions {
  /** `redis://`, `rediss://` or `unix:/path`. */
  url: string;
  classId: string;
  me: string;
  /** Until a participant that says nothing is taken for gone, in milliseconds. */
  expiryMs: number;
  /** How long an answer of Redis is waited for, in milliseconds. */
  patienceMs: number;
}

function connectionTo(url: string, connectTimeout: number) {
  const common = { connectTimeout, reconnectStrategy: false } as const;
  const where = url.startsWith("unix:")
    ? { socket: { ...common, path: url.slice("unix:".length), tls: false as const } }
    : { url, socket: common };
  return createClient({
    ...where,
    RESP: 2,
    disableOfflineQueue: true,
    disableClientInfo: true,
    maintNotifications: "disabled",
  });
}
type Connection = ReturnType<typeof connectionTo>;

export class RedisStore {
  readonly #options: StoreOptions;
  readonly #commands: Connection;
  readonly #reader: Connection;

  /** @param lost called when a connection has failed; the store is of no use then. */
  constructor(options: StoreOptions, lost: (error: Error) => void) {
    this.#options = options;
    this.#commands = connectionTo(options.url, options.patienceMs);
    this.#reader = connectionTo(options.url, options.patienceMs);
    for (const connection of [this.#commands, this.#reader]) {
      connection.on("error", lost);
      connection.on("end", () => lost(new Error("Redis has closed the connection.")));
    }
  }

  async connect(): Promise<void> {
    await this.#within(Promise.all([this.#commands.connect(), this.#reader.connect()]));
  }

  destroy(): void {
    for (const connection of [this.#commands, this.#reader])
      if (connection.isOpen) connection.destroy();
  }

  async values(): Promise<Map<string, Version>> {
    const all = await this.#within(this.#commands.hGetAll(this.#key("values")));
    return new Map(Object.entries(all).map(([field, text]) => [field, readVersion(text)]));
  }

  /** @returns the version that stands in its place; null: this one does. */
  async put(field: string, version: Version): Promise<Version | null> {
    const args = [...this.#log, field, String(version.n), version.by, version.body];
    const old = await this.#run(scripts.PUT, ["values", LOG], args);
    return typeof old === "string" ? readVersion(old) : null;
  }

  /** @param known the number of the newest version here. @returns the version that stands. */
  async claim(field: string, known: number, body: string): Promise<Version> {
    const args = [...this.#log, field, String(known), body];
    return readVersion(String(await this.#run(scripts.CLAIM, ["values", LOG], args)));
  }

  /** @throws {Error} when this participant has expired. */
  async hold(field: string, body: string | null): Promise<void> {
    const args = [...this.#log, field, body ?? ""];
    const done = await this.#run(scripts.HOLD, [this.#mine, LOG], args);
    if (done !== 1) throw new Error("Redis has taken this gateway for gone.");
  }

  /** Says that this participant is there, and everything it holds. */
  async arrive(held: ReadonlyMap<string, string>): Promise<void> {
    const args = [...this.#log, String(this.#options.expiryMs), ...[...held].flat()];
    await this.#run(scripts.ARRIVE, [this.#mine, LOG, "gateways"], args);
  }

  async leave(): Promise<void> {
    const keys = [this.#mine, LOG, "gateways", inboxOf(this.#options.me)];
    await this.#run(scripts.LEAVE, keys, this.#log);
  }

  /** Says that this participant is still there. @returns who is. @throws {Error} when it has expired. */
  async beat(): Promise<string[]> {
    const keys = [this.#mine, "gateways", "values", LOG, WALL, inboxOf(this.#options.me)];
    const args = [String(this.#options.expiryMs), String(LIFE_MS), this.#key("held:")];
    const there = await this.#run(scripts.BEAT, keys, args);
    if (!Array.isArray(there)) throw new Error("Redis has taken this gateway for gone.");
    return there.map(String);
  }

  async heldBy(participant: string): Promise<Map<string, string>> {
    const all = await this.#within(this.#commands.hGetAll(this.#key(`held:${participant}`)));
    return new Map(Object.entries(all).filter(([field]) => field !== ""));
  }

  async append({ stream, topic, n, body }: Message): Promise<void> {
    const length = stream === LOG ? LOG_ENTRIES : STREAM_ENTRIES;
    const args = [String(length), this.#options.me, topic, String(n), body, String(LIFE_MS)];
    await this.#run(scripts.APPEND, [stream], args);
  }

  /** The newest entry of a stream; `0-0`: there is none. */
  async lastId(stream: string): Promise<string> {
    const newest = this.#commands.xRevRange(this.#key(stream), "+", "-", { COUNT: 1 });
    return (await this.#within(newest))?.[0]?.id ?? "0-0";
  }

  /** Waits for entries after these positions, for a second at most. */
  async read(positions: ReadonlyMap<string, string>): Promise<Entry[]> {
    const streams = [...positions].map(([stream, id]) => ({ key: this.#key(stream), id }));
    const waiting = this.#reader.xRead(streams, { BLOCK: BLOCK_MS, COUNT: READ_ENTRIES });
    const found = await this.#within(waiting, BLOCK_MS + this.#options.patienceMs);
    return (found ?? []).flatMap(({ name, messages }) =>
      messages.map(({ id, message: { from = "", topic = "", n, key = "", body = "" } }) => {
        const stream = String(name).slice(this.#key("").length);
        return { stream, id, from, topic, n: Number(n), key, body };
      }),
    );
  }

  get #mine(): string {
    return `held:${this.#options.me}`;
  }

  get #log(): string[] {
    return [String(LOG_ENTRIES), this.#options.me];
  }

  /** In braces: all keys of a class are on one node of a cluster, which scripts need. */
  #key(name: string): string {
    return `wireside:{${this.#options.classId}}:${name}`;
  }

  #run(script: string, names: string[], args: string[]): Promise<unknown> {
    const keys = names.map((name) => this.#key(name));
    return this.#within(this.#commands.eval(script, { keys, arguments: args }));
  }

  /** A Redis that is stopped keeps its connections and answers nothing. */
  async #within<T>(work: Promise<T>, ms = this.#options.patienceMs): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`Redis has not answered in ${ms} ms.`)), ms);
    });
    try {
      return await Promise.race([work, tooLate]);
    } finally {
      clearTimeout(timer);
    }
  }
}
