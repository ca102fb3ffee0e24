/** Tells listeners that something has changed, once for everything that changes in one turn. */
export class Changes {
  readonly #listeners = new Set<() => void>();
  #isTold = true;

  listen(listener: () => void): () => void {
    return listening(this.#listeners, listener);
  }

  tell(): void {
    if (!this.#isTold) return;
    this.#isTold = false;
    queueMicrotask(() => {
      this.#isTold = true;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}

/** Adds a listener. @returns takes it away. */
export function listening<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
