/**
 * The items on the screen in their order, those of opened bundles among them, with the place of each:
 * heights are added up as far as somebody asks, from the first item that changed.
 */
import type { Item } from "./ladder-items.ts";

export class List {
  readonly #items: Item[] = [];
  readonly #tops: number[] = [0];
  readonly #measure: (item: Item) => number;
  /** So many tops are true: those of the items before the first that changed, and its own. */
  #placed = 1;

  /** @param measure gives an item's height. */
  constructor(measure: (item: Item) => number) {
    this.#measure = measure;
  }

  get length(): number {
    return this.#items.length;
  }
  get height(): number {
    return this.top(this.#items.length);
  }
  get last(): Item | undefined {
    return this.#items.at(-1);
  }

  at(index: number): Item | undefined {
    return this.#items[index];
  }

  /** Where an item begins; of the length: where the last one ends. */
  top(index: number): number {
    for (; this.#placed <= index; this.#placed++) {
      const item = this.#items[this.#placed - 1];
      if (!item) break;
      if (item.height === 0) item.height = this.#measure(item);
      this.#tops[this.#placed] = (this.#tops[this.#placed - 1] ?? 0) + item.height;
    }
    return this.#tops[index] ?? 0;
  }

  /** Index of the item at `y`: the first or the last beyond the ends. */
  indexAt(y: number): number {
    this.top(this.#items.length);
    let low = 0;
    let high = this.#items.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#tops[middle] ?? 0) <= y) low = middle;
      else high = middle - 1;
    }
    return high < 0 ? -1 : low;
  }

  /** Where an item is; -1 when it is not on the screen. */
  indexOf(item: Item): number {
    if (this.#items[item.index] === item) return item.index;
    for (let i = 0; i < this.#items.length; i++) {
      const each = this.#items[i];
      if (each) each.index = i;
    }
    return this.#items[item.index] === item ? item.index : -1;
  }

  push(item: Item): void {
    item.index = this.#items.length;
    this.#items.push(item);
  }

  insert(index: number, item: Item): void {
    item.index = index;
    this.#items.splice(index, 0, item);
    this.#moved(index);
  }

  insertAll(index: number, items: readonly Item[]): void {
    const after = this.#items.splice(index);
    for (const item of items) this.push(item);
    for (const item of after) this.push(item);
    this.#moved(index);
  }

  remove(index: number, count: number): void {
    this.#items.splice(index, count);
    this.#moved(index);
  }

  /** An item changed: its row is made again when it is asked for. */
  changed(item: Item): void {
    item.row = null;
    item.height = 0;
    if (item.bundle && !item.bundle.open) return;
    const index = this.indexOf(item);
    if (index >= 0) this.#moved(index);
  }

  #moved(index: number): void {
    this.#placed = Math.min(this.#placed, index + 1);
  }
}
