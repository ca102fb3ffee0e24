/** What was given to send, and how much of it the wire has confirmed: the out marks of the gutter. */
import type { Mark } from "./gutter.ts";

interface Outgoing {
  /** null: nobody typed these here, and they are printed when they are confirmed. */
  mark: Mark | null;
  /** Bytes of this send that the wire has not confirmed. */
  waiting: number;
}

export class Sent {
  #outgoing: Outgoing[] = [];
  readonly #changed: () => void;

  /** @param changed called when a mark looks different. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Bytes given to send that no event has confirmed. */
  get waiting(): number {
    return this.#outgoing.reduce((sum, { waiting }) => sum + waiting, 0);
  }

  /** `bytes` more were given to send; they belong to `mark`. */
  expect(mark: Mark, bytes: number): void {
    const last = this.#outgoing.at(-1);
    if (last?.mark === mark) last.waiting += bytes;
    else this.#outgoing.push({ mark, waiting: bytes });
  }

  /** `bytes` were given to send before what comes next, by something else than this terminal. */
  pass(bytes: number): void {
    this.#outgoing.push({ mark: null, waiting: bytes });
  }

  /**
   * The kernel took `bytes`: TCP confirms in order, but not send by send.
   * @param confirmed called for each mark with how many of them are its own; null: they are nobody's.
   */
  confirm(bytes: number, confirmed: (mark: Mark | null, taken: number) => void = () => {}): void {
    let left = bytes;
    for (let first = this.#outgoing[0]; first && left > 0; first = this.#outgoing[0]) {
      const taken = Math.min(left, first.waiting);
      first.waiting -= taken;
      left -= taken;
      confirmed(first.mark, taken);
      if (first.waiting > 0) break;
      if (first.mark) first.mark.pending = false;
      this.#outgoing.shift();
    }
    this.#changed();
  }

  /** The last `bytes` will never be sent: their marks count only what was. */
  drop(bytes: number): void {
    let left = bytes;
    for (let last = this.#outgoing.at(-1); last && left > 0; last = this.#outgoing.at(-1)) {
      const dropped = Math.min(left, last.waiting);
      last.waiting -= dropped;
      if (last.mark) last.mark.bytes -= dropped;
      left -= dropped;
      if (last.waiting > 0) break;
      // Something of it went out, or it stays as what it is: zero bytes on the wire.
      if (last.mark) last.mark.pending = last.mark.bytes === 0;
      this.#outgoing.pop();
    }
    this.#changed();
  }
}
