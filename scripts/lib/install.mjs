// @ts-check
/** Keeps node_modules in step with package-lock.json, without asking anybody to type `npm install`. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npm, ROOT, runQuietly, SetupError, withLock } from "./run.mjs";

const OLDEST_NODE = [20, 19];
const INSTALL_TIMEOUT_MS = 10 * 60_000;

/** @throws {SetupError} when this Node is too old */
export function ensureNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [needMajor = 0, needMinor = 0] = OLDEST_NODE;
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return;
  throw new SetupError(
    `Wireside needs Node ${OLDEST_NODE.join(".")} or newer; this is ${process.versions.node}. Get one from https://nodejs.org.`,
  );
}

/**
 * Installs the packages of package-lock.json unless exactly these are there.
 * @param {string} [root] top folder of the checkout
 * @throws {SetupError} when npm fails
 */
export async function ensureInstalled(root = ROOT) {
  ensureNode();
  const stamp = join(root, "node_modules", ".wireside-install");
  const wanted = installKey(root);
  const isDone = () =>
    existsSync(stamp) && readFileSync(stamp, "utf8") === wanted && hasAllPackages(root);
  if (isDone()) return;
  await withLock(root, "install", async () => {
    if (isDone()) return;
    if (!hasAllPackages(root) || !treeMatchesLock(root)) {
      console.log("Installing packages: the first time, and whenever package-lock.json changes.");
      const [command, args, options] = npm(["ci", "--include=dev", "--no-audit", "--no-fund"]);
      await runQuietly("install", command, args, {
        root,
        ...options,
        timeoutMs: INSTALL_TIMEOUT_MS,
      });
    }
    writeFileSync(stamp, wanted);
  });
}

/** @param {string} root */
function installKey(root) {
  const [major] = process.versions.node.split(".");
  const lock = createHash("sha256").update(readFileSync(join(root, "package-lock.json")));
  return `${lock.digest("hex")} node${major} ${process.platform} ${process.arch}\n`;
}

/**
 * Whether every package is there that is needed on each system: `npm prune`, or somebody's hand, leaves the stamp.
 * @param {string} root
 */
function hasAllPackages(root) {
  return Object.entries(packagesOf(join(root, "package-lock.json"))).every(
    ([path, { optional, devOptional, peer, os, cpu }]) =>
      optional || devOptional || peer || os || cpu || existsSync(join(root, path, "package.json")),
  );
}

/**
 * Whether somebody's own `npm install` already put in place what the lock file says. npm keeps what it
 * installed in node_modules/.package-lock.json; other systems' optional packages are missing there.
 * @param {string} root
 */
function treeMatchesLock(root) {
  const hidden = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(hidden);
  return (
    Object.entries(wanted).every(([path, entry]) => {
      const have = installed[path];
      return path === "" || (have ? have.version === entry.version : entry.optional === true);
    }) &&
    Object.entries(installed).every(
      ([path, entry]) =>
        wanted[path] !== undefined && fitsHere(entry) && existsSync(join(root, path)),
    )
  );
}

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean, os?: string[], cpu?: string[] }} LockEntry */

/**
 * @param {string} file
 * @returns {Record<string, LockEntry>}
 */
const packagesOf = (file) => JSON.parse(readFileSync(file, "utf8")).packages;

/** @param {LockEntry} entry */
const fitsHere = ({ os, cpu }) =>
  (os?.includes(process.platform) ?? true) && (cpu?.includes(process.arch) ?? true);
