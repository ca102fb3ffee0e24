/** A page that says nothing any more is let go, and a gateway's own pause is not its pages' silence. */
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateway.ts";
import { level } from "../../support/levels.ts";
import { Program } from "../../support/programs.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { openLink, Talker } from "../../support/wire.ts";

const PAGE = fileURLToPath(new URL("../../support/page-process.mjs", import.meta.url));

/** A gateway that is asked again and again answers as often. */
const ANSWER_MS = 60;

describe("a page that has died without a word", () => {
  let gateway: GatewayProcess;
  let page: Program;
  let far: TestServer;

  const pageProcess = async (): Promise<Program> => {
    const url = `${gateway.url.replace("http", "ws")}wire`;
    const program = new Program(process.execPath, [PAGE, url, new URL(gateway.url).origin]);
    await program.prints(/welcome/);
    return program;
  };

  beforeEach(async () => {
    far = await listenTcp();
  });

  afterEach(async () => {
    await page.stop();
    await gateway.stop("SIGKILL");
    await far.close();
  });

  it("is let go within --ping-timeout, asked every --ping-interval, and its neighbour is not", async () => {
    gateway = await startGatewayProcess(["--ping-interval", "200ms", "--ping-timeout", "2s"]);
    page = await pageProcess();
    const neighbour = await pageProcess();
    const before = performance.now();
    page.child.kill("SIGSTOP");
    // For so long this machine let the gateway, or us, do nothing at all.
    let idleMs = 0;
    let answeredAt = before;
    await eventually(
      async () => {
        const n = await level(gateway, "wireside_sessions_detached");
        const now = performance.now();
        idleMs += Math.max(0, now - answeredAt - ANSWER_MS);
        answeredAt = now;
        return n;
      },
      (n) => n === 1,
    );
    const afterMs = answeredAt - before;
    expect(afterMs).toBeGreaterThan(1000);
    expect(afterMs - idleMs).toBeLessThan(2300);
    expect(neighbour.output).not.toContain("closed");
    page.child.kill("SIGCONT");
    await page.prints(/closed 1006/);
    expect(await level(gateway, "wireside_sessions_detached")).toBe(1);
    await neighbour.stop();
  });

  it("is not a living page whose gateway was stopped for longer than the timeout itself", async () => {
    // Others on this machine keep a living page waiting too, but not for that long.
    gateway = await startGatewayProcess(["--ping-interval", "100ms", "--ping-timeout", "1500ms"]);
    page = await pageProcess();
    const origin = new URL(gateway.url).origin;
    const link = await openLink({ url: `${gateway.url.replace("http", "ws")}wire`, origin });
    const talker = new Talker(link, far.port);
    const socket = await far.accepted();
    socket.pipe(socket);
    await talker.when((t) => t.of("open").length === 1);
    gateway.child.kill("SIGSTOP");
    // The pause itself is what is tested: there is nothing to wait for in a stopped process.
    await delay(2500);
    gateway.child.kill("SIGCONT");
    const before = performance.now();
    // Well beyond the next checks: conversations go on, and nobody had to come back.
    while (performance.now() - before < 800) {
      const had = talker.receivedBytes;
      talker.send("Still there?");
      await talker.when((t) => t.receivedBytes > had);
    }
    expect(link.status).toMatchObject({ phase: "live", resumes: 0 });
    expect(page.output).not.toContain("closed");
    expect(await level(gateway, "wireside_resumes_total")).toBe(0);
    link.stop();
  });
});
