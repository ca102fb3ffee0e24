/** What the wall writes about a student: its name, its state, its last line, and all of it as one sentence. */
import { type FailureCode, failureOfCode } from "../../shared/errors.ts";
import type { TcpState } from "../../shared/tcp.ts";
import { type Student, standingOf } from "./wall-rows.ts";

/** Names can be hidden; the seat is then the name. */
export function nameOf({ name, seat }: Pick<Student, "name" | "seat">): string {
  return name === "" ? `Student ${seat}` : name;
}

/** What stands before a name. `dot`: open, and without states of TCP. `none`: no conversation yet. */
export type Sign = TcpState | "cross" | "dot" | "none";

export interface Face {
  name: string;
  sign: Sign;
  /** `ESTABLISHED`, `refused`, or what else there is to say. */
  state: string;
  wrong: boolean;
  /** The line under the name. */
  line: { tone: "out" | "in" | "wrong" | "calm"; text: string };
}

export function faceOf(student: Student): Face {
  const name = nameOf(student);
  const { now, last } = student;
  if (standingOf(student) === "listening") {
    const line = { tone: "calm", text: listeningOf(student) } as const;
    return { name, sign: "LISTEN", state: "LISTEN", wrong: false, line };
  }
  if (!now) return { name, sign: "none", ...nothing(student) };
  if (now.phase === "failed") {
    const line = { tone: "wrong", text: placeOf(now.address) } as const;
    return { name, sign: "cross", state: failureWord(now.failure), wrong: true, line };
  }
  const state = now.state ?? plainStates[now.phase];
  const sign = now.state ?? (now.phase === "closed" ? "CLOSED" : "dot");
  return { name, sign, state, wrong: false, line: lineOf(student, last) };
}

const plainStates = { opening: "opening", open: "open", closed: "closed" } as const;

function nothing({ here }: Student): Pick<Face, "state" | "wrong" | "line"> {
  const text = here ? "not connected yet" : "page is closed";
  return { state: here ? "joined" : "away", wrong: false, line: { tone: "calm", text } };
}

function lineOf(student: Student, last: Student["last"]): Face["line"] {
  if (standingOf(student) === "opening") return { tone: "calm", text: "no answer yet" };
  if (last) return { tone: last.direction, text: last.text };
  // Not that nothing was said: a wall that was cleared does not know.
  return { tone: "calm", text: placeOf(student.now?.address ?? "") };
}

/** `listens on port 9090`. */
export function listeningOf({ listens = [] }: Pick<Student, "listens">): string {
  return `listens on ${listens.length > 1 ? "ports" : "port"} ${listens.join(", ")}`;
}

/** `port 9090` of `tcp://127.0.0.1:9090`; the path of a Unix socket. */
export function placeOf(address: string): string {
  const port = /:(\d+)$/.exec(address)?.[1];
  return port ? `port ${port}` : address.replace(/^[a-z0-9]+:\/*/, "");
}

const failureWords: Partial<Record<FailureCode, string>> = {
  ECONNREFUSED: "refused",
  CONNECT_TIMEOUT: "no answer",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "no way there",
  ENETUNREACH: "no way there",
  ENOTFOUND: "no such name",
  EAI_AGAIN: "no such name",
  NOT_ALLOWED: "not allowed",
  CANCELLED: "given up",
};

export function failureWord(failure: string | undefined): string {
  if (failure === undefined) return "failed";
  return failureWords[failureOfCode(failure)] ?? "failed";
}

/** For a screen reader: `Trinity, ESTABLISHED, received “accepted”`. */
export function sentenceOf(student: Student): string {
  const { name, state, line } = faceOf(student);
  const said = { out: "sent", in: "received" } as const;
  const last =
    line.tone === "out" || line.tone === "in" ? `${said[line.tone]} “${line.text}”` : line.text;
  // In the order of the row: what is read there has to be found in its name (WCAG 2.5.3).
  const parts = [name];
  if (student.frozen) parts.push("frozen");
  if (!student.here && student.now) parts.push("away");
  return [...parts, state, last].join(", ");
}
