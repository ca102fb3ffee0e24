/** What interrupts the ladder: a pause that is left out, and what is said across it. */
import type { IdleShape, NoteShape } from "../model/ladder-shapes.ts";
import { HALF, inner, NARROWER, twoLines, widest } from "./ladder-columns.ts";
import type { Scene } from "./ladder-shapes.tsx";
import { Label } from "./ladder-words.tsx";

/** Both lifelines are torn: time is left out here. */
export function Idle({ shape, scene }: { shape: IdleShape; scene: Scene }) {
  const { columns, paint } = scene;
  const { y } = shape;
  return (
    <g>
      {[columns.client, columns.server].map((x) => (
        <g key={x}>
          <path d={`${tear(x, y - 4, "M")}${tear(x, y + 4, "back")}Z`} fill={paint.bg1} />
          <path
            d={`${tear(x, y - 4, "M")}${tear(x, y + 4, "M")}`}
            fill="none"
            stroke={paint.ink2}
            strokeWidth="1.5"
          />
        </g>
      ))}
      <Label
        x={(columns.client + columns.server) / 2}
        y={y}
        anchor="middle"
        size={columns.label}
        fill={paint.ink2}
        font={paint.words}
      >
        {shape.text}
      </Label>
    </g>
  );
}

const TEAR = [
  [-13, 0],
  [-5, 0],
  [-1, -4],
  [4, 3],
  [6, 0],
  [13, 0],
] as const;

/** A torn line over a lifeline; `back` goes on from another one, from right to left. */
function tear(x: number, y: number, start: "M" | "back"): string {
  const points = TEAR.map(([dx, dy]) => `${x + dx} ${y + dy}`);
  if (start === "back") return `L${points.reverse().join("L")}`;
  return `M${points.join("L")}`;
}

export function Note({ shape, scene }: { shape: NoteShape; scene: Scene }) {
  const { columns, paint } = scene;
  const colour = {
    calm: paint.ink2,
    closing: paint.closing,
    wrong: paint.error,
    good: paint.established,
  }[shape.tone];
  const size = 14;
  const lines = twoLines(shape.text, size * NARROWER, inner(columns));
  const half = widest(lines, size * NARROWER) / 2 + 8;
  const x = (columns.client + columns.server) / 2;
  const lineHeight = size * 1.15;
  return (
    <g>
      <path
        d={`M${columns.client + HALF + 4} ${shape.y}H${columns.server - HALF - 4}`}
        stroke={colour}
        strokeWidth="1.5"
        strokeDasharray="2 4"
      />
      <rect
        x={x - half}
        y={shape.y - (lines.length * lineHeight) / 2}
        width={2 * half}
        height={lines.length * lineHeight}
        fill={scene.background}
      />
      {lines.map((line, i) => (
        <Label
          key={line}
          x={x}
          y={shape.y + (i - (lines.length - 1) / 2) * lineHeight}
          anchor="middle"
          size={size}
          weight={500}
          fill={colour}
          font={paint.words}
        >
          {line}
        </Label>
      ))}
    </g>
  );
}
