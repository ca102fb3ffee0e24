/** The layers of docs/architecture.md hold in the code, and shared/ knows neither Node nor the DOM. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, parse } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { programOf } from "../scripts/lib/run.mjs";
import { importsOf, parseLayerTable, problemOf, ROOT, sourceFiles } from "./support/imports.ts";

const table = parseLayerTable(readFileSync(join(ROOT, "docs/architecture.md"), "utf8"));
const FOLDERS = ["shared", "server", "web"];

describe("layers", () => {
  test.each(FOLDERS)("every import in %s is one that docs/architecture.md allows", (folder) => {
    const files = sourceFiles(folder);
    expect(files).not.toEqual([]);
    const problems = files.flatMap((file) => importsOf(file).map((each) => problemOf(table, each)));
    expect(problems.filter((problem) => problem !== null)).toEqual([]);
  });

  test("the server and shared import only packages that are installed with it", () => {
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const packages = ["shared", "server"]
      .flatMap(sourceFiles)
      .flatMap((file) => importsOf(file))
      .filter(({ target, typesOnly }) => !typesOnly && !/^(?:node:|shared\/|server\/)/.test(target))
      .map(({ target }) => target.split("/", target.startsWith("@") ? 2 : 1).join("/"));
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining([...new Set(packages)]));
  });

  test.each([
    ["shared/x.ts", 'import "node:fs";'],
    ["shared/x.ts", 'export { a } from "../server/a.ts";'],
    ["server/sockets/x.ts", 'import { WebSocket } from "ws";'],
    ["server/sockets/x.ts", 'import { a } from "../gateway/session.ts";'],
    ["server/gateway/x.ts", 'import { loadConfig } from "../config.ts";'],
    ["server/gateway/x.ts", 'const m = await import("express");'],
    ["web/model/x.ts", 'import type { ReactNode } from "react";'],
    ["web/model/x.ts", 'import { a } from "../terminal/a.ts";'],
    ["web/terminal/x.ts", 'export * from "../views/a.tsx";'],
    ["web/views/x.tsx", 'import { a } from "../../server/a.ts";'],
    ["server/nowhere.ts", 'import "node:fs";'],
  ])("in %s, %s is refused", (file, source) => {
    const [found] = importsOf(file, source);
    expect(found && problemOf(table, found)).toEqual(expect.any(String));
  });

  test.each([
    ["shared/x.ts", 'import * as v from "valibot";'],
    ["server/gateway/x.ts", 'import type { Config } from "../config.ts";'],
    ["server/main.ts", 'import { a } from "./gateway/session.ts";'],
    ["web/link.ts", 'import { a } from "./link-channel.ts";'],
    ["web/terminal/x.ts", 'const m = await import("@xterm/addon-webgl");'],
    ["web/views/x.tsx", 'import { createRoot } from "react-dom/client";'],
  ])("in %s, %s is allowed", (file, source) => {
    const [found] = importsOf(file, source);
    expect(found && problemOf(table, found)).toBeNull();
  });
});

describe("shared", () => {
  let folder = "";
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Compiles the whole of shared/ and one more file, with the options of shared/tsconfig.json. */
  function compile(probe: string): Promise<string> {
    folder = mkdtempSync(join(tmpdir(), "wireside-shared-"));
    writeFileSync(join(folder, "probe.ts"), probe);
    const config = {
      extends: join(ROOT, "shared/tsconfig.json"),
      compilerOptions: {
        rootDir: parse(folder).root,
        outDir: join(folder, "out"),
        tsBuildInfoFile: join(folder, "out.tsbuildinfo"),
      },
      include: ["probe.ts", join(ROOT, "shared/**/*.ts")],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    const args = [programOf(ROOT, "typescript", "tsc"), "-p", folder];
    return new Promise((resolve) => {
      execFile(process.execPath, args, (_error, stdout) => resolve(stdout));
    });
  }

  test("compiles with neither the DOM nor Node", async () => {
    expect(await compile("export const probe = 1;")).toBe("");
  });

  test.each(["document", "process", "Buffer", "window", "setTimeout"])(
    "does not know %s",
    async (name) => {
      expect(await compile(`export const probe = ${name};`)).toContain(`'${name}'`);
    },
  );
});
