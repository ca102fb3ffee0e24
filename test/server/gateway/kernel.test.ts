/** What the kernel says, through the real gateway: of a page's own connections, while it looks. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGateway, type Gateway } from "../../../server/gateway/gateway.ts";
import type { Kernel } from "../../../server/sockets/kernel.ts";
import { encodeAck, FrameType } from "../../../shared/frames.ts";
import type { Endpoint, GatewayMessage } from "../../../shared/protocol.ts";
import type { TcpState } from "../../../shared/tcp.ts";
import { startBlackHole } from "../../support/black-hole.ts";
import { eventually } from "../../support/eventually.ts";
import { RawPage } from "../../support/raw-page.ts";
import { ssRow, ssState } from "../../support/ss.ts";
import { connectTcp, listenTcp, type TestServer } from "../../support/tcp.ts";
import { gatewayOptions } from "../../support/wire.ts";

type KernelMessage = Extract<GatewayMessage, { type: "kernel" }>;

/** What a page was told of one channel so far. */
function toldOf(page: RawPage, ch: number): KernelMessage[] {
  return toldAll(page).filter((message) => message.ch === ch);
}

function toldAll(page: RawPage): KernelMessage[] {
  // A page that has been turned away would look like one to which nothing is told.
  expect(page.ws.readyState).not.toBe(page.ws.CLOSED);
  const texts = page.answers.flatMap((answer) => ("text" in answer ? [answer.text] : []));
  return texts.filter((message) => message.type === "kernel");
}

const last = (page: RawPage, ch: number, side: "near" | "far") =>
  toldOf(page, ch).findLast((message) => message[side])?.[side];

/** Where a channel's socket is, as the gateway said. */
async function pairOf(page: RawPage, ch: number): Promise<{ local: Endpoint; remote: Endpoint }> {
  const { local, remote } = await page.text("state", (m) => m.ch === ch && m.local !== undefined);
  if (!local || !remote) throw new Error("the gateway did not say where the socket is");
  return { local, remote };
}

describe("a page that looks", () => {
  let http: Server;
  let gateway: Gateway;
  let kernel: Kernel;
  let place: { url: string; origin: string };
  let server: TestServer;
  const pages: RawPage[] = [];

  beforeEach(async () => {
    http = createServer();
    await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
    const { port } = http.address() as AddressInfo;
    const options = gatewayOptions(port);
    if (!options.kernel) throw new Error("there is no table of sockets here");
    kernel = options.kernel;
    gateway = createGateway(options);
    http.on("upgrade", gateway.handleUpgrade);
    place = { url: `ws://127.0.0.1:${port}/wire`, origin: `http://127.0.0.1:${port}` };
    server = await listenTcp();
  });

  afterEach(async () => {
    for (const page of pages.splice(0)) page.cut();
    await server.close();
    await gateway.close();
    http.closeAllConnections();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  });

  async function attached(): Promise<RawPage> {
    const { page } = await RawPage.attached(place);
    pages.push(page);
    return page;
  }

  /** A page that looks, and the server's end of its channel 1. */
  async function looking(): Promise<{ page: RawPage; socket: Socket }> {
    const page = await attached();
    page.say({ type: "look", on: true });
    await page.open(1, server.port);
    return { page, socket: await server.accepted() };
  }

  /** Waits until the page was told these states, and `ss` prints the same at that moment. */
  async function agree(page: RawPage, near: TcpState, far?: TcpState): Promise<void> {
    const { local, remote } = await pairOf(page, 1);
    await eventually(
      () => ({
        near: [last(page, 1, "near")?.state, ssState(local, remote)],
        far: far ? [last(page, 1, "far")?.state, ssState(remote, local)] : [],
      }),
      (now) => now.near.every((state) => state === near) && now.far.every((state) => state === far),
    );
  }

  it("is told what ss prints, from ESTABLISHED over FIN_WAIT2 to TIME_WAIT", async () => {
    const { page, socket } = await looking();
    await agree(page, "ESTABLISHED", "ESTABLISHED");
    socket.resume();
    page.frame(FrameType.eof, 1, 0);
    await agree(page, "FIN_WAIT2", "CLOSE_WAIT");
    socket.end();
    await agree(page, "TIME_WAIT", "CLOSED");
    expect(last(page, 1, "near")?.timeWaitMs).toBeGreaterThan(30_000);
  });

  it("is told both states once it knows that it is connected, whatever it was told before", async () => {
    const { page } = await looking();
    const isOpen = (answer: RawPage["answers"][number]) =>
      "text" in answer && answer.text.type === "state" && answer.text.state === "open";
    const after = await eventually(
      () =>
        page.answers
          .slice(page.answers.findIndex(isOpen))
          .flatMap((answer) => ("text" in answer ? [answer.text] : []))
          .find((message) => message.type === "kernel"),
      (message) => message !== undefined,
    );
    expect(after).toMatchObject({
      near: { state: "ESTABLISHED" },
      far: { state: "ESTABLISHED" },
    });
  });

  it("is told CLOSE_WAIT when the server hangs up, and who waits after that", async () => {
    const { page, socket } = await looking();
    socket.resume();
    socket.end();
    await agree(page, "CLOSE_WAIT", "FIN_WAIT2");
    page.ws.send(encodeAck(1, 0, 1, 1024));
    page.frame(FrameType.eof, 1, 0);
    await agree(page, "CLOSED", "TIME_WAIT");
  });

  it("is told SYN_SENT while nobody answers, and nothing of a far end", async () => {
    const hole = await startBlackHole();
    try {
      const page = await attached();
      page.say({ type: "look", on: true });
      page.say({ type: "open", ch: 1, address: `tcp://127.0.0.1:${hole.port}` });
      await agree(page, "SYN_SENT");
      expect(last(page, 1, "far")).toBeUndefined();
    } finally {
      await hole.stop();
    }
  });

  it("is told how much the server has not read", async () => {
    const silent = createTcpServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const page = await attached();
    page.say({ type: "look", on: true });
    await page.open(1, (silent.address() as AddressInfo).port);
    page.data(1, 0, "Wake up, Neo");
    const { local, remote } = await pairOf(page, 1);
    await eventually(
      () => [last(page, 1, "far")?.unread, ssRow(remote, local)?.unread],
      ([told, ss]) => told === 12 && ss === 12,
    );
    silent.close();
  });

  it("is told everything again when it looks again, what has ended meanwhile included", async () => {
    const { page, socket } = await looking();
    await agree(page, "ESTABLISHED", "ESTABLISHED");
    page.say({ type: "look", on: false });
    page.say({ type: "ping", n: 1 });
    await page.text("pong", ({ n }) => n === 1);
    const before = toldAll(page).length;
    socket.resume();
    socket.end();
    const { local, remote } = await pairOf(page, 1);
    // A kernel may delay its ACK of the FIN: until then the far end is in FIN_WAIT1.
    await eventually(
      () => [ssState(local, remote), ssState(remote, local)].join(),
      (states) => states === "CLOSE_WAIT,FIN_WAIT2",
    );
    expect(toldAll(page)).toHaveLength(before);
    page.say({ type: "look", on: true });
    await eventually(
      () => toldAll(page)[before],
      (told) => told !== undefined,
    );
    expect(toldAll(page)[before]).toMatchObject({
      near: { state: "CLOSE_WAIT" },
      far: { state: "FIN_WAIT2" },
    });
  });

  it("is told how it ended when that happened while it did not look", async () => {
    const { page, socket } = await looking();
    await agree(page, "ESTABLISHED", "ESTABLISHED");
    page.say({ type: "look", on: false });
    socket.resetAndDestroy();
    await page.binary(({ type }) => type === FrameType.rst);
    const before = toldAll(page).length;
    page.say({ type: "look", on: true });
    await eventually(
      () => toldAll(page)[before],
      (told) => told?.near?.state === "CLOSED",
    );
  });

  it("is told of TIME_WAIT again when it looks away and back", async () => {
    const { page, socket } = await looking();
    socket.resume();
    page.frame(FrameType.eof, 1, 0);
    await agree(page, "FIN_WAIT2", "CLOSE_WAIT");
    socket.end();
    await page.binary(({ type }) => type === FrameType.eof);
    page.ws.send(encodeAck(1, 0, 1, 1024));
    await agree(page, "TIME_WAIT", "CLOSED");
    page.say({ type: "look", on: false });
    const before = toldAll(page).length;
    page.say({ type: "look", on: true });
    await eventually(
      () => toldAll(page)[before],
      (told) => told?.near?.state === "TIME_WAIT",
    );
  });

  it("lets the kernel be read only while it looks", async () => {
    const page = await attached();
    await page.open(1, server.port);
    const socket = await server.accepted();
    socket.write("unseen");
    await page.binary(({ type }) => type === FrameType.data);
    expect(kernel.readings).toBe(0);
    page.say({ type: "look", on: true });
    await page.text("kernel");
    expect(kernel.readings).toBeGreaterThan(0);
    page.say({ type: "look", on: false });
    page.say({ type: "ping", n: 1 });
    await page.text("pong", ({ n }) => n === 1);
    const { readings } = kernel;
    socket.write("unseen too");
    await page.binary(({ type, seq }) => type === FrameType.data && seq === 6);
    expect(kernel.readings).toBe(readings);
  });

  it("lets the kernel rest from the moment its WebSocket is lost until it looks again", async () => {
    const { page, socket } = await looking();
    await page.text("kernel");
    const { sid, token, epoch } = await page.text("welcome");
    page.cut();
    const resumed = await RawPage.attached(place, {
      ...{ sid, token, epoch },
      channels: [{ ch: 1, rx: 0 }],
      seen: [{ ch: 1, far: 0 }],
    });
    pages.push(resumed.page);
    const { readings } = kernel;
    socket.write("unseen");
    await resumed.page.binary(({ type }) => type === FrameType.data);
    expect(kernel.readings).toBe(readings);
    resumed.page.say({ type: "look", on: true });
    const { near, far } = await resumed.page.text("kernel");
    expect([near?.state, far?.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
  });

  it("is told everything again when it is back before its old WebSocket is missed, and looks", async () => {
    const { page } = await looking();
    await page.text("kernel");
    const { sid, token, epoch } = await page.text("welcome");
    const { page: again } = await RawPage.attached(place, {
      ...{ sid, token, epoch },
      channels: [{ ch: 1, rx: 0 }],
      seen: [{ ch: 1, far: 0 }],
    });
    pages.push(again);
    // One reading serves everybody who looks: where another page is told, this one would be.
    const other = await attached();
    other.say({ type: "look", on: true });
    await other.open(1, server.port);
    await other.text("kernel", (it) => it.far !== undefined);
    again.say({ type: "ping", n: 1 });
    await again.text("pong");
    expect(toldAll(again)).toEqual([]);
    again.say({ type: "look", on: true });
    const { near, far } = await again.text("kernel");
    expect([near?.state, far?.state]).toEqual(["ESTABLISHED", "ESTABLISHED"]);
  });

  it("sees nobody else's sockets: not another page's, not another program's", async () => {
    const [first, second] = [await attached(), await attached()];
    const stranger = await connectTcp(server.port);
    const strangers = await server.accepted();
    strangers.pause();
    for (const page of [first, second]) page.say({ type: "look", on: true });
    await first.open(1, server.port);
    await second.open(7, server.port);
    stranger.send("x".repeat(777));
    second.data(7, 0, "y".repeat(55));
    await Promise.all([
      first.text("kernel", ({ near, far }) => near !== undefined && far !== undefined),
      second.text("kernel", ({ near, far }) => near !== undefined && far !== undefined),
    ]);
    stranger.socket.destroy();
    second.frame(FrameType.eof, 7, 55);
    await second.text("kernel", ({ near }) => near?.state === "FIN_WAIT2");
    first.frame(FrameType.eof, 1, 0);
    await first.text("kernel", ({ near }) => near?.state === "FIN_WAIT2");
    expect(toldAll(first).map(({ ch }) => ch)).toEqual(toldAll(first).map(() => 1));
    expect(toldAll(second).map(({ ch }) => ch)).toEqual(toldAll(second).map(() => 7));
    const unread = (page: RawPage) =>
      toldAll(page).flatMap(({ near, far }) => [near?.unread ?? 0, far?.unread ?? 0]);
    expect(unread(first).every((bytes) => bytes === 0)).toBe(true);
    expect(unread(second).every((bytes) => bytes === 0 || bytes === 55)).toBe(true);
    // What is told has no addresses: of a pair only its page knows.
    for (const message of [...toldAll(first), ...toldAll(second)]) {
      expect(Object.keys(message).sort().join()).toMatch(/^at,ch,(far,)?(near,)?type$/);
    }
  });
});
