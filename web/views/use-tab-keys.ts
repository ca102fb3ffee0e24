/** F8 and Shift+F8 turn to the next tab and back; Alt and a letter does what a screen offers. No browser has these keys. */
import { useEffect } from "react";

export interface TabKeys {
  turn(step: 1 | -1): void;
  /** By the letter on an English keyboard: with Alt, macOS writes other signs. */
  alt: Readonly<Record<string, () => void>>;
}

/** @param shown false while another screen is in front. */
export function useTabKeys({ turn, alt }: TabKeys, shown: boolean): void {
  useEffect(() => {
    if (!shown) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey) return;
      const letter = event.altKey && !event.shiftKey ? alt[event.code.replace(/^Key/, "")] : null;
      if (event.key === "F8" && !event.altKey) turn(event.shiftKey ? -1 : 1);
      else if (letter) letter();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    // In the capture phase: the terminal would take Alt and a letter for Meta.
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [turn, alt, shown]);
}
