/** The bytes of what is picked out, below the terminal. Its inside is loaded when it is first needed. */
import { lazy, type ReactNode, type RefObject, Suspense, useRef } from "react";
import type { Talk } from "../model/talk.ts";
import { useFrames } from "./use-store.ts";

export interface InspectorProps {
  talk: Talk;
  /** Shown for what carries no bytes: a connect, a FIN, a state. */
  about?: ReactNode;
  /** The panel has a place of its own, as on a phone: it is there without a selection too. */
  tab?: boolean;
}

const InspectorPanel = lazy(() =>
  import("./inspector-panel.tsx").then(({ InspectorPanel }) => ({ default: InspectorPanel })),
);

export function Inspector({ talk, about, tab = false }: InspectorProps) {
  useFrames(talk.selection);
  useFrames(talk);
  const focused = useRef(false);
  const { conversation } = talk;
  const { selected } = talk.selection;
  if (!conversation || (selected === null && !tab)) return null;
  return (
    <Suspense fallback={<Loading focused={focused} />}>
      <InspectorPanel {...{ talk, conversation, about, tab, focused }} />
    </Suspense>
  );
}

/** As high as what it stands for; the focus that goes to it goes on to the bytes once they are there. */
function Loading({ focused }: { focused: RefObject<boolean> }) {
  return (
    <section
      className="inspector"
      aria-busy="true"
      aria-label="Bytes"
      data-region="bytes"
      data-region-focus=""
      tabIndex={-1}
      onFocus={() => {
        focused.current = true;
      }}
    />
  );
}
