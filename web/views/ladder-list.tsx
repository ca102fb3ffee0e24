/** The ladder's rows: an ordered list of which only what is in sight exists. */
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import type { Conversation } from "../model/conversation.ts";
import { Ladder as LadderModel } from "../model/ladder.ts";
import type { LadderRow } from "../model/ladder-shapes.ts";
import type { Selected, Selection } from "../model/selection.ts";
import { columnsFor, projectedColumns } from "./ladder-columns.ts";
import { type EndNames, LadderHead } from "./ladder-head.tsx";
import { LadderPatterns } from "./ladder-life.tsx";
import { pagePaint } from "./ladder-paint.ts";
import { LadderItem } from "./ladder-row.tsx";
import { indexOfSelected } from "./ladder-spot.ts";
import { TAIL_HEIGHT, Tail } from "./ladder-tail.tsx";
import { useFresh } from "./use-fresh.ts";
import { useLadderBox } from "./use-ladder-box.ts";
import { useLadderScroll } from "./use-ladder-scroll.ts";
import { useLadderStop } from "./use-ladder-stop.ts";
import { useFrames, useValue } from "./use-store.ts";

export interface LadderListProps {
  conversation: Conversation;
  selection: Selection;
  /** It happens now, and was not recorded. */
  live: boolean;
  /** Time goes on in this conversation. */
  running: boolean;
  onOpen?: (() => void) | undefined;
  /** Somebody else's, shown to a class: who the ends are. */
  projected?: EndNames;
}

/** Kept while another tab is shown: what was opened stays open, and nothing is read twice. */
const ladders = new WeakMap<Conversation, LadderModel>();

function ladderOf(conversation: Conversation, projected: boolean): LadderModel {
  const kept = ladders.get(conversation);
  if (kept) return kept;
  const made = new LadderModel(conversation, projected);
  ladders.set(conversation, made);
  return made;
}

export function LadderList(props: LadderListProps) {
  const { conversation, selection, live, running, onOpen, projected } = props;
  useFrames(conversation);
  const ladder = ladderOf(conversation, projected !== undefined);
  ladder.update();
  const [, setToggles] = useState(0);
  const scroller = useRef<HTMLDivElement>(null);
  const box = useLadderBox(scroller);
  const sight = useLadderScroll(scroller, ladder, box);
  const placed = projected ? projectedColumns : columnsFor;
  const columns = useMemo(() => placed(box?.width ?? 0), [placed, box?.width]);
  const selected = useValue(selection, () => selection.selected);
  const fresh = useFresh(conversation, sight.following);
  const stop = useLadderStop(ladder, scroller, sight.reveal);
  const lit = indexOfSelected(ladder, selected);
  useRevealed(selected, lit, sight.reveal);
  const toggle = (row: LadderRow) => {
    ladder.toggle(row);
    setToggles((count) => count + 1);
  };
  const pick = (row: LadderRow) => selection.select(selectedOf(conversation, row));
  const onClick = (event: MouseEvent) => {
    const target = event.target as Element;
    const row = rowOf(ladder, target);
    if (!row) return;
    const block = target.closest<SVGElement>("[data-event]")?.dataset.event;
    const call = row.shapes.find((each) => each.kind === "block" && `${each.event}` === block);
    if (target.closest("[data-toggle]")) toggle(row);
    else if (call?.kind === "block") selection.select({ event: call.event, range: call.range });
    else pick(row);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rowOf(ladder, event.target as Element);
    const page = Math.max(1, sightRows(sight.from, sight.to) - 2);
    if (stop.move(event.key, page)) event.preventDefault();
    else if (event.key === "Escape") selection.select(null);
    else if (row && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      if (event.key === " " && row.opens) return toggle(row);
      pick(row);
      if (event.key === "Enter") onOpen?.();
    }
  };
  const scale = box?.scale ?? 1;
  const failed = conversation.state.phase === "failed";
  const last = ladder.row(ladder.length - 1);
  const rows: { row: LadderRow; index: number }[] = [];
  for (const index of indexes(sight.from, sight.to, stop.index)) {
    const row = box ? ladder.row(index) : undefined;
    if (row) rows.push({ row, index });
  }
  return (
    <>
      {columns.labels && (
        <LadderHead state={conversation.state} columns={columns} scale={scale} names={projected} />
      )}
      <div className="ladder-body">
        <div className="ladder-scroller" ref={scroller} onScroll={sight.onScroll}>
          <svg className="ladder-patterns" width="0" height="0" aria-hidden="true">
            <LadderPatterns paint={pagePaint} />
          </svg>
          <div style={{ height: Math.round((ladder.height + TAIL_HEIGHT) * scale) }}>
            <ol onClick={onClick} onKeyDown={onKeyDown} onFocus={stop.onFocus} onBlur={stop.onBlur}>
              {rows.map(({ row, index }) => (
                <LadderItem
                  key={row.key}
                  {...{ row, index, columns, scale, failed }}
                  total={ladder.length}
                  lit={index === lit}
                  picked={index === lit ? (selected?.range ?? null) : null}
                  stop={index === stop.index}
                  fresh={row.first >= fresh && row.opens === null}
                />
              ))}
            </ol>
            {last && box && (
              <Tail
                {...{ conversation, last, columns, scale, live, running, failed }}
                now={projected && running ? "now" : null}
              />
            )}
          </div>
        </div>
        {!sight.following && (
          <button type="button" className="button main to-now" onClick={sight.follow}>
            To now
          </button>
        )}
      </div>
    </>
  );
}

/** What picking a row out means: its bytes, and the call at this page's socket that carried them. */
function selectedOf(conversation: Conversation, row: LadderRow): Selected {
  const { range } = row;
  const call = range ? conversation.callAt(range.direction, range.start) : null;
  return { event: call ?? row.first, range };
}

function rowOf(ladder: LadderModel, element: Element): LadderRow | undefined {
  const index = element.closest<HTMLElement>("[data-index]")?.dataset.index;
  return index === undefined ? undefined : ladder.row(Number(index));
}

const sightRows = (from: number, to: number): number => to - from + 1;

/** Those in sight, and the one that Tab comes to, wherever it is; in order. */
function indexes(from: number, to: number, stop: number): number[] {
  const found = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
  if (stop >= 0 && stop < from) found.unshift(stop);
  if (stop > to) found.push(stop);
  return found;
}

/** What is picked out elsewhere is scrolled to, once; a row that was clicked is in sight anyway. */
function useRevealed(selected: Selected | null, lit: number, reveal: (index: number) => void) {
  const seen = useRef(selected);
  useEffect(() => {
    if (seen.current === selected) return;
    if (selected && lit < 0) return;
    seen.current = selected;
    if (selected) reveal(lit);
  }, [selected, lit, reveal]);
}
