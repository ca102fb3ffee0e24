/** Bytes on their way: a band between two lifelines, and the body that many of them make together. */
import type { BandShape, BundleShape } from "../model/ladder-shapes.ts";
import { endsOf, GAP, HALF, inner, twoLines, widest } from "./ladder-columns.ts";
import { directionColour } from "./ladder-paint.ts";
import type { Scene } from "./ladder-shapes.tsx";
import { Label } from "./ladder-words.tsx";

const HEAD = 11;
/** Half of a head is at least this high, so that its shape can be told at any size. */
const HEAD_HALF = 6;
/** What is not seen at the other end stays this far away from its lifeline. */
const OPEN_END = 18;

export interface BandProps {
  shape: BandShape;
  scene: Scene;
  /** Its bytes are picked out. */
  lit: boolean;
}

export function Band({ shape, scene, lit }: BandProps) {
  const { columns, paint } = scene;
  const colour = directionColour(paint, shape.direction);
  const right = shape.direction === "out" ? 1 : -1;
  const [sender, receiver] = endsOf(shape.direction, columns);
  const { leaves } = shape;
  const from = sender + right * (HALF + (leaves ? GAP : OPEN_END));
  const tip = receiver - right * (HALF + (shape.arrives ? GAP : OPEN_END));
  const neck = tip - right * HEAD;
  const [a, b] = shape.from;
  const [c, d] = shape.to;
  const head = headOf(shape, scene);
  return (
    <g className={`ladder-band ladder-${shape.direction}`}>
      <path
        d={`M${from} ${a}L${neck} ${c}V${d}L${from} ${b}Z`}
        fill={colour}
        fillOpacity={lit ? 0.42 : 0.2}
      />
      <g fill="none" stroke={colour} strokeWidth={lit ? 2 : 1.5}>
        <Edges {...{ from, neck, a, b, c, d }} leaves={leaves} arrives={shape.arrives} />
        {leaves && <path d={`M${from} ${a}V${b}`} strokeWidth="1" />}
      </g>
      {head && (
        <Head
          {...{ neck, tip, colour }}
          c={head[0]}
          d={head[1]}
          solid={right > 0}
          background={scene.background}
        />
      )}
    </g>
  );
}

interface EdgesProps {
  from: number;
  neck: number;
  a: number;
  b: number;
  c: number;
  d: number;
  leaves: boolean;
  arrives: boolean;
}

/** Solid at the end that was seen, dashed towards one that was not. */
function Edges({ from, neck, a, b, c, d, leaves, arrives }: EdgesProps) {
  if (leaves && arrives) return <path d={`M${from} ${a}L${neck} ${c}M${from} ${b}L${neck} ${d}`} />;
  const middle = (from + neck) / 2;
  const [top, bottom] = [(a + c) / 2, (b + d) / 2];
  return (
    <>
      <path
        d={`M${from} ${a}L${middle} ${top}M${from} ${b}L${middle} ${bottom}`}
        strokeDasharray={leaves ? undefined : "5 4"}
      />
      <path
        d={`M${middle} ${top}L${neck} ${c}M${middle} ${bottom}L${neck} ${d}`}
        strokeDasharray={arrives ? undefined : "5 4"}
      />
    </>
  );
}

interface HeadProps {
  neck: number;
  tip: number;
  c: number;
  d: number;
  colour: string;
  solid: boolean;
  background: string;
}

function Head({ neck, tip, c, d, colour, solid, background }: HeadProps) {
  const middle = (c + d) / 2;
  const half = Math.max(HEAD_HALF, (d - c) / 2 + 1);
  const path = `M${neck} ${middle - half}L${tip} ${middle}L${neck} ${middle + half}Z`;
  if (solid) return <path d={path} fill={colour} />;
  return (
    <path d={path} fill={background} stroke={colour} strokeWidth="1.75" strokeLinejoin="round" />
  );
}

/** Bands that one call read together have one head: the first of them draws it. */
function headOf(shape: BandShape, { row }: Scene): readonly [number, number] | null {
  const bands = row.shapes.filter((each) => each.kind === "band");
  const at = bands.indexOf(shape);
  const touch = (i: number): boolean => {
    const [before, after] = [bands[i], bands[i + 1]];
    if (!before?.arrives || !after?.arrives || before.direction !== after.direction) return false;
    return Math.abs(after.to[0] - before.to[1]) < 0.5;
  };
  if (at > 0 && touch(at - 1)) return null;
  let end = at;
  while (touch(end)) end++;
  return [shape.to[0], bands[end]?.to[1] ?? shape.to[1]];
}

/** Thin lines that stand for the many bands of a bundle. */
const STRANDS = 6;

export function Bundle({ shape, scene }: { shape: BundleShape; scene: Scene }) {
  const { columns, paint, row } = scene;
  const colour = shape.direction ? directionColour(paint, shape.direction) : paint.ink2;
  const left = columns.client + HALF + GAP;
  const right = columns.server - HALF - GAP;
  const { top, bottom } = shape;
  const strands: string[] = [];
  for (let y = top + STRANDS; y < bottom - 2; y += STRANDS) strands.push(`M${left} ${y}H${right}`);
  const size = columns.label;
  const text = twoLines(shape.text, size, inner(columns) - 40);
  const width = widest(text, size) + 40;
  const lineHeight = size * 1.25;
  const x = (left + right) / 2;
  const y = (top + bottom) / 2;
  const half = (text.length * lineHeight) / 2 + 3;
  const turn = row.opens === "open" ? 90 : 0;
  return (
    <g className="ladder-bundle" data-toggle={row.opens ? "" : undefined}>
      <rect x={left} y={top} width={right - left} height={bottom - top} {...fillOf(colour)} />
      <path d={strands.join("")} stroke={colour} strokeOpacity="0.4" />
      <path
        d={`M${left} ${top}H${right}M${left} ${bottom}H${right}`}
        stroke={colour}
        strokeWidth="1.5"
      />
      <rect
        x={x - width / 2}
        y={y - half}
        width={width}
        height={2 * half}
        fill={scene.background}
      />
      {row.opens && (
        <path
          d="M-4 -6L5 0L-4 6Z"
          transform={`translate(${x - width / 2 + 14} ${y}) rotate(${turn})`}
          fill={colour}
        />
      )}
      {text.map((line, i) => (
        <Label
          key={line}
          x={x + (row.opens ? 10 : 0)}
          y={y + (i - (text.length - 1) / 2) * lineHeight}
          anchor="middle"
          size={size}
          weight={500}
          fill={colour}
          font={paint.data}
        >
          {line}
        </Label>
      ))}
    </g>
  );
}

function fillOf(colour: string) {
  return { fill: colour, fillOpacity: 0.16 } as const;
}
