/** The leader line: from the line of the terminal that is picked out to its bytes and its place in the ladder. */
import { useEffect, useRef, useState } from "react";
import type { Talk } from "../model/talk.ts";
import { useValue } from "./use-store.ts";

/** Heights of what the line joins, in pixels from the top of the pane; null for what is not on the screen. */
interface Ends {
  line: number | null;
  row: number | null;
  bytes: number | null;
}

const nowhere: Ends = { line: null, row: null, bytes: null };

/** The pane's left margin, in which the line runs. */
const WIDTH = 36;
const TRUNK = 14;

export function Leader({ talk }: { talk: Talk }) {
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
  const tone = selected?.range?.direction ?? "plain";
  return (
    <svg className={`leader leader-${tone}`} ref={svg} width={WIDTH} aria-hidden="true">
      {all.length > 1 && (
        <g fill="none" stroke="currentColor" strokeWidth="2">
          {from.map((y) => (
            <path key={y} d={`M0 ${y}H${TRUNK}`} />
          ))}
          <path d={`M${TRUNK} ${Math.min(...all)}V${Math.max(...all)}`} />
          <path d={`M${TRUNK} ${ends.row}H${WIDTH - 4}`} />
        </g>
      )}
    </svg>
  );
}

function endsNow(svg: SVGSVGElement): Ends {
  const pane = svg.getBoundingClientRect();
  const middle = (selector: string, frame: string): number | null => {
    const found = document.querySelector(selector)?.getBoundingClientRect();
    const inside = document.querySelector(frame)?.getBoundingClientRect();
    if (!found || !inside) return null;
    const y = (found.top + found.bottom) / 2;
    return y < inside.top || y > inside.bottom ? null : Math.round(y - pane.top);
  };
  const row =
    middle("[data-selected] [data-leader]", ".tab-panel") ??
    middle("[data-selected]", ".tab-panel");
  const head = middle(".inspector-head, .inspector h2", ".inspector");
  return { line: middle(".mark-selected", ".gutter-frame"), row, bytes: head };
}

function same(a: Ends, b: Ends): boolean {
  return a.line === b.line && a.row === b.row && a.bytes === b.bytes;
}
