/** How many lines one client of the chat may say in a time: a bucket of tokens. */

/** @param now in milliseconds; handed in, so that a test can have its own. */
export function createPace(perSecond: number, burst: number, now: () => number) {
  let tokens = burst;
  let at = now();
  /** Since when it has never been full, which is how long somebody has been hasty. */
  let hastySince = at;
  return {
    /** @returns milliseconds until the next line may be said; 0: this one may, and is counted. */
    take(): number {
      tokens = Math.min(burst, tokens + ((now() - at) / 1000) * perSecond);
      at = now();
      if (tokens === burst) hastySince = at;
      if (tokens < 1) return Math.ceil(((1 - tokens) / perSecond) * 1000);
      tokens -= 1;
      return 0;
    },
    /** How long lines have come faster than the bucket fills, in milliseconds. */
    hastyMs: () => at - hastySince,
  };
}
