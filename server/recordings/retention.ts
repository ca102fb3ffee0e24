/** Deletes conversations that ended long ago, at the start and from time to time. Live ones never. */
import type { Logger } from "../log.ts";
import type { Shelf } from "./shelf.ts";

const MAX_STEP_MS = 5 * 60_000;
const MIN_STEP_MS = 1_000;

export interface RetentionOptions {
  shelf: Shelf;
  /** How long one is kept after its end, in milliseconds. */
  keepMs: number;
  log: Logger;
  /** Milliseconds since 1970. Default: Date.now. */
  now?: () => number;
  /** Calls again and again. @returns stops. Default: a timer that keeps no process alive. */
  every?: (stepMs: number, call: () => void) => () => void;
}

export interface Retention {
  /** Looks now. Resolves to how many were deleted; what goes wrong is in the log. */
  check(): Promise<number>;
  stop(): void;
}

/** Looks every few minutes, or more often where things are kept for a short time only. */
export function startRetention(options: RetentionOptions): Retention {
  const { shelf, keepMs, log, now = Date.now, every = timer } = options;
  const remove = async () => {
    const due = shelf
      .list()
      .filter(({ endedAt }) => endedAt !== null && now() - endedAt > keepMs)
      .map(({ id }) => id);
    if (due.length === 0) return 0;
    await shelf.remove(due);
    log.info({ count: due.length }, "conversations deleted, as --keep says");
    return due.length;
  };
  const check = async () => {
    try {
      return await remove();
    } catch (error) {
      log.warn({ err: error }, "conversations cannot be deleted, as --keep says");
      return 0;
    }
  };
  const stepMs = Math.min(MAX_STEP_MS, Math.max(MIN_STEP_MS, keepMs / 4));
  const stop = every(stepMs, () => void check());
  return { check, stop };
}

function timer(stepMs: number, call: () => void): () => void {
  const running = setInterval(call, stepMs).unref();
  return () => clearInterval(running);
}
