/** Out marks: TCP confirms bytes, not sends. */
import { expect, test } from "vitest";
import type { Mark } from "../../../web/terminal/gutter.ts";
import { Sent } from "../../../web/terminal/sent.ts";

const mark = (bytes: number): Mark => ({
  kind: "out",
  bytes,
  pending: true,
  marker: null,
  about: null,
});

test("a mark is confirmed when all its bytes are, however the wire cuts them", () => {
  const sent = new Sent(() => {});
  const [first, second] = [mark(5), mark(7)];
  sent.expect(first, 5);
  sent.expect(second, 7);
  sent.confirm(4);
  expect([first.pending, second.pending]).toEqual([true, true]);
  sent.confirm(2);
  expect([first.pending, second.pending]).toEqual([false, true]);
  sent.confirm(6);
  expect([second.pending, sent.waiting]).toEqual([false, 0]);
});

test("what is taken back is taken from the last sends, and their marks count what was sent", () => {
  const sent = new Sent(() => {});
  const [first, long, last] = [mark(5), mark(1000), mark(3)];
  sent.expect(first, 5);
  sent.expect(long, 1000);
  sent.expect(last, 3);
  sent.drop(603);
  expect([first.bytes, long.bytes, last.bytes]).toEqual([5, 400, 0]);
  sent.confirm(405);
  expect([long.pending, last.pending, sent.waiting]).toEqual([false, true, 0]);
});
