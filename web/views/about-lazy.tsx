/** Explanations on demand: their words are many, and are loaded when somebody asks for the first time. */
import { lazy, Suspense } from "react";
import type { Role, Side } from "../../shared/conversation.ts";
import type { TcpState } from "../../shared/tcp.ts";
import type { Dialogue } from "../model/dialogue.ts";

const SelectedLoaded = lazy(() =>
  import("./about-asked.tsx").then(({ AboutSelected }) => ({ default: AboutSelected })),
);
const StateLoaded = lazy(() =>
  import("./about-asked.tsx").then(({ AboutState }) => ({ default: AboutState })),
);
const LegendLoaded = lazy(() =>
  import("./about-legend.tsx").then(({ Legend }) => ({ default: Legend })),
);
const StatesLoaded = lazy(() =>
  import("./about.tsx").then(({ StatesPanel }) => ({ default: StatesPanel })),
);

/** The event that is picked out. */
export function AboutSelected({ talk }: { talk: Dialogue }) {
  return (
    <Suspense fallback={<p aria-busy="true" />}>
      <SelectedLoaded talk={talk} />
    </Suspense>
  );
}

export interface AboutStateProps {
  state: TcpState;
  side: Side;
  /** The kernel said so; else it was worked out from calls. */
  seen: boolean;
  /** Which end the page is. */
  role: Role;
}

export function AboutState(props: AboutStateProps) {
  return (
    <Suspense fallback={<p aria-busy="true" />}>
      <StateLoaded {...props} />
    </Suspense>
  );
}

/** Both sockets, on a phone. */
export function States({ talk }: { talk: Dialogue }) {
  return (
    <Suspense fallback={<div aria-busy="true" />}>
      <StatesLoaded talk={talk} />
    </Suspense>
  );
}

/** How to read the drawing. */
export function Legend() {
  return (
    <Suspense fallback={<p aria-busy="true" />}>
      <LegendLoaded />
    </Suspense>
  );
}
