/** A conversation in words where the page is the server: the other end is the client, and says so everywhere. */
import { describe, expect, test } from "vitest";
import {
  type ConversationEvent,
  type Direction,
  initialState,
  next,
} from "../../../shared/conversation.ts";
import { TCP_STATES } from "../../../shared/tcp.ts";
import { aboutEvent, aboutState } from "../../../web/model/about.ts";
import { pieceStory, wholeStory } from "../../../web/model/bytes-story.ts";
import { Conversation } from "../../../web/model/conversation.ts";
import { lessonFigures } from "../../../web/model/lesson.ts";
import { officePlan } from "../../../web/model/office.ts";
import { announcement, sentence, spoken } from "../../../web/model/sentences.ts";
import { socketViews } from "../../../web/model/socket-view.ts";
import { wireView } from "../../../web/model/wire.ts";
import { data, farData } from "../../support/recordings.ts";
import {
  eof,
  kernel,
  local,
  option,
  remote,
  served,
  torn,
  visited,
  watched,
} from "../../support/served.ts";

function conversationOf(events: readonly ConversationEvent[]): Conversation {
  const conversation = new Conversation(0, 0, "server");
  conversation.appendAll(events);
  return conversation;
}

const say = (event: ConversationEvent) => sentence(event, undefined, "server");
const far = (fields: object) => ({ at: 1, side: "far", ...fields }) as ConversationEvent;
const [arrival, open] = visited() as [ConversationEvent, ConversationEvent];
const reset = (direction: Direction, code = "ECONNRESET") =>
  ({ kind: "reset", at: 1, side: "near", direction, code, detail: "" }) as ConversationEvent;

describe("a sentence", () => {
  test("says what was read and sent: bytes that go right are read here", () => {
    expect(say(data(1, "out", 0, "Wake up, Neo"))).toMatchObject({
      mark: "send",
      tone: "out",
      text: "read 12 B",
      excerpt: "Wake up, Neo",
    });
    expect(say(data(1, "in", 0, "accepted"))).toMatchObject({
      mark: "receive",
      tone: "in",
      text: "sent 8 B",
    });
  });

  test.each([
    [arrival, "127.0.0.1:51402 came to the door of 127.0.0.1:9090"],
    [open, "accepted 127.0.0.1:51402 at 127.0.0.1:9090"],
    [farData(1, "out", 0, 5), "the client sent 5 B"],
    [farData(1, "in", 0, 8), "the client read 8 B"],
    [eof(1, "out"), "the client ended its direction (FIN)"],
    [eof(1, "in"), "you ended your direction (FIN)"],
    [eof(1, "in", "far"), "the client read the end"],
    [eof(1, "out", "far"), "the client called shutdown(): it has no more to send"],
    [far({ kind: "closed", by: "far" }), "the client closed its socket"],
    [
      kernel(1, "far", "CLOSE_WAIT", { unread: 7 }),
      "kernel: the client's socket is CLOSE_WAIT, 7 B unread",
    ],
    [reset("out"), "the client reset the connection (RST)"],
    [reset("in", "CANCELLED"), "you gave the connection up (RST)"],
    [option(1, { reading: false }), "reading stopped"],
  ])("names the other end: %o", (event, text) => {
    expect(say(event).text).toBe(text);
  });

  test("marks a FIN by the way it went", () => {
    expect([say(eof(1, "out")).mark, say(eof(1, "in")).mark]).toEqual(["fin-out", "fin-in"]);
  });

  test("of many says what this end sent and read", () => {
    expect(announcement(served.events.slice(2, 8), "server")).toBe(
      "3 sends, 16 bytes out. 1 read, 12 bytes in. TCP_NODELAY on: Nagle's algorithm is off. reading stopped",
    );
    expect(spoken(eof(14, "out"), undefined, "server")).toBe(
      "14.000 s, the client ended its direction (FIN)",
    );
  });
});

describe("what is explained", () => {
  test("never calls the other end of a visit a server", () => {
    const shown = [served, watched, torn].flatMap(({ events }) => {
      const { state } = conversationOf(events);
      return events.map((event) => aboutEvent(event, state));
    });
    const states = TCP_STATES.flatMap((state) => [
      aboutState(state, "near", true, "server"),
      aboutState(state, "far", true, "server"),
    ]);
    for (const { title, text } of [...shown, ...states]) {
      expect(`${title}. ${text}`).not.toMatch(/\bserver\b/i);
    }
  });

  test("tells sends from reads, and which FIN came first", () => {
    const { state } = conversationOf(served.events);
    const about = (event: ConversationEvent) => aboutEvent(event, state);
    expect(about(data(1, "out", 0, "hello")).title).toBe("recv(), to you");
    expect(about(data(1, "in", 0, "hello")).title).toBe("send(), to the client");
    expect(about(farData(1, "in", 0, 5)).title).toBe("The client's recv(), to the client");
    expect(about(open).title).toBe("Your accept() returned");
    expect(about(eof(14, "out"))).toMatchObject({
      title: "The client ended its direction (FIN)",
      text: expect.stringContaining("Your own direction is still open."),
    });
    expect(about(eof(15.9, "in")).text).toBe(
      "The client had ended its direction before, so with yours both are over.",
    );
    expect(about(reset("out")).title).toBe("The client reset the connection (RST)");
  });

  test("calls the sockets by who holds them", () => {
    const views = socketViews(conversationOf(watched.events).state);
    expect(views.map(({ name, state }) => [name, state])).toEqual([
      ["Your socket", "TIME_WAIT"],
      ["Client socket", "CLOSED"],
    ]);
  });

  test("gives a reset by the client its figures, and no plan of an office that nobody visited", () => {
    const { state, events } = conversationOf(torn.events);
    expect(lessonFigures("ECONNRESET", state, events)).toBe(
      "The connection had lasted 510 ms, with 17 B out and 18 B in.",
    );
    expect(officePlan("ECONNRESET", state, [])).toBeNull();
  });
});

describe("the story of bytes", () => {
  const conversation = conversationOf(watched.events);
  const story = (direction: Direction, start: number, end: number, of = conversation) =>
    pieceStory(of, { direction, start, end }, of.callAt(direction, start) ?? 0);

  test("is told of both directions from the server's end", () => {
    expect(story("in", 8, 31)).toEqual({
      headline: "Sent as 1 message, read as 2 chunks",
      figures: "23 B at 6.100 s",
      called: "recv(16)",
      closing: "TCP keeps bytes and their order, not message borders.",
    });
    expect(story("out", 12, 35)).toMatchObject({
      headline: "Sent as 2 messages, read at once",
      closing: expect.stringContaining("All of them had arrived when your socket read."),
    });
    expect(wholeStory(conversation, "out")).toMatchObject({
      headline: "Everything the client sent",
      figures: "38 B, 3 reads",
    });
    expect(wholeStory(conversation, "in")).toMatchObject({
      headline: "Everything you sent",
      figures: "31 B, 2 sends",
    });
  });

  test("says of a client that cannot be seen only that", () => {
    const alone = conversationOf(served.events);
    expect(story("in", 0, 8, alone).headline).toBe(
      "Sent 8 bytes; how the client read them is not visible from here",
    );
    expect(story("out", 0, 12, alone).headline).toBe(
      "Read 12 bytes; how the client sent them is not visible from here",
    );
  });

  test("is as long as what this end sent and read, however it was counted", () => {
    // Looked at in between, so that both ways of counting are used.
    const counted = new Conversation(0, 0, "server");
    for (const event of watched.events) {
      counted.append(event);
      if (event.at > 5) void counted.state;
    }
    const { sentBytes, sends, receivedBytes, reads } = watched.events.reduce(next, initialState);
    expect([sentBytes, receivedBytes]).toEqual([31, 38]);
    expect(counted.state).toMatchObject({ sentBytes, sends, receivedBytes, reads });
    expect([counted.lengthOf("in"), counted.lengthOf("out")]).toEqual([31, 38]);
    const quick = conversationOf(watched.events);
    expect(quick.state).toMatchObject({ sentBytes, sends, receivedBytes, reads });
  });
});

describe("the wire", () => {
  const at = (...events: ConversationEvent[]) => wireView(conversationOf(events).state);

  test("is there as soon as somebody is at the door", () => {
    expect(at(arrival)).toMatchObject({
      shape: "connecting",
      strands: { out: "solid", in: "solid" },
    });
  });

  test("shows who ended a strand, and who reset both", () => {
    expect(at(arrival, open, eof(3, "out"))).toMatchObject({
      strands: { out: "dotted", in: "solid" },
      fins: { out: "far", in: null },
    });
    expect(at(arrival, open, eof(3, "in")).fins).toEqual({ out: null, in: "near" });
    expect(at(...torn.events)).toMatchObject({
      cross: "far",
      trouble: "reset by the client after 610 ms",
    });
  });
});

test("the visitor's address and the page's own are what the state says", () => {
  expect(conversationOf(served.events).state).toMatchObject({ role: "server", local, remote });
});
