/**
 * The ladder: both ends of the conversation as lifelines, time running down, bytes as bands between
 * them. What draws it is loaded once the page stands: before the first conversation there is nothing.
 */
import { lazy, Suspense, useEffect } from "react";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import type { LadderListProps } from "./ladder-list.tsx";
import { orNotLoaded } from "./not-loaded.tsx";
import { useFrames } from "./use-store.ts";

const load = () => import("./ladder-list.tsx");
const LadderList = lazy(() =>
  orNotLoaded<LadderListProps>(load().then(({ LadderList }) => ({ default: LadderList }))),
);

/** Time goes on as long as there is a socket. */
function isRunning({ state }: Conversation): boolean {
  return state.phase === "opening" || state.phase === "open";
}

const names = {
  client: "you on the left, the server on the right",
  server: "the client on the left, you on the right",
};

export interface LadderProps {
  talk: Dialogue;
  /** Enter on a row: to its bytes. */
  onOpen?: () => void;
}

export function Ladder({ talk, onOpen }: LadderProps) {
  useFrames(talk);
  useEffect(() => {
    // Later the gateway may be gone, whose failure is to be drawn.
    void load().catch(() => {});
  }, []);
  const { conversation } = talk;
  return (
    <section className="ladder" aria-label="Ladder of this conversation" data-region="ladder">
      {conversation && conversation.total > 0 ? (
        <Suspense fallback={<div className="ladder-body" aria-busy="true" />}>
          <LadderList
            conversation={conversation}
            selection={talk.selection}
            live={talk.replay === null}
            running={talk.replay === null && isRunning(conversation)}
            onOpen={onOpen}
          />
        </Suspense>
      ) : (
        <div className="ladder-body ladder-empty">
          <p>
            Nothing yet. Here the wire is drawn: {names[talk.role]}, and each message as a band
            between you.
          </p>
        </div>
      )}
    </section>
  );
}
