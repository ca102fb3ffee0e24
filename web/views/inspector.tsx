/** The bytes of what is picked out, below the terminal. Its inside is loaded when it is first needed. */
import { type ComponentType, lazy, type ReactNode, type RefObject, Suspense, useRef } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { InspectorPanelProps } from "./inspector-panel.tsx";
import { useFrames } from "./use-store.ts";

export interface InspectorProps {
  talk: Dialogue;
  /** Shown for what carries no bytes: a connect, a FIN, a state. */
  about?: ReactNode;
  /** The panel has a place of its own, as on a phone: it is there without a selection too. */
  tab?: boolean;
}

const InspectorPanel = lazy(async (): Promise<{ default: ComponentType<InspectorPanelProps> }> => {
  try {
    return { default: (await import("./inspector-panel.tsx")).InspectorPanel };
  } catch {
    // The gateway is away, or another version of it runs by now.
    return { default: Unavailable };
  }
});

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

function Unavailable() {
  return (
    <section className="inspector" aria-label="Bytes" data-region="bytes">
      <p>This part of the page could not be loaded. Reload the page once the gateway is back.</p>
    </section>
  );
}
