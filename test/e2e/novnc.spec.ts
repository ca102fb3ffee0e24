/** noVNC's own WebSocket code, unchanged, in a real browser, in conversation with a lesson server. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Page } from "@playwright/test";
import { expect, test } from "../support/fixtures.ts";

const CORE = join(dirname(createRequire(import.meta.url).resolve("@novnc/novnc")), ".");

/** A page of the gateway's origin with noVNC's files beside it, which a server of noVNC's would give it. */
async function openNoVnc(page: Page): Promise<void> {
  await page.route("**/novnc/**", (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^.*\/novnc\//, "");
    if (path === "")
      return route.fulfill({ contentType: "text/html", body: "<title>noVNC</title>" });
    const body = readFileSync(join(CORE, path), "utf8");
    return route.fulfill({ contentType: "text/javascript", body });
  });
  await page.goto("novnc/");
}

for (const [what, pathOf] of [
  ["a name", () => "websockify?token=accept"],
  ["an address", (port: number) => `tcp/127.0.0.1:${port}`],
] as const) {
  test(`noVNC reaches ${what}, is answered, and is told that the target closed`, async ({
    page,
    gateway,
  }) => {
    await openNoVnc(page);
    const url = `${gateway.url.replace("http", "ws")}${pathOf(gateway.lessonPort)}`;
    const heard = await page.evaluate(async (address) => {
      const { default: Websock } = await import(new URL("websock.js", location.href).href);
      const sock = new Websock();
      const text: string[] = [];
      const say = (line: string) => {
        sock.sQpushString(line);
        sock.flush();
      };
      sock.on("open", () => say("Wake up, Neo\n"));
      sock.on("message", () => {
        const answer: string = sock.rQshiftStr(sock.rQlen());
        text.push(answer.trim());
        if (answer.includes("accepted")) say("close\n");
      });
      const closed = new Promise<CloseEvent>((resolve) => sock.on("close", resolve));
      sock.open(address, ["binary"]);
      const { code, reason } = await closed;
      return { text, code, reason };
    }, url);
    expect(heard).toEqual({ text: ["accepted", "closed"], code: 1000, reason: "Target closed" });
  });
}
