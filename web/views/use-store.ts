/** How views follow stores: at once, and then a few times a second, however fast the bytes come. */
import { useCallback, useEffect, useState, useSyncExternalStore } from "react";
import type { Unsubscribe } from "../model/store.ts";

export interface Followed {
  subscribe(listener: () => void): Unsubscribe;
}

/**
 * Milliseconds between two renders while a store keeps changing: numbers that can still be read,
 * and time left for the terminal.
 */
const PAUSE_MS = 100;
/** The same in a flood: so many changes in one pause that nobody could follow them. */
const FLOOD_PAUSE_MS = 250;
const FLOOD_CHANGES = 20;

/** One counter for each store, raised in the next frame after a change, and then after a pause. */
class Frames {
  #store: Followed;
  #listeners = new Set<() => void>();
  #unsubscribe: Unsubscribe | null = null;
  #frame = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #raisedAt = Number.NEGATIVE_INFINITY;
  /** Changes since then. */
  #changes = 0;
  #pauseMs = PAUSE_MS;
  #count = 0;

  constructor(store: Followed) {
    this.#store = store;
  }

  count = (): number => this.#count;

  subscribe = (listener: () => void): Unsubscribe => {
    this.#listeners.add(listener);
    this.#unsubscribe ??= this.#store.subscribe(() => this.#changed());
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  };

  #changed(): void {
    this.#changes++;
    if (this.#frame !== 0 || this.#pause !== undefined) return;
    const early = this.#raisedAt + this.#pauseMs - performance.now();
    if (early <= 0) this.#wait();
    else this.#pause = setTimeout(() => this.#wait(), early);
  }

  #wait(): void {
    this.#pause = undefined;
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0;
      this.#raisedAt = performance.now();
      this.#pauseMs = this.#changes > FLOOD_CHANGES ? FLOOD_PAUSE_MS : PAUSE_MS;
      this.#changes = 0;
      this.#count++;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
    clearTimeout(this.#pause);
    this.#pause = undefined;
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }
}

const frames = new WeakMap<Followed, Frames>();

/** Renders again in the frame after `store` has changed, or a little later. Returns a number that grows. */
export function useFrames(store: Followed): number {
  let followed = frames.get(store);
  if (!followed) {
    followed = new Frames(store);
    frames.set(store, followed);
  }
  return useSyncExternalStore(followed.subscribe, followed.count);
}

/** A value of a store, at once: for what a person types, which must never lag behind a frame. */
export function useValue<T extends string | number | boolean | object | null>(
  store: Followed,
  read: () => T,
): T {
  const subscribe = useCallback((listener: () => void) => store.subscribe(listener), [store]);
  return useSyncExternalStore(subscribe, read);
}

/** performance.now(), read again every `intervalMs` while `running`. */
export function useNow(intervalMs: number, running: boolean): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(performance.now()), intervalMs);
    return () => clearInterval(timer);
  }, [intervalMs, running]);
  return now;
}
