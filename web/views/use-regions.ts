/** F6 and Shift+F6 go round the regions of the screen, because Tab belongs to the terminal. */
import { useEffect } from "react";
import type { TerminalPane } from "../terminal/terminal.ts";

/** In the order of the round; elements carry them as `data-region`. */
const regions = [
  "wall",
  "direct",
  "keys",
  "address",
  "door",
  "tables",
  "replay",
  "terminal",
  "lab",
  "explained",
  "console",
  "bytes",
  "ladder",
  "events",
  "status",
  "settings",
] as const;

/** @param shown false while another screen is in front. */
export function useRegions(pane: TerminalPane | null, shown: boolean): void {
  useEffect(() => {
    if (!shown) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "F6" || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      go(event.shiftKey ? -1 : 1, pane);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [pane, shown]);
}

function go(step: 1 | -1, pane: TerminalPane | null): void {
  const here = document.activeElement?.closest<HTMLElement>("[data-region]")?.dataset.region;
  const start = regions.indexOf(here as (typeof regions)[number]);
  for (let i = 1; i <= regions.length; i++) {
    const from = start < 0 && step < 0 ? 0 : start;
    const region = regions[(from + i * step + regions.length * 2) % regions.length];
    if (region && focusRegion(region, pane)) return;
  }
}

/** Puts the focus into a region; false when it is not on the screen now. */
export function focusRegion(region: string, pane: TerminalPane | null): boolean {
  if (region === "terminal") {
    // A recording has a terminal of its own, over the page's.
    const recorded = inFront(".replay-terminal textarea");
    if (recorded) recorded.focus();
    else pane?.focus();
    return pane !== null;
  }
  const target = inFront(
    `[data-region="${region}"] [data-region-focus], [data-region="${region}"][data-region-focus]`,
  );
  if (!target || target.offsetParent === null) return false;
  target.focus();
  return true;
}

/** The first that matches on the screen in front; the others stay in the page, inert. */
export function inFront(selector: string): HTMLElement | null {
  const all = document.querySelectorAll<HTMLElement>(selector);
  return [...all].find((element) => !element.closest("[inert]")) ?? null;
}
