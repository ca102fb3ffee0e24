/** Two strands between a plug and a jack: TCP is two one-way streams, and each can end by itself. */
import { useEffect, useRef } from "react";
import {
  type ConversationState,
  type Direction,
  type Role,
  sends,
} from "../../shared/conversation.ts";
import { columnOf, peerOf } from "../model/ends.ts";
import { bytes, count } from "../model/format.ts";
import { type End, ownSocket, plainSocket, type Strand, type WireView } from "../model/wire.ts";
import { InArrow, OutArrow } from "./signs.tsx";

export interface WireProps {
  view: WireView;
  state: ConversationState | null;
}

export function Wire({ view, state }: WireProps) {
  const role = state?.role ?? "client";
  const moved = { out: movedIn("out", state), in: movedIn("in", state) };
  const nothing = view.shape === "failed" || view.shape === "idle" || view.shape === "connecting";
  return (
    <div className={`wire wire-${view.shape}`}>
      <p className="wire-row">
        {nothing ? <Heading view={view} role={role} /> : <Counted direction="out" state={state} />}
        <span className={view.trouble && !nothing ? "strand-note wrong" : "strand-note"}>
          {nothing ? null : (view.trouble ?? <Note closer={view.fins.out} role={role} />)}
        </span>
        <span className="data phone-only strong">
          {ownSocket(state) ?? plainSocket(state) ?? ""}
        </span>
      </p>
      <Strands view={view} moved={moved} role={role} />
      <p className="wire-row">
        {nothing ? (
          <span className="data calm">{view.shape === "idle" ? "" : "0 B out, 0 B in"}</span>
        ) : (
          <Counted direction="in" state={state} />
        )}
        <span className="strand-note">
          <Note closer={view.fins.in} role={role} />
        </span>
      </p>
    </div>
  );
}

/** How much went in a direction: from the page it is out, wherever it goes. */
function Counted({ direction, state }: { direction: Direction; state: ConversationState | null }) {
  const own = direction === sends(state?.role ?? "client");
  const calls = own ? count(state?.sends ?? 0, "send") : count(state?.reads ?? 0, "read");
  return (
    <span className={`data ${direction} counted`}>
      {direction === "out" ? <OutArrow /> : <InArrow />}
      <span>{`${bytes(movedIn(direction, state))} ${own ? "out" : "in"}`}</span>
      <span className="calls">{`, ${calls}`}</span>
    </span>
  );
}

function movedIn(direction: Direction, state: ConversationState | null): number {
  if (!state) return 0;
  return direction === sends(state.role) ? state.sentBytes : state.receivedBytes;
}

/** Who closed a strand, with fewer words where there is less room. */
function Note({ closer, role }: { closer: End | null; role: Role }) {
  if (closer === null) return null;
  const who = closer === "near" ? "you" : peerOf(role);
  return (
    <>
      <span className="full">{`${closer === "far" ? "the " : ""}${who} closed this strand`}</span>
      <span className="brief">{`${who} closed`}</span>
    </>
  );
}

const waiting = { client: "connecting", server: "at the door" };

function Heading({ view, role }: { view: WireView; role: Role }) {
  if (view.trouble) return <span className="label wrong">{view.trouble}</span>;
  return (
    <span className="about">{view.shape === "connecting" ? waiting[role] : "not connected"}</span>
  );
}

interface StrandsProps {
  view: WireView;
  moved: Record<Direction, number>;
  role: Role;
}

function Strands({ view, moved, role }: StrandsProps) {
  return (
    <div className="strands" aria-hidden="true">
      <svg aria-hidden="true" className="plug" width="24" height="24" viewBox="0 0 24 24">
        <circle cx="12" cy="12" r="12" fill="currentColor" />
      </svg>
      <div className="strand-pair">
        <StrandLine view={view} direction="out" moved={moved.out} role={role} />
        <StrandLine view={view} direction="in" moved={moved.in} role={role} />
        {view.cross && (
          <svg
            aria-hidden="true"
            className={`cross at-${columnOf(role, view.cross)}`}
            width="32"
            height="32"
            viewBox="0 0 32 32"
          >
            <path d="M3 3l26 26M29 3L3 29" stroke="currentColor" strokeWidth="4.5" />
          </svg>
        )}
      </div>
      <Jack failed={view.shape === "failed"} />
    </div>
  );
}

function Jack({ failed }: { failed: boolean }) {
  return (
    <svg
      aria-hidden="true"
      className={failed ? "jack wrong" : "jack"}
      width="26"
      height="26"
      viewBox="0 0 26 26"
    >
      <circle
        cx="13"
        cy="13"
        r="11.25"
        fill="none"
        stroke="currentColor"
        strokeWidth={failed ? 2.5 : 3}
        strokeDasharray={failed ? "5 3.8" : undefined}
      />
    </svg>
  );
}

const dashes: Record<Strand, string | undefined> = {
  none: undefined,
  solid: undefined,
  dashed: "11 7",
  dotted: "3 4.5",
};

interface StrandLineProps {
  view: WireView;
  direction: Direction;
  /** Bytes moved so far; when it grows the strand flashes. */
  moved: number;
  role: Role;
}

function StrandLine({ view, direction, moved, role }: StrandLineProps) {
  const line = useRef<SVGSVGElement>(null);
  const before = useRef(moved);
  const strand = view.strands[direction];
  const closer = view.fins[direction];
  const fin = closer && columnOf(role, closer);
  useEffect(() => {
    const grown = moved > before.current;
    before.current = moved;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // One flash at a time: a flood must not become a flicker.
    if (!grown || still || line.current?.getAnimations().length !== 0) return;
    line.current.animate([{ filter: "brightness(1.8)" }, { filter: "none" }], 120);
  }, [moved]);
  return (
    <div className={`strand strand-${direction} strand-${strand} fin-${fin ?? "none"}`}>
      <svg aria-hidden="true" ref={line} className="strand-line" width="100%" height="3">
        <line
          x1="0"
          y1="1.5"
          x2="100%"
          y2="1.5"
          stroke="currentColor"
          strokeWidth="3"
          strokeDasharray={dashes[strand]}
        />
      </svg>
      {fin && (
        <svg aria-hidden="true" className="strand-fin" width="10" height="15" viewBox="0 0 10 15">
          <path d="M1.5 0v15M8 0v15" stroke="currentColor" strokeWidth="2.5" />
        </svg>
      )}
    </div>
  );
}
