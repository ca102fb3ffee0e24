/** The address bar's wire, derived from what happened and nothing else. */
import { describe, expect, test } from "vitest";
import { parseAddress } from "../../../shared/address.ts";
import {
  type ConversationEvent,
  type ConversationState,
  initialState,
  next,
} from "../../../shared/conversation.ts";
import { type FailureCode, failureCodes } from "../../../shared/errors.ts";
import { ownSocket, wireView } from "../../../web/model/wire.ts";

const parsed = parseAddress("tcp://127.0.0.1:8000");
if (!parsed.ok) throw new Error(parsed.problem);
const { address } = parsed;

const opening: ConversationEvent = { kind: "opening", at: 0, side: "near", address };
const open: ConversationEvent = {
  kind: "open",
  at: 0.001,
  side: "near",
  local: { host: "127.0.0.1", port: 51234 },
  remote: { host: "127.0.0.1", port: 8000 },
};
const fin = (direction: "in" | "out", at: number): ConversationEvent => ({
  kind: "eof",
  at,
  side: "near",
  direction,
});

const stateAfter = (...events: ConversationEvent[]): ConversationState =>
  events.reduce(next, initialState);

describe("the wire", () => {
  test("has no strands before the first conversation, and the button connects", () => {
    expect(wireView(null)).toMatchObject({
      shape: "idle",
      strands: { out: "none", in: "none" },
      button: "Connect",
    });
  });

  test("is dashed while connecting, and the button cancels", () => {
    expect(wireView(stateAfter(opening))).toMatchObject({
      shape: "connecting",
      strands: { out: "dashed", in: "dashed" },
      button: "Cancel",
    });
  });

  test("hung up by the teacher it is closed with this end's FIN, and not broken", () => {
    const hungUp = { kind: "error", at: 2, side: "near", code: "HUNG_UP", detail: "" } as const;
    const state = stateAfter(opening, open, hungUp);
    expect(state).toMatchObject({ phase: "closed", near: "FIN_WAIT2", far: null });
    expect(wireView(state)).toMatchObject({
      shape: "closed",
      fins: { out: "near", in: null },
      cross: null,
      trouble: "teacher hung up after 2.0 s",
    });
    const after = stateAfter(opening, open, fin("in", 1), hungUp);
    expect(after).toMatchObject({ phase: "closed", near: "CLOSED" });
  });

  test("is solid while open, and the button closes", () => {
    expect(wireView(stateAfter(opening, open))).toMatchObject({
      shape: "open",
      strands: { out: "solid", in: "solid" },
      fins: { out: null, in: null },
      button: "Close",
    });
  });

  test("shows a closed direction dotted with its FIN at the closer, the other still solid", () => {
    expect(wireView(stateAfter(opening, open, fin("in", 2)))).toMatchObject({
      strands: { out: "solid", in: "dotted" },
      fins: { out: null, in: "far" },
      button: "Close",
    });
    expect(wireView(stateAfter(opening, open, fin("out", 2)))).toMatchObject({
      strands: { out: "dotted", in: "solid" },
      fins: { out: "near", in: null },
    });
  });

  test("is dotted both ways once closed, and the button connects again", () => {
    const closed: ConversationEvent = { kind: "closed", at: 3, side: "near", by: "near" };
    const view = wireView(stateAfter(opening, open, fin("in", 2), fin("out", 2.5), closed));
    expect(view).toMatchObject({
      shape: "closed",
      strands: { out: "dotted", in: "dotted" },
      cross: null,
      trouble: null,
      button: "Connect",
    });
  });

  test("says refused and after how long, with the cross at the far end", () => {
    const view = wireView(
      stateAfter(opening, {
        kind: "error",
        at: 0.0002,
        side: "near",
        code: "ECONNREFUSED",
        detail: "",
      }),
    );
    expect(view).toMatchObject({
      shape: "failed",
      cross: "far",
      trouble: "refused after 0.2 ms",
      button: "Try again",
    });
  });

  test("puts the cross at this end when nothing ever left the gateway", () => {
    const view = wireView(
      stateAfter(opening, { kind: "error", at: 0, side: "near", code: "NOT_ALLOWED", detail: "" }),
    );
    expect(view).toMatchObject({
      cross: "near",
      trouble: "not allowed by this gateway",
      button: "Connect",
    });
  });

  test("knows a socket that was refused from one that was never made", () => {
    const failedBy = (code: FailureCode) =>
      ownSocket(stateAfter(opening, { kind: "error", at: 0, side: "near", code, detail: "" }));
    expect(ownSocket(null)).toBeNull();
    expect(ownSocket(stateAfter(opening))).toBe("SYN_SENT");
    for (const code of ["ECONNREFUSED", "CONNECT_TIMEOUT", "EHOSTUNREACH"] as const)
      expect(failedBy(code)).toBe("CLOSED");
    for (const code of ["NOT_ALLOWED", "BAD_ADDRESS", "ENOTFOUND", "EAI_AGAIN"] as const)
      expect(failedBy(code)).toBeNull();
  });

  test("says who reset the connection", () => {
    const reset = (direction: "in" | "out"): ConversationEvent => ({
      kind: "reset",
      at: 3.2,
      side: "near",
      direction,
      code: "ECONNRESET",
      detail: "",
    });
    expect(wireView(stateAfter(opening, open, reset("in")))).toMatchObject({
      shape: "reset",
      cross: "far",
      trouble: "reset by the server after 3.2 s",
      button: "Try again",
    });
    expect(wireView(stateAfter(opening, open, reset("out")))).toMatchObject({ cross: "near" });
  });

  test("has words for every failure, before and after the connection was open", () => {
    for (const code of failureCodes) {
      const error: ConversationEvent = { kind: "error", at: 1, side: "near", code, detail: "" };
      expect(wireView(stateAfter(opening, error)).trouble).toBeTruthy();
      const later = wireView(stateAfter(opening, open, error));
      const quiet = code === "CLOSED" || code === "CANCELLED";
      expect(later.trouble === null).toBe(quiet);
    }
  });
});
