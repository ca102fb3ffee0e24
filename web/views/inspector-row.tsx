/** One row of bytes: offset, hex, text, and what ended with it. */
import { memo } from "react";
import type { Row } from "../model/bytes-rows.ts";
import type { RowEnd } from "../model/bytes-story.ts";
import { type ByteAt, type TextCell, textCells } from "../model/bytes-text.ts";
import type { ByteRange } from "../model/selection.ts";

export interface InspectorRowProps {
  row: Row;
  byteAt: ByteAt;
  end: RowEnd;
  /** The offset as it is written. */
  offset: string;
  /** All rows there are. */
  count: number;
  /** Pixels from the top of what is seen. */
  top: number;
  /** What is picked out, where more than that is shown; and what was searched for. */
  picked: ByteRange | null;
  hit: ByteRange | null;
}

/** So many line ends fit a row of text beside its other bytes; with more of them it is set smaller. */
const ROOM = 2;

export const InspectorRow = memo(function InspectorRow(props: InspectorRowProps) {
  const { row, byteAt, end, offset, count, top, picked, hit } = props;
  const cells = textCells(byteAt, row.start, row.end);
  const lit = (at: number) =>
    isIn(hit, at) ? "hit" : isIn(picked, at) ? "picked" : byteAt(at) < 0 ? "missing" : "";
  const wide = cells.filter(({ kind }) => kind === "escape").length;
  const length = row.end - row.start;
  const scale = Math.min(1, (length + ROOM) / (length + wide));
  return (
    <li
      className="bytes-row"
      style={{ transform: `translateY(${top}px)` }}
      aria-setsize={count}
      aria-posinset={row.index + 1}
    >
      <span className="bytes-offset">{offset}</span>
      <span className="bytes-hex" style={{ paddingLeft: `${row.column * 3}ch` }}>
        {runs(row, byteAt, lit).map(({ start, text, look }) => (
          <span key={start} className={look}>
            {text}
          </span>
        ))}
      </span>
      <span className="bytes-text" aria-hidden="true">
        <span style={{ paddingLeft: `${row.column}ch`, fontSize: `${scale}em` }}>
          {cells.map((cell) => (
            <Glyph key={cell.start} cell={cell} look={lit(cell.start)} />
          ))}
        </span>
      </span>
      <span className="unseen">{` ${cells.map(({ said }) => said).join("")} `}</span>
      <span className="bytes-labels">
        {end.labels.map((label) => (
          <span key={label} className="bytes-label">
            {label}
          </span>
        ))}
      </span>
      {end.border && <Border kind={end.border} />}
    </li>
  );
});

function isIn(range: ByteRange | null, offset: number): boolean {
  return range !== null && range.start <= offset && offset < range.end;
}

interface Run {
  start: number;
  text: string;
  look: string;
}

/** Hex pairs that look alike, together: most rows are one. */
function runs(row: Row, byteAt: ByteAt, lit: (offset: number) => string): Run[] {
  const found: Run[] = [];
  for (let at = row.start; at < row.end; at++) {
    const look = lit(at);
    const byte = byteAt(at);
    const pair = byte < 0 ? "--" : byte.toString(16).padStart(2, "0");
    const last = found.at(-1);
    if (last?.look === look) last.text += ` ${pair}`;
    else {
      if (last) last.text += " ";
      found.push({ start: at, text: pair, look });
    }
  }
  return found;
}

function Glyph({ cell, look }: { cell: TextCell; look: string }) {
  const cuts = `${cell.cutBefore ? " cut-before" : ""}${cell.cutAfter ? " cut-after" : ""}`;
  const width = cell.kind === "escape" ? 2 : cell.bytes;
  return (
    <span
      className={`glyph glyph-${cell.kind} ${look}${cuts}`}
      style={{ width: `${width}ch` }}
      title={cell.kind === "control" ? cell.said : undefined}
    >
      {cell.text}
    </span>
  );
}

/** Dashed and torn: a read ended here. Straight and solid: a send did. Both: solid and torn. */
function Border({ kind }: { kind: "send" | "read" | "both" }) {
  return (
    <span className={`bytes-border border-${kind}`} aria-hidden="true">
      <span className="bytes-line" />
      {kind !== "send" && (
        <svg width="28" height="14" viewBox="0 0 28 14" aria-hidden="true">
          <path d="M0 7h5l6-6 7 12 5-6h5" fill="none" stroke="currentColor" strokeWidth="1.5" />
        </svg>
      )}
      <span className="bytes-line" />
    </span>
  );
}
