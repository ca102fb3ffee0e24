/** Leaving the page asks first, but only while bytes are still on their way to the other end. */
import { useEffect } from "react";
import type { Dialogue } from "../model/dialogue.ts";

/** @param dialogues every end that the page holds now. */
export function useLeaveQuestion(dialogues: () => readonly Dialogue[]): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      const isSending = (talk: Dialogue) =>
        talk.live?.state.phase === "open" && talk.pendingBytes > 0;
      if (dialogues().some(isSending)) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [dialogues]);
}
