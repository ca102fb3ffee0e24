/** Who may have how much: token buckets, the gateway-wide buffer budget, counts by address. */

/** A token bucket: `perSecond` on average, `burst` at once. The clock is in milliseconds. */
export class TokenBucket {
  #tokens: number;
  #at: number;
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => number;

  constructor(
    rate: { perSecond: number; burst: number },
    now: () => number = () => performance.now(),
  ) {
    this.#perSecond = rate.perSecond;
    this.#burst = rate.burst;
    this.#tokens = rate.burst;
    this.#now = now;
    this.#at = now();
  }

  /** Takes a token; false when there is none. */
  take(): boolean {
    const now = this.#now();
    this.#tokens = Math.min(
      this.#burst,
      this.#tokens + ((now - this.#at) / 1000) * this.#perSecond,
    );
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}

/**
 * Bytes that all channels together keep for their pages. Over the limit a channel waits before it
 * reads on, unless it keeps nothing: then it may read one piece, so that pages which stopped
 * reading cannot starve those that did not. The bound is thus the limit plus one piece a channel.
 */
export class BufferBudget {
  readonly #limit: number;
  #used = 0;
  #waiting = new Set<() => void>();

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  get used(): number {
    return this.#used;
  }

  retain(bytes: number): void {
    this.#used += bytes;
  }

  release(bytes: number): void {
    this.#used -= bytes;
    if (this.#used >= this.#limit || this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** True while there is room; otherwise `wake` is called once when there may be some again. */
  hasRoom(wake: () => void): boolean {
    if (this.#used < this.#limit) return true;
    this.#waiting.add(wake);
    return false;
  }

  /** Takes back a `wake` that is no longer wanted. */
  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}

/** Counts by key; a key with nothing left is forgotten. */
export class Counts {
  #counts = new Map<string, number>();

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): void {
    this.#counts.set(key, this.of(key) + 1);
  }

  remove(key: string): void {
    const left = this.of(key) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
