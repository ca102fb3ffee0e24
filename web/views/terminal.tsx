/** The terminal's frame: its head, the screen and the gutter that the terminal itself fills. */
import { type ReactNode, type RefObject, useId, useRef, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { LineEnding } from "../model/settings.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { Lab } from "./lab-lazy.tsx";
import { LinePreview } from "./line-preview.tsx";
import { LongSendBar } from "./long-send.tsx";
import { ReplayTerminal } from "./replay-terminal.tsx";
import { TransferBars } from "./transfer-bars.tsx";
import { TypingSwitch } from "./typing-switch.tsx";
import { useNarrow } from "./use-narrow.ts";
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
  const narrow = useNarrow();
  const title = useId();
  const [lab, openLab] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const shut = () => {
    openLab(false);
    button.current?.focus();
  };
  return (
    <section className="terminal-pane" aria-labelledby={title} data-region="terminal">
      <div className="pane-head">
        <h2 className="label" id={title}>
          Terminal
        </h2>
        {more}
        {!replay && <LineEndingPicker talk={talk} />}
        {!replay && <TypingSwitch talk={talk} pane={pane} />}
        <button
          ref={button}
          type="button"
          className="button quiet lab-button"
          aria-expanded={lab}
          onClick={() => openLab(!lab)}
        >
          Lab
        </button>
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
      {pane && <LinePreview talk={talk} pane={pane} />}
      <LongSendBar talk={talk} pane={pane} />
      <TransferBars talk={talk} pane={pane} />
      {lab && !narrow && <Lab talk={talk} pane={pane} shut={shut} />}
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
