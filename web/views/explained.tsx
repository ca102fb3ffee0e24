/** Whether a failure is explained now. The explanation itself is loaded in a quiet moment before. */
import { type ComponentType, lazy, Suspense, useEffect, useState } from "react";
import type { Conversation } from "../model/conversation.ts";
import type { Talk } from "../model/talk.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import type { ExplainedPanelProps } from "./explained-panel.tsx";
import { useFrames } from "./use-store.ts";

/** How long the page has to itself first: nothing fails so soon that it would be needed at once. */
const QUIET_MS = 2_000;

const load = () => import("./explained-panel.tsx");
const Panel = lazy<ComponentType<ExplainedPanelProps>>(() =>
  load().then(
    ({ ExplainedPanel }) => ({ default: ExplainedPanel }),
    () => ({ default: PlainPanel }),
  ),
);

export interface ExplainedProps {
  talk: Talk;
  pane: TerminalPane | null;
}

export function Explained({ talk, pane }: ExplainedProps) {
  useFrames(talk);
  useFrames(talk.carrier);
  const [hidden, setHidden] = useState<Conversation | null>(null);
  useEffect(() => {
    // Later the gateway may be gone, which is one of the things to explain.
    const timer = setTimeout(() => void load().catch(() => {}), QUIET_MS);
    return () => clearTimeout(timer);
  }, []);
  const { failure, conversation } = talk;
  if (!failure || !conversation || conversation === hidden) return null;
  const hide = () => {
    setHidden(conversation);
    pane?.focus();
  };
  const props = { talk, pane, conversation, failure, hide };
  return (
    <Suspense fallback={null}>
      <Panel {...props} />
    </Suspense>
  );
}

/** What is left to say when the rest could not be loaded. */
function PlainPanel({ failure, hide }: ExplainedPanelProps) {
  return (
    <section className="explained" aria-label="What went wrong">
      <div className="explained-text" role="alert">
        <p>{failure.sentence}</p>
        <p>{failure.hints.join(" ")}</p>
      </div>
      <div className="explained-foot">
        <button type="button" className="button quiet" onClick={hide}>
          Hide
        </button>
      </div>
    </section>
  );
}
