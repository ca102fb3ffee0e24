/** The title block's cell "Record": how much there is to save, and the menu to save and open files. */
import { lazy, Suspense } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { count } from "../model/format.ts";
import { Menu } from "./menu.tsx";
import { orNotLoaded } from "./not-loaded.tsx";
import { useFrames } from "./use-store.ts";

const Panel = lazy(() => orNotLoaded(import("./record-panel.tsx")));

export function RecordMenu({ talk }: { talk: Dialogue }) {
  useFrames(talk);
  const events = talk.replay?.total ?? talk.live?.total ?? 0;
  const face = events === 0 ? "nothing yet, open" : `${count(events, "event")}, save`;
  return (
    <div className="record">
      <Menu label={`Record: ${face}`} face={<Face text={face} />} className="record-button data">
        {(shut) => (
          <Suspense fallback={<p role="status">Loading…</p>}>
            <Panel talk={talk} shut={shut} />
          </Suspense>
        )}
      </Menu>
    </div>
  );
}

/** On a phone one word is enough. */
function Face({ text }: { text: string }) {
  return (
    <>
      <span className="record-words">{text}</span>
      <span className="record-word">Save</span>
    </>
  );
}
