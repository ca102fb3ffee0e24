/**
 * The cursor's blinking where xterm draws with elements. xterm would blink by an endless CSS animation,
 * for which a browser makes a frame sixty times a second; this changes a class twice in that time.
 */
import type { Terminal } from "@xterm/xterm";

/** Milliseconds for which the cursor is there, and then is not. */
const PHASE_MS = 600;
/** Whoever is not there sees no cursor: after so many phases without a key it stays. */
const MOST_PHASES = 100;

/** @param terminal on the page, its own `cursorBlink` off. @returns what ends the blinking. */
export function blinkCursor(terminal: Terminal): () => void {
  const { element, textarea } = terminal;
  if (!element || !textarea) return () => {};
  let timer: ReturnType<typeof setInterval> | undefined;
  let phases = 0;
  const rest = () => {
    clearInterval(timer);
    element.classList.remove("cursor-out");
  };
  /** From the beginning: while somebody types, the cursor stays in sight. */
  const begin = () => {
    rest();
    phases = 0;
    if (document.activeElement !== textarea) return;
    timer = setInterval(() => {
      if (++phases > MOST_PHASES) rest();
      else element.classList.toggle("cursor-out");
    }, PHASE_MS);
  };
  const moves = terminal.onCursorMove(begin);
  textarea.addEventListener("focus", begin);
  textarea.addEventListener("blur", rest);
  begin();
  return () => {
    rest();
    moves.dispose();
    textarea.removeEventListener("focus", begin);
    textarea.removeEventListener("blur", rest);
  };
}
