/** A search under way in the page: in slices, so that keys and drawing never wait for it. */
import {
  ByteSearch,
  likelyReading,
  type Match,
  matchesInOrder,
  type Reading,
  soughtBytes,
} from "../model/bytes-search.ts";
import type { Conversation } from "../model/conversation.ts";
import type { ByteRange } from "../model/selection.ts";
import { Store, type Unsubscribe } from "../model/store.ts";

/** Milliseconds of work before the page gets its turn. */
const SLICE_MS = 8;
/** The same when somebody has pressed Enter and waits for the first match. */
const HURRY_MS = 40;

export class Finder extends Store {
  readonly #conversation: Conversation;
  readonly #unfollow: Unsubscribe;
  #text = "";
  /** Null: whatever the text most likely is. */
  #chosen: Reading | null = null;
  #ignoreCase = true;
  #search: ByteSearch | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The match that is lit. */
  #current: Match | null = null;
  #sorted: { count: number; matches: Match[] } | null = null;

  constructor(conversation: Conversation) {
    super();
    this.#conversation = conversation;
    // What comes while a search is open is looked through as well.
    this.#unfollow = conversation.subscribe(() => this.#goOn());
  }

  get text(): string {
    return this.#text;
  }
  get reading(): Reading {
    return this.#chosen ?? likelyReading(this.#text);
  }
  get ignoreCase(): boolean {
    return this.#ignoreCase;
  }
  /** Share looked through, from 0 to 1; null while nothing is being looked for. */
  get progress(): number | null {
    return this.#timer === undefined ? null : (this.#search?.progress ?? null);
  }
  get count(): number {
    return this.#search?.count ?? 0;
  }
  get more(): boolean {
    return this.#search?.more ?? false;
  }
  /** True once a search was stopped before it had seen everything. */
  get stopped(): boolean {
    return this.#timer === undefined && this.#search !== null && this.#search.progress < 1;
  }
  /** True when the text cannot be read as it was chosen to be. */
  get unreadable(): boolean {
    return soughtBytes(this.#text, this.reading) === null;
  }
  get hit(): ByteRange | null {
    return this.#current?.range ?? null;
  }
  /** Which match is lit, from 1; 0 for none. */
  get position(): number {
    return this.#current ? this.#indexOf(this.#current) + 1 : 0;
  }

  seek(text: string): void {
    // With the last letter the choice goes too: the next text may be of the other kind.
    if (text === "") this.#chosen = null;
    this.#text = text;
    this.#begin();
  }
  read(reading: Reading): void {
    this.#chosen = reading;
    this.#begin();
  }
  foldCase(ignoreCase: boolean): void {
    this.#ignoreCase = ignoreCase;
    this.#begin();
  }

  /** Stops looking; what was found stays. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.changed();
  }

  /**
   * Lights the next match, or the one before, round the end.
   * @param from where to begin when none is lit.
   */
  go(step: 1 | -1, from: Match | null): Match | null {
    this.#hurry();
    const matches = this.#matches();
    if (matches.length === 0) return null;
    let index = this.#current ? this.#indexOf(this.#current) + step : 0;
    if (!this.#current && from) {
      index = matches.findIndex((match) => inOrder(match, from) >= 0);
      if (index < 0) index = matches.length;
      if (step < 0) index--;
    }
    this.#current = matches[(index + matches.length) % matches.length] ?? null;
    this.changed();
    return this.#current;
  }

  dispose(): void {
    this.#unfollow();
    clearTimeout(this.#timer);
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#current = null;
    this.#sorted = null;
    const bytes = soughtBytes(this.#text, this.reading);
    const ignoreCase = this.#ignoreCase && this.reading === "text";
    this.#search =
      bytes && bytes.length > 0 ? new ByteSearch(this.#conversation, { bytes, ignoreCase }) : null;
    this.#goOn();
    this.changed();
  }

  #goOn(): void {
    if (this.#search && this.#timer === undefined) this.#timer = setTimeout(() => this.#slice());
  }

  #slice(): void {
    const until = performance.now() + SLICE_MS;
    let more = true;
    while (more && performance.now() < until) more = this.#search?.step() ?? false;
    this.#timer = more ? setTimeout(() => this.#slice()) : undefined;
    this.changed();
  }

  /** Enter may come before the first slice had its turn: short conversations are looked through at once. */
  #hurry(): void {
    const until = performance.now() + HURRY_MS;
    const search = this.#search;
    if (this.#timer === undefined || !search) return;
    while (search.count === 0 && performance.now() < until && search.step());
  }

  #matches(): Match[] {
    const search = this.#search;
    if (!search) return [];
    if (this.#sorted?.count !== search.count) {
      const callAt = this.#conversation.callAt.bind(this.#conversation);
      this.#sorted = { count: search.count, matches: matchesInOrder(search, callAt) };
    }
    return this.#sorted.matches;
  }

  #indexOf(wanted: Match): number {
    const matches = this.#matches();
    let low = 0;
    let high = matches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const match = matches[middle];
      if (match && inOrder(match, wanted) >= 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function inOrder(a: Match, b: Match): number {
  return a.event - b.event || a.range.start - b.range.start;
}
