/** The bus of gateways in one process, which hands everything on at once. One gateway alone is the usual case. */
import { randomBytes } from "node:crypto";
import type { Bus, BusListener, Held } from "./bus.ts";
import { fieldOf, Replica } from "./replica.ts";

/** 48 random bits, which no two participants of a class share. */
export const newParticipant = (): string => randomBytes(6).toString("base64url");

/** Where participants meet. What lasts, lasts beyond the last of them. */
export class MemoryHub {
  readonly #buses = new Map<string, MemoryBus>();
  readonly #lasting = new Replica();

  /** @param me its name. Default: a new one. */
  join(me = newParticipant()): Bus {
    const bus = new MemoryBus(me, this);
    for (const [field, version] of this.#lasting.versions) bus.replica.take(field, version);
    for (const other of this.#buses.values())
      bus.replica.holdOnly(other.me, other.replica.heldBy(other.me));
    this.#buses.set(me, bus);
    for (const other of this.others(me)) other.replica.tell((each) => each.arrived?.(me));
    return bus;
  }

  others(me: string): MemoryBus[] {
    return this.has(me) ? [...this.#buses.values()].filter((bus) => bus.me !== me) : [];
  }

  has(me: string): boolean {
    return this.#buses.has(me);
  }

  change(me: string, field: string, body: string): void {
    const version = this.#lasting.next(field, me, body);
    this.#lasting.take(field, version);
    for (const bus of this.#buses.values()) bus.replica.take(field, version);
  }

  leave(me: string): void {
    const others = this.others(me);
    this.#buses.delete(me);
    for (const other of others) {
      other.replica.holdOnly(me, new Map());
      other.replica.tell((each) => each.left?.(me));
    }
  }
}

/** One participant. After it has closed it can still be read, and changes nothing. */
class MemoryBus implements Bus {
  readonly me: string;
  readonly replica = new Replica();
  readonly #hub: MemoryHub;

  constructor(me: string, hub: MemoryHub) {
    this.me = me;
    this.#hub = hub;
  }

  get online(): boolean {
    return this.#hub.has(this.me);
  }

  get others(): string[] {
    return this.#hub.others(this.me).map((bus) => bus.me);
  }

  entries(table: string): ReadonlyMap<string, string> {
    return this.replica.entries(table);
  }

  async claim(table: string, key: string, value: string): Promise<string> {
    const stands = this.entries(table).get(key);
    if (stands !== undefined) return stands;
    this.put(table, key, value);
    return value;
  }

  put(table: string, key: string, value: string): void {
    if (this.online) this.#hub.change(this.me, fieldOf(table, key), value);
  }

  remove(table: string, key: string): void {
    this.put(table, key, "");
  }

  hold(table: string, key: string, value: string | null): void {
    if (!this.online) return;
    const field = fieldOf(table, key);
    this.replica.hold(this.me, field, value);
    for (const other of this.#hub.others(this.me)) other.replica.hold(this.me, field, value);
  }

  held(table: string): Held[] {
    return this.replica.held(table);
  }

  publish(topic: string, body: string, to?: string): void {
    for (const other of this.#hub.others(this.me)) {
      if (to !== undefined && to !== other.me) continue;
      other.replica.tell((each) => each.heard?.(topic, body, this.me));
    }
  }

  shout(topic: string, body: string): void {
    this.publish(topic, body);
  }

  listen(listener: BusListener): () => void {
    return this.replica.listen(listener);
  }

  async close(): Promise<void> {
    this.#hub.leave(this.me);
  }
}
