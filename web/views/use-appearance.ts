/** Theme and size: the chosen ones, or what the system says; on the root element, where the tokens are. */
import { useEffect, useSyncExternalStore } from "react";
import type { Settings } from "../model/settings.ts";
import type { TerminalPane } from "../terminal/terminal.ts";

const light = () => matchMedia("(prefers-color-scheme: light)");

function followSystem(listener: () => void): () => void {
  const query = light();
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

const systemIsLight = () => light().matches;

/** The theme in effect. */
export function useTheme(settings: Settings): "board" | "pad" {
  const chosen = useSyncExternalStore(settings.subscribe, () => settings.choices.theme);
  const pad = useSyncExternalStore(followSystem, systemIsLight);
  if (chosen !== "system") return chosen;
  return pad ? "pad" : "board";
}

/** Puts theme and size on the root element and tells the terminal to read its colours again. */
export function useAppearance(settings: Settings, pane: TerminalPane | null): void {
  const theme = useTheme(settings);
  const large = useSyncExternalStore(settings.subscribe, () => settings.choices.large);
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.dataset.size = large ? "large" : "normal";
    pane?.applyTheme();
  }, [theme, large, pane]);
  useEffect(() => {
    // Below 860 px the phone's sizes apply: the tokens change with the window as well.
    const narrow = matchMedia("(max-width: 860px)");
    const read = () => pane?.applyTheme();
    narrow.addEventListener("change", read);
    return () => narrow.removeEventListener("change", read);
  }, [pane]);
}
