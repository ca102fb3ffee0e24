/** The large words of an explanation, and the figures of the case at hand. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import {
  type ConversationEvent,
  type EventOf,
  initialState,
  next,
} from "../../../shared/conversation.ts";
import type { FailureCode } from "../../../shared/errors.ts";
import { failedAt, lessonFigures, lessonHeadline } from "../../../web/model/lesson.ts";

const parsed = parseAddress("tcp://127.0.0.1:9090");
if (!parsed.ok) throw new Error(parsed.problem);
const local = { host: "127.0.0.1", port: 51234 };
const remote = { host: "127.0.0.1", port: 9090 };
const opening: ConversationEvent = { kind: "opening", at: 0, side: "near", ...parsed };
const attempt = (at: number): ConversationEvent => ({
  kind: "attempt",
  at,
  side: "near",
  local,
  remote,
});
const open: ConversationEvent = { kind: "open", at: 1, side: "near", local, remote };
const error = (code: FailureCode, at: number): EventOf<"error"> => ({
  kind: "error",
  at,
  side: "near",
  code,
  detail: "",
});
const told: ConversationEvent = {
  kind: "kernel",
  at: 9,
  side: "near",
  socket: { state: "CLOSED", unread: 0, unsent: 0, timeWaitMs: null },
};

const figures = (code: FailureCode, ...events: ConversationEvent[]) =>
  lessonFigures(code, events.reduce(next, initialState), events);

describe("the headline", () => {
  test("names the table that was asked for", () => {
    expect(lessonHeadline("ECONNREFUSED", remote, "")).toBe(
      "The machine answered. Nobody is at table 9090.",
    );
  });

  test("is the failure's own words where there are no better ones", () => {
    expect(lessonHeadline("EMFILE", remote, "Too many open files")).toBe("Too many open files.");
  });
});

describe("the figures", () => {
  test("count from the knock that failed, not from the wish to connect or an earlier knock", () => {
    const events = [opening, attempt(0.03), attempt(0.5), error("ECONNREFUSED", 0.5002)];
    expect(figures("ECONNREFUSED", ...events)).toBe("The answer came 0.2 ms after the knock.");
  });

  test("of a connection that was open say how long it lasted and what it carried", () => {
    const bytes = new Uint8Array(12);
    const data: ConversationEvent = {
      kind: "data",
      at: 2,
      side: "near",
      direction: "out",
      offset: 0,
      length: 12,
      bytes,
    };
    const reset: ConversationEvent = {
      kind: "reset",
      at: 5.2,
      side: "near",
      direction: "in",
      code: "ECONNRESET",
      detail: "",
    };
    expect(figures("ECONNRESET", opening, open, data, reset)).toBe(
      "The connection had lasted 4.2 s, with 12 B out and 0 B in.",
    );
  });

  test("are not moved by what the kernel says afterwards", () => {
    expect(failedAt([opening, error("EHOSTUNREACH", 3), told])).toBe(3);
  });

  test("of what was never sent say so, and without a failure there are none", () => {
    expect(figures("NOT_ALLOWED", opening, error("NOT_ALLOWED", 0))).toBe(
      "Nothing was sent to it.",
    );
    expect(figures("NOT_ALLOWED", opening)).toBe("");
  });
});
