/** What is written in the ladder: calls, states, and what the bytes say. */
import { bytes } from "../model/format.ts";
import type { CallShape, QuoteShape, StateShape } from "../model/ladder-shapes.ts";
import { cutTo, HALF, inner, outside, STATE, textWidth } from "./ladder-columns.ts";
import { directionColour, stateColour } from "./ladder-paint.ts";
import type { Scene } from "./ladder-shapes.tsx";

export interface LabelProps {
  x: number;
  /** The middle of the letters. */
  y: number;
  anchor: "start" | "middle" | "end";
  size: number;
  weight?: number;
  fill: string;
  font: string;
  /** The leader line from the terminal ends here. */
  lead?: boolean;
  children: string;
}

/** One line of text, by its middle: not every program that shows an SVG knows baselines. */
export function Label({
  x,
  y,
  anchor,
  size,
  weight = 400,
  fill,
  font,
  lead,
  children,
}: LabelProps) {
  return (
    <text
      x={x}
      y={y}
      dy="0.35em"
      textAnchor={anchor}
      fontFamily={font}
      fontSize={size}
      fontWeight={weight}
      fill={fill}
      direction="ltr"
      data-leader={lead ? "" : undefined}
    >
      {children}
    </text>
  );
}

export function StateName({ shape, scene }: { shape: StateShape; scene: Scene }) {
  const { columns, paint } = scene;
  if (!columns.labels) return null;
  const away = outside(shape.column);
  const x = columns[shape.column];
  const colour = stateColour(paint, shape.state);
  return (
    <g>
      <path
        d={`M${x + away * HALF} ${shape.y}H${x + away * (STATE - 1)}`}
        stroke={colour}
        strokeWidth="1.5"
        strokeDasharray={shape.seen ? undefined : "2 2"}
      />
      <Label
        x={x + away * (STATE + 1)}
        y={shape.y}
        anchor={away < 0 ? "end" : "start"}
        size={columns.label}
        weight={500}
        fill={colour}
        font={paint.data}
      >
        {shape.state}
      </Label>
    </g>
  );
}

/** Quotes begin at the sender. Without labels they say how many bytes, too. */
export function Quote({ shape, scene }: { shape: QuoteShape; scene: Scene }) {
  const { columns, paint, row, picked } = scene;
  const out = shape.direction === "out";
  const range = row.range;
  const tail = columns.labels || !range ? "" : ` ${bytes(range.end - range.start)}`;
  const text = cutTo(shape.text, columns.size, inner(columns) + 5, tail);
  return (
    <text
      x={out ? columns.client + HALF + 9 : columns.server - HALF - 9}
      y={shape.y}
      dy="0.35em"
      textAnchor={out ? "start" : "end"}
      fontFamily={paint.data}
      fontSize={columns.size}
      fontWeight={picked ? 600 : 500}
      fill={directionColour(paint, shape.direction)}
      direction="ltr"
      xmlSpace="preserve"
    >
      <tspan unicodeBidi="isolate">{text}</tspan>
      {tail && <tspan>{tail}</tspan>}
    </text>
  );
}

/** Calls of both ends stand nearly side by side: what the client's leaves is the server's. */
export function Call({ shape, scene }: { shape: CallShape; scene: Scene }) {
  const { columns, paint, row } = scene;
  const left = shape.column === "client";
  const other = row.shapes.find((each) => each.kind === "call" && each.column === "client");
  const taken = !left && other?.kind === "call" ? textWidth(`${other.text}  `, columns.size) : 0;
  return (
    <Label
      x={left ? columns.client + HALF + 11 : columns.server - HALF - 11}
      y={shape.y}
      anchor={left ? "start" : "end"}
      size={columns.size}
      weight={600}
      fill={paint.ink}
      font={paint.data}
    >
      {cutTo(shape.text, columns.size, inner(columns) - taken)}
    </Label>
  );
}
