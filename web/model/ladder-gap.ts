/**
 * A list that is changed again and again near one place: there it keeps a gap, so that what comes or
 * goes does not move all that follows. The server's calls may lag far behind, in the middle of a long list.
 */
export class GapList<T> {
  /** The items, with the gap among them. */
  #places: (T | undefined)[] = [];
  #gap = 0;
  #gapLength = 0;

  get length(): number {
    return this.#places.length - this.#gapLength;
  }

  get last(): T | undefined {
    return this.at(this.length - 1);
  }

  at(index: number): T | undefined {
    return this.#places[index < this.#gap ? index : index + this.#gapLength];
  }

  push(item: T): void {
    this.#places.push(item);
  }

  insert(index: number, item: T): void {
    this.#moveGap(index);
    if (this.#gapLength === 0) this.#widen();
    this.#places[this.#gap++] = item;
    this.#gapLength--;
  }

  remove(index: number): void {
    this.#moveGap(index);
    this.#places[this.#gap + this.#gapLength++] = undefined;
  }

  #moveGap(index: number): void {
    const [places, width] = [this.#places, this.#gapLength];
    if (width === 0) this.#gap = index;
    for (; this.#gap < index; this.#gap++) {
      places[this.#gap] = places[this.#gap + width];
      places[this.#gap + width] = undefined;
    }
    for (; this.#gap > index; this.#gap--) {
      places[this.#gap + width - 1] = places[this.#gap - 1];
      places[this.#gap - 1] = undefined;
    }
  }

  /** Room that grows with the list, so that moving the rest is paid for by as many insertions. */
  #widen(): void {
    const room = 16 + (this.#places.length >> 1);
    const after = this.#places.splice(this.#gap);
    this.#places.length = this.#gap + room;
    this.#places.fill(undefined, this.#gap);
    for (const item of after) this.#places.push(item);
    this.#gapLength = room;
  }
}
