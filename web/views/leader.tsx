/** The leader line: from the line of the terminal that is picked out to its bytes and its place in the ladder. */
import { useEffect, useRef, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { useValue } from "./use-store.ts";

/** Heights of what the line joins, in pixels from the top of the pane; null for what is not on the screen. */
interface Ends {
  line: number | null;
  row: number | null;
  bytes: number | null;
  /** The ladder has little room beside its lifelines. */
  narrow: boolean;
}

/** The terminal in front, of those that are kept behind their tabs. */
const SHOWN = ".terminal-slot:not([inert])";

const nowhere: Ends = { line: null, row: null, bytes: null, narrow: false };

/** The pane's left margin, in which the line runs. */
const WIDTH = 36;
const TRUNK = 14;
/** A narrow ladder leaves less of it: below this width of the pane, and so much. */
const NARROW_PANE = 430;
const NARROW = { width: 14, trunk: 7 };

export function Leader({ talk }: { talk: Dialogue }) {
  const selected = useValue(talk.selection, () => talk.selection.selected);
  const svg = useRef<SVGSVGElement>(null);
  const [ends, setEnds] = useState(nowhere);
  useEffect(() => {
    if (!selected) return setEnds(nowhere);
    let frame = 0;
    // What it joins scrolls, grows and moves by itself: where it stands is read in each frame.
    const follow = () => {
      const found = svg.current ? endsNow(svg.current) : nowhere;
      setEnds((before) => (same(before, found) ? before : found));
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => cancelAnimationFrame(frame);
  }, [selected]);
  const from = [ends.line, ends.bytes].filter((y) => y !== null);
  const all = ends.row === null ? [] : [...from, ends.row];
  const trunk = ends.narrow ? NARROW.trunk : TRUNK;
  const end = ends.narrow ? NARROW.width : WIDTH - 4;
  const tone = selected?.range?.direction ?? "plain";
  return (
    <svg className={`leader leader-${tone}`} ref={svg} width={WIDTH} aria-hidden="true">
      {all.length > 1 && (
        <g fill="none" stroke="currentColor" strokeWidth="2">
          {from.map((y) => (
            <path key={y} d={`M0 ${y}H${trunk}`} />
          ))}
          <path d={`M${trunk} ${Math.min(...all)}V${Math.max(...all)}`} />
          <path d={`M${trunk} ${ends.row}H${end}`} />
        </g>
      )}
    </svg>
  );
}

function endsNow(svg: SVGSVGElement): Ends {
  const pane = svg.getBoundingClientRect();
  const main = svg.closest("main");
  const middle = (selector: string, frame: string): number | null => {
    const found = main?.querySelector(selector)?.getBoundingClientRect();
    const inside = main?.querySelector(frame)?.getBoundingClientRect();
    if (!found || !inside) return null;
    const y = (found.top + found.bottom) / 2;
    return y < inside.top || y > inside.bottom ? null : Math.round(y - pane.top);
  };
  const row =
    middle("[data-selected] [data-leader]", ".tab-panel") ??
    middle("[data-selected]", ".tab-panel");
  const head = middle(".inspector-head, .inspector h2", ".inspector");
  const line = middle(`${SHOWN} .mark-selected`, `${SHOWN} .gutter-frame`);
  return { line, row, bytes: head, narrow: isNarrow() };
}

/** The ladder without times and names beside its lifelines (ladder-columns.ts); the list has its margin. */
function isNarrow(): boolean {
  const panel = document.querySelector(".ladder-scroller");
  const scale = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
  return panel !== null && panel.clientWidth / scale < NARROW_PANE;
}

function same(a: Ends, b: Ends): boolean {
  return a.line === b.line && a.row === b.row && a.bytes === b.bytes && a.narrow === b.narrow;
}
