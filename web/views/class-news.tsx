/** Where nobody is shown large: what happened last in the class, and how to begin. */
import { useEffect, useRef, useState } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import { timeOfDay } from "../model/journal.ts";
import type { Wall } from "../model/wall.ts";
import { type NewsItem, newsName, spokenNews } from "../model/wall-news.ts";
import { useValue } from "./use-store.ts";

/** Between two announcements, in milliseconds: thirty who join one after the other are not said one by one. */
const SPEAK_MS = 3_000;

export interface ClassNewsProps {
  wall: Wall;
  /** Names are hidden. */
  hidden: boolean;
}

export function ClassNews({ wall, hidden }: ClassNewsProps) {
  const items = useValue(wall, () => wall.news);
  return (
    <section className="class-news" aria-label="What happened last">
      <div className="class-student-head">
        <h2>Just now</h2>
      </div>
      {items.length > 0 && (
        <ol className="class-news-items">
          {[...items].reverse().map((item) => (
            <NewsLine key={item.n} item={item} name={newsName(item, hidden)} />
          ))}
        </ol>
      )}
      <p className="class-hint">
        Choose a student, or press <kbd>→</kbd>, to see one conversation large.
      </p>
    </section>
  );
}

function NewsLine({ item, name }: { item: NewsItem; name: string }) {
  return (
    <li>
      <span className="data class-news-time">{timeOfDay(item.at)}</span>
      <span className="class-news-name">{name}</span>
      <span className={`class-news-text ${item.tone}`}>{item.text}</span>
    </li>
  );
}

/** Nobody is there: the whole room is told what to do. */
export function ClassEmpty({ now, known }: { now: ClassNow; known: boolean }) {
  const door = now.teacher ?? now.door;
  if (!known) return <p className="class-hint">Asking the gateway who is there…</p>;
  return (
    <section className="class-empty" aria-label="How to join">
      <h2>Nobody has joined yet.</h2>
      <ol>
        <li>
          Open <b className="data">{door?.url.replace(/^http:\/\//, "").replace(/\/$/, "")}</b> in
          any browser<span className="class-square">, or photograph the square</span>.
        </li>
        <li>
          Type the code <b className="data">{door?.code}</b>.
        </li>
        <li>Type your name.</li>
      </ol>
      {now.locked && <p className="class-empty-note">Joining is locked: nobody can come in now.</p>}
    </section>
  );
}

/** Who joins, and who could not connect, said politely and summed up when it is much. */
export function ClassAnnouncer({ wall, hidden }: ClassNewsProps) {
  const items = useValue(wall, () => wall.news);
  const said = useRef(items.at(-1)?.n ?? 0);
  const [text, setText] = useState("");
  const [waits, setWaits] = useState(false);
  const latest = items.at(-1)?.n ?? 0;
  useEffect(() => {
    if (latest > said.current) setWaits(true);
  }, [latest]);
  useEffect(() => {
    if (!waits) return undefined;
    const timer = setTimeout(() => {
      setText(spokenNews(wall.news, said.current, hidden));
      said.current = wall.news.at(-1)?.n ?? said.current;
      setWaits(false);
    }, SPEAK_MS);
    return () => clearTimeout(timer);
  }, [waits, wall, hidden]);
  return (
    <p className="unseen" role="status">
      {text}
    </p>
  );
}
