/** When the kernel's table is read: at a pace, at once when asked, and never for long. */
import { afterEach, expect, test, vi } from "vitest";
import { Pace } from "../../../server/sockets/kernel-pace.ts";

const stops: (() => void)[] = [];

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  vi.useRealTimers();
});

function paced(work: () => void): Pace {
  const pace = new Pace(work);
  stops.push(() => pace.stop());
  return pace;
}

test("it runs at once, and then four times a second", () => {
  vi.useFakeTimers();
  const work = vi.fn();
  const pace = paced(work);
  pace.start();
  vi.advanceTimersByTime(1);
  expect(work).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(10_000);
  expect(work).toHaveBeenCalledTimes(41);
  pace.stop();
  vi.advanceTimersByTime(10_000);
  expect(work).toHaveBeenCalledTimes(41);
  expect(vi.getTimerCount()).toBe(0);
});

test("it runs once for all who ask in the same turn, and not for nobody", () => {
  vi.useFakeTimers();
  const work = vi.fn();
  const pace = paced(work);
  pace.soon();
  vi.advanceTimersByTime(1000);
  expect(work).not.toHaveBeenCalled();
  pace.start();
  for (let i = 0; i < 100; i++) pace.soon();
  vi.advanceTimersByTime(1);
  expect(work).toHaveBeenCalledTimes(1);
  for (let i = 0; i < 100; i++) pace.soon();
  vi.advanceTimersByTime(1);
  expect(work).toHaveBeenCalledTimes(2);
});

test("whoever asks all the time gets no more than a twentieth of the time", async () => {
  const RUN_MS = 10;
  const CREDIT_MS = 25;
  const begin = performance.now();
  const took: number[] = [];
  let runs = 0;
  await new Promise<void>((resolve) => {
    const pace = paced(() => {
      const startedAt = performance.now();
      while (performance.now() - startedAt < RUN_MS);
      const tookMs = performance.now() - startedAt;
      took.push(tookMs);
      if (++runs === 8) resolve();
      // Also from within a run.
      pace.soon();
    });
    pace.start();
    const asking = setInterval(() => pace.soon(), 1);
    stops.push(() => clearInterval(asking));
  });
  const elapsedMs = performance.now() - begin;
  // A run is paid for with twenty times as long a rest, but for the last: the one that went into debt and
  // those that were begun before it was counted.
  const sum = (each: readonly number[]) => each.reduce((total, ms) => total + ms, 0);
  expect(sum(took)).toBeLessThan(elapsedMs * 0.05 + CREDIT_MS + sum(took.slice(-3)));
}, 120_000);
