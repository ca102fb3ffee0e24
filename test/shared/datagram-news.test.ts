/** Counts that are told again and again become events that each happen once. */
import { expect, it } from "vitest";
import { DatagramNews } from "../../shared/datagram-news.ts";
import type { DatagramsMessage } from "../../shared/protocol.ts";

const message = (counts: Partial<DatagramsMessage>): DatagramsMessage => ({
  type: "datagrams",
  ch: 1,
  at: 0,
  undelivered: 0,
  code: "UNKNOWN",
  dropped: 0,
  droppedBytes: 0,
  empty: 0,
  ...counts,
});

it("tells what has happened since the counts before, and nothing twice", () => {
  const news = new DatagramNews();
  expect(news.since(message({ undelivered: 2, code: "ECONNREFUSED" }))).toEqual([
    { kind: "undelivered", count: 2, code: "ECONNREFUSED" },
  ]);
  const later = message({
    undelivered: 3,
    code: "EMSGSIZE",
    dropped: 4,
    droppedBytes: 400,
    empty: 1,
  });
  expect(news.since(later)).toEqual([
    { kind: "undelivered", count: 1, code: "EMSGSIZE" },
    { kind: "dropped", why: "full", count: 4, bytes: 400 },
    { kind: "dropped", why: "empty", count: 1, bytes: 0 },
  ]);
  // As after a resume.
  expect(news.since(later)).toEqual([]);
});
