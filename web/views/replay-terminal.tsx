/** The terminal of a recording, over the page's own, which stays as it is behind it. */
import { useRef } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { Replay } from "../model/replay.ts";
import { useAppearance } from "./use-appearance.ts";
import { useTerminal } from "./use-terminal.ts";

export interface ReplayTerminalProps {
  talk: Dialogue;
  replay: Replay;
}

export function ReplayTerminal({ talk, replay }: ReplayTerminalProps) {
  const screen = useRef<HTMLDivElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const pane = useTerminal(talk, talk.settings, screen, gutter, replay);
  useAppearance(talk.settings, pane);
  return (
    <div className="terminal-body replay-terminal">
      <div className="screen-frame">
        <div className="screen" ref={screen} />
      </div>
      <div className="gutter-frame">
        <div className="gutter" ref={gutter} />
      </div>
    </div>
  );
}
