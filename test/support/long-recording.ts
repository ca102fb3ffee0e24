/** A recording of a great many events, as a file: what no server could do in the time of a test. */
import type { ConversationEvent, Direction } from "../../shared/conversation.ts";
import { writeJsonl } from "../../web/model/recording/jsonl.ts";

const local = { host: "127.0.0.1", port: 51234 };
const remote = { host: "127.0.0.1", port: 8000 };

/** Question and answer until there are `count` events. */
function* events(count: number, pace: number): Iterable<ConversationEvent> {
  const address = { scheme: "tcp", ...remote } as const;
  yield { kind: "opening", at: 0, side: "near", address };
  yield { kind: "attempt", at: 0, side: "near", local, remote };
  yield { kind: "open", at: 0.001, side: "near", local, remote };
  const offsets: Record<Direction, number> = { out: 0, in: 0 };
  for (let i = 0; i < count - 3; i++) {
    const direction = i % 2 === 0 ? "out" : "in";
    const bytes = new TextEncoder().encode(`${direction === "out" ? "ask" : "answer"} ${i >> 1}`);
    const { length } = bytes;
    const offset = offsets[direction];
    offsets[direction] += length;
    yield { kind: "data", side: "near", at: 1 + i * pace, direction, offset, length, bytes };
  }
}

/** @param pace seconds between two calls. */
export function longRecording(count: number, pace: number): Buffer {
  const parts = writeJsonl({
    startedAt: 0,
    platform: "linux",
    events: [...events(count, pace)],
    forgotten: 0,
  });
  return Buffer.concat([...parts].map((part) => Buffer.from(part)));
}
