/** What a session keeps of its conversations: bounded, understandable, and nothing forgotten that is owed. */
import { beforeEach, describe, expect, test } from "vitest";
import { History, KEPT_BYTES, KEPT_EVENTS } from "../../../server/gateway/history.ts";
import { Recorder } from "../../../server/gateway/recorder.ts";
import type { Recording } from "../../../server/gateway/recording.ts";
import type { Address } from "../../../shared/address.ts";
import { type ConversationEvent, initialState, next } from "../../../shared/conversation.ts";
import { eventLine, headerLine } from "../../../shared/recording-write.ts";
import { read } from "../../../web/model/recording/jsonl-reader.ts";

const local = { host: "127.0.0.1", port: 40_000 };
const remote = { host: "127.0.0.1", port: 8000 };
const address: Address = { scheme: "tcp", ...remote };

let acknowledged: number;
let history: History;
let recorder: Recorder;

beforeEach(() => {
  acknowledged = Number.POSITIVE_INFINITY;
  history = new History(() => acknowledged);
  recorder = new Recorder();
});

/** A conversation that is open. */
function open(ch = 1): Recording {
  const source = { user: "student", ch, clockAt: (now: number) => now * 100, own: history };
  const recording = recorder.dialled(source, address);
  if (!recording) throw new Error("nobody follows");
  recording.attempted({ local, remote });
  recording.opened({ local, remote });
  return recording;
}

/** Reads of so many bytes each, one after the other. */
function readMany(recording: Recording, count: number, length: number, offset = 0): void {
  const bytes = Buffer.alloc(length, "x");
  for (let n = 0; n < count; n++) recording.read(bytes, offset + n * length);
}

function kept(isLiving = (_ch: number) => true) {
  const [first] = history.toTell(isLiving);
  if (!first) throw new Error("nothing is kept");
  return first;
}

const bytesOf = (events: readonly ConversationEvent[]) =>
  events.reduce((sum, event) => sum + (event.kind === "data" ? event.bytes.length : 0), 0);

describe("the history of a session", () => {
  test("keeps the newest events, counts the others, and still says how it began", () => {
    const recording = open();
    readMany(recording, 3 * KEPT_EVENTS, 1);
    const { events, forgotten } = kept();
    expect(events.length + forgotten).toBe(3 + 3 * KEPT_EVENTS);
    expect(events.length).toBeLessThanOrEqual(KEPT_EVENTS + 4);
    expect(events.slice(0, 3).map(({ kind }) => kind)).toEqual(["opening", "attempt", "open"]);
    expect(events.reduce(next, initialState)).toMatchObject({
      phase: "open",
      local,
      receivedBytes: 3 * KEPT_EVENTS,
    });
  });

  test("keeps no more bytes than it may", () => {
    readMany(open(), 64, 64 * 1024);
    const { events } = kept();
    expect(bytesOf(events)).toBe(KEPT_BYTES);
  });

  test("forgets no read that no page has acknowledged, up to twice as much", () => {
    const recording = open();
    acknowledged = 0;
    readMany(recording, 300, 1024);
    recording.given(Buffer.alloc(400 * 1024));
    recording.taken(400 * 1024);
    expect(bytesOf(kept().events)).toBe(700 * 1024);
    acknowledged = 300 * 1024;
    readMany(recording, 1, 1024, acknowledged);
    expect(bytesOf(kept().events)).toBeLessThanOrEqual(KEPT_BYTES);
    readMany(recording, 4000, 1024, acknowledged + 1024);
    expect(bytesOf(kept().events)).toBeLessThanOrEqual(2 * KEPT_BYTES);
  });

  test("is lines of a recording that a page reads, with the lab controls as they are", () => {
    const recording = open();
    const options = { noDelay: false, reading: true, delayMs: 0, pauseMs: 0 };
    for (let pauseMs = 1; pauseMs <= 10; pauseMs++) {
      recording.configured({ ...options, pauseMs });
      readMany(recording, KEPT_EVENTS, 1, (pauseMs - 1) * KEPT_EVENTS);
    }
    recording.ended("far");
    const { events, forgotten } = kept();
    const startedAt = Date.now();
    const header = headerLine({ startedAt, platform: "linux", address, forgotten });
    const { problem, recording: opened } = read([header, ...events.map(eventLine)].join("\n"));
    expect(problem).toBeNull();
    const state = opened.events.reduce(next, initialState);
    expect(state).toMatchObject({ near: "CLOSE_WAIT", options: { ...options, pauseMs: 10 } });
  });

  test("has its own bytes: those of a read are lent", () => {
    const recording = open();
    const bytes = Buffer.from("accepted");
    recording.read(bytes, 0);
    bytes.fill("-");
    const data = kept().events.find(({ kind }) => kind === "data");
    expect(data?.kind === "data" && `${data.bytes}`).toBe("accepted");
  });

  test("tells of what lives, and of what is over only if nothing is newer", () => {
    open(1).over();
    const told = () => history.toTell((ch) => ch === 5).map(({ recording }) => recording.ch);
    expect(told()).toEqual([1]);
    const second = open(3);
    expect(told()).toEqual([3]);
    open(5);
    expect(told()).toEqual([5]);
    second.over();
    expect(told()).toEqual([5]);
  });
});
