/** The ladder's colours and fonts: on the page they follow its theme, in a file they stand by value. */
import type { Direction } from "../../shared/conversation.ts";
import type { TcpState } from "../../shared/tcp.ts";

export interface Paint {
  bg1: string;
  bg2: string;
  grid: string;
  edge: string;
  ink: string;
  ink2: string;
  ink3: string;
  out: string;
  in: string;
  established: string;
  closing: string;
  error: string;
  /** Font families: of sentences, and of everything that is data. */
  words: string;
  data: string;
  /** Begins the ids of the patterns. */
  id: string;
}

/** A presentation attribute is read as CSS, so that a change of theme draws nothing anew. */
export const pagePaint: Paint = {
  bg1: "var(--bg1)",
  bg2: "var(--bg2)",
  grid: "var(--grid)",
  edge: "var(--edge)",
  ink: "var(--ink)",
  ink2: "var(--ink2)",
  ink3: "var(--ink3)",
  out: "var(--out)",
  in: "var(--in)",
  established: "var(--established)",
  closing: "var(--closing)",
  error: "var(--error)",
  words: "var(--font-ui)",
  data: "var(--font-data)",
  id: "ladder",
};

const good: ReadonlySet<TcpState> = new Set(["LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED"]);

export function stateColour(paint: Paint, state: TcpState): string {
  if (state === "CLOSED") return paint.ink2;
  return good.has(state) ? paint.established : paint.closing;
}

export function directionColour(paint: Paint, direction: Direction): string {
  return direction === "out" ? paint.out : paint.in;
}
