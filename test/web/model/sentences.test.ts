/** Events in words, as the list shows them and a screen reader says them. */
import { describe, expect, test } from "vitest";
import type { ConversationEvent } from "../../../shared/conversation.ts";
import { announcement, sentence, spoken } from "../../../web/model/sentences.ts";

const data = (
  direction: "in" | "out",
  text: string,
  at: number,
  side: "near" | "far" = "near",
): ConversationEvent => {
  const bytes = new TextEncoder().encode(text);
  return { kind: "data", at, side, direction, offset: 0, length: bytes.length, bytes };
};

describe("a sentence", () => {
  test("says what was sent and read, with the bytes", () => {
    expect(sentence(data("out", "Wake up, Neo", 4.2))).toMatchObject({
      mark: "send",
      tone: "out",
      text: "sent 12 B",
      excerpt: "Wake up, Neo",
    });
    expect(sentence(data("in", "accepted", 4.2))).toMatchObject({
      mark: "receive",
      tone: "in",
      text: "read 8 B",
    });
  });

  test("tells the far end's own calls apart from this end's", () => {
    expect(sentence(data("out", "close", 1, "far")).text).toBe("the server read 5 B");
    expect(sentence(data("in", "closed", 1, "far")).text).toBe("the server sent 6 B");
    const eof: ConversationEvent = { kind: "eof", at: 1, side: "far", direction: "out" };
    expect(sentence(eof).text).toBe("the server read the end");
    expect(sentence({ ...eof, direction: "in" }).text).toBe(
      "the server called shutdown(): it has no more to send",
    );
  });

  test("tells of a server's accept() and of a client's connect()", () => {
    const ends = { local: { host: "::1", port: 1 }, remote: { host: "::1", port: 2 } };
    const open: ConversationEvent = { kind: "open", at: 1, side: "far", ...ends };
    expect(sentence(open, undefined, "client").text).toBe("the server accepted the connection");
    expect(sentence(open, undefined, "server").text).toBe("the client called connect()");
  });

  test("names who ended a direction", () => {
    const eof = (direction: "in" | "out"): ConversationEvent => ({
      kind: "eof",
      at: 1,
      side: "near",
      direction,
    });
    expect(sentence(eof("in"))).toMatchObject({
      mark: "fin-in",
      text: "the server ended its direction (FIN)",
    });
    expect(sentence(eof("out"))).toMatchObject({
      mark: "fin-out",
      text: "you ended your direction (FIN)",
    });
  });

  test("gives a failure in the system's words, without number and exception", () => {
    const refused: ConversationEvent = {
      kind: "error",
      at: 0,
      side: "near",
      code: "ECONNREFUSED",
      detail: "",
    };
    expect(sentence(refused)).toMatchObject({ tone: "wrong", text: "connection refused (RST)" });
  });

  test("calls it asked, not connecting, when nothing was tried", () => {
    const address = { scheme: "tcp", host: "10.0.0.1", port: 80 } as const;
    const opening: ConversationEvent = { kind: "opening", at: 0, side: "near", address };
    const error = (code: "NOT_ALLOWED" | "ECONNREFUSED"): ConversationEvent => ({
      kind: "error",
      at: 0,
      side: "near",
      code,
      detail: "",
    });
    expect(sentence(opening, error("NOT_ALLOWED")).text).toBe("asked for tcp://10.0.0.1:80");
    expect(sentence(opening, error("ECONNREFUSED")).text).toBe("connecting to tcp://10.0.0.1:80");
    expect(announcement([opening, error("NOT_ALLOWED")])).toContain("asked for tcp://10.0.0.1:80");
  });

  test("says that a lost link has cost nothing", () => {
    const link = (state: "lost" | "resumed"): ConversationEvent => ({
      kind: "state",
      at: 1,
      side: "near",
      link: state,
    });
    expect(sentence(link("lost")).text).toContain("keeps the socket");
    expect(sentence(link("resumed")).text).toBe("link to gateway resumed, nothing lost");
  });
});

describe("spoken", () => {
  test("an event begins with its time and says bytes in full", () => {
    expect(spoken(data("out", "Follow the white rabbit", 11.87))).toBe(
      "11.870 s, sent 23 bytes: Follow the white rabbit",
    );
    expect(spoken(data("in", "x", 1))).toBe("1.000 s, read 1 byte: x");
  });

  test("few events are said one by one", () => {
    const said = announcement([data("out", "close", 1), data("in", "closed", 1.1)]);
    expect(said).toBe("1.000 s, sent 5 bytes: close. 1.100 s, read 6 bytes: closed");
  });

  test("a flood is summed up in a sentence, and ends and errors in it are not lost", () => {
    const flood = Array.from({ length: 10_000 }, () => data("in", "0123456789", 1));
    const fin: ConversationEvent = { kind: "eof", at: 2, side: "near", direction: "in" };
    expect(announcement([...flood, fin])).toBe(
      "10,000 reads, 100,000 bytes in. the server ended its direction (FIN)",
    );
  });
});
