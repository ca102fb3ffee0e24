/**
 * What a visitor's own program does while it waits at the door, where that program is a page of this
 * gateway: kept for the witness that the connection gets once it is accepted.
 */
import type { Observer, Pair, SocketCall } from "../observe.ts";

/** From here on sends are added up, so that a visitor who sends and sends costs nothing. */
const MANY_CALLS = 64;
/**
 * connect(2) returns in the page's channel in the same turn of the event loop as accept(2) does here, or
 * close to it. What is older was done on an earlier connection between the same two ports.
 */
const CONNECTED_MS = 1000;

export class EarlyCalls {
  readonly #calls: SocketCall[] = [];
  readonly #unfollow: () => void;
  #listener: ((call: SocketCall) => void) | null = null;

  /** @param arrivedAt when accept(2) returned it, of performance.now. */
  constructor(observer: Observer, pair: Pair, arrivedAt: number) {
    const called = (call: SocketCall) => this.#called(call);
    this.#unfollow = observer.follow(pair, called, arrivedAt - CONNECTED_MS);
  }

  /** Hands on what was done so far, and whatever follows. @returns stops following. */
  follow(listener: (call: SocketCall) => void): () => void {
    for (const call of this.#calls.splice(0)) listener(call);
    this.#listener = listener;
    return this.#unfollow;
  }

  stop(): void {
    this.#unfollow();
  }

  #called(call: SocketCall): void {
    if (this.#listener) return this.#listener(call);
    const last = this.#calls.at(-1);
    const isMore = this.#calls.length >= MANY_CALLS && last?.call === call.call && call.bytes;
    if (!last || !isMore) return void this.#calls.push({ ...call });
    last.bytes = (last.bytes ?? 0) + (call.bytes ?? 0);
    last.calls = (last.calls ?? 1) + 1;
    last.at = call.at;
  }
}
