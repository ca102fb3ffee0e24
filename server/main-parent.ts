/** Ends the program with the npm or npx that started it. */

const PARENT_CHECK_MS = 200;
/** Whoever started it: asked for before it takes its time to start. */
const parent = process.ppid;

/**
 * npm and npx start a program through a shell, and pass a SIGTERM on to that shell alone, which dies of it unless it
 * has become the program (bash). Without this the gateway would stay behind, holding its ports. It takes the end of
 * its parent for the SIGTERM that it was not given; one that it was given is enough. To be called once somebody
 * listens to signals.
 */
export function endWithParent(): void {
  if (process.platform === "win32" || process.env.npm_lifecycle_event === undefined) return;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_CHECK_MS);
  timer.unref();
  // A terminal's Ctrl-C ends that shell as well, and is no demand to stop at once either.
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => clearInterval(timer));
}
