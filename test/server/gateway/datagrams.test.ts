/** UDP through the real gateway: borders kept, no connection pretended, nothing lost silently. */
import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Link } from "../../../web/link.ts";
import { type Cutter, startCutter } from "../../support/cutter.ts";
import { eventually } from "../../support/eventually.ts";
import { openLink, startWire, Talker, type TalkerOptions, type Wire } from "../../support/wire.ts";

const KIB = 1024;

describe.each(["127.0.0.1", "::1"])("UDP to %s", (host) => {
  let far: Socket;
  let wire: Wire;
  let cutter: Cutter;
  let link: Link;

  beforeEach(async () => {
    far = createSocket(host === "::1" ? "udp6" : "udp4");
    far.bind(0, host);
    await once(far, "listening");
    wire = await startWire();
    cutter = await startCutter(wire.port);
    link = await openLink(wire, `ws://127.0.0.1:${cutter.port}/wire`);
  });

  afterEach(async () => {
    link.stop();
    await cutter.close();
    await wire.stop();
    far.removeAllListeners();
    far.close();
  });

  async function talk(port = far.address().port, options: TalkerOptions = {}) {
    const talker = new Talker(link, { scheme: "udp", host, port }, options);
    await talker.when((t) => t.of("open").length === 1);
    return talker;
  }

  /** The next datagram at the far end. */
  async function arrived(): Promise<{ bytes: Buffer; from: RemoteInfo }> {
    const [bytes, from] = (await once(far, "message")) as [Buffer, RemoteInfo];
    return { bytes, from };
  }

  const reply = (talker: Talker, bytes: Uint8Array) =>
    far.send(bytes, talker.of("open")[0]?.local.port ?? 0, host);

  const received = (talker: Talker) =>
    talker.of("data").filter(({ direction }) => direction === "in");

  it("keeps the borders of datagrams in both directions", async () => {
    const talker = await talk();
    for (const text of ["one", "two", "", "three"]) talker.send(text);
    for (const text of ["one", "two", "three"]) {
      expect((await arrived()).bytes.toString()).toBe(text);
    }
    for (const length of [1, 2, 1472, 9000, 65_507]) reply(talker, Buffer.alloc(length, "x"));
    await talker.when((t) => received(t).length === 5);
    expect(received(talker).map(({ length }) => length)).toEqual([1, 2, 1472, 9000, 65_507]);
  });

  it("sends a datagram of 65,507 bytes whole", async () => {
    const talker = await talk();
    talker.channel.send(Buffer.alloc(65_507, 7));
    const { bytes, from } = await arrived();
    expect([bytes.length, bytes.every((byte) => byte === 7)]).toEqual([65_507, true]);
    expect(talker.of("open")[0]?.local).toEqual({ host, port: from.port });
  });

  it("sends nothing of a datagram that is too long, and says so", async () => {
    const talker = await talk();
    talker.channel.send(Buffer.alloc(65_536));
    talker.send("after it");
    expect((await arrived()).bytes.toString()).toBe("after it");
    await talker.when((t) => t.of("undelivered").length === 1);
    expect(talker.of("undelivered")).toMatchObject([{ code: "EMSGSIZE", count: 1 }]);
  });

  it("hears from the address it sends to, and from nobody else", async () => {
    const talker = await talk();
    const stranger = createSocket(host === "::1" ? "udp6" : "udp4");
    stranger.bind(0, host);
    await once(stranger, "listening");
    await new Promise((resolve) =>
      stranger.send("stranger", talker.of("open")[0]?.local.port ?? 0, host, resolve),
    );
    reply(talker, Buffer.from("known"));
    await talker.when((t) => received(t).length > 0);
    expect(talker.text).toBe("known");
    stranger.close();
  });

  it("tells that ICMP says nobody is there, and goes on", async () => {
    const { port } = far.address();
    const talker = await talk(port);
    await new Promise<void>((resolve) => far.close(resolve));
    talker.send("anybody?");
    await talker.when((t) => t.of("undelivered").length > 0);
    expect(talker.of("undelivered")).toMatchObject([{ code: "ECONNREFUSED", count: 1 }]);
    expect(talker.ended).toBe(false);
    far = createSocket(host === "::1" ? "udp6" : "udp4");
    far.bind(port, host);
    await once(far, "listening");
    talker.send("now?");
    expect((await arrived()).bytes.toString()).toBe("now?");
  });

  it("counts a datagram without a byte", async () => {
    const talker = await talk();
    reply(talker, Buffer.alloc(0));
    reply(talker, Buffer.from("x"));
    await talker.when((t) => t.of("dropped").length === 1 && received(t).length === 1);
    expect(talker.of("dropped")).toMatchObject([{ why: "empty", count: 1, bytes: 0 }]);
    expect(talker.ended).toBe(false);
  });

  it("drops what a page that does not read has no window for, and tells how much that was", async () => {
    const talker = await talk(undefined, { reading: false });
    const dropped = () => talker.of("dropped").reduce((sum, { count }) => sum + count, 0);
    let total = 0;
    // No more at once than the kernel's own queue holds.
    while (total < 600) {
      for (let i = 0; i < 40; i++) reply(talker, Buffer.alloc(KIB));
      total += 40;
      await talker.when(() => received(talker).length + dropped() === total);
    }
    const bytes = talker.of("dropped").reduce((sum, event) => sum + event.bytes, 0);
    expect(dropped()).toBeGreaterThan(300);
    expect(bytes).toBe(dropped() * KIB);
    expect(await wire.level("wireside_buffered_bytes")).toBeLessThanOrEqual(256 * KIB);
    talker.reading = true;
    talker.consume();
    // Behind the acknowledgement, so that there is room again for the answer.
    talker.send("read it all");
    await arrived();
    reply(talker, Buffer.from("last"));
    await talker.when((t) => t.receivedBytes === (total - dropped()) * KIB + 4);
  });

  it("closes its own socket and nothing else, without an end in between", async () => {
    const talker = await talk();
    talker.send("bye");
    talker.channel.close();
    expect((await arrived()).bytes.toString()).toBe("bye");
    await talker.when((t) => t.ended);
    expect(talker.of("closed")).toMatchObject([{ by: "near" }]);
    expect(talker.of("eof")).toEqual([]);
    await eventually(
      () => wire.level("wireside_channels"),
      (channels) => channels === 0,
    );
  });

  it("keeps its socket, and each datagram once, while the WebSocket is cut and comes back", async () => {
    const talker = await talk();
    const { port } = talker.of("open")[0]?.local ?? { port: 0 };
    reply(talker, Buffer.alloc(0));
    await talker.when((t) => t.of("dropped").length === 1);
    cutter.cut();
    for (let i = 0; i < 50; i++) {
      await new Promise((resolve) => far.send(`datagram ${i}`, port, host, resolve));
    }
    await talker.when((t) => received(t).length === 50);
    const texts = received(talker).map(({ bytes }) => Buffer.from(bytes).toString());
    expect(new Set(texts).size).toBe(50);
    expect(talker.of("dropped")).toHaveLength(1);
    talker.send("still the same socket");
    expect((await arrived()).from.port).toBe(port);
  });
});

describe("UDP that is not allowed", () => {
  it.each([
    ["the gateway's own port", "127.0.0.1", null],
    ["a mail port", "127.0.0.1", 25],
    ["a multicast address", "224.0.0.251", 5353],
    ["the broadcast address", "255.255.255.255", 9],
    ["another machine", "192.0.2.1", 53],
  ])("is refused: %s", async (_what, host, port) => {
    const wire = await startWire();
    const link = await openLink(wire);
    const talker = new Talker(link, { scheme: "udp", host, port: port ?? wire.port });
    await talker.when((t) => t.ended);
    expect(talker.of("error")).toMatchObject([{ code: "NOT_ALLOWED" }]);
    link.stop();
    await wire.stop();
  });
});
