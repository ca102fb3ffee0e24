/** What is published: the packed tarball is complete, has nothing else in it, and runs by its one command. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { npm } from "../scripts/lib/run.mjs";
import { plainEnvironment, startGatewayProcess } from "./support/gateway-process.ts";
import { ROOT } from "./support/imports.ts";

let folder = "";

async function runNpm(args: string[], cwd: string): Promise<void> {
  const [command, all, options] = npm(args);
  await promisify(execFile)(command, all, { cwd, env: plainEnvironment(), ...options });
}

/**
 * The versions that the checkout itself has: npm keeps those, so that no registry has to be asked about
 * a hundred packages. What the package does not need is not installed for standing here.
 */
function lockFile(): string {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const { "": _own, ...all } = lock.packages as Record<string, { dev?: true; devOptional?: true }>;
  const needed = Object.entries(all).filter(([, { dev, devOptional }]) => !dev && !devOptional);
  return JSON.stringify({ ...lock, packages: { "": {}, ...Object.fromEntries(needed) } });
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wireside-pack-"));
  await runNpm(["pack", "--pack-destination", folder], ROOT);
  const [tarball = ""] = readdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true }));
  writeFileSync(join(folder, "package-lock.json"), lockFile());
  const quick = ["--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"];
  await runNpm(["install", "--prefix", folder, ...quick, join(folder, tarball)], folder);
}, 180_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const installed = () => join(folder, "node_modules/wireside");

function files(): string[] {
  return readdirSync(installed(), { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => !name.startsWith("node_modules/"))
    .filter((name) => statSync(join(installed(), name)).isFile());
}

test("the package has the built page and server, the examples and the documents, and no sources", () => {
  const all = files();
  expect(all).toEqual(
    expect.arrayContaining([
      "package.json",
      "README.md",
      "LICENSE",
      "dist/server/main.js",
      "dist/web/index.html",
      "examples/client.py",
      "examples/server.py",
      "docs/architecture.md",
    ]),
  );
  const allowed =
    /^(?:package\.json|[A-Z]+(?:\.md)?|docs\/[^/]+\.md|examples\/[^/]+\.py|dist\/(?:server|web)\/.+)$/;
  expect(all.filter((name) => !allowed.test(name))).toEqual([]);
  expect(all.filter((name) => /\.(?:tsx?|map|stamp)$|\.test\./.test(name))).toEqual([]);
});

test("installing the package runs no script of ours", () => {
  const { scripts = {} } = JSON.parse(readFileSync(join(installed(), "package.json"), "utf8"));
  const atInstall = ["preinstall", "install", "postinstall", "prepare"];
  expect(Object.keys(scripts).filter((name) => atInstall.includes(name))).toEqual([]);
});

test("npx wireside leaves nothing behind when npx gets a SIGTERM", async () => {
  const [program, args] = npm(["exec", "--offline", "--no", "--", "wireside"]);
  // In a group of its own, so that a gateway that stays is ended with it.
  const command = ["setsid", program, ...args] as const;
  const gateway = await startGatewayProcess([], { command, cwd: folder });
  try {
    gateway.child.kill("SIGTERM");
    await expect.poll(gateway.output, { timeout: 10_000 }).toContain("stopped");
    expect(await gateway.exited).not.toBe(0);
    await expect(fetch(gateway.url)).rejects.toThrow("fetch failed");
  } finally {
    killGroup(gateway.child.pid);
  }
});

function killGroup(leader = Number.NaN): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

test("the installed command wireside serves the page and everything it loads", async () => {
  const bin = join(folder, "node_modules/.bin", "wireside");
  const gateway = await startGatewayProcess([], { command: [bin], cwd: folder });
  try {
    const response = await fetch(gateway.url);
    const html = await response.text();
    expect(response.status).toBe(200);
    expect(html).toContain("Wireside");
    const loads = [...html.matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, path = ""]) => path);
    expect(loads.some((path) => path.endsWith(".js"))).toBe(true);
    for (const path of loads) {
      const { status } = await fetch(new URL(path, gateway.url));
      expect({ path, status }).toEqual({ path, status: 200 });
    }
  } finally {
    expect(await gateway.stop()).toBe(0);
  }
});
