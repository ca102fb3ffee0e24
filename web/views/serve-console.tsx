/** The console: what happened at the door and at every table, in order, with the time of day. */
import { useEffect, useRef } from "react";
import { timeOfDay } from "../model/journal.ts";
import type { Serve } from "../model/serve.ts";
import { useFrames } from "./use-store.ts";

/** So close to the end, in pixels, the end is followed. */
const NEAR_PX = 24;

export function Console({ serve }: { serve: Serve }) {
  useFrames(serve);
  const { lines } = serve.journal;
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  const last = lines.at(-1)?.n;
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new line moves the end.
  useEffect(() => {
    const { current } = list;
    if (current && follows.current) current.scrollTop = current.scrollHeight;
  }, [last]);
  const onScroll = () => {
    const { current } = list;
    if (!current) return;
    follows.current = current.scrollHeight - current.scrollTop - current.clientHeight < NEAR_PX;
  };
  return (
    <section className="console" aria-label="Console" data-region="console">
      {lines.length === 0 ? (
        <p className="about console-empty">Nothing has happened yet.</p>
      ) : (
        // It scrolls: the keyboard has to be able to do that too.
        // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
        <ol ref={list} className="data" tabIndex={0} data-region-focus="" onScroll={onScroll}>
          {lines.map((line) => (
            <li key={line.n} className={line.tone === "wrong" ? "wrong" : undefined}>
              <time>{timeOfDay(line.at)}</time>
              <span>
                {line.text}
                {line.who !== "" && <span className="console-who"> {line.who}</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}
