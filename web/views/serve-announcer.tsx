/** Says politely what happens at the door and at all tables; in a rush, how much it was. */
import { useEffect, useState } from "react";
import type { JournalLine } from "../model/journal.ts";
import type { Serve } from "../model/serve.ts";

/** Between two announcements: time enough to hear one out, in milliseconds. */
const PAUSE_MS = 1500;
/** More lines at once than this are counted instead of read. */
const MOST_READ = 3;

export function ServeAnnouncer({ serve }: { serve: Serve }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    let known = serve.journal.lines.at(-1)?.n ?? 0;
    let timer: ReturnType<typeof setTimeout> | null = null;
    const speak = () => {
      timer = null;
      const lines = serve.journal.lines.filter(({ n }) => n > known);
      known = lines.at(-1)?.n ?? known;
      if (lines.length === 0) return;
      setSaid(textOf(lines));
      timer = setTimeout(speak, PAUSE_MS);
    };
    const unsubscribe = serve.subscribe(() => {
      const last = serve.journal.lines.at(-1)?.n ?? 0;
      if (last > known) timer ??= setTimeout(speak, 0);
    });
    return () => {
      unsubscribe();
      if (timer !== null) clearTimeout(timer);
    };
  }, [serve]);
  return (
    <p className="unseen" role="status">
      {said}
    </p>
  );
}

function textOf(lines: readonly JournalLine[]): string {
  const read = lines.slice(-MOST_READ).map(({ text, who }) => `${text} ${who}`.trim());
  const more = lines.length - read.length;
  return [more > 0 && `${more} more events`, ...read].filter(Boolean).join(". ");
}
