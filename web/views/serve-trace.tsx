/** The last minute of a connection as a line: bars up to the server, bars down to the client, ‖ and ✕ where it ended. */
import { type Trace, type TraceMark, traceHeight, traceX } from "../model/trace.ts";

const LENGTH = 166;
const HEIGHT = 28;
const MIDDLE = HEIGHT / 2;
const BAR = 4;

export function TraceLine({ trace, now, open }: { trace: Trace; now: number; open: boolean }) {
  const marks = trace.marks.flatMap((mark, index) => {
    const x = traceX(mark, now, LENGTH - BAR);
    return x === null ? [] : [{ mark, x, key: `${mark.at} ${mark.direction} ${index}` }];
  });
  // What is over has no now.
  const end = open ? LENGTH : Math.min(LENGTH, (marks.at(-1)?.x ?? 0) + BAR + 6);
  return (
    <svg
      className="trace"
      width={LENGTH}
      height={HEIGHT}
      viewBox={`0 0 ${LENGTH} ${HEIGHT}`}
      aria-hidden="true"
    >
      <path className="trace-line" d={`M0 ${MIDDLE}H${end}`} />
      {marks.map(({ mark, x, key }) => (
        <Mark key={key} mark={mark} x={x} />
      ))}
    </svg>
  );
}

function Mark({ mark, x }: { mark: TraceMark; x: number }) {
  if (mark.kind === "fin")
    return <path className="trace-fin" d={`M${x} ${MIDDLE - 7}v14M${x + 6} ${MIDDLE - 7}v14`} />;
  if (mark.kind === "reset")
    return (
      <path
        className="trace-reset"
        d={`M${x - 2} ${MIDDLE - 5}l10 10M${x + 8} ${MIDDLE - 5}l-10 10`}
      />
    );
  const height = traceHeight(mark, MIDDLE - 1);
  const up = mark.direction === "out";
  return (
    <rect
      className={mark.direction}
      x={x}
      y={up ? MIDDLE - 1 - height : MIDDLE + 1}
      width={BAR}
      height={height}
      fill="currentColor"
    />
  );
}
