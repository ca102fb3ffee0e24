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

export function StatePattern({ state }: { state: TcpState }) {
  const id = useId();
  return (
    <svg className={tones[state]} width="14" height="20" viewBox="0 0 14 20" aria-hidden="true">
      {state.startsWith("SYN_") && <Hatch id={id} />}
      {state === "TIME_WAIT" && <Dots id={id} />}
      <Body state={state} id={id} />
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

const outline = { x: 1, y: 1, width: 12, height: 18, stroke: "currentColor", strokeWidth: 1.5 };

function Body({ state, id }: { state: TcpState; id: string }) {
  switch (state) {
    case "ESTABLISHED":
      return <rect x="0" y="0" width="14" height="20" fill="currentColor" />;
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
          <path d="M1 5h12M1 10h12M1 15h12" strokeWidth="2.5" />
        </g>
      );
    case "CLOSE_WAIT":
    case "LAST_ACK":
      return (
        <g>
          <rect {...outline} fill="none" />
          <rect x="1" y="1" width="6" height="18" fill="currentColor" />
        </g>
      );
    case "TIME_WAIT":
      return <rect {...outline} strokeDasharray="1.5 2.5" fill={`url(#${id})`} />;
    case "CLOSED":
      return <path d="M7 0v18.5M1 18.5h12" fill="none" stroke="currentColor" strokeWidth="2" />;
  }
}
