/** When to read: four times a second, at once when asked, and never for more than a share of the time. */

const PERIOD_MS = 250;
/** Of all time, at most this may go into readings. */
const SHARE = 0.05;
/** Saved up for when many things happen at once. */
const MAX_CREDIT_MS = 25;

/** Runs `work` at its pace between `start` and `stop`; otherwise there is no timer at all. */
export class Pace {
  readonly #work: () => void;
  #isRunning = false;
  #timer: NodeJS.Timeout | null = null;
  #immediate: NodeJS.Immediate | null = null;
  /** When the timer is due. */
  #dueAt = 0;
  /** Milliseconds that may be spent now; below 0 there is a debt to wait for. */
  #credit = MAX_CREDIT_MS;
  #countedAt = performance.now();

  constructor(work: () => void) {
    this.#work = work;
  }

  /** Begins with a first run at once; while it runs already, the same as `soon`. */
  start(): void {
    this.#isRunning = true;
    this.soon();
  }

  stop(): void {
    this.#isRunning = false;
    this.#disarm();
  }

  /** Once for all who ask in this turn of the event loop, or as soon as the share allows. */
  soon(): void {
    if (!this.#isRunning || this.#immediate) return;
    const waitMs = this.#debtMs();
    if (waitMs > 0) return this.#arm(waitMs);
    this.#disarm();
    this.#immediate = setImmediate(() => {
      this.#immediate = null;
      this.#run();
    });
  }

  #run(): void {
    const startedAt = performance.now();
    this.#work();
    this.#credit -= performance.now() - startedAt;
    if (this.#isRunning && !this.#immediate) this.#arm(Math.max(PERIOD_MS, this.#debtMs()));
  }

  #arm(waitMs: number): void {
    const dueAt = performance.now() + waitMs;
    if (this.#timer && this.#dueAt <= dueAt) return;
    this.#disarm();
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#run();
    }, Math.ceil(waitMs));
    this.#timer.unref();
  }

  #disarm(): void {
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#immediate) clearImmediate(this.#immediate);
    this.#timer = null;
    this.#immediate = null;
  }

  /** How long to wait until there is no debt. */
  #debtMs(): number {
    const now = performance.now();
    this.#credit = Math.min(MAX_CREDIT_MS, this.#credit + (now - this.#countedAt) * SHARE);
    this.#countedAt = now;
    return Math.max(0, -this.#credit / SHARE);
  }
}
