/** Whether the page is as narrow as a phone: then the panes are under each other, behind tabs. */
import { useSyncExternalStore } from "react";

const query = () => matchMedia("(max-width: 860px)");

function subscribe(listener: () => void): () => void {
  const narrow = query();
  narrow.addEventListener("change", listener);
  return () => narrow.removeEventListener("change", listener);
}

export function useNarrow(): boolean {
  return useSyncExternalStore(subscribe, () => query().matches);
}
