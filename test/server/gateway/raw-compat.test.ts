/** Debian's websockify client code, unchanged, in conversation with a lesson server. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningServer } from "../../../server/start.ts";
import { startGateway } from "../../support/gateway.ts";
import { Program } from "../../support/programs.ts";

/** The system's Python, which has the package; another one on PATH may not. */
const PYTHON = "/usr/bin/python3";
const CLIENT = fileURLToPath(new URL("../../support/websockify_client.py", import.meta.url));

let gateway: RunningServer;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.close());

// It drops the query of a URL, so a name goes behind the path.
test.each([
  ["an address", () => `tcp/127.0.0.1:${gateway.lessonPort}`],
  ["a name", () => "websockify/accept"],
])("it reaches %s, is answered, and is told that the target closed", async (_what, path) => {
  const url = `ws://127.0.0.1:${gateway.port}/${path()}`;
  const client = new Program(PYTHON, [CLIENT, url, "Wake up, Neo\n", "close\n"]);
  const { code } = await client.ended;
  expect(client.output).toContain("answer accepted");
  expect(client.output).toContain("answer closed");
  expect(client.output).toContain("closed 1000 Target closed");
  expect(code).toBe(0);
});
