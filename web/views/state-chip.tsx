/** A TCP state as a pattern and its name; the patterns are the same on every screen. */
import { useId } from "react";
import type { TcpState } from "../../shared/conversation.ts";

const tones: Record<TcpState, string> = {
  CLOSED: "calm",
  LISTEN: "good",
  SYN_SENT: "good",
  SYN_RECV: "good",
  ESTABLISHED: "good",
  FIN_WAIT1: "closing",
  FIN_WAIT2: "closing",
  CLOSE_WAIT: "closing",
  CLOSING: "closing",
  LAST_ACK: "closing",
  TIME_WAIT: "closing",
};

/** @param state null when there is no socket. */
export function StateChip({ state }: { state: TcpState | null }) {
  return (
    <span className="chip">
      {state && <StatePattern state={state} />}
      <span>{state ?? "none"}</span>
    </span>
  );
}

export interface StatePatternProps {
  state: TcpState;
  /** In units of which it is 14 wide. */
  height?: number;
}

export function StatePattern({ state, height = 20 }: StatePatternProps) {
  const id = useId();
  const box = { width: 14, height, viewBox: `0 0 14 ${height}` };
  return (
    <svg className={tones[state]} {...box} aria-hidden="true">
      {state.startsWith("SYN_") && <Hatch id={id} />}
      {state === "TIME_WAIT" && <Dots id={id} />}
      <Body state={state} id={id} height={height} />
    </svg>
  );
}

function Hatch({ id }: { id: string }) {
  return (
    <pattern
      id={id}
      width="5"
      height="5"
      patternUnits="userSpaceOnUse"
      patternTransform="rotate(-45)"
    >
      <path d="M0 1.25h5" stroke="currentColor" strokeWidth="2.5" />
    </pattern>
  );
}

function Dots({ id }: { id: string }) {
  return (
    <pattern id={id} width="4" height="4" patternUnits="userSpaceOnUse" x="1" y="1">
      <circle cx="2" cy="2" r="1.1" fill="currentColor" />
    </pattern>
  );
}

/** Bars of a state that is half way out; as far apart however high the pattern is. */
function bars(height: number): string {
  const count = Math.round(height / 5) - 1;
  return Array.from({ length: count }, (_, i) => `M1 ${5 * (i + 1)}h12`).join("");
}

interface BodyProps {
  state: TcpState;
  id: string;
  height: number;
}

function Body({ state, id, height }: BodyProps) {
  const inner = height - 2;
  const outline = {
    ...{ x: 1, y: 1, width: 12, height: inner },
    ...{ stroke: "currentColor", strokeWidth: 1.5 },
  };
  switch (state) {
    case "ESTABLISHED":
      return <rect x="0" y="0" width="14" height={height} fill="currentColor" />;
    case "LISTEN":
      return <rect {...outline} fill="none" strokeDasharray="3 2" />;
    case "SYN_SENT":
    case "SYN_RECV":
      return <rect {...outline} fill={`url(#${id})`} />;
    case "FIN_WAIT1":
    case "FIN_WAIT2":
    case "CLOSING":
      return (
        <g fill="none" stroke="currentColor">
          <rect {...outline} />
          <path d={bars(height)} strokeWidth="2.5" />
        </g>
      );
    case "CLOSE_WAIT":
    case "LAST_ACK":
      return (
        <g>
          <rect {...outline} fill="none" />
          <rect x="1" y="1" width="6" height={inner} fill="currentColor" />
        </g>
      );
    case "TIME_WAIT":
      return <rect {...outline} strokeDasharray="1.5 2.5" fill={`url(#${id})`} />;
    case "CLOSED":
      return (
        <path
          d={`M7 0v${height - 1.5}M1 ${height - 1.5}h12`}
          fill="none"
          stroke="currentColor"
          strokeWidth="2"
        />
      );
  }
}
