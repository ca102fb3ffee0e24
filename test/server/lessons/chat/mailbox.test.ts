/** The queue of a client that does not read: bounded, the oldest lines go first, and it is told how many. */
import { expect, test } from "vitest";
import {
  MAX_WAITING_BYTES,
  MAX_WAITING_LINES,
  Mailbox,
} from "../../../../server/lessons/chat/mailbox.ts";

/** A client whose kernel takes so many sends. */
function mailbox(takes: number) {
  const sent: string[] = [];
  let left = takes;
  const client = {
    send(bytes: string | Uint8Array) {
      sent.push(`${bytes}`);
      left--;
      return left >= 0;
    },
  };
  const box = new Mailbox(client);
  const post = (...lines: string[]) => {
    for (const line of lines) box.post(Buffer.from(line));
  };
  const drained = () => {
    left = 1;
    box.drained();
  };
  return { post, drained, sent };
}

test("lines go at once while the kernel takes them, then wait and go together", () => {
  const { post, drained, sent } = mailbox(1);
  post("a\n", "b\n", "c\n", "d\n");
  expect(sent).toEqual(["a\n", "b\n"]);
  drained();
  expect(sent).toEqual(["a\n", "b\n", "c\nd\n"]);
  post("e\n");
  expect(sent.at(-1)).toBe("e\n");
});

test.each([
  ["short", 10, MAX_WAITING_LINES],
  ["long", 1025, Math.floor(MAX_WAITING_BYTES / 1025)],
])(
  "of too many %s lines the oldest are dropped, and the note says how many",
  (_which, length, kept) => {
    const { post, drained, sent } = mailbox(0);
    const line = (i: number) => `${i}`.padEnd(length - 1, ".").concat("\n");
    post("first\n", ...Array.from({ length: 2000 }, (_, i) => line(i)));
    expect(sent).toEqual(["first\n"]);
    drained();
    const [note, ...rest] = (sent[1] ?? "").split(/(?<=\n)/);
    expect(note).toBe(`* … ${2000 - kept} lines missed: you did not read them in time.\n`);
    expect(rest).toEqual(Array.from({ length: kept }, (_, i) => line(2000 - kept + i)));
    post("after\n");
    expect(sent.at(-1)).toBe("after\n");
  },
);
