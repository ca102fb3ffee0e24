/** What states, events and failures mean: one sentence, a source that exists, and the belief it corrects. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import {
  type ConversationEvent,
  type Direction,
  initialState,
  next,
  type Side,
} from "../../../shared/conversation.ts";
import { failureCodes } from "../../../shared/errors.ts";
import { type KernelSocket, TCP_STATES } from "../../../shared/tcp.ts";
import { type About, aboutEvent, aboutFailure, aboutState } from "../../../web/model/about.ts";
import { beliefs } from "../../../web/model/about-beliefs.ts";
import { socketViews } from "../../../web/model/socket-view.ts";

/** Sections of RFC 9293 by its own table of contents, and pages of the Linux manual. */
const SOURCES = new Set([
  "RFC 9293, section 3.3.2",
  "RFC 9293, section 3.5",
  "RFC 9293, section 3.6",
  "RFC 9293, section 3.6.1",
  "RFC 9293, section 3.8.3",
  "accept(2)",
  "close(2)",
  "connect(2)",
  "listen(2)",
  "recv(2)",
  "send(2)",
  "shutdown(2)",
  "socket(2)",
  "getaddrinfo(3)",
  "proc(5)",
  "ip(7)",
  "tcp(7)",
  "utf-8(7)",
  "Wireside, docs/protocol.md",
  "RFC 768",
  "RFC 5280, section 4.1.2.5",
  "RFC 5280, section 6",
  "RFC 6125, section 6",
  "RFC 8446, RFC 5280",
  "RFC 8446, section 4.1",
  "RFC 8446, section 5.1",
  "RFC 8446, section 6",
  "RFC 8446, section 6.1",
  "RFC 8446, section 6.2",
  "udp(7)",
  "udp(7), RFC 1122, section 4.1.3.3",
  "unix(7)",
]);

const local = { host: "127.0.0.1", port: 51234 };
const remote = { host: "192.0.2.1", port: 8000 };
const parsed = parseAddress("tcp://192.0.2.1:8000");
if (!parsed.ok) throw new Error(parsed.problem);
const { address } = parsed;

const opening: ConversationEvent = { kind: "opening", at: 0, side: "near", address };
const open: ConversationEvent = { kind: "open", at: 1, side: "near", local, remote };
const eof = (direction: Direction, at: number, side: Side = "near"): ConversationEvent => ({
  kind: "eof",
  at,
  side,
  direction,
});
const data = (side: Side, direction: Direction, bytes: Uint8Array): ConversationEvent => ({
  kind: "data",
  at: 2,
  side,
  direction,
  offset: 0,
  length: bytes.length,
  bytes,
});
const kernel = (side: Side, changes: Partial<KernelSocket> = {}): ConversationEvent => ({
  kind: "kernel",
  at: 3,
  side,
  socket: { state: "ESTABLISHED", unread: 0, unsent: 0, timeWaitMs: null, ...changes },
});
const utf8 = (text: string) => new TextEncoder().encode(text);

function about(event: ConversationEvent, ...before: ConversationEvent[]): About {
  return aboutEvent(event, [opening, open, ...before, event].reduce(next, initialState));
}

const everyEvent: ConversationEvent[] = [
  opening,
  { kind: "attempt", at: 0, side: "near", local, remote },
  open,
  { ...open, side: "far" },
  ...(["near", "far"] as const).flatMap((side) => [
    data(side, "out", utf8("hi")),
    data(side, "in", utf8("hi")),
    eof("out", 4, side),
    eof("in", 4, side),
    { kind: "reset", at: 5, side, direction: "in", code: "ECONNRESET", detail: "" } as const,
    { kind: "closed", at: 6, side, by: side } as const,
    kernel(side),
    kernel(side, { unread: 7 }),
  ]),
  { kind: "reset", at: 5, side: "near", direction: "out", code: "CLOSED", detail: "" },
  { kind: "error", at: 5, side: "near", code: "ECONNREFUSED", detail: "" },
  { kind: "state", at: 5, side: "near", link: "lost" },
  { kind: "state", at: 6, side: "near", link: "resumed" },
];

const socketEvents: ConversationEvent[] = [
  { kind: "tls", at: 2, side: "near", ...shownCertificate(), trusted: true },
  {
    kind: "tls",
    at: 2,
    side: "near",
    ...shownCertificate(),
    subject: "",
    issuer: "",
    altNames: [],
  },
  { kind: "undelivered", at: 3, side: "near", count: 1, code: "ECONNREFUSED" },
  { kind: "undelivered", at: 3, side: "near", count: 2, code: "EMSGSIZE" },
  { kind: "dropped", at: 3, side: "near", why: "full", count: 3, bytes: 3000 },
  { kind: "dropped", at: 3, side: "near", why: "empty", count: 1, bytes: 0 },
];

function shownCertificate() {
  const times = { validFrom: "2026-01-01T00:00:00.000Z", validTo: "2027-01-01T00:00:00.000Z" };
  const names = { subject: "far end", issuer: "Example CA", altNames: ["DNS:far.test"] };
  const how = { protocol: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", fingerprint256: "AB:CD" };
  return { ...times, ...names, ...how, trusted: false };
}

/** As part of a conversation with this address. */
function aboutOver(text: string, event: ConversationEvent): About {
  const asked = parseAddress(text);
  if (!asked.ok) throw new Error(asked.problem);
  const begins: ConversationEvent = { ...opening, address: asked.address } as ConversationEvent;
  const said = event.kind === "opening" ? begins : event;
  return aboutEvent(said, [begins, said].reduce(next, initialState));
}

const everything: About[] = [
  ...TCP_STATES.flatMap((state) => [
    aboutState(state, "near", true),
    aboutState(state, "far", false),
  ]),
  ...failureCodes.map(aboutFailure),
  ...everyEvent.map((event) => about(event)),
  ...socketEvents.map((event) => about(event)),
  ...["udp://192.0.2.1:53", "unix:/run/x.sock"].flatMap((text) =>
    [...everyEvent, ...socketEvents].map((event) => aboutOver(text, event)),
  ),
  about(data("near", "out", utf8("é"))),
];

describe("everything that is explained", () => {
  test("has a title, a sentence, and a source that exists", () => {
    for (const { title, text, source } of everything) {
      expect(title).not.toBe("");
      expect(text).toMatch(/^(?:[A-Z]|send\(\)|recv\(\)).*\.$/);
      expect(SOURCES, title).toContain(source.label);
    }
  });

  test("names no empty address and no value that is missing", () => {
    for (const { title, text } of everything) {
      expect(`${title} ${text}`).not.toMatch(/undefined|null|NaN|\s\s/);
    }
  });

  test("corrects each belief that a client can meet somewhere", () => {
    const loopback = parseAddress("tcp://127.0.0.1:8000");
    if (!loopback.ok) throw new Error(loopback.problem);
    const reached = [...everything, about({ ...opening, address: loopback.address })];
    const corrected = new Set(reached.map(({ wrong }) => wrong?.belief));
    for (const { belief } of Object.values(beliefs)) expect(corrected).toContain(belief);
  });
});

describe("a state", () => {
  test("is told of whoever holds the socket", () => {
    expect(aboutState("CLOSE_WAIT", "near", true).text).toBe(
      "The server has hung up, and the kernel waits until you hang up too.",
    );
    expect(aboutState("CLOSE_WAIT", "far", true).text).toBe(
      "You have hung up, and the kernel waits until the server hangs up too.",
    );
    expect(aboutState("FIN_WAIT2", "far", true).text).toBe(
      "The server has hung up, which is confirmed, and you have not: that direction is still there.",
    );
  });

  test("says whether the kernel was asked", () => {
    expect(aboutState("ESTABLISHED", "near", true).known).toMatch(/kernel says so/);
    expect(aboutState("ESTABLISHED", "near", false).known).toMatch(/nobody asked the kernel/);
  });
});

describe("an event", () => {
  test("of 127.0.0.1 says whose machine that is, and of another address does not", () => {
    const own = parseAddress("tcp://127.0.0.1:8000");
    if (!own.ok) throw new Error(own.problem);
    expect(about({ ...opening, address: own.address }).wrong).toBe(beliefs.loopback);
    expect(about(opening).wrong).toBeUndefined();
  });

  test("of a send does not say that anybody has read it", () => {
    const said = about(data("near", "out", utf8("hello")));
    expect(said.text).toBe(
      "send() handed 5 B to the kernel, which is all that is known when it returns.",
    );
    expect(said.wrong).toBe(beliefs.sentIsRead);
  });

  test("of a read tells what it returned, not what it asked for", () => {
    const said = about(data("near", "in", utf8("hello")));
    expect(said.text).toMatch(/^recv\(\) returned the 5 B that were there/);
    expect(said.wrong).toBe(beliefs.recvWaits);
  });

  test("of the kernel tells the bytes that wait unread", () => {
    expect(about(kernel("far", { unread: 23 }))).toMatchObject({
      title: "23 B unread",
      text: "They have arrived in the kernel, and the server's program has not read them yet.",
    });
  });

  test("of the server's FIN says that your direction is open only while it is", () => {
    expect(about(eof("in", 3)).text).toMatch(/Your own direction is still open/);
    expect(about(eof("in", 3), eof("out", 2)).text).not.toMatch(/still open/);
  });
});

describe("text and bytes", () => {
  const said = (bytes: Uint8Array) => about(data("near", "in", bytes));
  const rabbit = utf8("🐇");

  test("a character of two bytes is counted as one", () => {
    expect(said(utf8("é")).text).toBe("These 2 B are 1 character of text.");
    expect(said(utf8("é")).wrong).toBe(beliefs.textIsBytes);
  });

  test("a read that ends, begins, or does both inside a character says so", () => {
    const ends = new Uint8Array([...utf8("Hi "), ...rabbit.subarray(0, 2)]);
    const begins = new Uint8Array([...rabbit.subarray(2), ...utf8(" hi")]);
    const both = new Uint8Array([...rabbit.subarray(3), ...utf8("ab"), ...rabbit.subarray(0, 1)]);
    expect(said(ends).text).toBe("This piece ends in the middle of a character.");
    expect(said(begins).text).toBe("This piece begins in the middle of a character.");
    expect(said(both).text).toBe("This piece begins and ends in the middle of a character.");
  });

  test("whole characters at the end are not taken for cut ones", () => {
    expect(said(new Uint8Array([...utf8("Hi "), ...rabbit])).text).toBe(
      "These 7 B are 4 characters of text.",
    );
  });

  test("plain ASCII and bytes that are no text are told as reads", () => {
    expect(said(utf8("hello")).wrong).toBe(beliefs.recvWaits);
    expect(said(new Uint8Array([0xff, 0x00, 0xfe, 0x41])).wrong).toBe(beliefs.recvWaits);
  });
});

describe("both sockets", () => {
  const views = (...events: ConversationEvent[]) => socketViews(events.reduce(next, initialState));

  test("have their waiting bytes only where the kernel told them", () => {
    const [near, far] = views(opening, open, kernel("far", { unread: 7, unsent: 3 }));
    expect(near).toMatchObject({ state: "ESTABLISHED", kernel: null, figures: [] });
    expect(far?.figures).toEqual([
      { name: "Unread", value: "7 B" },
      { name: "Not acknowledged", value: "3 B" },
    ]);
  });

  test("are not there before the first conversation", () => {
    expect(socketViews(null)).toMatchObject([
      { state: null, about: null },
      { state: null, about: null },
    ]);
  });
});
