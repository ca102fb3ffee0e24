/** The plan of the office: drawn where it is true, left out where it would not be. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import {
  type ConversationEvent,
  type ConversationState,
  initialState,
  next,
} from "../../../shared/conversation.ts";
import { type FailureCode, failureCodes } from "../../../shared/errors.ts";
import { officePlan } from "../../../web/model/office.ts";

const servers = [
  { name: "accept", address: "tcp://127.0.0.1:8000", about: "" },
  { name: "recv16", address: "tcp://127.0.0.1:7016", about: "" },
  { name: "lab", address: "tcp://127.0.0.1:22", about: "" },
];

const local = { host: "127.0.0.1", port: 51234 };

function stateAfter(text: string, ...events: ConversationEvent[]): ConversationState {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  const opening = { kind: "opening", at: 0, side: "near", address: parsed.address } as const;
  return [opening, ...events].reduce(next, initialState);
}

const failed = (code: FailureCode): ConversationEvent => ({
  kind: "error",
  at: 1,
  side: "near",
  code,
  detail: "",
});

const plan = (code: FailureCode, text = "127.0.0.1:9090") =>
  officePlan(code, stateAfter(text, failed(code)), servers);

describe("the plan of the office", () => {
  test("of a refusal shows the tables at which the gateway's own servers sit, and no others", () => {
    expect(plan("ECONNREFUSED")).toMatchObject({
      kind: "refused",
      name: "127.0.0.1",
      port: 9090,
      taken: [7016, 8000],
    });
  });

  test("of another machine shows no tables but the one that was asked for", () => {
    expect(plan("ECONNREFUSED", "192.0.2.1:9090")?.taken).toEqual([]);
  });

  test("goes by the number that was dialled, and names it beside the name", () => {
    const remote = { host: "127.0.0.1", port: 9090 };
    const attempt: ConversationEvent = { kind: "attempt", at: 0, side: "near", local, remote };
    const state = stateAfter("tcp://school.example:9090", attempt, failed("ECONNREFUSED"));
    expect(officePlan("ECONNREFUSED", state, servers)).toMatchObject({
      name: "school.example",
      number: "127.0.0.1",
      taken: [7016, 8000],
    });
  });

  test("never shows tables where nothing inside could be seen", () => {
    for (const code of ["CONNECT_TIMEOUT", "EHOSTUNREACH", "ENETUNREACH", "NOT_ALLOWED"] as const) {
      expect(plan(code)?.taken).toEqual([]);
    }
  });

  test("tells silence, a missing road, a missing name and a shut door apart", () => {
    const kinds = {
      CONNECT_TIMEOUT: "silent",
      ETIMEDOUT: "silent",
      EHOSTUNREACH: "unreachable",
      ENETUNREACH: "no-road",
      ENOTFOUND: "no-name",
      EAI_AGAIN: "no-directory",
      NOT_ALLOWED: "not-allowed",
    } as const;
    for (const [code, kind] of Object.entries(kinds)) {
      expect(plan(code as FailureCode)?.kind, code).toBe(kind);
    }
  });

  test("shows who was inside as thrown out, not who was never let in", () => {
    const remote = { host: "127.0.0.1", port: 9090 };
    const open: ConversationEvent = { kind: "open", at: 1, side: "near", local, remote };
    const reset: ConversationEvent = {
      kind: "reset",
      at: 2,
      side: "near",
      direction: "in",
      code: "ECONNRESET",
      detail: "",
    };
    const state = stateAfter("127.0.0.1:9090", open, reset);
    expect(officePlan("ECONNRESET", state, servers)?.kind).toBe("reset");
    expect(plan("ECONNRESET")).toBeNull();
  });

  test("of a conversation that was open has no unanswered knock", () => {
    const remote = { host: "127.0.0.1", port: 9090 };
    const open: ConversationEvent = { kind: "open", at: 1, side: "near", local, remote };
    const state = stateAfter("127.0.0.1:9090", open, failed("ETIMEDOUT"));
    expect(officePlan("ETIMEDOUT", state, servers)).toBeNull();
  });

  test("is left out for what happened elsewhere, and is in words wherever it is drawn", () => {
    const drawn = failureCodes.filter((code) => plan(code) !== null);
    expect(drawn).not.toContain("GATEWAY_UNREACHABLE");
    expect(drawn).not.toContain("EMFILE");
    for (const code of drawn) expect(plan(code)?.words).toMatch(/127\.0\.0\.1/);
  });
});
