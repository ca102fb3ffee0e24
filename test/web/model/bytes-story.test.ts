/** What the bytes panel says: only what was seen, and what follows from it. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import type { ConversationEvent, Direction, Side } from "../../../shared/conversation.ts";
import { pieceStory, rowEnd, wholeStory } from "../../../web/model/bytes-story.ts";
import { Conversation } from "../../../web/model/conversation.ts";

/** Calls in their order: side, direction, bytes. */
type Call = [Side, Direction, number, (number | undefined)?];

function talk(...calls: Call[]): Conversation {
  const conversation = new Conversation();
  const offsets = new Map<string, number>();
  for (const [side, direction, length, together] of calls) {
    const key = side + direction;
    const offset = offsets.get(key) ?? 0;
    offsets.set(key, offset + length);
    const bytes = new Uint8Array(side === "near" ? length : 0);
    const event: ConversationEvent = {
      kind: "data",
      at: 11.87,
      side,
      direction,
      offset,
      length,
      bytes,
    };
    conversation.append(together ? { ...event, calls: together } : event);
  }
  return conversation;
}

const story = (conversation: Conversation, direction: Direction, start: number, end: number) =>
  pieceStory(conversation, { direction, start, end }, conversation.callAt(direction, start) ?? 0);
const out = (length: number): Call => ["near", "out", length];
const recv = (length: number, together?: number): Call => ["far", "out", length, together];
const send = (length: number): Call => ["far", "in", length];
const read = (length: number): Call => ["near", "in", length];

describe("a message", () => {
  test("that a small read cut was sent as one and read as two, and recv says how small", () => {
    const said = story(talk(out(12), recv(12), out(23), recv(16), recv(7)), "out", 12, 35);
    expect(said).toEqual({
      headline: "Sent as 1 message, read as 2 chunks",
      figures: "23 B at 11.870 s",
      called: "recv(16)",
      closing: "TCP keeps bytes and their order, not message borders.",
    });
  });

  test("whose reads differ for another reason proves nothing of recv", () => {
    expect(story(talk(out(23), recv(7), recv(16)), "out", 0, 23).called).toBe(null);
    expect(story(talk(out(60_000), recv(32_768), recv(27_232)), "out", 0, 60_000).called).toBe(
      null,
    );
    expect(story(talk(out(8), out(8), recv(8), recv(8)), "out", 0, 16).called).toBe(null);
    expect(story(talk(out(23), recv(16, 2), recv(7)), "out", 0, 23).called).toBe(null);
  });

  test("that two sends became is read at once", () => {
    const said = story(talk(send(8), send(8), read(16)), "in", 0, 16);
    expect(said.headline).toBe("Sent as 2 messages, read at once");
  });

  test("that was read as it was sent promises nothing for the next", () => {
    const said = story(talk(out(12), recv(12)), "out", 0, 12);
    expect(said.headline).toBe("Sent as 1 message, read as 1 chunk");
    expect(said.closing).toContain("does not promise");
  });

  test("to a server elsewhere says that its reads are not visible from here", () => {
    expect(story(talk(out(12)), "out", 0, 12).headline).toBe(
      "Sent 12 bytes; how the server read them is not visible from here",
    );
    expect(story(talk(read(8)), "in", 0, 8).headline).toBe(
      "Read 8 bytes; how the server sent them is not visible from here",
    );
  });

  test("that nobody has read says so, in part too", () => {
    expect(story(talk(out(12), recv(12), out(5)), "out", 12, 17).headline).toBe(
      "Sent as 1 message, not read yet",
    );
    expect(story(talk(out(23), recv(16)), "out", 0, 23).headline).toBe(
      "Sent as 1 message, read so far as 1 chunk",
    );
  });

  test("whose reads were missed is not told as if they had been seen", () => {
    const conversation = talk(out(12), out(5));
    conversation.append({
      kind: "data",
      at: 12,
      side: "far",
      direction: "out",
      offset: 12,
      length: 5,
      bytes: new Uint8Array(),
    });
    expect(story(conversation, "out", 0, 12).headline).toBe(
      "Sent as 1 message, and how they were read was not seen",
    );
  });
});

describe("the end of a row", () => {
  const rabbit = talk(out(12), recv(12), out(23), recv(16), recv(7));
  const range = { direction: "out" as const, start: 12, end: 35 };

  test("names the chunk that ended there", () => {
    expect(rowEnd(rabbit, range, 28, false)).toEqual({ border: "read", labels: ["chunk 1: 16 B"] });
    expect(rowEnd(rabbit, range, 35, false)).toEqual({ border: null, labels: ["chunk 2: 7 B"] });
    expect(rowEnd(rabbit, range, 20, false)).toEqual({ border: null, labels: [] });
  });

  test("names messages where several were read at once", () => {
    const both = talk(send(8), send(8), read(16));
    const all = { direction: "in" as const, start: 0, end: 16 };
    expect(rowEnd(both, all, 8, false)).toEqual({ border: "send", labels: ["message 1: 8 B"] });
    expect(rowEnd(both, all, 16, false).labels).toEqual(["chunk 1: 16 B", "message 2: 8 B"]);
  });

  test("of one send that was one read needs no name", () => {
    const one = talk(out(12), recv(12));
    const all = { direction: "out" as const, start: 0, end: 12 };
    expect(rowEnd(one, all, 12, false).labels).toEqual([]);
    expect(rowEnd(one, all, 12, true).labels).toEqual(["chunk 1: 12 B"]);
  });

  test("says of a part how much it is of the whole", () => {
    const part = { direction: "out" as const, start: 20, end: 35 };
    expect(rowEnd(rabbit, part, 28, false).labels).toEqual(["chunk 1: 8 of 16 B"]);
  });
});

test("the whole of a direction counts its bytes and calls", () => {
  const said = wholeStory(talk(out(12), out(23)), "out");
  expect([said.headline, said.figures]).toEqual(["Everything you sent", "35 B, 2 sends"]);
  expect(wholeStory(talk(out(1)), "in").headline).toBe("Nothing received yet");
});

describe("of what is no TCP connection", () => {
  const over = (address: string, ...calls: Call[]) => {
    const parsed = parseAddress(address);
    if (!parsed.ok) throw new Error(parsed.problem);
    const conversation = new Conversation();
    conversation.append({ kind: "opening", at: 0, side: "near", address: parsed.address });
    conversation.appendAll(talk(...calls).events);
    return conversation;
  };

  test("a datagram is whole, and nobody says that it may be read in pieces", () => {
    const datagrams = over("udp://127.0.0.1:8000", out(12), out(5), read(8));
    expect(story(datagrams, "out", 0, 12)).toMatchObject({
      headline: "Sent 12 bytes; whether the server read them is not visible from here",
      closing: "UDP keeps each datagram whole: it is read at once, or never.",
    });
    expect(story(datagrams, "in", 0, 8)).toMatchObject({
      headline: "Read 8 bytes; when the server sent them is not visible from here",
      closing: "UDP keeps each datagram whole: it is read at once, or never.",
    });
    for (const direction of ["out", "in"] as const)
      expect(wholeStory(datagrams, direction).closing).not.toContain("TCP");
  });

  test("datagrams that nobody read do not wait for anything", () => {
    const unread = over("udp://127.0.0.1:8000", out(12), recv(12), out(5));
    expect(story(unread, "out", 12, 17).closing).not.toMatch(/TCP|wait/);
    expect(story(unread, "out", 0, 12).closing).not.toMatch(/TCP|does not promise/);
  });

  test("a Unix socket keeps bytes as TCP does, and is not called so", () => {
    const unix = over("unix:/run/a.sock", out(23), recv(16), recv(7));
    expect(story(unix, "out", 0, 23)).toMatchObject({
      called: "recv(16)",
      closing: "A stream socket keeps bytes and their order, not message borders.",
    });
    const one = over("unix:/run/a.sock", out(3), recv(3));
    expect(story(one, "out", 0, 3).closing).not.toContain("TCP");
  });
});
