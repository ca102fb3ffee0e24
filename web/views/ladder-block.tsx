/** A call with bytes: a block outside its lifeline, filled for what goes right, hollow for what comes left. */
import type { Column } from "../model/ends.ts";
import type { BlockShape } from "../model/ladder-shapes.ts";
import { BLOCK, BLOCK_GAP, HALF, LABEL, outside, textWidth } from "./ladder-columns.ts";
import { directionColour } from "./ladder-paint.ts";
import type { Scene } from "./ladder-shapes.tsx";
import { Label } from "./ladder-words.tsx";

export function Block({ shape, scene }: { shape: BlockShape; scene: Scene }) {
  const { columns, paint } = scene;
  const colour = directionColour(paint, shape.direction);
  const away = outside(shape.column);
  const life = columns[shape.column];
  const edge = HALF + BLOCK_GAP;
  const left = away < 0 ? life - edge - BLOCK : life + edge;
  const height = Math.max(BLOCK, shape.bottom - shape.top);
  const middle = (shape.top + shape.bottom) / 2;
  const top = middle - height / 2;
  const label = textWidth(shape.label, columns.label);
  return (
    <g data-event={shape.event}>
      {shape.direction === "out" ? (
        <rect x={left} y={top} width={BLOCK} height={height} fill={colour} />
      ) : (
        <Hollow {...{ left, top, height, colour }} goesOn={shape.goesOn} />
      )}
      {columns.labels && (
        <Label
          x={life + away * LABEL}
          y={middle}
          anchor={away < 0 ? "end" : "start"}
          size={Math.min(columns.label, (columns.label * labelRoom(scene, shape.column)) / label)}
          weight={500}
          fill={colour}
          font={paint.data}
        >
          {shape.label}
        </Label>
      )}
      {columns.labels && shape.late && (
        <Label
          x={life + away * LABEL}
          y={middle + columns.label}
          anchor={away < 0 ? "end" : "start"}
          size={columns.label - 1}
          fill={paint.ink2}
          font={paint.data}
        >
          {shape.late}
        </Label>
      )}
    </g>
  );
}

interface HollowProps {
  left: number;
  top: number;
  height: number;
  colour: string;
  goesOn: BlockShape["goesOn"];
}

/** Only the outline, open at an edge where the call goes on in another row. */
function Hollow({ left, top, height, colour, goesOn }: HollowProps) {
  const [l, r] = [left + 1, left + BLOCK - 1];
  const [t, b] = [top + (goesOn.above ? 0 : 1), top + height - (goesOn.below ? 0 : 1)];
  const sides = goesOn.above || goesOn.below ? `M${l} ${t}V${b}M${r} ${t}V${b}` : "";
  const edges = `${goesOn.above ? "" : `M${l} ${t}H${r}`}${goesOn.below ? "" : `M${l} ${b}H${r}`}`;
  const path = sides ? sides + edges : `M${l} ${t}H${r}V${b}H${l}Z`;
  return <path d={path} fill="none" stroke={colour} strokeWidth="2" strokeLinecap="square" />;
}

/** What a label beside a lifeline may take without touching the times, or the edge. */
function labelRoom({ columns }: Scene, column: Column): number {
  if (column === "server") return columns.width - columns.server - LABEL - 4;
  return columns.client - LABEL - (columns.times === null ? 4 : columns.times + 8);
}
