/** The state that a conversation's events add up to: what is on the screen must be possible in TCP. */
import { describe, expect, it } from "vitest";
import { type ConversationEvent, initialState, next } from "../../shared/conversation.ts";

type Step = Partial<ConversationEvent> & Pick<ConversationEvent, "kind">;
const endpoint = { host: "127.0.0.1", port: 8000 };
const open: Step[] = [
  { kind: "opening", address: { scheme: "tcp", ...endpoint } } as Step,
  { kind: "open", local: endpoint, remote: endpoint } as Step,
];
const stateAfter = (...steps: Step[]) =>
  steps.reduce(
    (state, step, at) => next(state, { at, side: "near", ...step } as ConversationEvent),
    initialState,
  );
const eof = (direction: "in" | "out"): Step => ({ kind: "eof", direction }) as Step;
const closed = (by: "near" | "far"): Step => ({ kind: "closed", by }) as Step;
const error: Step = { kind: "error", code: "SESSION_EXPIRED", detail: "" } as Step;

describe("the two sockets", () => {
  it.each([
    ["connecting", [open[0]], "SYN_SENT", null],
    ["open", open, "ESTABLISHED", "ESTABLISHED"],
    ["the server has ended first", [...open, eof("in")], "CLOSE_WAIT", "FIN_WAIT2"],
    ["and then this end", [...open, eof("in"), eof("out"), closed("far")], "CLOSED", "TIME_WAIT"],
    ["this end has ended first", [...open, eof("out")], "FIN_WAIT2", "CLOSE_WAIT"],
    [
      "and then the server",
      [...open, eof("out"), eof("in"), closed("near")],
      "TIME_WAIT",
      "CLOSED",
    ],
    // Nobody has seen the server's FIN: what it does now is its own affair.
    ["this end let go first", [...open, eof("out"), closed("near")], "FIN_WAIT2", null],
    ["the gateway is gone", [...open, error], "CLOSED", null],
    ["it was never made", [open[0], error], "CLOSED", null],
  ] as [string, Step[], string, string | null][])("are right when %s", (_, steps, near, far) => {
    expect(stateAfter(...steps)).toMatchObject({ near, far });
  });

  it("count bytes, sends and reads by direction", () => {
    const data = (direction: "in" | "out", length: number): Step =>
      ({ kind: "data", direction, offset: 0, length, bytes: new Uint8Array(length) }) as Step;
    expect(stateAfter(...open, data("out", 12), data("in", 8), data("in", 8))).toMatchObject({
      sentBytes: 12,
      sends: 1,
      receivedBytes: 16,
      reads: 2,
    });
  });

  it("are not changed by what the far end's own calls say of it", () => {
    const state = stateAfter(...open);
    const far = { at: 3, side: "far", kind: "eof", direction: "in" } as ConversationEvent;
    expect(next(state, far)).toMatchObject({ near: "ESTABLISHED", inEnded: null });
  });
});
