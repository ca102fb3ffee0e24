/** Which Unix sockets may be reached: allow-listed directories, and no way out of them. */
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPolicy } from "../../../server/sockets/policy.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "wireside-")));
const [open, shut, alias] = ["open", "shut", "alias"].map((name) => join(root, name)) as [
  string,
  string,
  string,
];
const servers: Server[] = [];

async function bind(path: string): Promise<void> {
  const server = createServer().listen({ path });
  servers.push(server);
  await once(server, "listening");
}

const judge = (path: string, allowUnix: string[] = [open]) =>
  createPolicy({
    allow: [],
    deny: [],
    allowUnix,
    loopbackAllowed: true,
    ownEndpoints: () => [],
    lessonEndpoints: () => [],
  }).judgeUnix(path);

beforeAll(async () => {
  for (const directory of [open, shut, join(open, "deep")]) mkdirSync(directory);
  await Promise.all([
    bind(join(open, "a.sock")),
    bind(join(open, "deep", "b.sock")),
    bind(join(shut, "secret.sock")),
  ]);
  writeFileSync(join(open, "file"), "");
  symlinkSync(join(shut, "secret.sock"), join(open, "link.sock"));
  symlinkSync(shut, join(open, "out"));
  symlinkSync(join(open, "a.sock"), join(open, "inside.sock"));
  symlinkSync("loop", join(open, "loop"));
  symlinkSync(open, alias);
  symlinkSync(join(open, "a.sock"), join(shut, "way-in.sock"));
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(root, { recursive: true });
});

it("allows a socket in an allowed directory and below it, by the path that was judged", () => {
  expect(judge(join(open, "a.sock"))).toEqual({ allowed: true, path: join(open, "a.sock") });
  const deep = join(open, "deep", "b.sock");
  expect(judge(deep)).toEqual({ allowed: true, path: deep });
  expect(judge(join(open, "inside.sock"))).toEqual({ allowed: true, path: join(open, "a.sock") });
});

it("knows an allowed directory by its real path too, and by a link that was allowed", () => {
  expect(judge(join(open, "a.sock"), [alias])).toMatchObject({ allowed: true });
  expect(judge(join(alias, "a.sock"), [alias])).toMatchObject({ allowed: true });
});

it("allows nothing without the flag, and names it, whether there is a socket or not", () => {
  for (const name of ["secret.sock", "nothing.sock"]) {
    for (const directories of [[], [open], [join(root, "none")]]) {
      expect(judge(join(shut, name), directories)).toMatchObject({
        allowed: false,
        code: "NOT_ALLOWED",
        flag: `--allow-unix ${shut}`,
        reason: expect.stringContaining(`--allow-unix ${shut}`),
      });
    }
  }
  // Only what is typed inside counts: a link from outside is outside.
  expect(judge(join(shut, "way-in.sock"))).toMatchObject({ code: "NOT_ALLOWED" });
  expect(judge(`${open}-not/a.sock`)).toMatchObject({ code: "NOT_ALLOWED" });
});

it.each([
  ["a link to a socket outside", "link.sock", "NOT_ALLOWED"],
  ["a socket behind a link to a directory outside", "out/secret.sock", "NOT_ALLOWED"],
  ["what is no socket", "file", "NOT_ALLOWED"],
  ["a directory", "deep", "NOT_ALLOWED"],
  ["what is not there", "none.sock", "ENOENT"],
  ["what lies in a directory that is not there", "none/a.sock", "ENOENT"],
  ["a link that leads to itself", "loop", "ENOENT"],
])("refuses %s", (_what, name, code) => {
  expect(judge(join(open, name))).toMatchObject({ allowed: false, code });
});

it.each(["../shut/secret.sock", "./a.sock", "/a.sock", "deep/../../shut/secret.sock", "a.sock\0"])(
  "takes no other spelling: %j",
  (name) => {
    expect(judge(`${open}/${name}`)).toMatchObject({ allowed: false, code: "BAD_ADDRESS" });
  },
);
