/** What pages may reach through a gateway: --allow opens, --deny wins, and what is refused is not dialled. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateway.ts";
import { RawPage } from "../../support/raw-page.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";

const CODE = "TARGETS-2345";

let gateway: GatewayProcess;
let open: TestServer;
let shut: TestServer;
let dials: number;

beforeEach(async () => {
  [open, shut] = [await listenTcp(), await listenTcp()];
  dials = 0;
  shut.server.on("connection", () => dials++);
});

afterEach(async () => {
  await gateway.stop("SIGKILL");
  await Promise.all([open.close(), shut.close()]);
});

/** How an open of each port ends: `open`, or the number of the failure on the wire. */
async function outcomes(flags: string[], headers = {}): Promise<(string | number)[]> {
  gateway = await startGatewayProcess(flags);
  const { origin } = new URL(gateway.url);
  const url = `ws://127.0.0.1:${gateway.port}/wire`;
  const page = await RawPage.connect({ url, origin }, headers);
  page.hello();
  await page.text("welcome");
  const ends = [];
  for (const [index, { port }] of [open, shut].entries()) {
    const ch = 2 * index + 1;
    page.say({ type: "open", ch, address: `tcp://127.0.0.1:${port}` });
    const end = await page.text("state", (it) => it.ch === ch && it.state !== "connecting");
    if (end.state === "open") ends.push("open");
    else {
      const { payload } = await page.binary((frame) => frame.channel === ch);
      ends.push(Buffer.from(payload).readUInt16BE());
    }
  }
  page.ws.close();
  return ends;
}

const NOT_ALLOWED = 20;

it("--deny refuses a target on loopback, where everything else is open", async () => {
  expect(await outcomes(["--deny", `127.0.0.1:${shut.port}`])).toEqual(["open", NOT_ALLOWED]);
  expect(dials).toBe(0);
});

it("--deny wins over --allow", async () => {
  const rule = `127.0.0.1:${shut.port}`;
  expect(await outcomes(["--allow", rule, "--deny", rule])).toEqual(["open", NOT_ALLOWED]);
  expect(dials).toBe(0);
});

it("--allow opens what a gateway for others than this machine keeps shut", async () => {
  const flags = ["--host", "0.0.0.0", "--allow", `127.0.0.1:${open.port}`, "--access-code", CODE];
  const headers = { Origin: null, Authorization: `Bearer ${CODE}` };
  expect(await outcomes(flags, headers)).toEqual(["open", NOT_ALLOWED]);
  expect(dials).toBe(0);
});
