/**
 * The life of one participant over Redis: connecting, catching up, and then reading, writing and giving signs of
 * life until the connection is lost, and all of it again.
 */
import { Outbox } from "./outbox.ts";
import { reasonOf } from "./reason.ts";
import { RedisReading } from "./redis-reading.ts";
import { RedisStore, type StoreOptions } from "./redis-store.ts";
import { isSame, type Replica } from "./replica.ts";

export interface LifeOptions extends StoreOptions {
  /** Between two signs of life, in milliseconds. */
  beatMs: number;
  /** Is told why Redis cannot be reached, each time. */
  onLost: (error: Error) => void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;
/** Commands that are on their way at once. */
const BATCH = 200;

type State = "connecting" | "online" | "offline" | "closed";

export class RedisLife {
  readonly outbox = new Outbox();
  readonly #options: LifeOptions;
  readonly #replica: Replica;
  readonly #reading: RedisReading;
  #state: State = "connecting";
  #store: RedisStore | null = null;
  #onlineSince = 0;
  /** Ends what goes on over the present connections, or the wait for the next. */
  #interrupt: (error: Error) => void = () => {};
  #running: Promise<void> = Promise.resolve();

  constructor(options: LifeOptions, replica: Replica) {
    this.#options = options;
    this.#replica = replica;
    this.#reading = new RedisReading(options.me, replica);
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** What can be asked now; null while Redis cannot be reached. */
  get store(): RedisStore | null {
    return this.#state === "online" ? this.#store : null;
  }

  get others(): string[] {
    return this.isClosed ? [] : [...this.#reading.present];
  }

  /** @throws {Error} when Redis cannot be reached at once. */
  async start(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#running = this.#run(resolve, reject);
    });
  }

  /** The present connections are of no use. */
  fail(error: unknown): void {
    this.#interrupt(reasonOf(error));
  }

  async close(): Promise<void> {
    if (this.isClosed) return this.#running;
    const { store } = this;
    if (store) await this.#sayGoodbye(store);
    this.#turn("closed");
    this.fail(new Error("The bus is closed."));
    await this.#running;
  }

  async #sayGoodbye(store: RedisStore): Promise<void> {
    try {
      await this.#tellSome(store);
      await store.leave();
    } catch (error) {
      // It will be missed without.
      this.fail(error);
    }
  }

  /** One connection after another until it is closed; only the first must be had at once. */
  async #run(began: () => void, failed: (error: unknown) => void): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.isClosed) {
      const online = () => {
        retryMs = FIRST_RETRY_MS;
        began();
      };
      const error = await this.#live(online);
      if (this.isClosed) return;
      if (this.#state === "connecting") {
        this.#turn("closed");
        return failed(error);
      }
      this.#options.onLost(error);
      this.#turn("offline");
      await this.#pause(retryMs * (0.5 + Math.random() / 2));
      retryMs = Math.min(LAST_RETRY_MS, retryMs * 2);
    }
  }

  /** Lives over one pair of connections. @returns why it is over. */
  async #live(online: () => void): Promise<Error> {
    let lose: (error: Error) => void = () => {};
    const lost = new Promise<never>((_, reject) => {
      lose = reject;
    });
    this.#interrupt = lose;
    let store: RedisStore | null = null;
    try {
      store = new RedisStore(this.#options, lose);
      await Promise.race([this.#catchUp(store), lost]);
      this.#store = store;
      this.#onlineSince = performance.now();
      this.#turn("online");
      online();
      return await Promise.race([this.#read(store), this.#beat(store), this.#write(store), lost]);
    } catch (error) {
      return reasonOf(error);
    } finally {
      this.#store = null;
      store?.destroy();
      this.outbox.forgetShouts();
      this.outbox.wake();
    }
  }

  /** Takes over what lasts, finds what Redis lacks, and says what this participant holds. */
  async #catchUp(store: RedisStore): Promise<void> {
    await store.connect();
    await this.#reading.place(store);
    const there = await store.values();
    for (const [field, version] of there) this.#replica.take(field, version);
    for (const [field, version] of this.#replica.versions) {
      if (!isSame(there.get(field), version)) this.outbox.values.add(field);
    }
    this.outbox.trim();
    this.outbox.holds.clear();
    await store.arrive(this.#replica.heldBy(this.#options.me));
    for (const name of await store.beat()) await this.#reading.refresh(store, name);
  }

  async #read(store: RedisStore): Promise<never> {
    for (;;) await this.#reading.readOn(store);
  }

  async #beat(store: RedisStore): Promise<never> {
    const { beatMs, expiryMs } = this.#options;
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, beatMs).unref());
      const there = await store.beat();
      // After an outage everybody has time to say that it is still there.
      if (performance.now() - this.#onlineSince > expiryMs) this.#reading.keepOnly(there);
      for (const name of there) await this.#reading.meet(store, name);
    }
  }

  async #write(store: RedisStore): Promise<never> {
    for (;;) {
      await this.outbox.filled();
      if (this.#store !== store) throw new Error("The connection is another one.");
      await this.#tellSome(store);
    }
  }

  /** What was told is forgotten only when Redis has answered: after a loss it is told again. */
  async #tellSome(store: RedisStore): Promise<void> {
    const { values, holds, messages } = this.outbox;
    const some = messages.slice(0, BATCH);
    const mine = this.#replica.heldBy(this.#options.me);
    await Promise.all([
      ...[...values].slice(0, BATCH).map((field) => this.#put(store, field)),
      ...[...holds].slice(0, BATCH).map((field) => {
        holds.delete(field);
        return store.hold(field, mine.get(field) ?? null);
      }),
      ...some.map((message) => store.append(message)),
    ]);
    this.outbox.sent(some);
    if (values.size + holds.size > 0 && this.store) await this.#tellSome(store);
  }

  async #put(store: RedisStore, field: string): Promise<void> {
    const version = this.#replica.versions.get(field);
    const newer = version ? await store.put(field, version) : null;
    if (newer) this.#replica.take(field, newer);
    // While Redis was asked it may have been changed once more, and then that is still to be told.
    const now = this.#replica.versions.get(field);
    if (now === version || (newer && isSame(now, newer))) this.outbox.values.delete(field);
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#interrupt = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #turn(state: State): void {
    const was = this.#state;
    this.#state = state;
    const on = state === "online";
    if (on !== (was === "online")) this.#replica.tell((listener) => listener.online?.(on));
  }
}
