/** How many wrong codes a class lets pass: by address, because people mistype, and in all, because some guess. */

/** A whole class sits behind one address and mistypes. */
const ADDRESS_BURST = 30;
const ADDRESS_REFILL_MS = 2_000;
const CLASS_BURST = 200;
const CLASS_REFILL_MS = 500;
/**
 * Where too many wrong codes came in all, an address that has sent no more than these, ever, still has room:
 * strangers with many addresses cannot keep a class out that types its code right.
 */
const HONEST_TRIES = 10;
const MAX_ADDRESSES = 10_000;

interface Tries {
  /** Not forgiven yet, when it was `at`. */
  open: number;
  at: number;
  ever: number;
}

/** A bucket of tries that come back one by one. Times are of the clock `now`, in milliseconds. */
export class Guesses {
  readonly #now: () => number;
  readonly #byAddress = new Map<string, Tries>();
  #all: Tries;

  constructor(now: () => number) {
    this.#now = now;
    this.#all = { open: 0, at: now(), ever: 0 };
  }

  /** Milliseconds until a code from this address is looked at; 0: it is. */
  waitMs(address: string): number {
    const tries = this.#byAddress.get(address);
    const own = this.#wait(tries, ADDRESS_BURST, ADDRESS_REFILL_MS);
    if (own > 0 || !tries || tries.ever <= HONEST_TRIES) return own;
    return this.#wait(this.#all, CLASS_BURST, CLASS_REFILL_MS);
  }

  /** Counts a wrong one. */
  wrong(address: string): void {
    const tries = this.#counted(this.#byAddress.get(address), ADDRESS_REFILL_MS);
    this.#byAddress.delete(address);
    this.#byAddress.set(address, tries);
    const [oldest] = this.#byAddress.keys();
    if (this.#byAddress.size > MAX_ADDRESSES && oldest !== undefined)
      this.#byAddress.delete(oldest);
    const all = this.#counted(this.#all, CLASS_REFILL_MS);
    // Beyond the burst nothing is saved up: who guesses on does not lengthen the wait of others.
    this.#all = { ...all, open: Math.min(all.open, CLASS_BURST) };
  }

  #counted(tries: Tries | undefined, refillMs: number): Tries {
    const open = this.#open(tries, refillMs) + 1;
    return { open, at: this.#now(), ever: (tries?.ever ?? 0) + 1 };
  }

  #open(tries: Tries | undefined, refillMs: number): number {
    if (!tries) return 0;
    return Math.max(0, tries.open - Math.max(0, this.#now() - tries.at) / refillMs);
  }

  /** Tries come back little by little, and a part of one is none. */
  #wait(tries: Tries | undefined, burst: number, refillMs: number): number {
    const missing = this.#open(tries, refillMs) - (burst - 1);
    return missing > 0 ? Math.ceil(missing * refillMs) : 0;
  }
}
