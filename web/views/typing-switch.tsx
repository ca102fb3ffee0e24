/** The switch between whole lines and single keys. */
import type { Dialogue } from "../model/dialogue.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { useValue } from "./use-store.ts";

export interface TypingSwitchProps {
  talk: Dialogue;
  pane: TerminalPane | null;
  describedBy?: string;
}

export function TypingSwitch({ talk, pane, describedBy }: TypingSwitchProps) {
  const { typing } = useValue(talk.lab, () => talk.lab.choices);
  const choose = (to: "line" | "raw") => {
    talk.lab.choose({ typing: to });
    // On a phone the keyboard would come up over what was just pressed.
    if (!matchMedia("(pointer: coarse)").matches) pane?.focus();
  };
  return (
    <fieldset className="switch" aria-describedby={describedBy}>
      <legend className="unseen">Typing</legend>
      <button type="button" aria-pressed={typing === "line"} onClick={() => choose("line")}>
        Line
      </button>
      <button type="button" aria-pressed={typing === "raw"} onClick={() => choose("raw")}>
        Raw
      </button>
    </fieldset>
  );
}
