/** How long something took this process, without the time in which the machine did not let it run. */

const TICK_MS = 10;

/**
 * Begins to measure.
 * @returns ends it, and gives the milliseconds: those of the clock, less what timers were late without any
 * work of this process.
 */
export function ownTime(): () => number {
  const startedAt = performance.now();
  let awayMs = 0;
  let last = { at: startedAt, cpu: process.cpuUsage() };
  const note = () => {
    const now = { at: performance.now(), cpu: process.cpuUsage() };
    const workedMs = (now.cpu.user - last.cpu.user + now.cpu.system - last.cpu.system) / 1000;
    awayMs += Math.max(0, now.at - last.at - TICK_MS - workedMs);
    last = now;
  };
  const timer = setInterval(note, TICK_MS).unref();
  return () => {
    clearInterval(timer);
    note();
    return last.at - startedAt - awayMs;
  };
}
