/** Leaving the page asks first, but only while bytes are still on their way to the other end. */
import { useEffect } from "react";
import type { Dialogue } from "../model/dialogue.ts";

export function useLeaveQuestion(talk: Dialogue): void {
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (talk.live?.state.phase === "open" && talk.pendingBytes > 0) event.preventDefault();
    };
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [talk]);
}
