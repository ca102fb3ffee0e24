/** The bottom of the wall: what the teacher does with a key, and what came of it. */
import type { ReactNode } from "react";
import type { ClassNow } from "../../shared/classroom.ts";
import type { Wall } from "../model/wall.ts";
import { DeedWords, Question } from "./class-deed.tsx";
import type { ClassKeys } from "./use-class-keys.ts";
import type { Deed } from "./use-deed.ts";
import { useValue } from "./use-store.ts";

export interface ClassBarProps {
  now: ClassNow;
  wall: Wall;
  keys: ClassKeys;
  deed: Deed;
  /** Clearing has been asked for, and waits for an answer. */
  asks: boolean;
  answer(yes: boolean): void;
  directing: boolean;
}

export function ClassBar({ now, wall, keys, deed, asks, answer, directing }: ClassBarProps) {
  const paused = useValue(wall, () => wall.paused);
  const nobody = useValue(wall, () => wall.students.length === 0);
  const large = useValue(wall, () => wall.chosen !== null);
  return (
    <footer className="class-foot" data-region="keys">
      {asks && (
        <Question yes="Clear" onYes={() => answer(true)} onNo={() => answer(false)}>
          <strong className="label">Clear the wall?</strong> Last lines and traces go, and so do
          students who are away. Connections stay.
        </Question>
      )}
      <DeedWords step={deed.step} />
      <div className="class-bar">
        <Key letter="P" strong pressed={paused} onPress={keys.pause} first>
          {paused ? "Go on" : "Pause wall"}
        </Key>
        <Key letter="L" strong pressed={now.locked} onPress={keys.lock}>
          {now.locked ? "Unlock joining" : "Lock joining"}
        </Key>
        <Key letter="C" onPress={keys.clear}>
          Clear
        </Key>
        <Key letter="N" pressed={now.namesHidden} onPress={keys.names}>
          {now.namesHidden ? "Show names" : "Hide names"}
        </Key>
        <Key letter="D" pressed={directing} onPress={keys.direct}>
          Direct
        </Key>
        <span className="class-bar-gap" />
        <Key letter="→" disabled={nobody} onPress={() => keys.next(1)}>
          Next student
        </Key>
        <Key letter="Esc" disabled={!large && !directing} onPress={keys.back}>
          Back to everyone
        </Key>
      </div>
    </footer>
  );
}

interface KeyProps {
  letter: string;
  /** What the class should not overlook. */
  strong?: boolean;
  /** Of what is on or off. */
  pressed?: boolean;
  disabled?: boolean;
  /** F6 comes here. */
  first?: boolean;
  onPress(): void;
  children: ReactNode;
}

function Key({ letter, strong, pressed, disabled, first, onPress, children }: KeyProps) {
  return (
    <button
      type="button"
      className={strong ? "class-key strong" : "class-key"}
      data-on={pressed ? "" : undefined}
      disabled={disabled}
      aria-keyshortcuts={shortcuts[letter] ?? letter}
      data-region-focus={first ? "" : undefined}
      onClick={onPress}
    >
      {children}
      <span className="keycap" aria-hidden="true">
        {letter}
      </span>
    </button>
  );
}

const shortcuts: Record<string, string> = { "→": "ArrowRight", Esc: "Escape" };
