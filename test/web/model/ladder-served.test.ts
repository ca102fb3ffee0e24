/** The ladder where the page is the server: the same drawing, with the page's own lifeline at the right. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { Conversation } from "../../../web/model/conversation.ts";
import { Ladder } from "../../../web/model/ladder.ts";
import type { LadderRow, LadderShape } from "../../../web/model/ladder-shapes.ts";
import { local, remote, served, torn, turnRound, visited, watched } from "../../support/served.ts";
import { outline, Script, shapes } from "./ladder-scenes.ts";

function ladderOf(events: readonly ConversationEvent[]): Ladder {
  const conversation = new Conversation(0);
  for (const event of events) conversation.append(event);
  return new Ladder(conversation);
}

describe("a visitor's conversation", () => {
  test("has the handshake, the wait at the door, accept(), and its own calls at the right", () => {
    expect(outline(ladderOf(served.events))).toEqual([
      "0.000 | ~SYN | ~SYN+ACK | ~ACK | server=ESTABLISHED?",
      "(waits at the door, 2.4 s) | 2.400 | server:accept()",
      "2.401 | server recv 12 B | “Wake up, Neo”",
      "(3.8 s idle) | 6.200 | server send 8 B | “accepted”",
      "(1.8 s idle) | 8.000 | server:setsockopt TCP_NODELAY 1",
      "8.400 | server:stops reading",
      "9.100 | server send 3 B | “acc”",
      "9.310 | server send 5 B | “epted”",
      "10.000 | server:reads on",
      "10.001 | server recv 19 B | “The Matrix has you\\n”",
      "10.400 | server recv 17 B | “Is anybody there?”",
      "11.000 | server:delay 200 ms, pause 50 ms",
      "(1.5 s idle) | 12.500 | server send 8 B | “accepted”",
      "(1.5 s idle) | 14.000 | server=CLOSE_WAIT? | FIN, hangs up | server:recv b''",
      "(1.2 s idle) | 15.200 | server send 6 B | “closed”",
      "15.900 | server=CLOSED? | FIN, no more to send | server:shutdown()",
    ]);
  });

  test("is hollow at the left as long as nothing of the client is seen, and says nothing of its states", () => {
    const ladder = ladderOf(served.events);
    for (const row of ladder.rows) {
      const lives = shapes(row, "life").filter(({ column }) => column === "client");
      expect(lives.length).toBeGreaterThan(0);
      for (const { pattern } of lives) expect(pattern).toBe("hollow");
      expect(shapes(row, "state").filter(({ column }) => column === "client")).toEqual([]);
    }
    // What the page sends is seen to leave; what it reads comes out of the open.
    const bands = ladder.rows.flatMap((row) => shapes(row, "band"));
    for (const { direction, leaves, arrives } of bands) {
      expect([leaves, arrives]).toEqual(direction === "in" ? [true, false] : [false, true]);
    }
  });

  test("waits at the door only where nothing came between arrival and accept(), and a second at least", () => {
    expect(outline(ladderOf(visited(0.4)))).toEqual([
      "0.000 | ~SYN | ~SYN+ACK | ~ACK | server=ESTABLISHED? | server:accept()",
    ]);
    const [arrival, open] = visited(5) as [ConversationEvent, ConversationEvent];
    const bytes = new Uint8Array();
    const sent: ConversationEvent = {
      ...{ kind: "data", at: 1.5, side: "far", direction: "out", offset: 0, length: 4, bytes },
    };
    expect(outline(ladderOf([arrival, sent, open])).slice(1)).toEqual([
      "(1.5 s idle) | 1.500 | client send 4 B",
      "(3.5 s idle) | 5.000 | server:accept()",
    ]);
  });

  test("has no accept() at the client, whose connect() is told when it was accepted", () => {
    const connect: ConversationEvent = { kind: "open", at: 2.4, side: "far", local, remote };
    // Its states are known now, and it has no other row.
    expect(outline(ladderOf([...visited(), connect]))).toEqual([
      expect.stringMatching(/client=ESTABLISHED\? .* server=ESTABLISHED\?$/),
      "(waits at the door, 2.4 s) | 2.400 | server:accept()",
    ]);
  });

  test("shows the client's calls and states where they are seen, with TIME_WAIT at the end that hung up first", () => {
    const rows = outline(ladderOf(watched.events));
    expect(rows[0]).toContain("client=SYN_SENT? | client=ESTABLISHED");
    expect(rows[0]).not.toContain("connect()");
    expect(rows).toContain("0.901 | client send 12 B | server recv 12 B | “Wake up, Neo”");
    expect(rows).toContain(
      "6.100 | server send 23 B | client recv 16 B | client recv 7 B | “Follow the white rabbit”",
    );
    expect(rows.at(-1)).toContain("FIN, hangs up");
    expect(rows.at(-1)).toContain("server=TIME_WAIT");
    expect(rows.find((row) => row.includes("server=FIN_WAIT2"))).toContain(
      "FIN, no more to send | server:shutdown() | client:recv b''",
    );
  });

  test("that the client resets has the RST going right", () => {
    const row = ladderOf(torn.events).rows.at(-1);
    expect(shapes(row, "packet")).toMatchObject([{ direction: "out", label: "RST", wrong: true }]);
    expect(row?.spoken).toBe("0.610 s, the client reset the connection (RST)");
  });

  test("says each row aloud from the server's end", () => {
    const said = ladderOf(watched.events).rows.map((row) => row.spoken);
    expect(said[0]).toBe(
      "0.000 s, 127.0.0.1:51402 came to the door of 127.0.0.1:9090, and was accepted",
    );
    expect(said).toContain("0.901 s, read 12 bytes: Wake up, Neo");
    expect(said).toContain("6.100 s, sent 23 bytes, read as 16 and 7: Follow the white rabbit");
    const alone = ladderOf(served.events).rows.map((row) => row.spoken);
    expect(alone[1]).toBe("2.400 s, accepted 127.0.0.1:51402 at 127.0.0.1:9090");
    // Whether the client has read it nobody knows, so nothing is said of it.
    expect(alone[3]).toBe("6.200 s, sent 8 bytes: accepted");
    expect(alone).toContain("8.400 s, reading stopped");
  });
});

const steps = fc.array(
  fc.record({
    wait: fc.constantFrom(0, 0.0005, 0.01, 0.4, 1.5),
    times: fc.constantFrom(1, 1, 1, 2, 30),
    length: fc.integer({ min: 1, max: 40 }),
    what: fc.constantFrom("send", "read", "farRecv", "farSend", "link", "queue", "eof", "farEof"),
  }),
  { minLength: 1, maxLength: 40 },
);

/** A client's conversation: anything, in any order. */
const clients = fc.tuple(steps, fc.boolean()).map(([all, farSeen]) => {
  const script = new Script().attempt().open();
  let at = 0;
  for (const { wait, times, length, what } of all) {
    for (let i = 0; i < times; i++) {
      at += wait / times;
      script.at(at);
      if (what === "send") script.send("x".repeat(length));
      else if (what === "read") script.read("y".repeat(length));
      else if (what === "link") script.link("lost");
      else if (what === "eof" && i === 0) script.eof("out");
      else if (farSeen && what === "farRecv") script.farRecv(length);
      else if (farSeen && what === "farSend") script.farSend(length);
      else if (farSeen && what === "farEof") script.eof("in", "far");
      else if (farSeen) script.kernel("near", "ESTABLISHED", { unread: length });
    }
  }
  return script.events;
});

const other = { client: "server", server: "client", out: "in", in: "out" } as const;

/** The same shape in a mirror: left is right. */
function mirrored(shape: LadderShape): LadderShape {
  const turned = { ...shape };
  if ("column" in turned) turned.column = other[turned.column];
  if ("direction" in turned && turned.direction) turned.direction = other[turned.direction];
  if ("range" in turned) {
    turned.range = { ...turned.range, direction: other[turned.range.direction] };
  }
  return turned;
}

/** Shapes in an order that does not depend on which end is drawn first. */
function sorted(all: readonly LadderShape[]): string[] {
  return all.map((shape) => JSON.stringify(shape, Object.keys(shape).sort())).sort();
}

/** What a row shows and says, with the other end's name left open. */
function plain(row: LadderRow, turn: (shape: LadderShape) => LadderShape) {
  const spoken = row.spoken.replaceAll(/\bthe (client|server)\b/g, "the other");
  const texts = row.shapes.map((shape) =>
    "text" in shape
      ? { ...shape, text: shape.text.replaceAll(/\bthe (client|server)\b/g, "the other") }
      : shape,
  );
  const { height, first, last, opens } = row;
  return { height, first, last, opens, spoken, shapes: sorted(texts.map(turn)) };
}

test("turned round, every conversation has the same ladder in a mirror, but for its first row", () => {
  fc.assert(
    fc.property(clients, fc.boolean(), (events, opened) => {
      const [ladder, turned] = [ladderOf(events), ladderOf(events.map(turnRound))];
      for (const each of opened ? [ladder, turned] : []) {
        for (let i = 0; i < each.length; i++) {
          const row = each.row(i);
          if (row?.opens === "closed") each.toggle(row);
        }
      }
      const rows = turned.rows.slice(1).map((row) => plain(row, mirrored));
      expect(rows).toEqual(ladder.rows.slice(1).map((row) => plain(row, (shape) => shape)));
    }),
    { numRuns: 60 },
  );
});
