/**
 * The bus of gateways on several machines, over Redis. Redis may stop, come back, and come back empty: every
 * participant has a copy of everything that lasts, and puts back what is missing.
 */
import type { Bus, BusListener, Held } from "./bus.ts";
import { newParticipant } from "./bus-memory.ts";
import { SHOUT } from "./outbox.ts";
import { RedisLife } from "./redis-life.ts";
import { inboxOf, LOG, WALL } from "./redis-store.ts";
import { fieldOf, Replica } from "./replica.ts";

export interface RedisBusOptions {
  /** `redis://[[user]:password@]host:port[/database]`, `rediss://…`, or `unix:/path`. */
  url: string;
  /** As classIdOf makes it. */
  classId: string;
  /** This participant's name. Default: a new one. */
  me?: string;
  /** How long one that says nothing is taken for there, in milliseconds. Default: 10 s. */
  expiryMs?: number;
  /** Between two signs of life, in milliseconds. Default: 3 s. */
  beatMs?: number;
  /** How long an answer of Redis is waited for, in milliseconds. Default: 2 s. */
  patienceMs?: number;
  /** Is told why Redis cannot be reached, each time. */
  onLost?: (error: Error) => void;
}

const DEFAULTS = { expiryMs: 10_000, beatMs: 3_000, patienceMs: 2_000, onLost: () => {} };

/**
 * Comes in.
 * @throws {Error} when Redis cannot be reached: a class that began without it would be another one.
 */
export async function joinRedis(options: RedisBusOptions): Promise<Bus> {
  const me = options.me ?? newParticipant();
  const replica = new Replica();
  const life = new RedisLife({ ...DEFAULTS, ...options, me }, replica);
  await life.start();
  return new RedisBus(me, replica, life);
}

class RedisBus implements Bus {
  readonly me: string;
  readonly #replica: Replica;
  readonly #life: RedisLife;

  constructor(me: string, replica: Replica, life: RedisLife) {
    this.me = me;
    this.#replica = replica;
    this.#life = life;
  }

  get online(): boolean {
    return this.#life.store !== null;
  }

  get others(): string[] {
    return this.#life.others;
  }

  entries(table: string): ReadonlyMap<string, string> {
    return this.#replica.entries(table);
  }

  async claim(table: string, key: string, value: string): Promise<string> {
    const field = fieldOf(table, key);
    const known = this.#replica.versions.get(field);
    if (known?.body) return known.body;
    const { store } = this.#life;
    try {
      const stands = await store?.claim(field, known?.n ?? 0, value);
      if (stands) this.#replica.take(field, stands);
    } catch (error) {
      this.#life.fail(error);
    }
    const stands = this.entries(table).get(key);
    if (stands === undefined) this.put(table, key, value);
    return stands ?? value;
  }

  put(table: string, key: string, value: string): void {
    if (this.#life.isClosed) return;
    const field = fieldOf(table, key);
    this.#life.outbox.change(field);
    this.#replica.take(field, this.#replica.next(field, this.me, value));
  }

  remove(table: string, key: string): void {
    this.put(table, key, "");
  }

  hold(table: string, key: string, value: string | null): void {
    if (this.#life.isClosed) return;
    const field = fieldOf(table, key);
    if ((this.#replica.heldBy(this.me).get(field) ?? null) === value) return;
    this.#life.outbox.hold(field);
    this.#replica.hold(this.me, field, value);
  }

  held(table: string): Held[] {
    return this.#replica.held(table);
  }

  publish(topic: string, body: string, to?: string): void {
    if (this.#life.isClosed || to === this.me) return;
    const forAll = topic === WALL ? WALL : LOG;
    const { outbox } = this.#life;
    outbox.post(to === undefined ? forAll : inboxOf(to), topic, body);
    if (!this.online) outbox.trim();
    else if (outbox.isFlooded) this.#life.fail(new Error("Redis is too slow for this class."));
  }

  shout(topic: string, body: string): void {
    if (this.online) this.publish(SHOUT + topic, body);
  }

  listen(listener: BusListener): () => void {
    return this.#replica.listen(listener);
  }

  close(): Promise<void> {
    return this.#life.close();
  }
}
