/** A page that serves UDP: what is written down of it, its ladder and its recordings. Needs python3. */
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { ConversationEvent, EventOf } from "../../../shared/conversation.ts";
import { aboutEvent } from "../../../web/model/about-events.ts";
import { Conversation, KEPT_EVENTS } from "../../../web/model/conversation.ts";
import { invitations } from "../../../web/model/invite.ts";
import { Ladder } from "../../../web/model/ladder.ts";
import { explainListen } from "../../../web/model/listen-failure.ts";
import { writeAsciicast } from "../../../web/model/recording/asciicast.ts";
import { read, writeJsonl } from "../../../web/model/recording/jsonl.ts";
import { pythonProgram } from "../../../web/model/recording/python.ts";
import { beginningOf } from "../../../web/model/recording/recording.ts";
import { writeText } from "../../../web/model/recording/text.ts";
import { Serve } from "../../../web/model/serve.ts";
import { Settings } from "../../../web/model/settings.ts";
import { visitNote } from "../../../web/model/visit-note.ts";
import { ownSocket, plainSocket, wireView } from "../../../web/model/wire.ts";
import { Program } from "../../support/programs.ts";
import { data, recorded, whole } from "../../support/recordings.ts";
import { HERE, ServingCarrier } from "../../support/serving-carrier.ts";
import { closedPort } from "../../support/tcp.ts";
import { outline, shapes } from "./ladder-scenes.ts";

const remote = { host: "127.0.0.1", port: 40_001 };
const ends = { side: "near", local: HERE, remote } as const;
const arrival: EventOf<"arrival"> = { kind: "arrival", at: 0, ...ends, transport: "udp" };
const talk: ConversationEvent[] = [
  arrival,
  { kind: "open", at: 1, ...ends },
  data(1, "out", 0, "Wake up, Neo"),
  data(2, "in", 0, "accepted"),
  { kind: "dropped", at: 3, side: "near", why: "full", count: 2, bytes: 9 },
  { kind: "closed", at: 4, side: "near", by: "near" },
];
const joined = (parts: Iterable<string | Uint8Array>) => Buffer.from(whole(parts)).toString();

/** Words of TCP. */
const ONLY_TCP =
  /SYN|ESTABLISHED|FIN\b|RST|LISTEN|WAIT|[Cc]onnection (?:from|to)|ccepted (?:conn|127)/;

function conversation(events = talk): Conversation {
  const made = new Conversation(0, 0, "server");
  made.appendAll(events);
  return made;
}

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

describe("the state", () => {
  test("of a peer is never one of TCP's", () => {
    for (let n = 1; n <= talk.length; n++) {
      const { state } = conversation(talk.slice(0, n));
      expect(state).toMatchObject({ transport: "udp", near: "CLOSED", far: null, role: "server" });
      expect(ownSocket(state)).toBeNull();
      expect(wireView(state).strands.in).not.toBe("solid");
    }
    expect(plainSocket(conversation(talk.slice(0, 2)).state)).toBe("UDP, no connection");
    expect(plainSocket(conversation().state)).toBe("UDP, let go");
  });
});

describe("the screen Serve", () => {
  function serving() {
    const carrier = new ServingCarrier();
    const serve = new Serve(carrier, new Settings(null), { now: () => 0, date: () => 0 });
    serve.listen("udp://127.0.0.1:9090");
    carrier.follow?.listening(HERE, { backlog: 5, atOnce: false });
    const written = () => serve.journal.lines.map(({ text, who }) => `${text} ${who}`.trim());
    return { carrier, serve, written };
  }

  test("writes down datagrams and peers, no connections", () => {
    const { carrier, serve, written } = serving();
    expect(serve.isUdp).toBe(true);
    carrier.door(1, { refused: 2 });
    const visitor = carrier.accept("udp");
    const [visit] = serve.visits;
    if (!visit) throw new Error("nobody was taken in");
    expect(visit.name).toBe("Peer 1");
    expect(visit.table.addressText).toBe("udp://127.0.0.1:9090");
    visitor.isOver();
    expect(visitNote(visit, 0, null).text).toBe("let go");
    expect(written()).toEqual([
      "Taking datagrams at 127.0.0.1:9090",
      "At the door: 127.0.0.1:41000",
      "Dropped at the door: 2 datagrams no place",
      "Datagrams from 127.0.0.1:40001",
      "Let go of 127.0.0.1:40001",
    ]);
  });

  test("offers commands that speak UDP, and another port of UDP when one is taken", () => {
    expect(invitations(HERE, "http://here/", "udp").map(({ text }) => text)).toEqual([
      "nc -u 127.0.0.1 9090",
      "http://here/#talk=udp://127.0.0.1:9090",
    ]);
    const failure = { code: "EADDRINUSE", detail: "", holders: [] } as const;
    const asked = { scheme: "udp", ...HERE } as const;
    expect(explainListen(failure, asked, null, "linux").fixes[0]?.remedy).toEqual({
      kind: "listen",
      address: "udp://127.0.0.1:9091",
    });
  });
});

describe("the ladder", () => {
  test("begins with a datagram: no packet without bytes, no state, no call that was not made", () => {
    const ladder = new Ladder(conversation());
    const drawn = outline(ladder).join("\n");
    expect(ladder.rows.flatMap((row) => shapes(row, "state"))).toEqual([]);
    expect(drawn).toContain("a datagram came: UDP has no handshake");
    expect(drawn).toContain("taken in");
    expect(drawn).toContain("let go");
    expect(drawn).not.toMatch(/SYN|ACK|ESTABLISHED|accept\(\)$|close\(\)/m);
    expect(ladder.row(0)?.spoken).toContain("a datagram from 127.0.0.1:40001 came to");
  });

  test("explains each event without a word of connections made", () => {
    const { state } = conversation();
    const titles = talk.map((event) => aboutEvent(event, state).title);
    expect(titles[0]).toBe("A datagram from somebody new");
    expect(titles[1]).toBe("Its datagrams are read from here on");
    expect(titles.at(-1)).toBe("You let go of this peer");
  });
});

describe("a recording", () => {
  test("as JSON lines is read as it was, and written byte for byte the same", () => {
    const file = joined(writeJsonl(recorded(talk)));
    const opened = read(file);
    expect(opened.problem).toBeNull();
    expect(opened.recording).toEqual(recorded(talk));
    expect(joined(writeJsonl(opened.recording))).toBe(file);
    expect(JSON.parse(file.split("\n")[0] ?? "").address).toBe("udp://127.0.0.1:9090");
  });

  test("whose beginning is forgotten still says that it was UDP", () => {
    const long = conversation(talk.slice(0, 2));
    const byte = data(3, "out", 0, "x");
    long.appendAll(Array.from({ length: KEPT_EVENTS * 1.1 }, (_, i) => ({ ...byte, offset: i })));
    expect(long.forgotten).toBeGreaterThan(2);
    expect(beginningOf(long)[0]).toEqual(arrival);
  });

  test("says nothing that only TCP has, as text and for a player", () => {
    for (const file of [writeText(recorded(talk)), writeAsciicast(recorded(talk))]) {
      expect(joined(file)).toContain("127.0.0.1:40001");
      expect(joined(file)).not.toMatch(ONLY_TCP);
    }
  });

  test("as a program answers whoever sends the first datagram", async () => {
    const local = { host: "127.0.0.1", port: await closedPort() };
    const events = talk.map((event) => ("local" in event ? { ...event, local } : event));
    const folder = mkdtempSync(join(tmpdir(), "wireside-udp-"));
    cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, "server.py"), pythonProgram(recorded(events)));
    const python = new Program("python3", [join(folder, "server.py")]);
    cleanups.push(() => python.stop());
    await python.prints(/Waiting for a datagram on 127\.0\.0\.1 port \d+/);
    const client = createSocket("udp4");
    client.send("Wake up, Neo", local.port, local.host);
    const [answer] = await once(client, "message");
    expect(`${answer}`).toBe("accepted");
    client.close();
    await python.prints(/Received 12 bytes: b'Wake up, Neo'[\s\S]*Socket closed/);
    expect((await python.ended).code).toBe(0);
  });
});
