/** The least a view needs to follow something: subscribe, and be told that it changed. */

export type Unsubscribe = () => void;

export class Store {
  #listeners = new Set<() => void>();
  #version = 0;

  /** Grows with every change, so that a view can tell whether it has seen the newest state. */
  get version(): number {
    return this.#version;
  }

  /** Calls `listener` after each change, until the returned function is called. */
  subscribe = (listener: () => void): Unsubscribe => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  protected changed(): void {
    this.#version++;
    for (const listener of [...this.#listeners]) listener();
  }
}
