/** What stands beside the terminal, behind tabs; on a phone below it, where the tabs also fold it. */
import type { ReactNode } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { count } from "../model/format.ts";
import { Legend } from "./about-lazy.tsx";
import { Menu } from "./menu.tsx";
import { Tabs } from "./tabs.tsx";
import { useFrames } from "./use-store.ts";

export type PaneId = "ladder" | "list" | "bytes" | "states" | "lab";

const wide: readonly PaneId[] = ["ladder", "list"];
/** The list says in rows what the ladder draws: a phone has room for one of them. */
const slim: readonly PaneId[] = ["ladder", "bytes", "states", "lab"];

const names: Record<PaneId, string> = {
  ladder: "Ladder",
  list: "List",
  bytes: "Bytes",
  states: "States",
  lab: "Lab",
};

export interface PanesProps {
  talk: Dialogue;
  narrow: boolean;
  chosen: PaneId;
  choose(id: PaneId): void;
  /** Folded away, on a phone. */
  folded: boolean;
  fold(folded: boolean): void;
  panes: Record<PaneId, () => ReactNode>;
}

export function Panes({ talk, narrow, chosen, choose, folded, fold, panes }: PanesProps) {
  useFrames(talk);
  const ids = narrow ? slim : wide;
  const id = ids.includes(chosen) ? chosen : "ladder";
  const total = talk.conversation?.total ?? 0;
  const pick = (to: PaneId) => {
    // A phone's screen is small: the tab that is open folds its pane away, and brings it back.
    if (narrow) fold(to === id && !folded);
    choose(to);
  };
  return (
    <section className="panes" aria-label="What happened on the wire">
      <Tabs
        label="What happened on the wire"
        tabs={ids.map((each) => ({
          id: each,
          name: narrow && each === "ladder" ? "Wire" : names[each],
        }))}
        chosen={id}
        choose={pick}
        note={narrow ? null : <Note total={total} />}
      >
        {folded && narrow ? null : panes[id]()}
      </Tabs>
    </section>
  );
}

function Note({ total }: { total: number }) {
  return (
    <>
      {total > 0 && <p>{count(total, "event")}</p>}
      <Menu label="How to read this" face="How to read this" className="plain-button">
        {() => <Legend />}
      </Menu>
    </>
  );
}
