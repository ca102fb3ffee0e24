/** One session has one live page: who may take a session over, and what becomes of the page before. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FrameType } from "../../../shared/frames.ts";
import type { Welcome } from "../../../shared/protocol.ts";
import { Link } from "../../../web/link.ts";
import { eventually } from "../../support/eventually.ts";
import { RawPage, type Resume } from "../../support/raw-page.ts";
import { listenTcp, type TestServer } from "../../support/tcp.ts";
import { linkWhen, pageSocket, startWire, Talker, type Wire } from "../../support/wire.ts";

const CODE = "FOLLOW-THE-2345";
const CHANNEL = 1;

/** What a page that was welcomed knows, and expects next on its channel. */
const knows = ({ sid, token, epoch }: Welcome, rx = 0): Resume => ({
  sid,
  token,
  epoch,
  channels: [{ ch: CHANNEL, rx }],
});

describe("a session", () => {
  let wire: Wire;
  let far: TestServer;
  let socket: Socket;
  let first: RawPage;
  let welcome: Welcome;

  beforeEach(async () => {
    wire = await startWire();
    far = await listenTcp();
    ({ page: first, welcome } = await RawPage.attached(wire));
    await first.open(CHANNEL, far.port);
    socket = await far.accepted();
  });

  afterEach(async () => {
    await wire.stop();
    await far.close();
  });

  const detached = (count = 1) =>
    eventually(
      () => wire.level("wireside_sessions_detached"),
      (n) => n === count,
    );
  /** What a WebSocket that asks with this is told. */
  async function refusal(resume: Resume): Promise<string> {
    const page = await RawPage.connect(wire);
    page.hello(resume);
    const { reason } = await page.text("resume_failed");
    page.ws.close();
    return reason;
  }
  async function arrives(text: string): Promise<void> {
    let received = "";
    for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
      received += chunk;
      if (received.length >= text.length) break;
    }
    expect(received).toBe(text);
  }

  it("outlives the goodbye of a page it has left", async () => {
    const next = await RawPage.connect(wire);
    // It does not read, so that its goodbye crosses the news that it was superseded.
    first.ws.pause();
    next.hello(knows(welcome));
    await next.text("welcome");
    first.ws.close(1000);
    first.ws.resume();
    await first.closed;
    expect(await wire.level("wireside_sessions")).toBe(1);
    next.data(CHANNEL, 0, "still there");
    await arrives("still there");
  });

  it("keeps its time to end when somebody with its token contradicts himself about what he has", async () => {
    const brief = await startWire(["--resume-grace", "150ms"]);
    const { page, welcome } = await RawPage.attached(brief);
    await page.open(CHANNEL, far.port);
    const socket = await far.accepted();
    socket.write("0123456789");
    await page.binary(({ type }) => type === FrameType.data);
    const back = await RawPage.connect(brief);
    back.hello({ ...knows(welcome), channels: [10, 5].map((rx) => ({ ch: CHANNEL, rx })) });
    expect((await back.closed).code).toBe(4400);
    page.cut();
    await once(socket.resume(), "end");
    await eventually(
      () => brief.level("wireside_sessions"),
      (n) => n === 0,
    );
    await brief.stop();
  });

  it("closes the older WebSocket with 4409 when its page attaches again, and goes on with the newer", async () => {
    const { page, welcome: again } = await RawPage.attached(wire, knows(welcome));
    expect((await first.closed).code).toBe(4409);
    expect(again).toMatchObject({ sid: welcome.sid, epoch: 2 });
    expect(again.token).not.toBe(welcome.token);
    page.data(CHANNEL, 0, "Follow the white rabbit.");
    await arrives("Follow the white rabbit.");
    expect(await wire.level("wireside_sessions")).toBe(1);
    expect(await wire.level("wireside_sessions_detached")).toBe(0);
  });

  it("listens no more to a WebSocket that was replaced, even while that closes", async () => {
    const second = await RawPage.connect(wire);
    second.hello(knows(welcome));
    await second.text("welcome");
    first.data(CHANNEL, 0, "from the past");
    first.say({ type: "open", ch: 3, address: `tcp://127.0.0.1:${far.port}` });
    await first.closed;
    second.data(CHANNEL, 0, "present");
    await arrives("present");
    expect(await wire.level("wireside_channels")).toBe(1);
    expect(await wire.level("wireside_messages_rejected_total")).toBe(0);
  });

  it("refuses a token that has been replaced: the page that has it was superseded", async () => {
    const { page, welcome: again } = await RawPage.attached(wire, knows(welcome));
    page.say({ type: "ping", n: 1 });
    await page.text("pong");
    expect(await refusal(knows(welcome))).toBe("superseded");
    page.data(CHANNEL, 0, "untouched");
    await arrives("untouched");
    expect(again.epoch).toBe(2);
  });

  it("refuses a guessed token, whatever epoch comes with it", async () => {
    const guessed = { ...knows(welcome), token: "A".repeat(43) };
    expect(await refusal(guessed)).toBe("auth");
    expect(await refusal({ ...guessed, epoch: 9 })).toBe("auth");
    expect(await refusal({ ...knows(welcome), token: "" })).toBe("auth");
    expect(first.ws.readyState).toBe(first.ws.OPEN);
  });

  it("accepts the token before, until the page has shown that it got the new one", async () => {
    first.cut();
    await detached();
    const lost = await RawPage.connect(wire);
    lost.hello(knows(welcome));
    await lost.text("welcome");
    // Cut before it says anything: for the gateway the welcome may have been lost.
    lost.cut();
    await detached();
    const { page, welcome: again } = await RawPage.attached(wire, knows(welcome));
    expect(again.epoch).toBe(3);
    page.data(CHANNEL, 0, "still me");
    await arrives("still me");
    expect(await refusal(knows(welcome))).toBe("superseded");
  });

  it("survives any number of lost welcomes", async () => {
    first.cut();
    for (let epoch = 2; epoch < 7; epoch++) {
      await detached();
      const { page, welcome: unheard } = await RawPage.attached(wire, knows(welcome));
      expect(unheard.epoch).toBe(epoch);
      page.cut();
    }
    await detached();
    const { page } = await RawPage.attached(wire, knows(welcome));
    page.data(CHANNEL, 0, "stubborn");
    await arrives("stubborn");
  });

  it("accepts the new token when only the page's answer to it was lost", async () => {
    first.cut();
    await detached();
    const { page: silent, welcome: second } = await RawPage.attached(wire, knows(welcome));
    silent.cut();
    await detached();
    const { page } = await RawPage.attached(wire, knows(second));
    page.data(CHANNEL, 0, "me again");
    await arrives("me again");
  });

  it("does not exist for a made-up name", async () => {
    expect(await refusal({ ...knows(welcome), sid: "made-up" })).toBe("unknown");
    expect(await refusal({ ...knows(welcome), sid: "__proto__" })).toBe("unknown");
  });

  it("is not resumed over a gap: neither what was given up nor what was never sent", async () => {
    socket.write("0123456789");
    await first.binary((frame) => frame.type === FrameType.data && frame.payload.length === 10);
    const credit = new Uint8Array(4);
    first.frame(FrameType.ack, CHANNEL, 10, credit);
    first.say({ type: "ping", n: 1 });
    await first.text("pong");
    expect(await refusal(knows(welcome, 4))).toBe("gap");
    expect(await refusal(knows(welcome, 11))).toBe("gap");
    const { page, welcome: again } = await RawPage.attached(wire, knows(welcome, 10));
    expect(again.channels).toMatchObject([{ ch: CHANNEL, rx: 0, base: 10, end: 10 }]);
    page.ws.close();
  });

  it("sends again what the page does not have, from the offset it names", async () => {
    socket.write("abc");
    await first.binary((frame) => frame.type === FrameType.data);
    first.cut();
    await detached();
    const { page } = await RawPage.attached(wire, knows(welcome, 0));
    const frame = await page.binary((f) => f.type === FrameType.data);
    expect([frame.seq, Buffer.from(frame.payload).toString()]).toEqual([0, "abc"]);
  });

  it("lets go of connections that the page no longer names", async () => {
    const gone = once(socket.resume(), "end");
    const { welcome: again } = await RawPage.attached(wire, { ...knows(welcome), channels: [] });
    expect(again.channels).toEqual([]);
    await gone;
    expect(await wire.level("wireside_channels")).toBe(0);
  });

  it("tells the page in the other window that it goes on elsewhere, and that page stops", async () => {
    const stolen: { sid: string; token: string; epoch: number }[] = [];
    const link = new Link({
      url: wire.url,
      open: pageSocket(wire.origin, (ws) =>
        ws.on("message", (data, isBinary) => {
          const message = isBinary ? {} : JSON.parse(`${data}`);
          if (message.type === "welcome") stolen.push(message);
        }),
      ),
    });
    link.start();
    await linkWhen(link, (l) => l.status.phase === "live");
    const talker = new Talker(link, far.port);
    await talker.when((t) => t.of("open").length === 1);
    const [{ sid, token, epoch } = { sid: "", token: "", epoch: 0 }] = stolen;
    await RawPage.attached(wire, { sid, token, epoch, channels: [{ ch: 1, rx: 0 }] });
    await linkWhen(link, (l) => l.status.phase === "stopped");
    expect(talker.of("error")).toMatchObject([{ code: "SESSION_ENDED" }]);
    expect(link.status.failure).toMatchObject({ detail: "it goes on in another window" });
    link.stop();
  });
});

describe("a session behind an access code", () => {
  it("belongs to whoever opened it: another user with its token is refused", async () => {
    const wire = await startWire(["--access-code", CODE]);
    const bearer = { Origin: null, Authorization: `Bearer ${CODE}` };
    const mine = await RawPage.connect(wire, bearer);
    mine.hello();
    const welcome = await mine.text("welcome");
    const cookie = wire.doors.redeem(CODE, "127.0.0.1");
    const other = await RawPage.connect(wire, {
      Cookie: `wireside_access=${cookie.ok ? cookie.cookie : ""}`,
    });
    other.hello({ ...knows(welcome), channels: [] });
    expect(await other.text("resume_failed")).toMatchObject({ reason: "auth" });
    expect(mine.ws.readyState).toBe(mine.ws.OPEN);
    await wire.stop();
  });
});
