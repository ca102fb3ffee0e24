/** The screen Talk: the page as a client, with everything that belongs to one conversation. */
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import type { Settings } from "../model/settings.ts";
import type { Talk } from "../model/talk.ts";
import { AboutSelected, States } from "./about-lazy.tsx";
import { AccessCode } from "./access-code.tsx";
import { AddressBar } from "./address-bar.tsx";
import { Announcer } from "./announcer.tsx";
import { DropTarget } from "./drop-target.tsx";
import type { EventsProps } from "./events.tsx";
import { Explained } from "./explained.tsx";
import type { Gateway } from "./gateway.ts";
import { GatewayNotice } from "./gateway-notice.tsx";
import { Header } from "./header.tsx";
import { Inspector } from "./inspector.tsx";
import { Ladder } from "./ladder.tsx";
import { Leader } from "./leader.tsx";
import { MessageField } from "./message-field.tsx";
import { orNotLoaded } from "./not-loaded.tsx";
import { type PaneId, Panes } from "./panes.tsx";
import { PasteQuestionPanel } from "./paste-question.tsx";
import { RecordingStrips } from "./recording-strips.tsx";
import { Lab, Terminal } from "./terminal.tsx";
import { TitleBlock } from "./title-block.tsx";
import { useAppearance } from "./use-appearance.ts";
import { useLeaveQuestion } from "./use-leave-question.ts";
import { useNarrow } from "./use-narrow.ts";
import { focusRegion, useRegions } from "./use-regions.ts";
import { useFrames, useValue } from "./use-store.ts";
import { useTerminal } from "./use-terminal.ts";

/** Behind its tab, and so loaded when somebody opens that. */
const Events = lazy(() =>
  orNotLoaded<EventsProps>(import("./events.tsx").then(({ Events }) => ({ default: Events }))),
);

export interface AppProps {
  talk: Talk;
  settings: Settings;
  gateway: Gateway;
  /** Presents an access code; resolves to what to say, or null when it was taken. */
  presentCode(code: string): Promise<string | null>;
}

export function App({ talk, settings, gateway, presentCode }: AppProps) {
  useFrames(gateway);
  const { phase, failure } = gateway.status;
  if (phase === "stopped" && failure?.code === "ACCESS_CODE") {
    return (
      <AccessCode presentCode={presentCode} settings={settings} retry={() => gateway.retry()} />
    );
  }
  return <TalkScreen talk={talk} settings={settings} gateway={gateway} />;
}

function TalkScreen({ talk, settings, gateway }: Omit<AppProps, "presentCode">) {
  const screen = useRef<HTMLDivElement>(null);
  const gutter = useRef<HTMLDivElement>(null);
  const pane = useTerminal(talk, settings, screen, gutter);
  const narrow = useNarrow();
  const [chosen, choose] = useState<PaneId>("ladder");
  const [folded, fold] = useState(false);
  const selected = useValue(talk.selection, () => talk.selection.selected);
  useAppearance(settings, pane);
  useRegions(pane);
  useLeaveQuestion(talk);
  const toBytes = () => {
    if (narrow) choose("bytes");
    fold(false);
    requestAnimationFrame(() => focusRegion("bytes", pane));
  };
  const about = selected && !selected.range ? <AboutSelected talk={talk} /> : undefined;
  const panes: Record<PaneId, () => ReactNode> = {
    ladder: () => <Ladder talk={talk} onOpen={toBytes} />,
    list: () => (
      <Suspense fallback={<div aria-busy="true" />}>
        <Events talk={talk} onOpen={toBytes} />
      </Suspense>
    ),
    bytes: () => <Inspector talk={talk} about={about} tab />,
    states: () => <States talk={talk} />,
    lab: () => <Lab talk={talk} pane={pane} />,
  };
  return (
    <div className="sheet" data-panes={folded && narrow ? "shut" : "open"}>
      <Header settings={settings} />
      <main>
        <AddressBar talk={talk} gateway={gateway} pane={pane} />
        <div className="strips">
          <GatewayNotice talk={talk} gateway={gateway} />
          <RecordingStrips talk={talk} pane={pane} />
        </div>
        <div className="side">
          <Terminal talk={talk} pane={pane} screen={screen} gutter={gutter} />
          {selected && !narrow && <Inspector talk={talk} about={about} />}
        </div>
        <Explained talk={talk} pane={pane} />
        {!narrow && <Leader talk={talk} />}
        <Panes {...{ talk, narrow, chosen, choose, folded, fold, panes }} />
        {pane && <MessageField talk={talk} pane={pane} />}
      </main>
      <TitleBlock talk={talk} gateway={gateway} />
      {pane && <PasteQuestionPanel pane={pane} />}
      <DropTarget talk={talk} pane={pane} />
      <Announcer talk={talk} pane={pane} />
    </div>
  );
}
