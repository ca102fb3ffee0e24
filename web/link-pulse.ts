/** Whether the gateway is still there: questions, answers, and how long they take. */
import { LINK_PING_INTERVAL_MS, LINK_PING_TIMEOUT_MS } from "../shared/bounds.ts";

/** How long an answer may take once the browser itself believes to be offline, in milliseconds. */
const OFFLINE_PING_TIMEOUT_MS = 1500;
const ROUND_TRIPS = 4;

export interface PulseOptions {
  /** Sends the question with this number. */
  ask(n: number): void;
  /** The shortest of the last round trips, in milliseconds. */
  measured(roundTripMs: number): void;
  /** Nothing has come for too long: a dead network does not close a WebSocket for minutes. */
  silent(): void;
}

export class Pulse {
  readonly #options: PulseOptions;
  /** What is waited for: nothing, a WebSocket that opens, or answers on it. */
  #waiting: "nothing" | "connection" | "answers" = "nothing";
  #asked = { n: 0, at: 0 };
  #heardAt = 0;
  /** Of the present WebSocket, newest first, in milliseconds. */
  #roundTrips: number[] = [];
  #interval: ReturnType<typeof setInterval> | null = null;
  #doubtTimer: ReturnType<typeof setTimeout> | null = null;
  #doubtedAt = 0;

  constructor(options: PulseOptions) {
    this.#options = options;
  }

  start(): void {
    this.#interval = setInterval(() => this.#check(), LINK_PING_INTERVAL_MS);
  }

  stop(): void {
    this.rest();
    if (this.#interval) clearInterval(this.#interval);
  }

  /** There is no WebSocket. */
  rest(): void {
    this.#waiting = "nothing";
    if (this.#doubtTimer) clearTimeout(this.#doubtTimer);
    this.#doubtTimer = null;
  }

  /** A WebSocket is being opened. */
  connecting(): void {
    this.#waiting = "connection";
    this.#asked.at = performance.now();
  }

  /** The gateway has said welcome. */
  attached(): void {
    this.#waiting = "answers";
    this.#roundTrips = [];
    this.ask();
  }

  /** Anything at all has come. */
  heard(): void {
    this.#heardAt = performance.now();
  }

  /**
   * The answer with this number has come. A busy page answers late, and that is not the way's fault:
   * so the shortest of a few counts, and the first ones follow each other, because a page that is
   * just being drawn is busiest.
   */
  answered(n: number): void {
    if (n !== this.#asked.n) return;
    const roundTripMs = performance.now() - this.#asked.at;
    this.#roundTrips = [roundTripMs, ...this.#roundTrips].slice(0, ROUND_TRIPS);
    this.#options.measured(Math.min(...this.#roundTrips));
    if (this.#roundTrips.length < ROUND_TRIPS) this.ask();
  }

  ask(): void {
    if (this.#waiting !== "answers") return;
    this.#asked = { n: this.#asked.n + 1, at: performance.now() };
    this.#options.ask(this.#asked.n);
  }

  /** The browser says that the network is gone: ask, and wait less long for the answer. */
  doubt(): void {
    if (this.#waiting !== "answers") return;
    this.ask();
    // Said again before the answer has come, it is the same doubt.
    if (this.#doubtTimer && this.#heardAt < this.#doubtedAt) return;
    if (this.#doubtTimer) clearTimeout(this.#doubtTimer);
    // What is asked after that has as long for its own answer.
    this.#doubtedAt = this.#asked.at;
    this.#doubtTimer = setTimeout(() => {
      this.#doubtTimer = null;
      if (this.#heardAt < this.#doubtedAt) this.#options.silent();
    }, OFFLINE_PING_TIMEOUT_MS);
  }

  #check(): void {
    if (this.#waiting === "nothing") return;
    const answered = this.#waiting === "answers" && this.#heardAt >= this.#asked.at;
    if (answered) this.ask();
    else if (performance.now() - this.#asked.at >= LINK_PING_TIMEOUT_MS) this.#options.silent();
  }
}
