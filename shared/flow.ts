/**
 * One direction of a channel: numbering, credit and resume, the same rules at both ends.
 *
 * The sender keeps what is not acknowledged yet, never more than the window, and stops reading its
 * source when the window is full. The end of a stream (EOF) and its reset (RST) take one offset
 * each, as FIN does in TCP (RFC 9293 section 3.4), so that they are acknowledged like bytes.
 */

/** A sender or receiver was told something that the rules exclude; `message` says what. */
export class FlowError extends Error {
  readonly code = "BAD_FLOW";
}

/** Something in a stream: bytes, or an end that takes one offset. */
export interface Item {
  /** Offset of the first byte. */
  seq: number;
  /** Offsets taken: bytes of payload, or 1 for an end. */
  length: number;
  kind: "data" | "eof" | "rst";
}

/** What a sender has sent and may send. `T` is an item with whatever its owner keeps beside it. */
export class Sender<T extends Item> {
  #items: T[] = [];
  /** Items before this index are acknowledged and gone from `#items` at the next compaction. */
  #first = 0;
  #next = 0;
  #end = 0;
  #acked = 0;
  #limit: number;
  /** The credit it began with: how much may be kept at once. */
  readonly window: number;
  readonly #release: (item: T) => void;

  /**
   * @param credit bytes that may be sent before the first ACK.
   * @param release called once for each item when it is acknowledged or dropped.
   */
  constructor(credit: number, release: (item: T) => void = () => {}) {
    this.#limit = credit;
    this.window = credit;
    this.#release = release;
  }

  /** The next offset to be given out. */
  get end(): number {
    return this.#end;
  }
  /** Everything before this offset has arrived. */
  get acked(): number {
    return this.#acked;
  }
  /** Offsets kept because they are not acknowledged. */
  get retained(): number {
    return this.#end - this.#acked;
  }
  /** Offsets that have been handed out by `take` since the last rewind, and before. */
  get sent(): number {
    return this.#items[this.#next]?.seq ?? this.#end;
  }

  /** Goes on where another has stopped: what was before is not its own. Credit comes with the first ACK. */
  startAt(offset: number): void {
    this.#end = this.#acked = this.#limit = offset;
  }

  /** Appends an item; its `seq` must be `end`. */
  push(item: T): void {
    if (item.seq !== this.#end)
      throw new FlowError(`item at ${item.seq}, stream ends at ${this.#end}`);
    this.#items.push(item);
    this.#end += item.length;
  }

  /** The next item that credit allows; undefined when there is none. */
  get next(): T | undefined {
    const item = this.#items[this.#next];
    // An end costs the receiver no memory, so it needs no credit.
    if (item?.kind === "data" && item.seq + item.length > this.#limit) return undefined;
    return item;
  }

  /** Marks the next item as sent. @returns it; undefined when there is none. */
  take(): T | undefined {
    const item = this.next;
    if (item) this.#next++;
    return item;
  }

  /**
   * Takes an acknowledgement.
   * @param seq next offset the receiver expects.
   * @param credit bytes it grants beyond `seq`. Credit once granted is never taken back.
   * @throws {FlowError} when `seq` acknowledges what was never sent.
   */
  ack(seq: number, credit: number): void {
    if (seq > this.sent) throw new FlowError(`acknowledged ${seq}, sent only ${this.sent}`);
    this.#limit = Math.max(this.#limit, seq + credit);
    this.#drop(seq);
  }

  /**
   * Starts again after a resume: what the receiver does not have will be taken once more.
   * @param rx next offset the receiver expects.
   * @throws {FlowError} when that was never sent, or is no longer kept (a gap).
   */
  rewind(rx: number): void {
    if (rx > this.#end) throw new FlowError(`receiver expects ${rx}, stream ends at ${this.#end}`);
    if (rx < this.#acked) throw new FlowError(`receiver expects ${rx}, kept from ${this.#acked}`);
    this.#drop(rx);
    this.#next = this.#first;
  }

  /** Forgets everything kept; the stream ends where it is. */
  clear(): void {
    for (let i = this.#first; i < this.#items.length; i++) this.#release(this.#items[i] as T);
    this.#items = [];
    this.#first = this.#next = 0;
    this.#acked = this.#end;
  }

  #drop(seq: number): void {
    if (seq <= this.#acked) return;
    this.#acked = seq;
    for (;;) {
      const item = this.#items[this.#first];
      if (!item || item.seq + item.length > seq) break;
      this.#release(item);
      this.#first++;
    }
    this.#next = Math.max(this.#next, this.#first);
    if (this.#first > 64 && this.#first * 2 > this.#items.length) {
      this.#items.splice(0, this.#first);
      this.#next -= this.#first;
      this.#first = 0;
    }
  }
}

/** What a receiver has received and consumed. */
export class Receiver {
  #rx = 0;
  #consumed = 0;
  /** A reset has used up everything. */
  #isReset = false;
  readonly #window: number;

  /** @param window bytes that may be received and not yet consumed. */
  constructor(window: number) {
    this.#window = window;
  }

  /** The next offset expected. */
  get rx(): number {
    return this.#rx;
  }
  /** Everything before this offset has been used up and may be acknowledged. */
  get consumed(): number {
    return this.#consumed;
  }
  /** Credit to send with an acknowledgement of `consumed`. */
  get credit(): number {
    return this.#window;
  }

  /** Goes on where another has stopped, which has used up everything before. */
  startAt(offset: number): void {
    this.#rx = this.#consumed = offset;
  }

  /**
   * Takes an item and says how much of its front is old.
   * @returns offsets to skip; equal to `length` when nothing is new.
   * @throws {FlowError} on a gap, or on bytes beyond the credit that was granted.
   */
  accept(seq: number, length: number, kind: Item["kind"] = "data"): number {
    if (seq > this.#rx) throw new FlowError(`gap: expected ${this.#rx}, got ${seq}`);
    const old = Math.min(this.#rx - seq, length);
    if (old === length) return length;
    if (kind === "data" && seq + length > this.#consumed + this.#window) {
      throw new FlowError(
        `bytes up to ${seq + length}, credit up to ${this.#consumed + this.#window}`,
      );
    }
    this.#rx = seq + length;
    return old;
  }

  /** Marks offsets as used up, in order. What is used up only after a reset is counted already. */
  consume(length: number): void {
    if (this.#isReset) return;
    if (this.#consumed + length > this.#rx) {
      throw new FlowError(`consumed ${this.#consumed + length}, received ${this.#rx}`);
    }
    this.#consumed += length;
  }

  /** A reset skips what was not sent: everything up to and including it is consumed. */
  skipTo(seq: number): void {
    this.#rx = Math.max(this.#rx, seq);
    this.#consumed = this.#rx;
    this.#isReset = true;
  }
}
