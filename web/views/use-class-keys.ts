/** The keys of the wall, as its buttons show them; they are letters, so never while something is typed. */
import { useEffect } from "react";

export interface ClassKeys {
  pause(): void;
  lock(): void;
  clear(): void;
  names(): void;
  direct(): void;
  next(step: 1 | -1): void;
  page(step: 1 | -1): void;
  back(): void;
}

/** @param keys null where nothing can be done. */
export function useClassKeys(keys: ClassKeys | null): void {
  useEffect(() => {
    if (!keys) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (event.key !== "Escape" && target?.closest("input, select, textarea, dialog")) return;
      if (press(event.key, keys, target)) event.preventDefault();
    };
    // The document hears what no panel has taken for itself.
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [keys]);
}

/** @returns false for a key that means nothing here. */
function press(key: string, keys: ClassKeys, target: Element | null): boolean {
  // In the ladder these go from row to row.
  const upAndDown = target?.closest(".ladder, .menu, .direct") === null || target === null;
  switch (key) {
    case "ArrowRight":
      keys.next(1);
      return true;
    case "ArrowLeft":
      keys.next(-1);
      return true;
    case "ArrowDown":
    case "ArrowUp":
      if (upAndDown) keys.next(key === "ArrowDown" ? 1 : -1);
      return upAndDown;
    case "PageDown":
    case "PageUp":
      if (upAndDown) keys.page(key === "PageDown" ? 1 : -1);
      return upAndDown;
    case "Escape":
      keys.back();
      return true;
  }
  const letter = letters[key.toLowerCase()];
  if (letter) keys[letter]();
  return letter !== undefined;
}

const letters: Record<string, "pause" | "lock" | "clear" | "names" | "direct"> = {
  p: "pause",
  l: "lock",
  c: "clear",
  n: "names",
  d: "direct",
};
