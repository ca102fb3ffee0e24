/** Waiting for what has no event: a level of another process is asked for until it is as expected. */

const ASK_AGAIN_MS = 20;

/**
 * Reads a value again and again until it is as expected, and returns it.
 * @param deadlineMs after which the last value becomes an error.
 */
export async function eventually<T>(
  read: () => T | Promise<T>,
  holds: (value: T) => boolean,
  deadlineMs = 20_000,
): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const value = await read();
    if (holds(value)) return value;
    if (performance.now() - startedAt > deadlineMs) {
      throw new Error(`still ${JSON.stringify(value)} after ${deadlineMs} ms`);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

/**
 * Reads a value until it has stayed the same for a number of times, and returns it.
 * @param times consecutive equal readings that count as rest.
 */
export async function settled<T>(read: () => T | Promise<T>, times = 10): Promise<T> {
  let last: T | undefined;
  let count = 0;
  return eventually(read, (value) => {
    count = value === last ? count + 1 : 0;
    last = value;
    return count >= times;
  }) as Promise<T>;
}
