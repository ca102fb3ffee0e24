/** Everyone, live: one page of the wall, of which only what is on the screen exists. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import type { Wall } from "../model/wall.ts";
import { ClassRow, WallTime } from "./class-row.tsx";
import { useValue } from "./use-store.ts";

/** How long a page stays before the next comes, in milliseconds: time to find one's own name. */
export const PAGE_MS = 8_000;
/** How often traces move on: one step is less than two pixels. */
const TRACE_STEP_MS = 1_000;

export interface ClassWallProps {
  wall: Wall;
  now: ClassNow;
}

export function ClassWall({ wall, now }: ClassWallProps) {
  // A second screen only shows.
  const teaches = now.role === "teacher";
  const list = useRef<HTMLOListElement>(null);
  const page = useValue(wall, () => wall.page);
  const chosen = useValue(wall, () => wall.chosen?.id ?? null);
  const time = useTraceTime(wall);
  usePages(wall);
  const columns = useFit(list, wall);
  const choose = useCallback((student: string) => wall.choose(student), [wall]);
  const stop = page.items.some(({ id }) => id === chosen) ? chosen : page.items[0]?.id;
  return (
    <section className="class-wall" aria-label="Everyone, live" data-region="wall">
      <WallTitle wall={wall} frozen={now.frozen} />
      <WallTime value={time}>
        <ol
          ref={list}
          className="class-rows"
          style={{
            gridTemplateColumns: `repeat(${columns.count}, minmax(0, 1fr))`,
            gridTemplateRows: `repeat(${columns.rows}, auto)`,
          }}
        >
          {page.items.map((student, i) => (
            <ClassRow
              key={student.id}
              student={student}
              place={page.from + i}
              of={page.of}
              chosen={student.id === chosen}
              stop={student.id === stop}
              onChoose={teaches ? choose : undefined}
            />
          ))}
        </ol>
      </WallTime>
    </section>
  );
}

function WallTitle({ wall, frozen }: { wall: Wall; frozen: boolean }) {
  const { from, to, of, pages } = useValue(wall, () => wall.page);
  const paused = useValue(wall, () => wall.paused);
  const waiting = useValue(wall, () => wall.changesWaiting);
  const range = `${from} to ${to} of ${of}`;
  return (
    <div className="class-title" data-paused={paused ? "" : undefined}>
      <h2>{paused ? "Paused" : "Everyone, live"}</h2>
      {paused && <p>{waitingWords(waiting)}</p>}
      {frozen && <p className="class-flag">Nobody may type</p>}
      {pages > 1 ? (
        <button type="button" className="class-range" onClick={() => wall.turnTo(1)}>
          {range}
          <span className="unseen">, next page</span>
        </button>
      ) : (
        of > 0 && <p className="class-range">{range}</p>
      )}
    </div>
  );
}

function waitingWords(changes: number): string {
  if (changes === 0) return "nothing has changed";
  return changes === 1 ? "1 change waits" : `${changes} changes wait`;
}

/** The pages turn while nobody has chosen one. */
function usePages(wall: Wall): void {
  const turns = useValue(wall, () => wall.turns);
  useEffect(() => {
    if (!turns) return undefined;
    const timer = setInterval(() => wall.turn(), PAGE_MS);
    return () => clearInterval(timer);
  }, [wall, turns]);
}

function useTraceTime(wall: Wall): number {
  const paused = useValue(wall, () => wall.paused);
  const [time, setTime] = useState(() => wall.now);
  useEffect(() => {
    setTime(wall.now);
    if (paused) return undefined;
    const timer = setInterval(() => setTime(wall.now), TRACE_STEP_MS);
    return () => clearInterval(timer);
  }, [wall, paused]);
  return time;
}

/** As many rows and columns as fit; the sizes are those of the style sheet. */
function useFit(list: RefObject<HTMLElement | null>, wall: Wall): { count: number; rows: number } {
  const [columns, setColumns] = useState({ count: 2, rows: 7 });
  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const read = () => {
      const { clientWidth, clientHeight } = element;
      if (clientWidth === 0) return;
      const style = getComputedStyle(element);
      const [width, height] = ["--column", "--row"].map((name) =>
        Number.parseFloat(style.getPropertyValue(name)),
      ) as [number, number];
      const unit = Number.parseFloat(style.fontSize) / 16;
      const count = Math.max(1, Math.floor((clientWidth + 1) / (width * unit)));
      const rows = Math.max(1, Math.floor((clientHeight + 1) / (height * unit)));
      setColumns((before) =>
        before.count === count && before.rows === rows ? before : { count, rows },
      );
      wall.fit(count * rows);
    };
    read();
    const resized = new ResizeObserver(read);
    resized.observe(element);
    return () => resized.disconnect();
  }, [list, wall]);
  return columns;
}
