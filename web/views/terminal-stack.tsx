/**
 * One terminal for each conversation, one above the other: those behind their tabs go on printing,
 * because what comes is acknowledged only once it was printed.
 */
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { Settings } from "../model/settings.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { keyOf } from "./tab-keys.ts";
import { Terminal } from "./terminal.tsx";
import { useAppearance } from "./use-appearance.ts";
import { useTerminal } from "./use-terminal.ts";

export interface TerminalStackProps {
  dialogues: readonly Dialogue[];
  current: Dialogue | null;
  settings: Settings;
  /** Whether a new terminal takes the focus. */
  focuses: boolean;
  panes: Panes;
  /** In the head of each. */
  more?: ReactNode;
}

/** The terminals that are there, by conversation. */
export interface Panes {
  of(talk: Dialogue | null): TerminalPane | null;
  put(talk: Dialogue, pane: TerminalPane | null): void;
}

export function usePanes(): Panes {
  const [panes, setPanes] = useState<ReadonlyMap<Dialogue, TerminalPane>>(new Map());
  const put = useRef((talk: Dialogue, pane: TerminalPane | null) =>
    setPanes((before) => {
      const after = new Map(before);
      if (pane) after.set(talk, pane);
      else after.delete(talk);
      return after;
    }),
  );
  return { of: (talk) => (talk && panes.get(talk)) ?? null, put: put.current };
}

export function TerminalStack(props: TerminalStackProps) {
  const { dialogues, current } = props;
  return (
    <div className="terminal-stack">
      {dialogues.map((talk) => (
        <Slot key={keyOf(talk)} {...props} talk={talk} shown={talk === current} />
      ))}
    </div>
  );
}

interface SlotProps extends TerminalStackProps {
  talk: Dialogue;
  shown: boolean;
}

function Slot({ talk, shown, settings, focuses, panes, more }: SlotProps) {
  const screen = useRef<HTMLDivElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const pane = useTerminal(talk, settings, screen, gutter, undefined, focuses);
  useAppearance(settings, pane);
  const { put } = panes;
  useEffect(() => {
    put(talk, pane);
    return () => put(talk, null);
  }, [put, talk, pane]);
  return (
    <div className="terminal-slot" inert={!shown}>
      <Terminal {...{ talk, pane, screen, gutter }} more={shown && more} />
    </div>
  );
}
