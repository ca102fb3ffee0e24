// @ts-check
/** Child processes for the scripts: quiet unless they fail, stopped with their parent, one at a time where it matters. */
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

/** Top folder of the checkout. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A set-up step that cannot go on; `message` tells a person what to do. */
export class SetupError extends Error {
  code = "SETUP";
}

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env]
 * @property {number} [timeoutMs] After this the child is killed and counts as failed.
 * @property {boolean} [shell]
 */

/**
 * Runs a command that shares this process's output and reads nothing.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions & { output?: number }} [options] `output`: a file descriptor for what it prints
 * @returns {Promise<{ code: number, problem: string }>} `problem` is empty when the code is 0
 */
export function run(command, args, options = {}) {
  const { output, timeoutMs, ...rest } = options;
  const to = output ?? "inherit";
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, ...rest, stdio: ["ignore", to, to] });
    let problem = "";
    const timer = setTimeout(
      () => {
        problem = `it took longer than ${Math.round((timeoutMs ?? 0) / 1000)} s`;
        child.kill("SIGKILL");
      },
      timeoutMs ?? 2 ** 31 - 1,
    );
    const unbind = passSignalsTo(child);
    const done = (/** @type {number} */ code, /** @type {string} */ why) => {
      clearTimeout(timer);
      unbind();
      resolve({ code, problem: code === 0 ? "" : problem || why });
    };
    child.once("error", (error) => done(127, error.message));
    child.once("exit", (code, signal) => done(code ?? 1, signal ?? `exit code ${code}`));
  });
}

/**
 * A terminal's Ctrl-C reaches the whole process group, a `kill` only this process: pass both on, so
 * that no child outlives us, and leave with the code a shell would give.
 * @param {import("node:child_process").ChildProcess} child
 */
function passSignalsTo(child) {
  const signals = /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP"]);
  /** @param {NodeJS.Signals} signal */
  const onSignal = (signal) => {
    const leave = () => process.exit(128 + constants.signals[signal]);
    if (child.exitCode !== null || child.signalCode !== null) return leave();
    child.once("exit", leave);
    child.kill(signal === "SIGINT" ? "SIGTERM" : signal);
  };
  for (const signal of signals) process.once(signal, onSignal);
  return () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
}

/**
 * Runs a command with its output in `.cache/log/<name>.log`.
 * @param {string} name
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions & { root?: string }} [options]
 * @throws {SetupError} with the end of the log when it fails
 */
export async function runQuietly(name, command, args, { root = ROOT, ...options } = {}) {
  const log = join(root, ".cache", "log", `${name}.log`);
  mkdirSync(dirname(log), { recursive: true });
  const result = await run(command, args, { cwd: root, ...options, output: openSync(log, "w") });
  if (result.code === 0) return;
  const text = stripVTControlCharacters(readFileSync(log, "utf8"));
  const tail = text.trimEnd().split("\n").slice(-50).join("\n");
  const line = [command, ...args].join(" ");
  throw new SetupError(`${tail}\n\n${line} failed: ${result.problem}. The whole log: ${log}`);
}

/**
 * The npm that started us, so that a second one on PATH is never mixed in.
 * @param {string[]} args
 * @returns {[command: string, args: string[], options: { shell: boolean }]}
 */
export function npm(args) {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.c?js$/.test(script))
    return [process.execPath, [script, ...args], { shell: false }];
  // Windows starts .cmd files only through a shell.
  return ["npm", args, { shell: process.platform === "win32" }];
}

/**
 * Path of a package's program in node_modules, to be run with this Node and without a shell.
 * @param {string} root
 * @param {string} packageName
 * @param {string} program
 */
export function programOf(root, packageName, program) {
  const folder = join(root, "node_modules", packageName);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return join(folder, typeof bin === "string" ? bin : bin[program]);
}

/** A lock older than this was left by a process that died: nothing here takes so long. */
const LOCK_EXPIRES_MS = 15 * 60_000;

/** Whoever waits longer is told what for. */
const TELL_AFTER_MS = 1_000;

/**
 * Lets one process at a time do `work` in a checkout: two `npm start` at once must not both install.
 * @param {string} root
 * @param {string} name
 * @param {() => Promise<void>} work
 */
export async function withLock(root, name, work) {
  const lock = join(root, ".cache", `${name}.lock`);
  mkdirSync(dirname(lock), { recursive: true });
  const since = Date.now();
  let isTold = false;
  while (!takeLock(lock)) {
    if (!isTold && Date.now() - since > TELL_AFTER_MS) {
      console.log("Another npm start or npm test prepares this folder: waiting for it.");
      isTold = true;
    }
    await wait(100);
  }
  const release = () => rmSync(lock, { force: true });
  process.once("exit", release);
  try {
    await work();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** @param {string} lock */
function takeLock(lock) {
  try {
    writeFileSync(lock, processOf(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EEXIST") throw error;
  }
  if (!holderLives(lock)) rmSync(lock, { force: true });
  return false;
}

/**
 * Its number and, where the system says so (proc(5)), when it began: in the next container a number is given again.
 * @param {number} pid
 */
function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name, which may have anything in it, ends with the last bracket; starttime is the 20th field after it.
    const began = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
    return `${pid} ${began}`;
  } catch {
    return `${pid}`;
  }
}

/** @param {string} lock */
function holderLives(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > LOCK_EXPIRES_MS) return false;
    const holder = readFileSync(lock, "utf8");
    const pid = Number.parseInt(holder, 10);
    // Between creating the file and writing the number, its holder is certainly alive.
    if (!(pid > 0)) return true;
    process.kill(pid, 0);
    return holder === processOf(pid);
  } catch (error) {
    // EPERM: the process exists but is somebody else's. ENOENT: the lock was released meanwhile.
    return /** @type {NodeJS.ErrnoException} */ (error).code === "EPERM";
  }
}

const PARENT_CHECK_MS = 200;

/**
 * npm starts scripts through a shell and passes a SIGTERM on to that shell alone, which dies of it, unless it has
 * become the script (bash). Without this the script would stay behind, and a server with it, holding its ports. A
 * service manager sends SIGTERM to all of them: then the script has its own, and a second would be a demand to
 * stop at once.
 */
function stopWithParent() {
  if (process.platform === "win32" || process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_CHECK_MS);
  timer.unref();
  // A terminal's Ctrl-C ends that shell as well, and is no demand to stop at once either.
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGINT"])) {
    process.once(signal, () => {
      clearInterval(timer);
      // Nobody else listens: as if nobody did.
      if (process.listenerCount(signal) === 0) process.exit(128 + constants.signals[signal]);
    });
  }
}

/**
 * Runs a script's body; a SetupError ends it with its sentence and exit code 1.
 * @param {() => Promise<void>} body
 */
export async function script(body) {
  stopWithParent();
  try {
    await body();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(`\n${error.message}`);
    process.exitCode = 1;
  }
}
