/** What has just happened in a class, found by comparing the wall before with the wall now. */
import { type Standing, type Student, standingOf } from "./wall-rows.ts";
import { nameOf, placeOf } from "./wall-words.ts";

export interface NewsItem {
  /** Counts from 1 and never changes. */
  n: number;
  /** Milliseconds since 1970, by the gateway's clock. */
  at: number;
  seat: number;
  /** As it was; whoever shows it minds that names can be hidden. */
  name: string;
  text: string;
  tone: "calm" | "good" | "closing" | "wrong";
  kind: "joined" | "left" | "connected" | "over" | "failed";
}

/** Items kept; a class has no use for older ones. */
const KEPT = 24;

export class News {
  #items: readonly NewsItem[] = [];
  #count = 0;

  /** Oldest first; the same array until something happens. */
  get items(): readonly NewsItem[] {
    return this.#items;
  }

  clear(): void {
    this.#items = [];
  }

  /** @param before the wall as it was; null when nothing was known, which is no news. */
  compare(before: readonly Student[] | null, now: readonly Student[], at: number): void {
    if (before === null || before === now) return;
    const known = new Map(before.map((student) => [student.id, student]));
    const added: NewsItem[] = [];
    const add = (student: Student, item: Pick<NewsItem, "kind" | "text" | "tone">) =>
      added.push({ n: ++this.#count, at, seat: student.seat, name: student.name, ...item });
    for (const student of now) {
      const old = known.get(student.id);
      known.delete(student.id);
      if (old === student) continue;
      if (!old) add(student, { kind: "joined", text: "joined", tone: "calm" });
      const news = changeOf(old, student);
      if (news) add(student, news);
    }
    for (const student of known.values())
      add(student, { kind: "left", text: "left the class", tone: "calm" });
    if (added.length > 0) this.#items = [...this.#items, ...added].slice(-KEPT);
  }
}

type Change = Pick<NewsItem, "kind" | "text" | "tone">;

function changeOf(old: Student | undefined, student: Student): Change | null {
  const standing = standingOf(student);
  const another = old?.now?.key !== student.now?.key;
  if (old && standing === standingOf(old) && !another) return null;
  return words(standing, placeOf(student.now?.address ?? ""));
}

function words(standing: Standing, place: string): Change | null {
  switch (standing) {
    case "open":
      return { kind: "connected", text: `is connected, ${place}`, tone: "good" };
    case "over":
      return { kind: "over", text: `hangs up, ${place}`, tone: "closing" };
    case "failed":
      return { kind: "failed", text: `cannot connect, ${place}`, tone: "wrong" };
    default:
      return null;
  }
}

/** What somebody in the news is called. */
export function newsName({ name, seat }: NewsItem, hidden: boolean): string {
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
