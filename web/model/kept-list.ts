/** The list of conversations that a class has kept: who is in it, and how much it is. */
import type { RecordingsNow } from "../../shared/classroom.ts";
import { bytes, count } from "./format.ts";

export type KeptRecording = RecordingsNow["recordings"][number];

/** Names of those who have conversations in the list, in the alphabet's order, each once. */
export function studentsOf(list: readonly KeptRecording[]): string[] {
  return [...new Set(list.map(({ student }) => student))].sort((a, b) => a.localeCompare(b));
}

/** @param student whose; empty: everybody's. */
export function keptOf(list: readonly KeptRecording[], student: string): KeptRecording[] {
  return student === "" ? [...list] : list.filter((each) => each.student === student);
}

/** `12 conversations, 1.5 MiB`. */
export function amountOf(list: readonly KeptRecording[]): string {
  const total = list.reduce((sum, each) => sum + each.bytes, 0);
  return `${count(list.length, "conversation")}, ${bytes(total)}`;
}
