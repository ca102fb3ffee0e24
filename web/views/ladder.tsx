/** The ladder: both ends of the conversation as lifelines, time running down, bytes as bands between them. */
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { LadderList } from "./ladder-list.tsx";
import { useFrames } from "./use-store.ts";

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
  const { conversation } = talk;
  return (
    <section className="ladder" aria-label="Ladder of this conversation" data-region="ladder">
      {conversation && conversation.total > 0 ? (
        <LadderList
          conversation={conversation}
          selection={talk.selection}
          live={talk.replay === null}
          running={talk.replay === null && isRunning(conversation)}
          onOpen={onOpen}
        />
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
