/** A row of the ladder: a list item that says it in words, and its drawing. */
import { memo } from "react";
import type { LadderRow } from "../model/ladder-shapes.ts";
import type { ByteRange } from "../model/selection.ts";
import type { Columns } from "./ladder-columns.ts";
import { pagePaint } from "./ladder-paint.ts";
import { RowShapes } from "./ladder-shapes.tsx";

/**
 * Pixels that a row's lines run on under the next row. Where a pixel of the page is not one of the
 * screen, edges are blurred: two that only meet would show as a seam.
 */
const OVERLAP = 1;

export interface LadderItemProps {
  row: LadderRow;
  index: number;
  total: number;
  columns: Columns;
  /** Pixels of one unit. */
  scale: number;
  /** The row is the one that is picked out. */
  lit: boolean;
  /** The bytes that are picked out, in the row that is. */
  picked: ByteRange | null;
  /** The one stop of Tab in the list. */
  stop: boolean;
  /** It has just happened: it draws itself. */
  fresh: boolean;
  failed: boolean;
}

export function LadderItem(props: LadderItemProps) {
  const { row, index, total, columns, scale, lit, picked, stop, fresh, failed } = props;
  const top = Math.round(row.top * scale);
  const height = Math.round((row.top + row.height) * scale) - top;
  return (
    <li
      className={fresh ? "ladder-row is-fresh" : "ladder-row"}
      style={{ top, height: height + OVERLAP }}
      // The list is moved through with the arrow keys.
      tabIndex={stop ? 0 : -1}
      aria-setsize={total}
      aria-posinset={index + 1}
      aria-current={lit ? "true" : undefined}
      data-index={index}
      data-selected={lit ? "" : undefined}
      data-region-focus={stop ? "" : undefined}
    >
      <span className="unseen">{row.spoken}</span>
      <Drawing {...{ row, columns, scale, height, lit, picked, failed }} />
    </li>
  );
}

interface DrawingProps {
  row: LadderRow;
  columns: Columns;
  scale: number;
  height: number;
  lit: boolean;
  picked: ByteRange | null;
  failed: boolean;
}

/** On its own: with each new row every row's place among all changes, and no drawing does. */
const Drawing = memo(function Drawing(props: DrawingProps) {
  const { row, columns, scale, height, lit, picked, failed } = props;
  return (
    <svg
      aria-hidden="true"
      width={columns.width * scale}
      height={height + OVERLAP}
      viewBox={`0 0 ${columns.width} ${(height + OVERLAP) / scale}`}
    >
      <RowShapes
        {...{ row, columns, lit, picked, failed }}
        paint={pagePaint}
        background={lit ? pagePaint.bg2 : pagePaint.bg1}
      />
    </svg>
  );
});
