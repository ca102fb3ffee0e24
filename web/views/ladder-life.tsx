/** A lifeline: one end of the connection through time, its pattern saying which state it is in. */
import type { LifeShape } from "../model/ladder-shapes.ts";
import { type Columns, HALF } from "./ladder-columns.ts";
import { type Paint, stateColour } from "./ladder-paint.ts";

/** Every pattern repeats after this many units. */
export const PERIOD = 84;

/** The fills of lifelines; once for all rows. */
export function LadderPatterns({ paint }: { paint: Paint }) {
  return (
    <defs>
      <pattern
        id={`${paint.id}-hatch`}
        width="6"
        height="6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(-45)"
      >
        <path d="M0 1.5h6" stroke={paint.established} strokeWidth="3" />
      </pattern>
      <pattern id={`${paint.id}-bars`} width="7" height="7" patternUnits="userSpaceOnUse">
        <path d="M0 1.75h7" stroke={paint.closing} strokeWidth="3.5" />
      </pattern>
      <pattern id={`${paint.id}-dots`} width="6" height="6" patternUnits="userSpaceOnUse">
        <circle cx="3" cy="3" r="1.6" fill={paint.closing} />
      </pattern>
    </defs>
  );
}

export interface LifeProps {
  shape: LifeShape;
  columns: Columns;
  paint: Paint;
  /** Height of the row, and where its top stands in the patterns. */
  height: number;
  phase: number;
  /** Nobody was there: the line is that of an error. */
  failed: boolean;
}

export function Life({ shape, columns, paint, height, phase, failed }: LifeProps) {
  const x = columns[shape.column];
  const { top } = shape;
  // A little beyond the row, which cuts it: rows are whole pixels high, units are not.
  const bottom = shape.bottom >= height ? height + 1 : shape.bottom;
  const { pattern } = shape;
  const line = { x, top, bottom };
  if (pattern === "none" && shape.column === "client")
    return <Thin {...line} colour={paint.ink3} />;
  if (pattern === "none") return failed ? <Dashed {...line} colour={paint.error} /> : null;
  if (pattern === "hollow") {
    return <Walls {...line} row={height} colour={paint.edge} dash="7 5" phase={phase} />;
  }
  if (pattern === "LISTEN") {
    return <Walls {...line} row={height} colour={paint.ink2} dash="4 3" phase={phase} />;
  }
  const colour = stateColour(paint, pattern);
  if (pattern === "CLOSED") return <Thin {...line} colour={colour} />;
  const fill = fills[pattern];
  const filled = { x: x - HALF, y: top, width: 2 * HALF, height: Math.max(0, bottom - top) };
  if (fill === "solid") return <rect {...filled} fill={colour} shapeRendering="crispEdges" />;
  return (
    <g>
      {fill === "half" ? (
        <rect {...filled} width={HALF} fill={colour} shapeRendering="crispEdges" />
      ) : (
        // Drawn from the top of its period, so that a pattern runs on from row to row.
        <g transform={`translate(0 ${-phase})`}>
          <rect {...filled} y={top + phase} fill={`url(#${paint.id}-${fill})`} />
        </g>
      )}
      <Walls {...line} row={height} colour={colour} />
    </g>
  );
}

const fills = {
  ESTABLISHED: "solid",
  SYN_SENT: "hatch",
  SYN_RECV: "hatch",
  FIN_WAIT1: "bars",
  FIN_WAIT2: "bars",
  CLOSING: "bars",
  CLOSE_WAIT: "half",
  LAST_ACK: "half",
  TIME_WAIT: "dots",
} as const;

interface LineProps {
  x: number;
  top: number;
  bottom: number;
  colour: string;
}

function Thin({ x, top, bottom, colour }: LineProps) {
  return <path d={`M${x} ${top}V${bottom}`} stroke={colour} strokeWidth="1.5" />;
}

function Dashed({ x, top, bottom, colour }: LineProps) {
  return (
    <path d={`M${x} ${top}V${bottom}`} stroke={colour} strokeWidth="2" strokeDasharray="5 5" />
  );
}

/** The outline of a stretch, closed where the stretch itself begins or ends. */
function Walls(props: LineProps & { row: number; dash?: string; phase?: number }) {
  const { x, top, bottom, colour, row, dash, phase = 0 } = props;
  const [left, right] = [x - HALF + 0.75, x + HALF - 0.75];
  const begins = top > 0 && !dash ? `M${left} ${top + 0.75}H${right}` : "";
  const ends = bottom < row && !dash ? `M${left} ${bottom - 0.75}H${right}` : "";
  return (
    <path
      d={`M${left} ${top}V${bottom}M${right} ${top}V${bottom}${begins}${ends}`}
      fill="none"
      stroke={colour}
      strokeWidth="1.5"
      strokeDasharray={dash}
      strokeDashoffset={dash ? phase + top : undefined}
    />
  );
}
