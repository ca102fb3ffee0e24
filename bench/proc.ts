/** What a process and all its children have used, as Linux tells it in /proc. */
import { readdirSync, readFileSync } from "node:fs";
import type { Usage } from "./messages.ts";

/** Fields 14 to 17 of proc_pid_stat(5) count in these on every Linux (USER_HZ). */
const TICKS_PER_SECOND = 100;
/** At a process whose children come and go all the time. */
const MOST_LOOKS = 100;

/**
 * CPU time of all threads, children that are gone included, and memory as PSS: pages that several
 * processes share are counted once, so that a program that forks is not charged for them each time.
 */
export function usageOf(pid: number): Usage {
  let pids: number[];
  let cpuSeconds = 0;
  let looks = 0;
  do {
    pids = withChildren(pid);
    cpuSeconds = sumOf(pids, cpuSecondsOf);
    // The time of a child that ended between two looks would be neither its own nor its parent's.
  } while (`${withChildren(pid)}` !== `${pids}` && ++looks < MOST_LOOKS);
  return { cpuSeconds, residentBytes: sumOf(pids, shareBytesOf) };
}

const sumOf = (pids: readonly number[], of: (pid: number) => number): number =>
  pids.reduce((sum, pid) => sum + of(pid), 0);

function withChildren(pid: number): number[] {
  const children = ifThere(() =>
    readdirSync(`/proc/${pid}/task`).map((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"),
    ),
  );
  const pids = (children ?? []).join(" ").split(" ").filter(Boolean).map(Number);
  return [pid, ...pids.flatMap(withChildren)];
}

function cpuSecondsOf(pid: number): number {
  const stat = ifThere(() => readFileSync(`/proc/${pid}/stat`, "utf8")) ?? "";
  // The name in parentheses may hold anything; after it come the fields from the third on.
  const [, fields = ""] = /^.*\) (.*)$/s.exec(stat) ?? [];
  // Own time in user and system mode, and the same of children that have been waited for.
  const ticks = fields.split(" ").slice(11, 15).map(Number);
  return ticks.reduce((sum, each) => sum + each, 0) / TICKS_PER_SECOND;
}

function shareBytesOf(pid: number): number {
  const rollup = ifThere(() => readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? "";
  const [, kibibytes = "0"] = /^Pss:\s+(\d+) kB$/m.exec(rollup) ?? [];
  return Number(kibibytes) * 1024;
}

/** A process may end while it is looked at. */
function ifThere<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return null;
    throw error;
  }
}
