/** What one participant reads from the streams of its class: in order, nothing missed across a lost connection, nothing twice. */
import { SHOUT } from "./outbox.ts";
import { type Entry, inboxOf, LOG, type RedisStore, WALL } from "./redis-store.ts";
import { type Replica, readVersion } from "./replica.ts";

export class RedisReading {
  /** Who else is there. */
  readonly present = new Set<string>();
  /** Who went and has not come again. */
  readonly #gone = new Set<string>();
  readonly #me: string;
  readonly #replica: Replica;
  /** Up to where each stream has been read. */
  readonly #positions = new Map<string, string>();
  /** What came into a stream up to there came while this participant was cut off. */
  readonly #missed = new Map<string, string>();
  /** The last message of each sender in each stream. */
  readonly #heard = new Map<string, number>();

  constructor(me: string, replica: Replica) {
    this.#me = me;
    this.#replica = replica;
  }

  /**
   * Finds where to read on. Where Redis has lost what was read already, and counts on from before, everything
   * there is read: what was heard is known by its number.
   */
  async place(store: RedisStore): Promise<void> {
    for (const stream of [LOG, WALL, inboxOf(this.#me)]) {
      const last = await store.lastId(stream);
      const position = this.#positions.get(stream);
      this.#missed.set(stream, last);
      if (position === undefined) this.#positions.set(stream, last);
      else if (isBefore(last, position)) this.#positions.set(stream, "0-0");
    }
  }

  async readOn(store: RedisStore): Promise<void> {
    for (const entry of await store.read(this.#positions)) {
      this.#positions.set(entry.stream, entry.id);
      if (entry.from !== this.#me) await this.#take(store, entry);
    }
  }

  /** Takes over what somebody holds who was not known to be there. */
  async meet(store: RedisStore, name: string): Promise<void> {
    if (!this.present.has(name)) await this.refresh(store, name);
  }

  /** The same of somebody who may be known, and may have said things that were missed. */
  async refresh(store: RedisStore, name: string): Promise<void> {
    if (name === this.#me) return;
    const isKnown = this.present.has(name);
    await this.#holds(store, name);
    if (!isKnown) this.#replica.tell((listener) => listener.arrived?.(name));
  }

  /** All others are gone. */
  keepOnly(names: readonly string[]): void {
    for (const name of [...this.present]) if (!names.includes(name)) this.#miss(name);
  }

  async #take(store: RedisStore, entry: Entry): Promise<void> {
    const { from, topic, key, body } = entry;
    switch (topic) {
      case "=value":
        this.#replica.take(key, readVersion(body));
        return;
      case "=held":
        if (this.present.has(from)) this.#replica.hold(from, key, body || null);
        return;
      case "=here":
        return this.#welcome(store, from);
      case "=left":
        return this.#miss(from);
      default:
        this.#hear(entry);
    }
  }

  /** Who could not know whether a message had arrived has told it again. */
  #hear({ stream, id, from, topic, n, body }: Entry): void {
    // It said in another stream that it goes, and that has been read before this, which is older. Who is
    // not known yet is heard: that it came may be further back in the other stream.
    if (this.#gone.has(from)) return;
    const sender = `${from} ${stream}`;
    if (n <= (this.#heard.get(sender) ?? 0)) return;
    this.#heard.set(sender, n);
    const isShout = topic.startsWith(SHOUT);
    if (isShout && !isBefore(this.#missed.get(stream) ?? "0-0", id)) return;
    const plain = isShout ? topic.slice(SHOUT.length) : topic;
    this.#replica.tell((listener) => listener.heard?.(plain, body, from));
  }

  async #welcome(store: RedisStore, name: string): Promise<void> {
    await this.#holds(store, name);
    this.#replica.tell((listener) => listener.arrived?.(name));
  }

  async #holds(store: RedisStore, name: string): Promise<void> {
    const held = await store.heldBy(name);
    this.present.add(name);
    this.#gone.delete(name);
    this.#replica.holdOnly(name, held);
  }

  #miss(name: string): void {
    if (!this.present.delete(name)) return;
    this.#gone.add(name);
    for (const sender of [...this.#heard.keys()])
      if (sender.startsWith(`${name} `)) this.#heard.delete(sender);
    this.#replica.holdOnly(name, new Map());
    this.#replica.tell((listener) => listener.left?.(name));
  }
}

/** Of two ids of a stream, `milliseconds-number`. */
function isBefore(a: string, b: string): boolean {
  const [aMs = 0, aNumber = 0] = a.split("-").map(Number);
  const [bMs = 0, bNumber = 0] = b.split("-").map(Number);
  return aMs < bMs || (aMs === bMs && aNumber < bNumber);
}
