/** Where the ladder ends: both lifelines run on to a dotted line, which is now. */
import { useEffect, useState } from "react";
import type { Conversation } from "../model/conversation.ts";
import { columns as both, type Column, sideOf } from "../model/ends.ts";
import { elapsed } from "../model/format.ts";
import type { LadderRow, LifeShape } from "../model/ladder-shapes.ts";
import { type Columns, LABEL, outside, STATE } from "./ladder-columns.ts";
import { Life, PERIOD } from "./ladder-life.tsx";
import { type Paint, pagePaint } from "./ladder-paint.ts";
import { Label } from "./ladder-words.tsx";
import { useNow } from "./use-store.ts";
import { useTimeWait } from "./use-time-wait.ts";

/** Units; the line that is now lies a little above the end. */
export const TAIL_HEIGHT = 32;
const NOW_Y = 20;
/** Not more often than a tenth of a second can be read. */
const CLOCK_MS = 100;
/** After so many seconds without an event only whole ones still tell something: drawing costs. */
const QUIET_S = 10;
const QUIET_CLOCK_MS = 1000;

export interface TailProps {
  conversation: Conversation;
  last: LadderRow;
  columns: Columns;
  scale: number;
  /** It happens now, and was not recorded. */
  live: boolean;
  /** Time goes on: the conversation is running. */
  running: boolean;
  failed: boolean;
  /** What the line is called in place of its time. */
  now: string | null;
}

export function Tail(props: TailProps) {
  const { conversation, last, columns, scale, live, running, failed, now } = props;
  const seconds = useClock(conversation, running && now === null);
  const { kernel, role } = conversation.state;
  const left = {
    client: useTimeWait(kernel[sideOf(role, "client")], live),
    server: useTimeWait(kernel[sideOf(role, "server")], live),
  };
  return (
    <svg
      className="ladder-tail"
      style={{ top: Math.round((last.top + last.height) * scale) }}
      aria-hidden="true"
      width={columns.width * scale}
      height={TAIL_HEIGHT * scale}
      viewBox={`0 0 ${columns.width} ${TAIL_HEIGHT}`}
    >
      <TailShapes
        {...{ last, columns, failed, left }}
        paint={pagePaint}
        text={now ?? elapsed(seconds)}
      />
    </svg>
  );
}

export interface TailShapesProps {
  last: LadderRow;
  columns: Columns;
  paint: Paint;
  /** The time at the line. */
  text: string;
  /** Whole seconds of TIME_WAIT that are left. */
  left: Record<Column, number | null>;
  failed: boolean;
}

export function TailShapes({ last, columns, paint, text, left, failed }: TailShapesProps) {
  const phase = (last.top + last.height) % PERIOD;
  const start = columns.times === null ? 8 : columns.times + 8;
  return (
    <>
      {both.map((column) => {
        const shape = lifeAfter(last, column);
        return (
          shape && (
            <Life key={column} {...{ shape, columns, paint, phase, failed }} height={TAIL_HEIGHT} />
          )
        );
      })}
      <path
        d={`M${start} ${NOW_Y}H${columns.width - 16}`}
        stroke={paint.edge}
        strokeWidth="1.5"
        strokeDasharray="1.5 4"
      />
      {columns.labels && (
        <Label
          x={columns.times ?? columns.client - LABEL}
          y={columns.times === null ? NOW_Y - 11 : NOW_Y}
          anchor="end"
          size={columns.label}
          weight={600}
          fill={paint.ink}
          font={paint.data}
        >
          {text}
        </Label>
      )}
      <Countdown column="client" seconds={left.client} columns={columns} paint={paint} />
      <Countdown column="server" seconds={left.server} columns={columns} paint={paint} />
    </>
  );
}

interface CountdownProps {
  column: Column;
  seconds: number | null;
  columns: Columns;
  paint: Paint;
}

/** How long TIME_WAIT still lasts: under its name, or between the lifelines where the time stands there. */
function Countdown({ column, seconds, columns, paint }: CountdownProps) {
  if (seconds === null) return null;
  const away = columns.times === null ? -outside(column) : outside(column);
  return (
    <Label
      x={columns[column] + away * (STATE + 1)}
      y={8}
      anchor={away < 0 ? "end" : "start"}
      size={columns.label}
      fill={paint.closing}
      font={paint.data}
    >
      {`${seconds} s left`}
    </Label>
  );
}

/** A lifeline goes on as it ended. */
function lifeAfter(row: LadderRow, column: Column): LifeShape | null {
  let last: LifeShape | null = null;
  for (const shape of row.shapes) {
    if (shape.kind !== "life" || shape.column !== column) continue;
    if (!last || shape.bottom > last.bottom) last = shape;
  }
  return last && { ...last, top: 0, bottom: NOW_Y };
}

/** Seconds since the conversation began: the gateway's, as the last event told them, and going on from there. */
function useClock(conversation: Conversation, running: boolean): number {
  const visible = useVisible();
  const { total } = conversation;
  const [told, setTold] = useState(() => ({ total, at: performance.now() }));
  const [quiet, setQuiet] = useState(false);
  const now = useNow(quiet ? QUIET_CLOCK_MS : CLOCK_MS, running && visible);
  useEffect(() => setTold({ total, at: performance.now() }), [total]);
  const since = told.total === total ? Math.max(0, now - told.at) / 1000 : 0;
  useEffect(() => setQuiet(since >= QUIET_S), [since]);
  return conversation.state.lastAt + (running ? since : 0);
}

function useVisible(): boolean {
  const [visible, setVisible] = useState(() => !document.hidden);
  useEffect(() => {
    const read = () => setVisible(!document.hidden);
    document.addEventListener("visibilitychange", read);
    return () => document.removeEventListener("visibilitychange", read);
  }, []);
  return visible;
}
