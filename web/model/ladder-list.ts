/**
 * The items on the screen in their order, those of opened bundles among them, with the place of each.
 * They lie in chunks, so that one that comes or goes in the middle moves only its neighbours; heights
 * are added up when somebody asks, from the first chunk that changed.
 */
import type { Item } from "./ladder-items.ts";

/** Items in a chunk that fills up at the end; one that grows in the middle is cut at twice as many. */
const FULL = 256;

/** Some items that follow each other. */
export interface Chunk {
  items: Item[];
  /** Its own place among the chunks. */
  index: number;
  /** How many items come before it, and where it begins; true once it is placed. */
  before: number;
  top: number;
  /** Where each item begins within it, and where the last one ends; null when that has changed. */
  tops: number[] | null;
}

export class List {
  readonly #chunks: Chunk[] = [];
  readonly #measure: (item: Item) => number;
  #length = 0;
  /** So many chunks, from the first on, know their place. */
  #placed = 0;

  /** @param measure gives an item's height. */
  constructor(measure: (item: Item) => number) {
    this.#measure = measure;
  }

  get length(): number {
    return this.#length;
  }
  get height(): number {
    return this.top(this.#length);
  }

  at(index: number): Item | undefined {
    const chunk = this.#chunkOf(index, "before");
    return chunk?.items[index - chunk.before];
  }

  /** Where an item begins; of the length: where the last one ends. */
  top(index: number): number {
    const chunk = this.#chunkOf(index, "before");
    return chunk ? chunk.top + (this.#topsOf(chunk)[index - chunk.before] ?? 0) : 0;
  }

  /** Index of the item at `y`: the first or the last beyond the ends. */
  indexAt(y: number): number {
    const chunk = this.#chunkOf(y, "top");
    if (!chunk) return -1;
    const tops = this.#topsOf(chunk);
    let low = 0;
    let high = chunk.items.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (chunk.top + (tops[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return chunk.before + low;
  }

  /** Where an item is; -1 when it is not on the screen. */
  indexOf(item: Item): number {
    const { chunk } = item;
    if (!chunk) return -1;
    this.#place();
    return chunk.before + chunk.items.indexOf(item);
  }

  push(item: Item): void {
    let last = this.#chunks.at(-1);
    if (!last || last.items.length >= FULL) {
      last = { items: [], index: this.#chunks.length, before: 0, top: 0, tops: null };
      this.#chunks.push(last);
    }
    item.chunk = last;
    last.items.push(item);
    this.#length++;
    this.#moved(last);
  }

  /** Puts `later` right behind an item; nowhere when that is not on the screen. */
  insertAfter(item: Item, later: Item): void {
    const { chunk } = item;
    if (!chunk) return;
    later.chunk = chunk;
    chunk.items.splice(chunk.items.indexOf(item) + 1, 0, later);
    this.#length++;
    this.#moved(chunk);
    if (chunk.items.length > 2 * FULL) this.#cut(chunk);
  }

  insertAllAfter(item: Item, items: readonly Item[]): void {
    const after = this.#takeFrom(item, 1);
    for (const each of items) this.push(each);
    for (const each of after) this.push(each);
  }

  /** Takes an item away. */
  remove(item: Item): void {
    const { chunk } = item;
    if (!chunk) return;
    item.chunk = null;
    chunk.items.splice(chunk.items.indexOf(item), 1);
    this.#length--;
    this.#moved(chunk);
    if (chunk.items.length > 0) return;
    this.#chunks.splice(chunk.index, 1);
    this.#number(chunk.index);
  }

  /** Takes an item away, and all after it. */
  removeFrom(item: Item): void {
    this.#takeFrom(item, 0);
  }

  /** Takes so many items away that come right after one. */
  removeAfter(item: Item, count: number): void {
    const after = this.#takeFrom(item, 1);
    for (const each of after.slice(count)) this.push(each);
  }

  /** An item changed: its row is made again when it is asked for. */
  changed(item: Item): void {
    item.row = null;
    item.height = 0;
    if (item.chunk) this.#moved(item.chunk);
  }

  /** Takes everything away from `skip` items after `item` on. */
  #takeFrom(item: Item, skip: number): Item[] {
    const { chunk } = item;
    if (!chunk) return [];
    const taken = chunk.items.splice(chunk.items.indexOf(item) + skip);
    const emptied = chunk.items.length === 0 ? chunk.index : chunk.index + 1;
    for (const { items } of this.#chunks.splice(chunk.index + 1)) {
      for (const each of items) taken.push(each);
    }
    this.#chunks.length = emptied;
    for (const each of taken) each.chunk = null;
    this.#length -= taken.length;
    this.#moved(chunk);
    return taken;
  }

  /** Cuts a chunk that has become too long in two. */
  #cut(chunk: Chunk): void {
    const items = chunk.items.splice(chunk.items.length >> 1);
    const later: Chunk = { items, index: 0, before: 0, top: 0, tops: null };
    for (const item of items) item.chunk = later;
    this.#chunks.splice(chunk.index + 1, 0, later);
    this.#number(chunk.index + 1);
  }

  #number(from: number): void {
    for (let i = from; i < this.#chunks.length; i++) (this.#chunks[i] as Chunk).index = i;
  }

  #moved(chunk: Chunk): void {
    chunk.tops = null;
    this.#placed = Math.min(this.#placed, chunk.index);
  }

  /** The last chunk that begins at `place` or before it. */
  #chunkOf(place: number, by: "before" | "top"): Chunk | undefined {
    this.#place();
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle] as Chunk)[by] <= place) low = middle;
      else high = middle - 1;
    }
    return this.#chunks[low];
  }

  #place(): void {
    let before = this.#chunks[this.#placed - 1];
    for (; this.#placed < this.#chunks.length; this.#placed++) {
      const chunk = this.#chunks[this.#placed] as Chunk;
      chunk.before = before ? before.before + before.items.length : 0;
      chunk.top = before ? before.top + (this.#topsOf(before).at(-1) ?? 0) : 0;
      before = chunk;
    }
  }

  #topsOf(chunk: Chunk): number[] {
    if (chunk.tops) return chunk.tops;
    const tops = [0];
    let top = 0;
    for (const item of chunk.items) {
      if (item.height === 0) item.height = this.#measure(item);
      top += item.height;
      tops.push(top);
    }
    chunk.tops = tops;
    return tops;
  }
}
