/** The button that begins another conversation beside the others. */
import type { Desk } from "../model/desk.ts";
import { isOver } from "../model/status.ts";
import { useFrames } from "./use-store.ts";

export function NewConversation({ desk }: { desk: Desk }) {
  useFrames(desk);
  if (isOver(desk.carrier.status)) return null;
  return (
    <button
      type="button"
      className="tab-tool"
      aria-label="New conversation"
      title={desk.hasRoom ? "New conversation (Alt+N)" : "The gateway allows no more connections"}
      disabled={!desk.hasRoom}
      onClick={() => desk.add()}
    >
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <path d="M7 1v12M1 7h12" stroke="currentColor" strokeWidth="2" />
      </svg>
    </button>
  );
}
