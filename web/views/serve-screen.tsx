/** The screen Serve: the page as a server. The door and the tables at the left, who is talked to at the right. */
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import type { Desk } from "../model/desk.ts";
import { Serve } from "../model/serve.ts";
import type { Settings } from "../model/settings.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import "../theme/serve.css";
import { AboutSelected } from "./about-lazy.tsx";
import { Announcer } from "./announcer.tsx";
import { DropTarget } from "./drop-target.tsx";
import type { EventsProps } from "./events.tsx";
import type { Gateway } from "./gateway.ts";
import { GatewayNotice } from "./gateway-notice.tsx";
import { Header } from "./header.tsx";
import { Inspector } from "./inspector.tsx";
import { Lab } from "./lab-lazy.tsx";
import { Ladder } from "./ladder.tsx";
import { MessageField } from "./message-field.tsx";
import { orNotLoaded } from "./not-loaded.tsx";
import { PasteQuestionPanel } from "./paste-question.tsx";
import { RecordingStrips } from "./recording-strips.tsx";
import { ServeAnnouncer } from "./serve-announcer.tsx";
import { ServeBar } from "./serve-bar.tsx";
import { Console } from "./serve-console.tsx";
import { Door } from "./serve-door.tsx";
import { ServeFailure } from "./serve-failure.tsx";
import { Idle } from "./serve-idle.tsx";
import { ServeStatus } from "./serve-status.tsx";
import { Tables } from "./serve-tables.tsx";
import { NoVisit, VisitTabs, VisitTools } from "./serve-tabs.tsx";
import { Tabs } from "./tabs.tsx";
import { TerminalStack, usePanes } from "./terminal-stack.tsx";
import { useCalledFocus } from "./use-called-focus.ts";
import { useNarrow } from "./use-narrow.ts";
import { useRegions } from "./use-regions.ts";
import { useFrames } from "./use-store.ts";
import { useTabKeys } from "./use-tab-keys.ts";

const Events = lazy(() =>
  orNotLoaded<EventsProps>(import("./events.tsx").then(({ Events }) => ({ default: Events }))),
);

export interface ServeScreenProps {
  desk: Desk;
  settings: Settings;
  gateway: Gateway;
  /** What a class says, on a student's page. */
  strip: ReactNode;
  /** False while another screen is in front. */
  shown: boolean;
}

type LowerId = "console" | "ladder" | "list" | "bytes" | "lab";
/** On a phone one of these fills the screen. */
type PhoneView = "door" | "tables" | "talk" | "events";

export function ServeScreen({ desk, settings, gateway, strip, shown }: ServeScreenProps) {
  // The first render makes it; the next ones are given the same.
  const [serve] = useState(() => desk.serveWith((...given) => new Serve(...given)));
  useFrames(serve);
  const terminals = usePanes();
  const narrow = useNarrow();
  const [view, setView] = useState<PhoneView>("door");
  const table = serve.selected?.table ?? null;
  const pane = terminals.of(table);
  useRegions(pane, shown);
  useCalledFocus(serve, pane);
  useTabKeys(
    useMemo(() => keysOf(serve), [serve]),
    shown,
  );
  const tools = serve.selected && <VisitTools serve={serve} visit={serve.selected} />;
  const choose = (visit: Serve["visits"][number]) => {
    serve.select(visit);
    if (narrow) setView("talk");
  };
  return (
    <div className={shown ? "sheet serve" : "sheet serve behind"} inert={!shown} data-view={view}>
      <Header settings={settings} desk={desk} />
      <main>
        <ServeBar serve={serve} />
        <div className="strips">
          {strip}
          <GatewayNotice talk={table ?? desk.current} gateway={gateway} />
          {table && <RecordingStrips talk={table} pane={pane} />}
        </div>
        {narrow && <PhoneViews serve={serve} view={view} choose={setView} />}
        <div className="serve-left">
          <Entrance serve={serve} />
          <Tables serve={serve} onChoose={choose} />
        </div>
        <div className="serve-right">
          <VisitTabs serve={serve} tools={tools} />
          <TerminalStack
            dialogues={serve.visits.map((visit) => visit.table)}
            current={table}
            {...{ settings, panes: terminals }}
            focuses={false}
          />
          {!table && <NoVisit isUdp={serve.isUdp} />}
        </div>
        {shown && <Lower serve={serve} pane={pane} />}
        {table && pane && serve.selected?.isOpen && <MessageField talk={table} pane={pane} />}
      </main>
      <ServeStatus serve={serve} gateway={gateway} />
      {pane && <PasteQuestionPanel pane={pane} />}
      {table && shown && <DropTarget talk={table} pane={pane} />}
      {table && shown && <Announcer talk={table} pane={pane} />}
      <ServeAnnouncer serve={serve} />
    </div>
  );
}

function keysOf(serve: Serve) {
  const turn = (step: 1 | -1) => {
    const { tabs, selected } = serve;
    if (!selected) return;
    const at = tabs.indexOf(selected);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (next) serve.select(next);
  };
  return { turn, alt: { A: () => serve.accept() } };
}

/** The door; before it, what it is for, or why there is none. */
function Entrance({ serve }: { serve: Serve }) {
  const { phase, visits } = serve;
  if (phase === "failed") return <ServeFailure serve={serve} />;
  const isNew = visits.length === 0 && (phase === "idle" || phase === "asking");
  return isNew ? <Idle serve={serve} /> : <Door serve={serve} />;
}

function PhoneViews({
  serve,
  view,
  choose,
}: {
  serve: Serve;
  view: PhoneView;
  choose(view: PhoneView): void;
}) {
  const { door, counts } = serve;
  return (
    <Tabs
      label="Parts of the screen"
      tabs={[
        { id: "door", name: door.waiting.length > 0 ? `Door ${door.waiting.length}` : "Door" },
        { id: "tables", name: counts.open > 0 ? `Tables ${counts.open}` : "Tables" },
        { id: "talk", name: "Terminal" },
        { id: "events", name: "Events" },
      ]}
      chosen={view}
      choose={choose}
    >
      {null}
    </Tabs>
  );
}

const lower: readonly { id: LowerId; name: string }[] = [
  { id: "console", name: "Console" },
  { id: "ladder", name: "Ladder" },
  { id: "list", name: "List" },
  { id: "bytes", name: "Bytes" },
];
/** Elsewhere it is below its terminal. */
const phone: typeof lower = [...lower, { id: "lab", name: "Lab" }];

/** What happened: everywhere, and on the wire of the one in front. */
function Lower({ serve, pane }: { serve: Serve; pane: TerminalPane | null }) {
  const narrow = useNarrow();
  const [chosen, choose] = useState<LowerId>("console");
  const table = serve.selected?.table;
  const toBytes = () => choose("bytes");
  const id = table && (narrow || chosen !== "lab") ? chosen : "console";
  const views: Record<LowerId, () => ReactNode> = {
    console: () => <Console serve={serve} />,
    ladder: () => table && <Ladder key={serve.selected?.order} talk={table} onOpen={toBytes} />,
    list: () =>
      table && (
        <Suspense fallback={<div aria-busy="true" />}>
          <Events key={serve.selected?.order} talk={table} onOpen={toBytes} />
        </Suspense>
      ),
    bytes: () => table && <Inspector talk={table} about={<AboutSelected talk={table} />} tab />,
    lab: () => table && <Lab key={serve.selected?.order} talk={table} pane={pane} />,
  };
  return (
    <section className="serve-lower" data-tall={id !== "console"} aria-label="What happened">
      <Tabs<LowerId>
        label="What happened"
        tabs={table ? (narrow ? phone : lower) : lower.slice(0, 1)}
        chosen={id}
        choose={choose}
        note={id === "console" ? <p>all events, in order</p> : <p>{serve.selected?.name}</p>}
      >
        {views[id]()}
      </Tabs>
    </section>
  );
}
