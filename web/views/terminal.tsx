/** The terminal's frame: its head, the screen and the gutter that the terminal itself fills. */
import { type ReactNode, type RefObject, useId } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { LineEnding } from "../model/settings.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { LongSendBar } from "./long-send.tsx";
import { ReplayTerminal } from "./replay-terminal.tsx";
import { useValue } from "./use-store.ts";

export interface TerminalProps {
  talk: Dialogue;
  pane: TerminalPane | null;
  screen: RefObject<HTMLDivElement | null>;
  gutter: RefObject<HTMLDivElement | null>;
  /** What else stands in its head. */
  more?: ReactNode;
}

export function Terminal({ talk, pane, screen, gutter, more }: TerminalProps) {
  const replay = useValue(talk, () => talk.replay);
  const title = useId();
  return (
    <section className="terminal-pane" aria-labelledby={title} data-region="terminal">
      <div className="pane-head">
        <h2 className="label" id={title}>
          Terminal
        </h2>
        {more}
        {!replay && <LineEndingPicker talk={talk} />}
        <p className="gutter-head">on the wire</p>
      </div>
      <div className="terminal-body">
        <div className="screen-frame">
          <div className="screen" ref={screen} />
        </div>
        <div className="gutter-frame">
          {/* The list and the ladder say the same in sentences. */}
          <div className="gutter" ref={gutter} aria-hidden="true" />
        </div>
        {replay && <ReplayTerminal talk={talk} replay={replay} />}
      </div>
      <LongSendBar talk={talk} pane={pane} />
    </section>
  );
}

const endings: readonly (readonly [LineEnding, string])[] = [
  ["none", "nothing"],
  ["lf", "LF"],
  ["crlf", "CR LF"],
];

function LineEndingPicker({ talk }: { talk: Dialogue }) {
  const key = useValue(talk, () => talk.addressKey);
  const ending = useValue(talk.settings, () => talk.settings.lineEnding(key));
  return (
    <label className="picker">
      <span>Enter adds</span>
      <select
        value={ending}
        onChange={(event) => {
          const chosen = endings.find(([value]) => value === event.target.value);
          if (chosen) talk.settings.chooseLineEnding(key, chosen[0]);
        }}
      >
        {endings.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
