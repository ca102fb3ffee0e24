/** The rows of a range, as many as are seen; millions of them scroll like a few. */
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { ByteRows, merged, offsetDigits } from "../model/bytes-rows.ts";
import { rowEnd } from "../model/bytes-story.ts";
import { bytesAround } from "../model/bytes-text.ts";
import type { Conversation } from "../model/conversation.ts";
import { sidesOf } from "../model/ends.ts";
import type { ByteRange } from "../model/selection.ts";
import { InspectorRow } from "./inspector-row.tsx";
import { useScrolling } from "./inspector-scroll.ts";

export interface InspectorRowsProps {
  conversation: Conversation;
  range: ByteRange;
  /** All of a direction: what is picked out is marked, and every chunk named. */
  whole: boolean;
  picked: ByteRange | null;
  hit: ByteRange | null;
  scroller: RefObject<HTMLElement | null>;
  /** Grows whenever the conversation has changed. */
  version: number;
}

/** Pixels at normal text size: a row, a border, and a border that has a label under the row. */
const ROW_PX = 30;
const BORDER_PX = 13;
const LABELLED_PX = 26;
/** Width of a label beside the row, in pixels at normal size. */
const LABEL_PX = 156;

export function InspectorRows(props: InspectorRowsProps) {
  const { conversation, range, whole, picked, hit, scroller, version } = props;
  const digits = offsetDigits(range.end - range.start);
  const room = useRoom(scroller, digits);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new version may have brought new calls.
  const rows = useMemo(() => {
    const { sender, receiver } = sidesOf(range.direction, conversation.state.role);
    const borders = (side: typeof sender) =>
      conversation.calls(range.direction, side).borders(range.start, range.end);
    return new ByteRows(range, merged(borders(sender), borders(receiver)), room.columns);
  }, [conversation, range, room.columns, version]);
  const heights = room.heights;
  const scrolling = useScrolling(scroller, rows, heights, room.viewport);
  const target = hit ?? picked;
  const wanted = target && target.direction === range.direction ? target.start : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another target scrolls, not other rows.
  useLayoutEffect(() => {
    if (room.viewport === 0 || wanted === null) return;
    if (wanted >= range.start && wanted < range.end) scrolling.reveal(rows.indexAt(wanted));
  }, [wanted, range.direction, room.viewport > 0]);

  const shown: React.ReactNode[] = [];
  const first = rows.count === 0 ? 0 : rows.rowAt(scrolling.position, heights);
  for (let index = first; index < rows.count; index++) {
    const top = rows.top(index, heights) - scrolling.position;
    if (top > room.viewport) break;
    const row = rows.row(index);
    shown.push(
      <InspectorRow
        key={row.start}
        row={row}
        byteAt={bytesAround(conversation, range.direction, row.start, row.end)}
        end={row.last ? rowEnd(conversation, range, row.end, whole) : nothing}
        offset={(row.start - range.start).toString(16).padStart(digits, "0")}
        count={rows.count}
        top={top}
        picked={picked?.direction === range.direction ? picked : null}
        hit={hit?.direction === range.direction ? hit : null}
      />,
    );
  }
  return (
    <section
      className="bytes-scroller"
      ref={scroller}
      onScroll={scrolling.onScroll}
      onKeyDown={scrolling.onKeyDown}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
      tabIndex={0}
      aria-label="Offset, hex and text"
      data-region-focus=""
      data-columns={room.columns}
      data-labels={room.beside ? "beside" : "below"}
    >
      <div style={{ height: scrolling.elementHeight }}>
        <ol className="bytes-rows data" style={{ height: room.viewport }}>
          {shown}
        </ol>
      </div>
    </section>
  );
}

const nothing = { border: null, labels: [] };

interface Room {
  columns: number;
  /** There is a place for labels beside the rows; else they are below. */
  beside: boolean;
  viewport: number;
  heights: { row: number; border: number; foot: number };
}

const unknown: Room = {
  columns: 8,
  beside: true,
  viewport: 0,
  heights: { row: ROW_PX, border: BORDER_PX, foot: 0 },
};

/** What fits into the element, measured again when it or the text size changes. */
function useRoom(scroller: RefObject<HTMLElement | null>, digits: number): Room {
  const [room, setRoom] = useState(unknown);
  const seen = useRef("");
  useEffect(() => {
    const element = scroller.current;
    const list = element?.querySelector<HTMLElement>(".bytes-rows");
    if (!element || !list) return;
    const measure = () => {
      const measured = roomIn(element, list, digits);
      const key = JSON.stringify(measured);
      if (key !== seen.current) setRoom(measured);
      seen.current = key;
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    const sizes = new MutationObserver(measure);
    sizes.observe(document.documentElement, { attributeFilter: ["data-size"] });
    measure();
    return () => {
      observer.disconnect();
      sizes.disconnect();
    };
  }, [scroller, digits]);
  return room;
}

function roomIn(element: HTMLElement, list: HTMLElement, digits: number): Room {
  const style = getComputedStyle(list);
  const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  // Martian Mono's advance at its pinned width is 0.6 em.
  const letter = Number.parseFloat(style.fontSize) * 0.6;
  const gaps = 2 * Number.parseFloat(style.getPropertyValue("--bytes-gap")) * scale;
  const need = (columns: number) => (digits + 4 * columns - 1 + 2) * letter + gaps;
  const width = list.clientWidth;
  const label = LABEL_PX * scale;
  const wide = need(16) + label <= width;
  const beside = wide || need(8) + label <= width;
  const columns = wide ? 16 : need(8) <= width ? 8 : 4;
  const row = Math.round(ROW_PX * scale);
  const border = Math.round((beside ? BORDER_PX : LABELLED_PX) * scale);
  const heights = { row, border, foot: beside ? 0 : border };
  return { columns, beside, viewport: element.clientHeight, heights };
}
