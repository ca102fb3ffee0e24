/** What has just happened in a class: who came, left and listens, and the turns that conversations took. */
import type { WallTurn } from "../../shared/classroom.ts";
import type { Student } from "./wall-rows.ts";
import { failureWord, listeningOf, nameOf, placeOf } from "./wall-words.ts";

export interface NewsItem {
  /** Counts from 1 and never changes. */
  n: number;
  /** Milliseconds since 1970, by the gateway's clock. */
  at: number;
  id: string;
  seat: number;
  /** As far as it was ever known; whoever shows it minds that names can be hidden. */
  name: string;
  text: string;
  tone: "calm" | "good" | "closing" | "wrong";
  kind: "joined" | "left" | "listens" | "open" | "over" | "failed";
}

/** Items kept; a class has no use for older ones. */
const KEPT = 24;

type Change = Pick<NewsItem, "kind" | "text" | "tone">;

export class News {
  #items: readonly NewsItem[] = [];
  #count = 0;
  /** Turns that were in the last minute of a student already. */
  #known = new Set<string>();
  /** What students are called, also while names are hidden. */
  readonly #names = new Map<string, string>();

  /** Oldest first; the same array until something happens. */
  get items(): readonly NewsItem[] {
    return this.#items;
  }

  clear(): void {
    this.#items = [];
  }

  /** The name as far as it was ever known, also of who has left; empty: never. */
  nameOf(id: string): string {
    return this.#names.get(id) ?? "";
  }

  /** @param before the wall as it was; null when nothing was known, which is no news. */
  compare(before: readonly Student[] | null, now: readonly Student[], at: number): void {
    if (before === now) return;
    this.#learn(now);
    const known = new Map(before?.map((student) => [student.id, student]));
    const added: Omit<NewsItem, "n">[] = [];
    const add = ({ id, seat }: Student, change: Change, when = at) =>
      added.push({ at: when, id, seat, name: this.#names.get(id) ?? "", ...change });
    for (const student of now) {
      const old = known.get(student.id);
      known.delete(student.id);
      if (old === student) continue;
      if (!old) add(student, { kind: "joined", text: "joined", tone: "calm" });
      const listening = listeningNews(old, student);
      if (listening) add(student, listening);
    }
    for (const student of known.values())
      add(student, { kind: "left", text: "left the class", tone: "calm" });
    for (const { student, turn, at: when } of this.#turns(now)) add(student, wordsOf(turn), when);
    if (before === null || added.length === 0) return;
    const numbered = added.map((item) => ({ n: ++this.#count, ...item }));
    this.#items = [...this.#items, ...numbered].slice(-KEPT);
  }

  /** Keeps names for when they are hidden, and gives them to what was told before they were known. */
  #learn(students: readonly Student[]): void {
    for (const { id, name } of students) if (name !== "") this.#names.set(id, name);
    const nameNow = ({ id, name }: NewsItem) => this.#names.get(id) ?? name;
    if (this.#items.every((item) => item.name === nameNow(item))) return;
    this.#items = this.#items.map((item) => ({ ...item, name: nameNow(item) }));
  }

  /** Turns that were not there before, in the order in which they happened. */
  #turns(students: readonly Student[]): { student: Student; turn: WallTurn; at: number }[] {
    const all = new Set<string>();
    const fresh: { student: Student; turn: WallTurn; at: number }[] = [];
    for (const student of students) {
      for (const { at, news } of student.marks) {
        if (!news) continue;
        const key = `${student.id} ${news.key} ${news.turn} ${at}`;
        all.add(key);
        if (!this.#known.has(key)) fresh.push({ student, turn: news, at });
      }
    }
    this.#known = all;
    return fresh.sort((a, b) => a.at - b.at);
  }
}

function listeningNews(old: Student | undefined, student: Student): Change | null {
  const had = old?.listens ?? [];
  const isMore = student.listens?.some((port) => !had.includes(port)) ?? false;
  return isMore ? { kind: "listens", text: listeningOf(student), tone: "good" } : null;
}

/** What stands behind the student's name. */
function wordsOf(turn: WallTurn): Change {
  const place = placeOf(turn.address);
  const isClient = turn.role === "client";
  switch (turn.turn) {
    case "open": {
      const text = isClient ? `is connected, ${place}` : `has accepted a visitor, ${place}`;
      return { kind: "open", text, tone: "good" };
    }
    case "over":
      return { kind: "over", text: `${endingOf(turn)}, ${place}`, tone: "closing" };
    case "failed":
      return { kind: "failed", text: `${failureOf(turn)}, ${place}`, tone: "wrong" };
  }
}

function endingOf({ by, role }: WallTurn): string {
  switch (by) {
    case "near":
      return "hung up";
    case "far":
      return role === "client" ? "was hung up on by the server" : "was hung up on by the visitor";
    case "teacher":
      return "was hung up by the teacher";
    default:
      return "lost the connection";
  }
}

/** A server that says no and a gateway that does not let anybody go there are not the same. */
function failureOf({ failure }: WallTurn): string {
  if (failure === "ECONNREFUSED") return "was refused";
  if (failure === "HUNG_UP") return "was hung up by the teacher";
  if (failure === "NOT_ALLOWED") return "is not allowed there by the gateway";
  const word = failureWord(failure);
  return word === "failed" ? "cannot connect" : `cannot connect: ${word}`;
}

/** What somebody in the news is called. */
export function newsName({ name, seat }: Pick<NewsItem, "name" | "seat">, hidden: boolean): string {
  return nameOf({ name: hidden ? "" : name, seat });
}

/**
 * What is said aloud of items that came since: one by one while there are few.
 * @param since the number of the last item that was said.
 */
export function spokenNews(items: readonly NewsItem[], since: number, hidden: boolean): string {
  const fresh = items.filter(
    ({ n, kind }) => n > since && (kind === "joined" || kind === "failed"),
  );
  const one = (item: NewsItem) => `${newsName(item, hidden)} ${item.text}.`;
  if (fresh.length <= 2) return fresh.map(one).join(" ");
  const joined = fresh.filter(({ kind }) => kind === "joined").length;
  const failed = fresh.length - joined;
  const parts: string[] = [];
  if (joined > 0) parts.push(`${joined} joined`);
  if (failed > 0) parts.push(`${failed} could not connect`);
  return `${parts.join(", ")}.`;
}
