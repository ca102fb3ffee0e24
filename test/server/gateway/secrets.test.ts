/** What people say and what lets them in is in no log and no metric, and no name can forge a line. */
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { encodeReset, FrameType } from "../../../shared/frames.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateway.ts";
import { ask } from "../../support/levels.ts";
import { knock, RawPage } from "../../support/raw-page.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";

const CODE = "CANARY-CODE-2345";
const PAYLOAD = "canary-payload-7f3a";
const ANSWER = "canary-answer-91bd";
const TOKEN = "canary-token-c0ffee";
const FORGED = 'neo\r\n{"level":"info","msg":"forged"}\u001b[2J\u009b31m\u202e';

describe.each(["json", "pretty"])("the log of a gateway process, %s, at every level", (format) => {
  let gateway: GatewayProcess;
  let far: TestServer;
  /** Everything that must not be there. */
  const secrets = [CODE, CODE.replaceAll("-", ""), PAYLOAD, ANSWER, TOKEN];

  beforeEach(async () => {
    gateway = await startGatewayProcess(
      ["--log-level", "trace", "--log-format", format, "--shutdown-timeout", "200ms"],
      {
        env: { WIRESIDE_ACCESS_CODE: CODE },
      },
    );
    far = await listenTcp();
  });

  afterEach(async () => {
    await gateway.stop("SIGKILL");
    await far.close();
  });

  const place = () => ({
    url: `${gateway.url.replace("http", "ws")}wire`,
    origin: new URL(gateway.url).origin,
  });

  /** The code for a cookie, right and wrong and not even JSON. */
  async function redeem(): Promise<string> {
    const post = (body: string) =>
      fetch(`${gateway.url}auth`, {
        method: "POST",
        headers: { "content-type": "application/json", origin: place().origin },
        body,
      });
    expect((await post(JSON.stringify({ code: `${TOKEN}` }))).status).toBe(401);
    expect((await post(`{"code": ${CODE}`)).status).toBe(400);
    const answer = await post(JSON.stringify({ code: CODE }));
    expect(answer.status).toBe(204);
    return (answer.headers.get("set-cookie") ?? "").replace(/;.*/, "");
  }

  /** Text both ways, an end, a reset with a reason: with everything secret in it. */
  async function converse(cookie: string): Promise<void> {
    const page = await RawPage.connect(place(), { Cookie: cookie });
    page.hello();
    const { sid, token } = await page.text("welcome");
    secrets.push(sid, token, cookie.replace(/^.*=/, ""));
    await page.open(1, far.port);
    const socket = await far.accepted();
    socket.on("error", () => socket.destroy());
    page.data(1, 0, PAYLOAD);
    const [data] = await once(socket, "data");
    expect(`${data}`).toBe(PAYLOAD);
    socket.write(ANSWER);
    await page.binary(({ type }) => type === FrameType.data);
    page.frame(FrameType.rst, 1, PAYLOAD.length, encodeReset(28, FORGED + PAYLOAD));
    await page.binary(({ type }) => type === FrameType.rst);
    page.say({ type: "open", ch: 3, address: `tcp://${FORGED}:80` });
    page.say({ type: "open", ch: 5, address: `tcp://${PAYLOAD}.${TOKEN}.invalid:80` });
    await page.text("refused");
    page.say({ type: "ping", n: 1, [FORGED]: PAYLOAD });
    await page.closed;
  }

  /** Everything a stranger can put a name into. */
  async function knockWithNames(cookie: string): Promise<void> {
    const lost = await RawPage.connect(place(), { Cookie: cookie });
    lost.hello({ sid: FORGED.slice(0, 100), token: TOKEN, epoch: 1, channels: [] });
    await lost.text("resume_failed");
    lost.say({ type: FORGED });
    await lost.closed;
    const { origin } = place();
    const encoded = encodeURIComponent(FORGED);
    await knock(origin, `/wire/${encoded}?t=${TOKEN}`);
    await knock(origin, "/wire", { Origin: null, Authorization: `Bearer ${TOKEN}` });
    await knock(origin, "/wire", { Host: `evil\u009b31m.test` });
    await knock(origin, "/wire", { "X-Forwarded-For": `${TOKEN}\u009b31m` });
    await ask(`${gateway.url}${encoded}?t=${CODE}`, { referer: `${gateway.url}#t=${CODE}` });
  }

  it("holds no payload, token, code or cookie, and one line for an event whatever it names", async () => {
    const greeting = gateway.output().length;
    const cookie = await redeem();
    await converse(cookie);
    await knockWithNames(cookie);
    const metrics = await ask(`${gateway.url}metrics`, { cookie });
    expect(metrics.text).toContain("wireside_bytes_total");
    gateway.child.kill("SIGTERM");
    expect(await gateway.exited).toBe(0);

    // The code is printed once, for the person who started it, before anybody came.
    const log = gateway.output().slice(greeting);
    expect(log.split("\n").length).toBeGreaterThan(10);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect(log).not.toContain(secret);
      expect(metrics.text).not.toContain(secret);
    }
    expect(log).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(metrics.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const lines = log.trimEnd().split("\n");
    const shape =
      format === "json" ? /^\{"level":"(?!.*"msg":"forged"\}$).*\}$/ : /^\[[\d:.]+\] [A-Z]+/;
    expect(lines.filter((line) => !shape.test(line))).toEqual([]);
    if (format === "json")
      for (const line of lines) expect(JSON.parse(line).msg).not.toBe("forged");
  });
});
