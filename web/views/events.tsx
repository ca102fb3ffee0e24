/** The conversation's events as an ordered list: complete, in order, and following the newest. */
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { memo, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Conversation } from "../model/conversation.ts";
import { count } from "../model/format.ts";
import { Store } from "../model/store.ts";
import type { Talk } from "../model/talk.ts";
import { EventRow, idleBefore } from "./event-row.tsx";
import { useFrames } from "./use-store.ts";

/** Rows have one height, so that a hundred thousand need no measuring; pixels at normal size. */
const ROW_PX = 44;
/** What a row is higher by after a pause, which is said in that room. */
const IDLE_PX = 28;
/** As near to the end as this still counts as at the end. */
const AT_END_PX = 24;
/** Rows made beyond those that are seen, for scrolling. */
const OVERSCAN = 8;

export interface EventsProps {
  talk: Talk;
  open: boolean;
  setOpen(open: boolean): void;
}

export function Events({ talk, open, setOpen }: EventsProps) {
  useFrames(talk);
  const conversation = talk.conversation;
  const total = conversation ? conversation.forgotten + conversation.events.length : 0;
  return (
    <section className="events" aria-labelledby="events-title" data-region="events">
      <div className="pane-head">
        <h2 className="label" id="events-title">
          <button
            type="button"
            className="events-fold"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            What happened
          </button>
          <span className="events-title">What happened</span>
        </h2>
        <p className="about">{total === 0 ? "" : count(total, "event")}</p>
      </div>
      <EventList conversation={conversation} />
    </section>
  );
}

const nobody = new (class extends Store {})();

/** On its own from the head: what changes the talk does not always change the list. */
const EventList = memo(function EventList({ conversation }: { conversation: Conversation | null }) {
  const version = useFrames(conversation ?? nobody);
  const scroller = useRef<HTMLElement>(null);
  const [following, setFollowing] = useState(true);
  const events = conversation?.events ?? [];
  const forgotten = conversation?.forgotten ?? 0;
  const rowPx = useRowHeight();
  const idlePx = Math.round((IDLE_PX * rowPx) / ROW_PX);
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) =>
      idleBefore(events[index], events[index - 1]) === null ? rowPx : rowPx + idlePx,
    getItemKey: useCallback((index: number) => forgotten + index, [forgotten]),
    overscan: OVERSCAN,
    rangeExtractor: following ? newest : defaultRangeExtractor,
    useFlushSync: false,
  });
  useEffect(() => {
    // A new conversation begins at its end again, wherever the last one was left.
    if (conversation) setFollowing(true);
    // Its pauses are others.
    rows.measure();
  }, [conversation, rows]);
  useEffect(() => {
    if (rowPx > 0) rows.measure();
  }, [rowPx, rows]);
  const seen = useRef(forgotten);
  const measured = useRef(rows.measurementsCache);
  const height = rows.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version is what moves the list.
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    if (following) element.scrollTop = element.scrollHeight;
    else {
      const first = measured.current[forgotten - seen.current]?.end ?? 0;
      if (forgotten > seen.current)
        element.scrollTop -= first - (rows.measurementsCache[0]?.end ?? 0);
    }
    seen.current = forgotten;
    measured.current = rows.measurementsCache;
  }, [version, following, events.length, forgotten, height]);
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    setFollowing(below <= AT_END_PX);
  };
  if (events.length === 0) return <Nothing />;
  return (
    <div className="events-body">
      <section
        className="events-scroller"
        ref={scroller}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label="Events of this conversation"
        data-region-focus=""
      >
        <ol style={{ height }}>
          {rows.getVirtualItems().map((row) => (
            <EventRow
              key={row.key}
              event={events[row.index]}
              before={events[row.index - 1]}
              after={row.index === 0 ? events[1] : undefined}
              position={forgotten + row.index + 1}
              total={forgotten + events.length}
              top={row.start}
            />
          ))}
        </ol>
      </section>
      {!following && (
        <button type="button" className="button main to-now" onClick={() => setFollowing(true)}>
          To now
        </button>
      )}
    </div>
  );
});

/**
 * The last rows, as many as are seen: while the list follows its end, rows at the place where it was
 * before the newest came would be made only to be thrown away.
 */
function newest({ startIndex, endIndex, count }: Range): number[] {
  // One more: the first that is seen may be cut.
  const length = Math.min(count, endIndex - startIndex + 2);
  return Array.from({ length }, (_, i) => count - length + i);
}

function Nothing() {
  return (
    <div className="events-body events-empty">
      <p>Nothing yet. Each call on your socket appears here, in order, with its time and bytes.</p>
    </div>
  );
}

/** The row height at the present text size. */
function useRowHeight(): number {
  const [height, setHeight] = useState(ROW_PX);
  useEffect(() => {
    const read = () => {
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
      setHeight(Math.round((ROW_PX * rem) / 16));
    };
    read();
    const observer = new MutationObserver(read);
    observer.observe(document.documentElement, { attributeFilter: ["data-size"] });
    return () => observer.disconnect();
  }, []);
  return height;
}
