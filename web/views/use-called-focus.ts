/**
 * Moves the focus to the terminal of whoever was accepted, unless somebody else waits to be: from accept(), or
 * from Stop listening, where Enter after Alt-A would end what has just begun.
 */
import { useEffect, useRef } from "react";
import type { Serve } from "../model/serve.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { inFront } from "./use-regions.ts";

/** @param pane the terminal in front; null while it is being made. */
export function useCalledFocus(serve: Serve, pane: TerminalPane | null): void {
  const { called, selected } = serve;
  const known = useRef(called);
  useEffect(() => {
    if (!pane || !called || called === known.current || called !== selected) return;
    known.current = called;
    // The door may not have been told yet that this one is in.
    const waits = serve.door.waiting.some(({ n }) => n !== called.guest.n);
    // On a phone the keyboard would come up over the door.
    if (waits || matchMedia("(pointer: coarse)").matches) return;
    const { activeElement } = document;
    const isAtButton =
      activeElement === inFront(".accept-button") ||
      activeElement?.matches(".serve-bar button") === true;
    // Safari focuses no button that is clicked. Whoever has gone elsewhere meanwhile stays there.
    if (activeElement === document.body || isAtButton) pane.focus();
  }, [serve, called, selected, pane]);
}
