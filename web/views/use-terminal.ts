/** One TerminalPane for the two elements it lives in, made once the fonts it measures are there. */
import { type RefObject, useEffect, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { Replay } from "../model/replay.ts";
import type { Settings } from "../model/settings.ts";
import { TerminalPane } from "../terminal/terminal.ts";

/** @param focuses whether the terminal takes the focus when it is there; a recording's never does. */
export function useTerminal(
  talk: Dialogue,
  settings: Settings,
  screen: RefObject<HTMLElement | null>,
  gutter: RefObject<HTMLElement | null>,
  replay?: Replay,
  focuses = true,
): TerminalPane | null {
  const [pane, setPane] = useState<TerminalPane | null>(null);
  useEffect(() => {
    let made: TerminalPane | null = null;
    let gone = false;
    const make = () => {
      if (gone || !screen.current || !gutter.current) return;
      const reducedMotion = matchMedia("(prefers-reduced-motion: reduce)").matches;
      const elements = { screen: screen.current, gutter: gutter.current };
      const shown = replay ? { replay } : {};
      made = new TerminalPane({ talk, settings, ...elements, ...shown, reducedMotion });
      setPane(made);
      // On a phone, focus would raise the keyboard over the page before it has been seen.
      if (focuses && !replay && !matchMedia("(pointer: coarse)").matches) made.focus();
    };
    // A font that cannot be loaded is replaced by the next in the list: the terminal starts anyway.
    Promise.allSettled([
      document.fonts.load('20px "Wireside Mono"'),
      document.fonts.load('bold 20px "Wireside Mono"'),
    ]).then(make);
    return () => {
      gone = true;
      made?.dispose();
      setPane(null);
    };
  }, [talk, settings, screen, gutter, replay, focuses]);
  return pane;
}
