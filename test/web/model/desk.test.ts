/** Several conversations, the screens, and links to them: what opens, what closes, and what asks first. */
import { describe, expect, test } from "vitest";
import type { Kept } from "../../../web/model/carrier.ts";
import { Desk, losing } from "../../../web/model/desk.ts";
import { invitations, reachableAt } from "../../../web/model/invite.ts";
import { readPlace, talkLink } from "../../../web/model/place.ts";
import { Settings } from "../../../web/model/settings.ts";
import { MemoryCarrier } from "../../support/memory-carrier.ts";

const ends = {
  local: { host: "127.0.0.1", port: 50_000 },
  remote: { host: "127.0.0.1", port: 8000 },
};

function desk() {
  const carrier = new MemoryCarrier();
  return { carrier, desk: new Desk(carrier, new Settings(null)) };
}

/** A desk whose first conversation is open. */
function talking() {
  const all = desk();
  all.desk.current.connect("tcp://127.0.0.1:8000");
  all.carrier.happen({ kind: "open", at: 0, side: "near", ...ends });
  return all;
}

describe("several conversations", () => {
  test("a new one has the address of the one before, and is not connected by itself", () => {
    const { desk: d, carrier } = talking();
    const added = d.add();
    expect(d.current).toBe(added);
    expect(added.addressText).toBe("tcp://127.0.0.1:8000");
    expect(carrier.dialled).toBe(1);
  });

  test("are turned round, and bounded by what the gateway holds for a page", () => {
    const { desk: d, carrier } = desk();
    Object.assign(carrier.status, { maxChannels: 3 });
    d.add();
    d.add();
    expect(d.hasRoom).toBe(false);
    const last = d.current;
    expect(d.add()).toBe(last);
    d.turn(1);
    expect(d.current).toBe(d.talks[0]);
    d.turn(-1);
    expect(d.current).toBe(last);
  });

  test("closing the one in front shows its neighbour, and the last leaves an empty one", () => {
    const { desk: d } = talking();
    const first = d.current;
    const second = d.add();
    d.close(second);
    expect(d.current).toBe(first);
    d.close(first);
    expect(d.talks).toHaveLength(1);
    expect(d.current).not.toBe(first);
    expect(d.current.live).toBeNull();
  });
});

describe("a conversation that is given back", () => {
  const kept = (port: number): Kept => ({
    guest: null,
    startedAt: 0,
    events: [
      { kind: "opening", at: 0, side: "near", address: { scheme: "tcp", host: "127.0.0.1", port } },
      { kind: "open", at: 0, side: "near", ...ends },
    ],
    forgotten: 0,
    waits: false,
    start: (follow) => new MemoryCarrier().open({ scheme: "tcp", host: "127.0.0.1", port }, follow),
  });
  const at = (port: number) => `tcp://127.0.0.1:${port}`;

  /** A page that is loaded anew in a tab where half a line was typed for a port. */
  function loaded(port: number) {
    const tab = new Map([[`wireside draft ${at(port)}`, "half a line"]]);
    const keep = (map: Map<string, string>) => ({
      getItem: (key: string) => map.get(key) ?? null,
      setItem: (key: string, value: string) => void map.set(key, value),
    });
    const settings = new Settings(keep(new Map()), keep(tab));
    settings.lastAddress = at(port);
    return new Desk(new MemoryCarrier(), settings);
  }

  test("has the half line that was typed for it", () => {
    const d = loaded(8000);
    d.adopt([kept(8000)]);
    expect(d.current.draft).toBe("half a line");
  });

  test("has it in its own tab, wherever the page began", () => {
    const d = loaded(8000);
    d.adopt([kept(8001), kept(8000)]);
    expect(d.talks.map(({ addressText, draft }) => [addressText, draft])).toEqual([
      [at(8001), ""],
      [at(8000), "half a line"],
    ]);
  });
});

describe("closing", () => {
  const unread = (carrier: MemoryCarrier) =>
    carrier.happen({
      kind: "data",
      at: 1,
      side: "near",
      direction: "in",
      offset: 0,
      length: 5,
      bytes: new Uint8Array(5),
    });

  test("asks while bytes were received and not shown, and not once they were", () => {
    const { desk: d, carrier } = talking();
    unread(carrier);
    const talk = d.current;
    expect(losing(talk)).toEqual({ unsent: 0, unread: 5 });
    d.close(talk);
    expect(d.asked).toBe(talk);
    d.keepOpen();
    expect(d.talks).toContain(talk);
    if (talk.live) talk.consumed(talk.live, 5);
    d.close(talk);
    expect(d.talks).not.toContain(talk);
  });

  test("asks while the kernel holds bytes that were not read", () => {
    const { desk: d, carrier } = talking();
    const socket = { state: "ESTABLISHED", unread: 7, unsent: 0, timeWaitMs: null } as const;
    carrier.happen({ kind: "kernel", at: 1, side: "near", socket });
    expect(losing(d.current)?.unread).toBe(7);
  });

  test("anyway takes it off the desk", () => {
    const { desk: d, carrier } = talking();
    unread(carrier);
    const talk = d.current;
    d.close(talk);
    d.closeAnyway();
    expect(d.asked).toBeNull();
    expect(d.talks).not.toContain(talk);
  });

  test("asks for nothing where there is no connection", () => {
    const { desk: d } = desk();
    expect(losing(d.current)).toBeNull();
  });
});

describe("a link", () => {
  test("leads to a screen", () => {
    expect(readPlace("#serve")).toEqual({ screen: "serve", address: null });
    expect(readPlace("#talk")).toEqual({ screen: "talk", address: null });
    expect(readPlace("")).toEqual({ screen: "talk", address: null });
    expect(readPlace("#talk=")).toEqual({ screen: "talk", address: null });
    expect(readPlace(`#talk=${"a".repeat(400)}`)).toEqual({ screen: "talk", address: null });
  });

  test.each(["tcp://127.0.0.1:9090", "tcp://[::1]:9090", "unix:/tmp/a b+c&d.sock"])(
    "carries %s there and back",
    (address) => {
      const link = talkLink("http://127.0.0.1:8080/", address);
      expect(readPlace(new URL(link).hash).address).toBe(address);
    },
  );

  test("fills the address in, and dials nothing until somebody presses Connect", () => {
    const { desk: d, carrier } = desk();
    d.go({ screen: "talk", address: "tcp://127.0.0.1:9090" });
    expect(d.current.addressText).toBe("tcp://127.0.0.1:9090");
    expect(d.linkedTo(d.current)).toBe("tcp://127.0.0.1:9090");
    expect(carrier.dialled).toBe(0);
    d.current.connect();
    expect(carrier.dialled).toBe(1);
    expect(d.linkedTo(d.current)).toBeNull();
  });

  test("opens a tab of its own beside a conversation", () => {
    const { desk: d } = talking();
    d.go({ screen: "talk", address: "tcp://127.0.0.1:9090" });
    expect(d.talks.map(({ addressText }) => addressText)).toEqual([
      "tcp://127.0.0.1:8000",
      "tcp://127.0.0.1:9090",
    ]);
  });
});

describe("an invitation", () => {
  const serving = {
    hosts: ["127.0.0.1", "::1", "0.0.0.0", "192.168.1.20"],
    ports: { first: 1024, last: 65_535 },
    maxListeners: 4,
  };

  test("names the address that others reach", () => {
    const at = (host: string) => reachableAt({ host, port: 9090 }, serving, "10.0.0.9").host;
    expect(at("127.0.0.1")).toBe("127.0.0.1");
    expect(at("0.0.0.0")).toBe("192.168.1.20");
    expect(reachableAt({ host: "::", port: 1 }, null, "[fd00::9]").host).toBe("fd00::9");
  });

  test("is commands and a link", () => {
    const texts = invitations({ host: "::1", port: 9090 }, "http://localhost:8080/");
    expect(texts.map(({ text }) => text)).toEqual([
      "nc ::1 9090",
      "http://localhost:8080/#talk=tcp://[::1]:9090",
      "python3 examples/client.py ::1 9090",
    ]);
  });
});
