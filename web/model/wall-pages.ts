/** A list in pages of as many as fit, which turn until somebody chooses one. */

/** Part of a list that is on the screen: `1 to 14 of 24`. */
export interface Page<T> {
  items: readonly T[];
  /** Of the first and the last of them, from 1; 0 where nobody is there. */
  from: number;
  to: number;
  of: number;
  /** From 0. */
  number: number;
  pages: number;
}

export class Pages<T> {
  #all: readonly T[] = [];
  #size = 1;
  #number = 0;
  #page: Page<T> | null = null;

  /** The same object until something of it changes. */
  get now(): Page<T> {
    this.#page ??= this.#cut();
    return this.#page;
  }

  set(all: readonly T[]): void {
    this.#all = all;
    this.#page = null;
  }

  /** @param size how many fit; the first that is seen stays in sight. @returns whether that changes anything. */
  fit(size: number): boolean {
    const most = Math.max(1, Math.floor(size));
    if (most === this.#size) return false;
    this.#number = Math.floor((this.#number * this.#size) / most);
    this.#size = most;
    this.#page = null;
    return true;
  }

  /** The next page or the one before, round the end. */
  turn(step: 1 | -1): void {
    const { pages, number } = this.now;
    this.#number = (number + step + pages) % pages;
    this.#page = null;
  }

  /** The page with an item of that index; none where there is no such item. */
  show(index: number): void {
    if (index < 0) return;
    this.#number = Math.floor(index / this.#size);
    this.#page = null;
  }

  #cut(): Page<T> {
    const of = this.#all.length;
    const pages = Math.max(1, Math.ceil(of / this.#size));
    this.#number = Math.min(this.#number, pages - 1);
    const start = this.#number * this.#size;
    const items = this.#all.slice(start, start + this.#size);
    const from = of === 0 ? 0 : start + 1;
    return { items, from, to: start + items.length, of, number: this.#number, pages };
  }
}
