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
  let spentMs = 0;
  let longestMs = 0;
  let runs = 0;
  await new Promise<void>((resolve) => {
    const pace = paced(() => {
      const startedAt = performance.now();
      while (performance.now() - startedAt < RUN_MS);
      const tookMs = performance.now() - startedAt;
      spentMs += tookMs;
      longestMs = Math.max(longestMs, tookMs);
      if (++runs === 8) resolve();
      // Also from within a run.
      pace.soon();
    });
    pace.start();
    const asking = setInterval(() => pace.soon(), 1);
    stops.push(() => clearInterval(asking));
  });
  const elapsedMs = performance.now() - begin;
  // The run that goes into debt and the one that asked for itself are begun before it is counted; on a busy
  // machine a run takes longer, and is paid for with twenty times as long a rest.
  expect(spentMs).toBeLessThan(elapsedMs * 0.05 + CREDIT_MS + 3 * longestMs);
}, 120_000);
