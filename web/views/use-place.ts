/** The screen in the page's address: links and the browser's Back lead from one to the other. */
import { useEffect } from "react";
import type { Desk } from "../model/desk.ts";
import { readPlace } from "../model/place.ts";

export function usePlace(desk: Desk): void {
  useEffect(() => {
    // Filled in once: coming back to this entry of the history must not fill it in again.
    const forget = () => {
      if (readPlace(window.location.hash).address === null) return;
      window.history.replaceState(window.history.state, "", "#talk");
    };
    const go = () => {
      desk.go(readPlace(window.location.hash, desk.screens[0]));
      forget();
    };
    forget();
    window.addEventListener("hashchange", go);
    return () => window.removeEventListener("hashchange", go);
  }, [desk]);
}
