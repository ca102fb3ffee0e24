/** Which Unix sockets may be reached: those below directories that were allowed, wherever links lead. */
import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { unixPathProblem } from "../../shared/unix-path.ts";

/** `path` is the one to connect to: with every link followed, so that it is the one that was judged. */
export type UnixVerdict =
  | { allowed: true; path: string }
  | { allowed: false; code: "NOT_ALLOWED" | "BAD_ADDRESS"; reason: string; flag?: string }
  /** It may be reached, and is not there or out of the gateway's own reach. */
  | { allowed: false; code: "ENOENT" | "EACCES"; reason: string };

/** Whether `place` is one of these directories, or somewhere below one. */
const isWithin = (place: string, directories: readonly string[]): boolean =>
  directories.some((directory) => `${place}/`.startsWith(`${directory}/`));

/**
 * Judges the path of a Unix socket. Whoever may write in an allowed directory can still exchange what
 * is there between this and connect(2); such a directory is theirs, and its sockets are too.
 * @param path as it was typed: absolute, in one spelling.
 * @param directories values of --allow-unix.
 */
export function judgeUnixPath(path: string, directories: readonly string[]): UnixVerdict {
  const problem = unixPathProblem(path);
  if (problem !== null) return { allowed: false, code: "BAD_ADDRESS", reason: problem };
  try {
    const roots = directories.flatMap(realDirectory);
    // By its spelling first: what is outside is refused alike, whether there is something or not.
    if (!isWithin(dirname(path), [...directories, ...roots])) return needsFlag(path);
    const parent = realpathSync(dirname(path));
    const target = realpathSync(join(parent, basename(path)));
    if (!isWithin(parent, roots) || !isWithin(target, roots)) return leadsOut(path);
    if (statSync(target).isSocket()) return { allowed: true, path: target };
    return { allowed: false, code: "NOT_ALLOWED", reason: "This file is no socket." };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const denied = code === "EACCES" || code === "EPERM";
    return { allowed: false, code: denied ? "EACCES" : "ENOENT", reason: "" };
  }
}

/** A directory that is not there holds no socket either. */
function realDirectory(directory: string): string[] {
  try {
    return [realpathSync(directory)];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

function needsFlag(path: string): UnixVerdict {
  const flag = `--allow-unix ${dirname(path)}`;
  const reason = `Start the gateway with ${flag} to allow it.`;
  return { allowed: false, code: "NOT_ALLOWED", reason, flag };
}

function leadsOut(path: string): UnixVerdict {
  const reason = `${path} leads out of the directories that --allow-unix names.`;
  return { allowed: false, code: "NOT_ALLOWED", reason };
}
