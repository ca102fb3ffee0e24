/** The teacher's list of kept conversations: whose they are and how much they are; and a page that is out. */
import { expect, test } from "vitest";
import { overWords } from "../../../web/model/class-over.ts";
import { amountOf, type KeptRecording, keptOf, studentsOf } from "../../../web/model/kept-list.ts";

const kept = (id: string, student: string, bytes: number): KeptRecording => ({
  id,
  student,
  address: "tcp://127.0.0.1:8000",
  startedAt: "2026-11-25T10:00:00.000Z",
  bytes,
  events: 3,
  live: false,
});
const list = [kept("c", "Trinity", 1000), kept("b", "Neo", 200), kept("a", "Trinity", 24)];

test("students stand once each in the alphabet's order, and choose their own conversations", () => {
  expect(studentsOf(list)).toEqual(["Neo", "Trinity"]);
  expect(keptOf(list, "Trinity").map(({ id }) => id)).toEqual(["c", "a"]);
  expect(keptOf(list, "")).toEqual(list);
});

test("the amount is conversations and bytes", () => {
  expect(amountOf(list)).toBe("3 conversations, 1,224 B");
  expect(amountOf(list.slice(0, 1))).toBe("1 conversation, 1,000 B");
});

test("who is out of the class is told what to do, and joins again only where that can be", () => {
  expect(overWords("REMOVED", "student")).toMatchObject({ again: "Join again" });
  expect(overWords("CLASS_ENDED", "student")).toMatchObject({ again: null });
  expect(overWords("CLASS_ENDED", "student").text).toContain("saved");
  expect(overWords("ACCESS_CODE", "student")).toMatchObject({ again: "Join again" });
  expect(overWords("ACCESS_CODE", "teacher").text).toContain("link");
});
