/** A packet without bytes: dashed when nobody saw it, with its name on the line. */
import type { PacketShape } from "../model/ladder-shapes.ts";
import { ADVANCE, endsOf, GAP, HALF, inner, NARROWER, twoLines } from "./ladder-columns.ts";
import { directionColour } from "./ladder-paint.ts";
import type { Scene } from "./ladder-shapes.tsx";
import { Label } from "./ladder-words.tsx";

/** From a lifeline's edge to the middle of the ✕ of a reset, and to the outer bar of the ‖ of a FIN. */
const CROSS = 15;
const BARS = 15;

interface Line {
  fromX: number;
  toX: number;
  colour: string;
  /** 1 for a packet that goes right, -1 for one that goes left. */
  right: number;
}

export function Packet({ shape, scene }: { shape: PacketShape; scene: Scene }) {
  const { columns, paint } = scene;
  const right = shape.direction === "out" ? 1 : -1;
  const [sender, receiver] = endsOf(shape.direction, columns);
  const ends = { arrow: GAP + 8, fin: BARS, rst: CROSS }[shape.head];
  const line: Line = {
    fromX: sender + right * (HALF + GAP),
    toX: receiver - right * (HALF + ends),
    colour: directionColour(paint, shape.direction),
    right,
  };
  return (
    <g className={`ladder-band ladder-${shape.direction}`}>
      <path
        d={`M${line.fromX} ${shape.fromY}L${line.toX} ${shape.toY}`}
        fill="none"
        stroke={line.colour}
        strokeWidth="2"
        strokeDasharray={shape.seen ? undefined : "7 4"}
      />
      <End shape={shape} line={line} scene={scene} />
      <Name shape={shape} line={line} scene={scene} />
    </g>
  );
}

interface PartProps {
  shape: PacketShape;
  line: Line;
  scene: Scene;
}

function End({ shape, line, scene }: PartProps) {
  const { toX: x, right, colour } = line;
  const y = shape.toY;
  if (shape.head === "fin") {
    const second = x + right * 6;
    return (
      <path
        d={`M${x} ${y - 8}V${y + 8}M${second} ${y - 8}V${y + 8}`}
        stroke={colour}
        strokeWidth="2.5"
      />
    );
  }
  if (shape.head === "rst") {
    return (
      <path
        d={`M${x - 8} ${y - 8}L${x + 8} ${y + 8}M${x + 8} ${y - 8}L${x - 8} ${y + 8}`}
        stroke={scene.paint.error}
        strokeWidth="3"
      />
    );
  }
  const head = `M${x} ${y - 5}L${x + right * 9} ${y}L${x} ${y + 5}Z`;
  if (right > 0) return <path d={head} fill={colour} />;
  return <path d={head} fill={scene.background} stroke={colour} strokeWidth="1.75" />;
}

/** On the line for the handshake, over it for what ends a direction, with a second line below. */
function Name({ shape, line, scene }: PartProps) {
  if (shape.note !== null) return <Explained shape={shape} line={line} scene={scene} />;
  const { columns, paint } = scene;
  const fill = shape.wrong ? paint.error : line.colour;
  const text = { font: paint.data, weight: 600, fill } as const;
  if (shape.head === "arrow") {
    const size = columns.label - 1;
    const share = line.right > 0 ? 0.62 : 0.6;
    const x = line.fromX + (line.toX - line.fromX) * share;
    const y = shape.fromY + (shape.toY - shape.fromY) * share;
    const half = (shape.label.length * size * ADVANCE) / 2 + 4;
    return (
      <g>
        <rect
          x={x - half}
          y={y - size / 2}
          width={2 * half}
          height={size}
          fill={scene.background}
        />
        <Label x={x} y={y} anchor="middle" size={size} {...text}>
          {shape.label}
        </Label>
      </g>
    );
  }
  const anchor = line.right > 0 ? "start" : "end";
  return (
    <Label
      x={line.fromX + line.right * 7}
      y={shape.fromY - 13}
      anchor={anchor}
      size={columns.size}
      {...text}
    >
      {shape.label}
    </Label>
  );
}

function Explained({ shape, line, scene }: PartProps) {
  const { columns, paint } = scene;
  const x = (columns.client + columns.server) / 2;
  const y = (shape.fromY + shape.toY) / 2;
  const size = columns.label;
  const note = twoLines(shape.note ?? "", size * NARROWER, inner(columns));
  return (
    <g>
      <Label
        x={x}
        y={y - 17}
        anchor="middle"
        size={columns.size + 3}
        weight={600}
        fill={shape.wrong ? paint.error : line.colour}
        font={paint.data}
      >
        {shape.label}
      </Label>
      {note.map((text, i) => (
        <Label
          key={text}
          x={x}
          y={y + 16 + i * size * 1.2}
          anchor="middle"
          size={size}
          fill={paint.ink2}
          font={paint.words}
        >
          {text}
        </Label>
      ))}
    </g>
  );
}
