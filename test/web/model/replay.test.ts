/** A recording replayed by a clock of the test's own: every control, and one property for all seeks. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ConversationEvent, initialState, next } from "../../../shared/conversation.ts";
import type { Conversation } from "../../../web/model/conversation.ts";
import type { Recording } from "../../../web/model/recording/recording.ts";
import { Replay, type ReplayClock, SPEEDS } from "../../../web/model/replay.ts";
import { dueTimes, LONGEST_PAUSE } from "../../../web/model/replay-times.ts";
import { Settings } from "../../../web/model/settings.ts";
import { Talk } from "../../../web/model/talk.ts";
import { MemoryCarrier } from "../../support/memory-carrier.ts";

class HandClock implements ReplayClock {
  #now = 0;
  #waiting = new Set<() => void>();

  now(): number {
    return this.#now;
  }

  soon(run: () => void): () => void {
    this.#waiting.add(run);
    return () => this.#waiting.delete(run);
  }

  /** True while somebody wants the next frame. */
  get wanted(): boolean {
    return this.#waiting.size > 0;
  }

  /** Seconds pass, and then there is a frame. */
  pass(seconds: number): void {
    this.#now += seconds * 1000;
    this.frame();
  }

  frame(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const run of waiting) run();
  }
}

const endpoint = (port: number) => ({ host: "127.0.0.1", port });

function data(at: number, direction: "in" | "out", offset: number, text: string) {
  const bytes = new TextEncoder().encode(text);
  return {
    kind: "data",
    at,
    side: "near",
    direction,
    offset,
    length: bytes.length,
    bytes,
  } as const;
}

/** `Wake up, Neo` after four seconds, an answer, and both hang up after ten more. */
const lesson: readonly ConversationEvent[] = [
  {
    kind: "opening",
    at: 0,
    side: "near",
    address: { scheme: "tcp", host: "127.0.0.1", port: 8000 },
  },
  { kind: "open", at: 0.5, side: "near", local: endpoint(51234), remote: endpoint(8000) },
  data(4.5, "out", 0, "Wake up, Neo"),
  data(4.5, "in", 0, "accepted"),
  { kind: "eof", at: 14.5, side: "near", direction: "in" },
  { kind: "eof", at: 14.5, side: "near", direction: "out" },
  { kind: "closed", at: 14.75, side: "near", by: "near" },
];

const recorded = (events = lesson, forgotten = 0): Recording => ({
  startedAt: 1_700_000_000_000,
  platform: "linux",
  events,
  forgotten,
});

function replayed(events = lesson) {
  const clock = new HandClock();
  return { clock, replay: new Replay(recorded(events), clock) };
}

const kinds = (replay: Replay) => replay.conversation.events.map(({ kind }) => kind);

describe("a replay", () => {
  test("begins paused, with what happened at the very start", () => {
    const { replay, clock } = replayed();
    expect(replay).toMatchObject({ playing: false, ended: false, position: 0, fed: 1, total: 7 });
    expect(kinds(replay)).toEqual(["opening"]);
    expect(replay.conversation.startedAt).toBe(1_700_000_000_000);
    expect(clock.wanted).toBe(false);
  });

  test("gives each event when its time has come, and stops after the last", () => {
    const { replay, clock } = replayed();
    replay.shorten(false);
    replay.play();
    clock.pass(0.25);
    expect(kinds(replay)).toEqual(["opening"]);
    clock.pass(0.25);
    expect(kinds(replay)).toEqual(["opening", "open"]);
    clock.pass(4);
    expect(kinds(replay)).toEqual(["opening", "open", "data", "data"]);
    clock.pass(10.25);
    expect(replay).toMatchObject({ playing: false, ended: true, fed: 7, position: 14.75 });
    expect(replay.conversation.events).toEqual(lesson);
    expect(clock.wanted, "no frame is asked for once it is over").toBe(false);
  });

  test("lets a pause last a second, unless asked for the pauses as they were", () => {
    const { replay, clock } = replayed();
    expect(replay.duration).toBe(0.5 + LONGEST_PAUSE + LONGEST_PAUSE + 0.25);
    replay.play();
    clock.pass(1.5);
    expect(replay.fed).toBe(4);
    replay.shorten(false);
    expect(replay).toMatchObject({ duration: 14.75, fed: 4, position: 4.5 });
    clock.pass(1.5);
    expect(replay.fed).toBe(4);
    replay.shorten(true);
    expect(replay.position, "as far into the pause as before").toBeCloseTo(1.65);
    clock.pass(0.85);
    expect(replay.fed).toBe(6);
  });

  test.each(SPEEDS)("runs %s times as fast as it happened", (speed) => {
    const { replay, clock } = replayed();
    replay.setSpeed(speed);
    replay.play();
    clock.pass(1 / speed);
    expect(replay.position).toBeCloseTo(1);
  });

  test("keeps its place when the speed changes while it plays", () => {
    const { replay, clock } = replayed();
    replay.shorten(false);
    replay.play();
    clock.pass(1);
    replay.setSpeed(10);
    clock.pass(0.1);
    replay.setSpeed(0.5);
    clock.pass(1);
    expect(replay.position).toBeCloseTo(2.5);
  });

  test("stands still while paused, and goes on from there", () => {
    const { replay, clock } = replayed();
    replay.play();
    clock.pass(0.25);
    replay.pause();
    clock.pass(100);
    expect(replay).toMatchObject({ position: 0.25, fed: 1, playing: false });
    replay.toggle();
    clock.pass(0.25);
    expect(replay).toMatchObject({ position: 0.5, fed: 2, playing: true });
  });

  test("begins again when it is played at its end", () => {
    const { replay, clock } = replayed();
    replay.seek(replay.duration);
    expect(replay.ended).toBe(true);
    replay.play();
    expect(replay).toMatchObject({ position: 0, fed: 1, playing: true });
    clock.pass(0.5);
    expect(replay.fed).toBe(2);
  });

  test("steps through events of the same moment one by one, forward and back", () => {
    const { replay } = replayed();
    const seen = [];
    for (let i = 0; i < 8; i++) {
      seen.push(replay.fed);
      replay.step(1);
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 7]);
    replay.step(-1);
    replay.step(-1);
    expect(kinds(replay).at(-1)).toBe("eof");
    expect(replay.fed).toBe(5);
    for (let i = 0; i < 8; i++) replay.step(-1);
    expect(replay).toMatchObject({ fed: 0, position: 0 });
    expect(replay.conversation.state).toEqual(initialState);
  });

  test("pauses when it is stepped, and plays on from the step", () => {
    const { replay, clock } = replayed();
    replay.play();
    replay.step(1);
    expect(replay.playing).toBe(false);
    clock.pass(50);
    expect(replay.fed).toBe(2);
    replay.play();
    clock.pass(1);
    expect(replay.fed).toBe(4);
  });

  test("makes another conversation to go back, and says so before anybody shows it", () => {
    const { replay } = replayed();
    replay.seek(replay.duration);
    const old = replay.conversation;
    const seen: number[] = [];
    replay.onConversation((conversation) => seen.push(conversation.total));
    replay.seek(0.5);
    expect(replay.conversation).not.toBe(old);
    expect(old.total).toBe(7);
    expect(seen).toEqual([2]);
  });

  test("seeks no further than its ends", () => {
    const { replay } = replayed();
    replay.seek(-5);
    expect(replay).toMatchObject({ position: 0, fed: 1 });
    replay.seek(500);
    expect(replay).toMatchObject({ position: replay.duration, fed: 7 });
  });

  test("asks for nothing more once it has been left", () => {
    const { replay, clock } = replayed();
    replay.play();
    replay.dispose();
    clock.pass(10);
    expect(replay.fed).toBe(1);
    replay.play();
    expect(clock.wanted).toBe(false);
  });

  test("of nothing is over at once", () => {
    const { replay, clock } = replayed([]);
    expect(replay).toMatchObject({ total: 0, duration: 0, ended: true });
    replay.play();
    clock.frame();
    expect(replay.playing).toBe(false);
  });

  test("counts from the recording's own numbers when its beginning was no longer kept", () => {
    const clock = new HandClock();
    const replay = new Replay(recorded(lesson.slice(2), 1000), clock);
    expect(replay.fed, "what came first is at the start").toBe(2);
    expect(replay.conversation.event(1001)).toMatchObject({ direction: "in" });
  });

  test("takes a flood in portions, and its time waits for them", () => {
    const flood = Array.from({ length: 5000 }, (_, i) => data(i / 100_000, "in", i, "x"));
    const { replay, clock } = replayed(flood);
    replay.play();
    clock.pass(10);
    expect(replay.fed).toBeLessThan(1000);
    expect(replay.position).toBeLessThanOrEqual(flood[replay.fed]?.at ?? 0);
    for (let frames = 0; replay.playing && frames < 20; frames++) clock.pass(10);
    expect(replay.fed).toBe(5000);
  });

  test("goes to and fro in a long recording in portions, and shows only what is complete", () => {
    const long = Array.from({ length: 100_000 }, (_, i) => data(i / 1000, "in", i, "x"));
    const { replay, clock } = replayed(long);
    const shown: number[] = [];
    replay.onConversation(({ total }) => shown.push(total));
    replay.seek(replay.duration);
    clock.frame();
    expect(replay, "the count is of what is on the screen").toMatchObject({ fed: 1, ended: false });
    expect(replay.conversation.total).toBe(1);
    replay.seek(50);
    replay.play();
    for (let frames = 0; clock.wanted && replay.conversation.total < 2 && frames < 50; frames++) {
      clock.pass(0.001);
    }
    expect(shown, "the way to the end was given up").toEqual([50_001]);
    expect(replay.playing).toBe(true);
    clock.pass(0.1);
    expect(replay.conversation.total).toBe(replay.fed);
    expect(replay.fed).toBeGreaterThan(50_001);
    replay.step(-1);
    replay.step(-1);
    for (let frames = 0; clock.wanted && frames < 50; frames++) {
      expect(replay.conversation.total).toBe(replay.fed);
      clock.frame();
    }
    expect(replay.conversation.total).toBe(replay.fed);
    expect(shown).toHaveLength(2);
  });

  test("after any controls is what feeding the same events gives", () => {
    const event = fc.record({
      pause: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 30, noNaN: true })),
      length: fc.nat(20),
      direction: fc.constantFrom("in" as const, "out" as const),
    });
    const control = fc.oneof(
      fc.double({ min: 0, max: 1.2, noNaN: true }).map((part) => ({ do: "seek", part }) as const),
      fc.constantFrom(1 as const, -1 as const).map((by) => ({ do: "step", by }) as const),
      fc.boolean().map((shortened) => ({ do: "shorten", shortened }) as const),
      fc.double({ min: 0, max: 5, noNaN: true }).map((time) => ({ do: "play", time }) as const),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.array(control), (happened, controls) => {
        const offsets = { in: 0, out: 0 };
        let at = 0;
        const events = happened.map(({ pause, length, direction }) => {
          at += pause;
          const made = data(at, direction, offsets[direction], "x".repeat(length));
          offsets[direction] += length;
          return made;
        });
        const { replay, clock } = replayed(events);
        for (const each of controls) {
          if (each.do === "seek") replay.seek(each.part * replay.duration);
          else if (each.do === "step") replay.step(each.by);
          else if (each.do === "shorten") replay.shorten(each.shortened);
          else {
            replay.play();
            clock.pass(each.time);
            replay.pause();
          }
          const { fed, conversation } = replay;
          expect(conversation.events).toEqual(events.slice(0, fed));
          expect(conversation.state).toEqual(events.slice(0, fed).reduce(next, initialState));
          if (each.do !== "step" && each.do !== "shorten") {
            const due = dueTimes(events, replay.shortened);
            expect(fed).toBe([...due].filter((time) => time <= replay.position).length);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("times", () => {
  test("never go back, whatever a file says", () => {
    const due = dueTimes([{ at: 5 }, { at: 4 }, { at: 6 }, { at: 0 }], false);
    expect([...due]).toEqual([0, 0, 1, 1]);
  });
});

describe("Talk with a recording on the screen", () => {
  function talking() {
    const carrier = new MemoryCarrier();
    const talk = new Talk(carrier, new Settings(null));
    talk.connect("tcp://127.0.0.1:8000");
    carrier.happen(...lesson.slice(0, 3));
    return { carrier, talk, ...replayed() };
  }

  test("shows it, and can neither send nor dial", () => {
    const { talk, carrier, replay } = talking();
    talk.addressText = "tcp://127.0.0.1:9";
    const shown: (Conversation | null)[] = [];
    talk.onStart((conversation) => shown.push(conversation));
    talk.show(replay);
    expect(talk.conversation).toBe(replay.conversation);
    expect(shown).toEqual([replay.conversation]);
    expect(talk.addressText).toBe("tcp://127.0.0.1:8000");
    expect(talk.canSend).toBe(false);
    expect(talk.sendLine("hello")).toBe("recorded");
    talk.connect("tcp://127.0.0.1:9");
    expect(carrier.dialled).toBe(1);
  });

  test("keeps its own conversation, which goes on and is back when the recording is left", () => {
    const { talk, carrier, replay } = talking();
    const live = talk.conversation;
    talk.show(replay);
    carrier.happen(data(5, "in", 0, "while you looked away"));
    expect(talk.conversation?.total).toBe(1);
    replay.play();
    talk.leave();
    expect(replay.playing).toBe(false);
    expect(talk.conversation).toBe(live);
    expect(talk.live?.total).toBe(4);
    expect(talk.canSend).toBe(true);
    expect(talk.sendLine("hello")).toBeNull();
    expect(carrier.sent).toEqual(["hello"]);
  });

  test("keeps what is picked out while its event is there, and no longer", () => {
    const { talk, replay } = talking();
    talk.show(replay);
    replay.seek(replay.duration);
    talk.selection.select({ event: 3, range: null });
    replay.step(-1);
    expect(talk.selection.selected?.event).toBe(3);
    replay.seek(0);
    expect(talk.selection.selected).toBeNull();
  });

  test("explains a recorded failure by the system it was recorded on", () => {
    const { talk } = talking();
    const events: ConversationEvent[] = [
      ...lesson.slice(0, 1),
      { kind: "error", at: 0.1, side: "near", code: "ECONNREFUSED", detail: "" },
    ];
    const replay = new Replay({ ...recorded(events), platform: "darwin" }, new HandClock());
    replay.seek(1);
    talk.show(replay);
    expect(talk.failure?.headline).toContain("Errno 61");
  });
});
