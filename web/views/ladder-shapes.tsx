/** One row of the ladder as SVG: lifelines first, then what happened between and beside them. */
import type { LadderRow, LadderShape } from "../model/ladder-shapes.ts";
import { type ByteRange, overlap } from "../model/selection.ts";
import { Band, Bundle } from "./ladder-bands.tsx";
import { Block } from "./ladder-block.tsx";
import { Idle, Note } from "./ladder-breaks.tsx";
import { type Columns, LABEL, textWidth } from "./ladder-columns.ts";
import { Life, PERIOD } from "./ladder-life.tsx";
import { Packet } from "./ladder-packet.tsx";
import { directionColour, type Paint } from "./ladder-paint.ts";
import { Call, Label, Quote, StateName } from "./ladder-words.tsx";

export interface Scene {
  row: LadderRow;
  columns: Columns;
  paint: Paint;
  /** Behind the row: what is cut out of a line shows it. */
  background: string;
  /** The bytes that are picked out, when they are this row's. */
  picked: ByteRange | null;
}

export interface RowShapesProps extends Scene {
  /** The row is the one that is picked out. */
  lit: boolean;
  /** The connection was never made: what is not there is drawn as an error. */
  failed: boolean;
}

export function RowShapes({ lit, failed, ...scene }: RowShapesProps) {
  const { row, columns, paint } = scene;
  const phase = row.top % PERIOD;
  return (
    <>
      {lit && <Stripe {...scene} />}
      {row.shapes.map((shape, i) =>
        shape.kind === "life" ? (
          <Life
            // biome-ignore lint/suspicious/noArrayIndexKey: a row's shapes keep their order.
            key={i}
            {...{ shape, columns, paint, phase, failed }}
            height={row.height}
          />
        ) : null,
      )}
      {lit && <Lead {...scene} />}
      {row.shapes.map((shape) => (
        <Shape key={keyOf(shape, row.shapes)} shape={shape} scene={scene} />
      ))}
    </>
  );
}

/** Stays the same while a row grows, so that only what is new draws itself. */
function keyOf(shape: LadderShape, all: readonly LadderShape[]): string {
  if (shape.kind === "band") return `band ${shape.range.direction} ${shape.range.start}`;
  const place = all.filter(({ kind }) => kind === shape.kind).indexOf(shape);
  return `${shape.kind} ${place}`;
}

function Shape({ shape, scene }: { shape: LadderShape; scene: Scene }) {
  switch (shape.kind) {
    case "life":
      return null;
    case "state":
      return <StateName shape={shape} scene={scene} />;
    case "band": {
      const lit = scene.picked !== null && overlap(scene.picked, shape.range);
      return <Band shape={shape} scene={scene} lit={lit} />;
    }
    case "block":
      return <Block shape={shape} scene={scene} />;
    case "quote":
      return <Quote shape={shape} scene={scene} />;
    case "packet":
      return <Packet shape={shape} scene={scene} />;
    case "call":
      return <Call shape={shape} scene={scene} />;
    case "idle":
      return <Idle shape={shape} scene={scene} />;
    case "bundle":
      return <Bundle shape={shape} scene={scene} />;
    case "note":
      return <Note shape={shape} scene={scene} />;
    case "time":
      return <Time y={shape.y} text={shape.text} scene={scene} />;
  }
}

/** Behind the row that is picked out; a pause before it is not meant. */
function Stripe({ row, columns, background }: Scene) {
  const idle = row.shapes.find(({ kind }) => kind === "idle");
  const top = idle?.kind === "idle" ? idle.y + PAUSE_HALF : 0;
  return <rect y={top} width={columns.width} height={row.height - top + 1} fill={background} />;
}

/** From the middle of a pause to where it is over. */
const PAUSE_HALF = 11;

/** Beside a label a time stands over it, where there is no column for times. */
const OVER = 15;

function Time({ y, text, scene }: { y: number; text: string; scene: Scene }) {
  const { columns, paint } = scene;
  if (!columns.labels) return null;
  const beside = columns.times === null;
  const label = scene.row.shapes.find(
    (shape) => shape.kind === "block" && shape.column === "client",
  );
  const middle = label?.kind === "block" ? (label.top + label.bottom) / 2 : y;
  return (
    <Label
      x={columns.times ?? columns.client - LABEL}
      y={beside ? Math.max(7, Math.min(y, middle - OVER)) : y}
      anchor="end"
      size={columns.label - (beside ? 1 : 0)}
      fill={paint.ink2}
      font={paint.data}
      lead
    >
      {text}
    </Label>
  );
}

/** From the time of the row that is picked out to its call. */
function Lead({ row, columns, paint }: Scene) {
  const time = row.shapes.find((shape) => shape.kind === "time");
  const block = row.shapes.find((shape) => shape.kind === "block" && shape.column === "client");
  if (columns.times === null || time?.kind !== "time" || block?.kind !== "block") return null;
  const end = columns.client - LABEL - textWidth(block.label, columns.label) - 6;
  const start = columns.times + 8;
  if (end - start < 4) return null;
  const middle = (block.top + block.bottom) / 2;
  return (
    <path
      d={`M${start} ${time.y}H${(start + end) / 2}V${middle}H${end}`}
      fill="none"
      stroke={row.range ? directionColour(paint, row.range.direction) : paint.ink}
      strokeWidth="2"
    />
  );
}
