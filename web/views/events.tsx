/** The conversation's events as an ordered list: complete, in order, and following the newest. */
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  memo,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import type { ConversationEvent } from "../../shared/conversation.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { type ByteRange, overlap, type Selected, type Selection } from "../model/selection.ts";
import { Store } from "../model/store.ts";
import { EventRow, idleBefore } from "./event-row.tsx";
import { useFrames, useValue } from "./use-store.ts";

/** Rows have one height, so that a hundred thousand need no measuring; pixels at normal size. */
const ROW_PX = 44;
/** What a row is higher by after a pause, which is said in that room. */
const IDLE_PX = 28;
/** As near to the end as this still counts as at the end. */
const AT_END_PX = 24;
/** Rows made beyond those that are seen, for scrolling. */
const OVERSCAN = 8;

export interface EventsProps {
  talk: Dialogue;
  /** Enter on a row: to its bytes. */
  onOpen?: () => void;
}

/** The list; its head is the tab it is behind. */
export function Events({ talk, onOpen }: EventsProps) {
  useFrames(talk);
  return (
    <section className="events" aria-label="Events" data-region="events">
      <EventList conversation={talk.conversation} selection={talk.selection} onOpen={onOpen} />
    </section>
  );
}

const nobody = new (class extends Store {})();

interface EventListProps {
  conversation: Conversation | null;
  selection: Selection;
  /** Enter on a row: to its bytes. */
  onOpen: (() => void) | undefined;
}

/** On its own: what changes the talk does not always change the list. */
const EventList = memo(function EventList({ conversation, selection, onOpen }: EventListProps) {
  const selected = useValue(selection, () => selection.selected);
  const version = useFrames(conversation ?? nobody);
  const scroller = useRef<HTMLElement>(null);
  const [following, setFollowing] = useState(true);
  const events = conversation?.events ?? [];
  const forgotten = conversation?.forgotten ?? 0;
  const role = conversation?.state.role ?? "client";
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
  const select = useCallback(
    (position: number) => {
      const event = conversation?.event(position - 1);
      if (event) selection.select({ event: position - 1, range: rangeOf(event) });
    },
    [conversation, selection],
  );
  // What is picked out elsewhere is brought into view here.
  useEffect(() => {
    const index = (selected?.event ?? -1) - (conversation?.forgotten ?? 0);
    if (index < 0) return;
    const shown = rows.range;
    if (shown && index > shown.startIndex && index < shown.endIndex) return;
    setFollowing(false);
    rows.scrollToIndex(index, { align: "center" });
  }, [selected, conversation, rows]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const last = forgotten + events.length;
      const from = selected ? selected.event + 1 : last + (step < 0 ? 1 : 0);
      select(Math.min(last, Math.max(forgotten + 1, from + step)));
    } else if (event.key === "Home") {
      // Done at once: gliding there would be stopped by the next event.
      event.preventDefault();
      setFollowing(false);
      if (scroller.current) scroller.current.scrollTop = 0;
    } else if (event.key === "End") {
      event.preventDefault();
      setFollowing(true);
    } else if (event.key === "Enter" && selected) onOpen?.();
    else if (event.key === "Escape") selection.select(null);
  };
  if (events.length === 0) return <Nothing />;
  return (
    <div className="events-body">
      <section
        className="events-scroller"
        ref={scroller}
        onScroll={onScroll}
        onKeyDown={onKeyDown}
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
              role={role}
              position={forgotten + row.index + 1}
              total={forgotten + events.length}
              top={row.start}
              selected={isSelected(selected, forgotten + row.index, events[row.index])}
              transport={conversation?.state.transport ?? "tcp"}
              select={select}
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

/** The bytes a call moved; null for what moved none. */
function rangeOf(event: ConversationEvent): ByteRange | null {
  if (event.kind !== "data") return null;
  const { direction, offset, length } = event;
  return { direction, start: offset, end: offset + length };
}

/** The row itself, and every call that moved some of the bytes that are picked out. */
function isSelected(
  selected: Selected | null,
  number: number,
  event: ConversationEvent | undefined,
): boolean {
  if (!selected || !event) return false;
  if (selected.event === number) return true;
  const range = rangeOf(event);
  return range !== null && selected.range !== null && overlap(range, selected.range);
}

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
