/** A send that takes a while: how much the gateway's kernel has taken, and a way to stop. */

import type { Dialogue } from "../model/dialogue.ts";
import { bytes } from "../model/format.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { useFrames } from "./use-store.ts";

export interface LongSendBarProps {
  talk: Dialogue;
  pane: TerminalPane | null;
}

export function LongSendBar({ talk, pane }: LongSendBarProps) {
  useFrames(talk);
  const long = talk.longSend;
  if (!long) return null;
  const stop = () => {
    talk.stopSending();
    pane?.focus();
  };
  return (
    <div className="long-send">
      <progress max={long.total} value={long.taken} aria-label="Sending" />
      <span className="data">{`${bytes(long.taken)} of ${bytes(long.total)}`}</span>
      <button type="button" className="button" onClick={stop}>
        Stop
      </button>
    </div>
  );
}
