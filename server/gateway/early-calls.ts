/**
 * What a visitor's own program does while it waits at the door, where that program is a page of this
 * gateway: kept for the witness that the connection gets once it is accepted.
 */
import type { Observer, Pair, SocketCall } from "../observe.ts";

/** From here on sends are added up, so that a visitor who sends and sends costs nothing. */
const MANY_CALLS = 64;

export class EarlyCalls {
  readonly #calls: SocketCall[] = [];
  readonly #unfollow: () => void;
  #listener: ((call: SocketCall) => void) | null = null;

  constructor(observer: Observer, pair: Pair) {
    this.#unfollow = observer.follow(pair, (call) => this.#called(call));
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
