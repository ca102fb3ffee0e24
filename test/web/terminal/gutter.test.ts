/** Marks beside the terminal's rows, as far as they need no screen. */
import { expect, test } from "vitest";
import { Conversation } from "../../../web/model/conversation.ts";
import { join, type Mark } from "../../../web/terminal/gutter.ts";

test("two reads of one row are one mark: of the bytes of both, that picks out the bytes of both", () => {
  const of = new Conversation(0);
  const mark = (start: number, end: number): Mark => ({
    ...{ kind: "in", bytes: end - start, pending: false, marker: null },
    about: { of, event: start, range: { direction: "in", start, end } },
  });
  const first = mark(8, 14);
  join(first, mark(14, 20));
  expect(first.bytes).toBe(12);
  expect(first.about).toEqual({ of, event: 8, range: { direction: "in", start: 8, end: 20 } });
});
