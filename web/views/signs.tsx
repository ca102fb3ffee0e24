/** The small drawings used everywhere: arrows with a solid or an open head, FIN, RST, plug and jack. */
import type { Mark } from "../model/sentences.ts";

const box = { width: 24, height: 12, viewBox: "0 0 24 12" } as const;

/** Solid head, to the right: from the client to the server. */
export function OutArrow() {
  return (
    <svg {...box} aria-hidden="true" className="out">
      <path d="M0 6h15" stroke="currentColor" strokeWidth="2" />
      <path d="M13 1v10l10-5z" fill="currentColor" />
    </svg>
  );
}

/** Open head, to the left: from the server to the client. */
export function InArrow() {
  return (
    <svg {...box} aria-hidden="true" className="in">
      <path d="M10 6h14" stroke="currentColor" strokeWidth="2" />
      <path d="M10 1.5v9L1.5 6z" fill="none" stroke="currentColor" strokeWidth="1.75" />
    </svg>
  );
}

/** ‖: a direction has ended; the line leads to the side that goes on. */
export function Fin({ direction }: { direction: "out" | "in" }) {
  const turn = direction === "out" ? "matrix(-1 0 0 1 24 0)" : undefined;
  return (
    <svg {...box} aria-hidden="true" className={direction}>
      <g transform={turn} stroke="currentColor" strokeWidth="2">
        <path d="M5 0v12M10 0v12M10 6h13" />
      </g>
    </svg>
  );
}

export function Cross() {
  return (
    <svg {...box} aria-hidden="true" className="wrong">
      <path d="M7 1l10 10M17 1L7 11" stroke="currentColor" strokeWidth="2.5" />
    </svg>
  );
}

function Plugged() {
  return (
    <svg {...box} aria-hidden="true" className="ink">
      <circle cx="6" cy="6" r="5" fill="currentColor" />
      <path d="M9 6h9" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}

function LinkSign() {
  return (
    <svg {...box} aria-hidden="true" className="calm">
      <path d="M0 6h7M17 6h7" stroke="currentColor" strokeWidth="2" />
      <circle cx="12" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="2" />
    </svg>
  );
}

function EndSign() {
  return (
    <svg {...box} aria-hidden="true" className="calm">
      <path d="M12 0v11M6 11h12" stroke="currentColor" strokeWidth="2" fill="none" />
    </svg>
  );
}

/** A socket looked at from outside. */
function KernelSign() {
  return (
    <svg {...box} aria-hidden="true" className="calm">
      <path d="M6 2h12v8H6z" stroke="currentColor" strokeWidth="2" fill="none" />
    </svg>
  );
}

/** The sign of an event. */
export function EventSign({ mark }: { mark: Mark }) {
  switch (mark) {
    case "send":
      return <OutArrow />;
    case "receive":
      return <InArrow />;
    case "fin-out":
      return <Fin direction="out" />;
    case "fin-in":
      return <Fin direction="in" />;
    case "reset":
      return <Cross />;
    case "open":
      return <Plugged />;
    case "link":
      return <LinkSign />;
    case "end":
      return <EndSign />;
    case "kernel":
      return <KernelSign />;
  }
}
