/** The state that a conversation's events add up to: what is on the screen must be possible in TCP. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ConversationEvent,
  type ConversationState,
  initialState,
  next,
} from "../../shared/conversation.ts";
import { TCP_STATES } from "../../shared/tcp.ts";
import { turnRound } from "../support/served.ts";

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
const attempt: Step = { kind: "attempt", local: endpoint, remote: endpoint } as Step;
const kernel = (state: (typeof TCP_STATES)[number]): Step =>
  ({ kind: "kernel", socket: { state, unread: 0, unsent: 0, timeWaitMs: null } }) as Step;
const error: Step = { kind: "error", code: "SESSION_EXPIRED", detail: "" } as Step;

describe("without TCP", () => {
  const over = (scheme: "udp" | "unix" | "tls"): Step =>
    ({ kind: "opening", address: { scheme, ...endpoint } }) as Step;

  it.each(["udp", "unix"] as const)("sockets over %s have no states of TCP", (scheme) => {
    const steps = [over(scheme), open[1] as Step, eof("in"), eof("out"), closed("near")];
    for (let count = 1; count <= steps.length; count++) {
      const state = stateAfter(...steps.slice(0, count));
      expect([state.near, state.far, state.transport]).toEqual(["CLOSED", null, scheme]);
    }
    expect(stateAfter(...steps).phase).toBe("closed");
  });

  it("TLS has the states of the TCP below it, and what its handshake showed", () => {
    const tls = { kind: "tls", protocol: "TLSv1.3", subject: "far.test", trusted: true } as Step;
    const state = stateAfter(over("tls"), open[1] as Step, kernel("ESTABLISHED"), tls);
    expect(state).toMatchObject({ near: "ESTABLISHED", far: "ESTABLISHED", phase: "open" });
    expect(state.tls).toEqual({ protocol: "TLSv1.3", subject: "far.test", trusted: true });
    expect(state.kernel.near).not.toBeNull();
  });

  it("datagrams that came to nothing, or were dropped, are added up and end nothing", () => {
    const lost = (count: number) => ({ kind: "undelivered", count, code: "ECONNREFUSED" }) as Step;
    const full = { kind: "dropped", why: "full", count: 5, bytes: 50 } as Step;
    const state = stateAfter(over("udp"), open[1] as Step, lost(1), full, lost(2));
    expect(state.datagrams).toEqual({ undelivered: 3, dropped: 5 });
    expect([state.phase, state.error]).toEqual(["open", null]);
  });
});

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
    [
      "the first address failed and another is tried",
      [open[0], attempt, kernel("CLOSED"), attempt],
      "SYN_SENT",
      null,
    ],
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

const time = fc.constant(0);
const near = fc.constant("near" as const);
const far = fc.constant("far" as const);
const direction = fc.constantFrom("in" as const, "out" as const);
const reason = { code: fc.constant("ECONNRESET" as const), detail: fc.constant("") };
const bytes = { length: fc.nat(100), bytes: fc.constant(new Uint8Array()) };

/** What a program's calls tell of its end, in any order whatsoever. */
const calls = <S extends "near" | "far">(side: fc.Arbitrary<S>): fc.Arbitrary<ConversationEvent> =>
  fc.oneof(
    ...(["open", "attempt"] as const).map((kind) =>
      fc.record({
        ...{ at: time, side, kind: fc.constant(kind) },
        ...{ local: fc.constant(endpoint), remote: fc.constant(endpoint) },
      }),
    ),
    fc.record({ at: time, side, kind: fc.constant("eof" as const), direction }),
    fc.record({ at: time, side, kind: fc.constant("reset" as const), direction, ...reason }),
    fc.record({ at: time, side, kind: fc.constant("error" as const), ...reason }),
    fc.record({
      ...{ at: time, side, kind: fc.constant("closed" as const) },
      by: fc.constantFrom("near" as const, "far" as const),
    }),
  );
const silent = fc.oneof(
  fc.record({
    ...{ at: time, side: near, kind: fc.constant("data" as const), direction },
    ...{ offset: fc.nat(100), ...bytes },
  }),
  fc.record({
    ...{ at: time, side: near, kind: fc.constant("state" as const) },
    link: fc.constantFrom("lost" as const, "resumed" as const),
  }),
);
const words = <S extends "near" | "far">(side: fc.Arbitrary<S>) =>
  fc.record({
    ...{ at: time, side, kind: fc.constant("kernel" as const) },
    socket: fc.record({
      state: fc.constantFrom(...TCP_STATES),
      ...{ unread: fc.nat(9), unsent: fc.nat(9), timeWaitMs: fc.constant(null) },
    }),
  });
const anything: fc.Arbitrary<ConversationEvent> = fc.oneof(
  calls(near),
  calls(far),
  silent,
  words(near),
  words(far),
);
const sum = (events: readonly ConversationEvent[]): ConversationState =>
  events.reduce(next, initialState);

describe("in whatever order things are told", () => {
  it("a call of the server changes nothing but that it was seen", () => {
    fc.assert(
      fc.property(fc.array(anything), calls(far), (before, call) => {
        const state = sum(before);
        expect(next(state, call)).toEqual({ ...state, farSeen: true });
      }),
    );
  });

  it("the kernel's word stands until this end's next call, and is about one end only", () => {
    const after = fc.array(fc.oneof(calls(far), silent));
    fc.assert(
      fc.property(fc.array(anything), words(near), words(far), after, (before, one, two, rest) => {
        const state = sum(before);
        for (const [first, second] of [
          [one, two],
          [two, one],
        ] as const) {
          const told = next(state, first);
          const other = first.side === "near" ? "far" : "near";
          expect([told[other], told.kernel[other]]).toEqual([state[other], state.kernel[other]]);
          expect(rest.reduce(next, next(told, second))).toMatchObject({
            near: one.socket.state,
            far: two.socket.state,
            kernel: { near: one.socket, far: two.socket },
            phase: state.phase,
          });
        }
      }),
    );
  });

  it("a call of this end is newer than what the kernel said before", () => {
    fc.assert(
      fc.property(fc.array(anything), calls(near), (before, call) => {
        expect(next(sum(before), call).kernel).toEqual({ near: null, far: null });
      }),
    );
  });

  it("the order of the kernel's words does not matter, only which came last of each end", () => {
    fc.assert(
      fc.property(fc.array(words(near)), fc.array(words(far)), (ofNear, ofFar) => {
        expect(sum([...ofNear, ...ofFar])).toEqual(sum([...ofFar, ...ofNear]));
      }),
    );
  });
});

describe("where the page is the server", () => {
  const arrival: Step = { kind: "arrival", local: endpoint, remote: endpoint } as Step;
  const accepted = { kind: "open", local: endpoint, remote: endpoint } as Step;

  it.each([
    ["a visitor is at the door", [arrival], "opening", "ESTABLISHED", "ESTABLISHED"],
    ["it is accepted", [arrival, accepted], "open", "ESTABLISHED", "ESTABLISHED"],
    [
      "the client has ended first",
      [arrival, accepted, eof("out")],
      "open",
      "CLOSE_WAIT",
      "FIN_WAIT2",
    ],
    ["this end has ended first", [arrival, accepted, eof("in")], "open", "FIN_WAIT2", "CLOSE_WAIT"],
    [
      "and then the client",
      [arrival, accepted, eof("in"), eof("out"), closed("near")],
      "closed",
      "TIME_WAIT",
      "CLOSED",
    ],
  ] as [string, Step[], string, string, string][])(
    "the two sockets are right when %s",
    (_, steps, phase, near, far) => {
      expect(stateAfter(...steps)).toMatchObject({ role: "server", phase, near, far });
    },
  );

  it("the same calls turned round lead to the same state of each end, and to the same sums", () => {
    const begin = (events: readonly ConversationEvent[], kind: "attempt" | "arrival") => {
      const ends = { at: 0, side: "near", local: endpoint, remote: endpoint } as const;
      return sum([{ ...ends, kind }, { ...ends, kind: "open" }, ...events]);
    };
    // What comes before open(2) is not the same at both ends, and comes no more afterwards.
    const later = anything.filter(({ kind, side }) => side === "far" || !BEGINS.has(kind));
    fc.assert(
      fc.property(fc.array(later), (events) => {
        const client = begin(events, "attempt");
        const server = begin(events.map(turnRound), "arrival");
        const { outEnded, inEnded, reset, ...same } = client;
        expect(server).toEqual({
          ...same,
          role: "server",
          outEnded: inEnded,
          inEnded: outEnded,
          reset: reset && { ...reset, direction: reset.direction === "out" ? "in" : "out" },
        });
      }),
    );
  });
});

const BEGINS: ReadonlySet<ConversationEvent["kind"]> = new Set(["opening", "attempt", "open"]);
