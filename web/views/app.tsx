/** The screens, and Talk among them: the page as a client, with everything that belongs to a conversation. */
import { lazy, type ReactNode, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import type { ClassRole } from "../../shared/classroom.ts";
import type { Classroom } from "../model/classroom.ts";
import type { Desk } from "../model/desk.ts";
import type { ScreenId } from "../model/place.ts";
import type { Settings } from "../model/settings.ts";
import { isOver } from "../model/status.ts";
import type { Student } from "../model/student.ts";
import { AboutSelected, States } from "./about-lazy.tsx";
import { AccessCode } from "./access-code.tsx";
import { AddressBar } from "./address-bar.tsx";
import { Announcer } from "./announcer.tsx";
import type { ClassOverProps } from "./class-over.tsx";
import type { ClassScreenProps } from "./class-screen.tsx";
import type { ClassStripProps } from "./class-strip.tsx";
import { DeskContext } from "./desk-context.ts";
import { DropTarget } from "./drop-target.tsx";
import type { EventsProps } from "./events.tsx";
import { Explained } from "./explained.tsx";
import type { Gateway } from "./gateway.ts";
import { GatewayNotice } from "./gateway-notice.tsx";
import { Header } from "./header.tsx";
import { Inspector } from "./inspector.tsx";
import { Lab } from "./lab-lazy.tsx";
import { Ladder } from "./ladder.tsx";
import { Leader } from "./leader.tsx";
import { MessageField } from "./message-field.tsx";
import { NewConversation } from "./new-conversation.tsx";
import { orNotLoaded } from "./not-loaded.tsx";
import { type PaneId, Panes } from "./panes.tsx";
import { PasteQuestionPanel } from "./paste-question.tsx";
import { RecordingStrips } from "./recording-strips.tsx";
import type { ServeScreenProps } from "./serve-screen.tsx";
import { TerminalStack, usePanes } from "./terminal-stack.tsx";
import { TitleBlock } from "./title-block.tsx";
import { useLeaveQuestion } from "./use-leave-question.ts";
import { useNarrow } from "./use-narrow.ts";
import { usePlace } from "./use-place.ts";
import { focusRegion, useRegions } from "./use-regions.ts";
import { useFrames, useValue } from "./use-store.ts";
import { useTabKeys } from "./use-tab-keys.ts";

/** Behind its tab, and so loaded when somebody opens that. */
const Events = lazy(() =>
  orNotLoaded<EventsProps>(import("./events.tsx").then(({ Events }) => ({ default: Events }))),
);

const TalkTabs = lazy(() => orNotLoaded(import("./talk-tabs.tsx")));
const DeskNotices = lazy(() => orNotLoaded(import("./desk-notices.tsx")));

/** Loaded when somebody goes there. */
const ServeScreen = lazy(() =>
  orNotLoaded<ServeScreenProps>(
    import("./serve-screen.tsx").then(({ ServeScreen }) => ({ default: ServeScreen })),
  ),
);

const ClassScreen = lazy(() => orNotLoaded<ClassScreenProps>(import("./class-screen.tsx")));
const ClassStrip = lazy(() => orNotLoaded<ClassStripProps>(import("./class-strip.tsx")));
const ClassOver = lazy(() => orNotLoaded<ClassOverProps>(import("./class-over.tsx")));

export interface AppProps {
  desk: Desk;
  settings: Settings;
  gateway: Gateway;
  classroom: Classroom;
  /** Null on every page that is no student's. */
  student: Student | null;
  /** Who looks at the page. */
  role: ClassRole;
  /** Presents an access code; resolves to what to say, or null when it was taken. */
  presentCode(code: string): Promise<string | null>;
}

export function App({ presentCode, ...props }: AppProps) {
  const { settings, gateway, role } = props;
  useFrames(gateway);
  const [looksBack, lookBack] = useState(false);
  const { phase, failure } = gateway.status;
  const stopped = phase === "stopped" ? failure?.code : undefined;
  if (stopped === "ACCESS_CODE" && role === "owner") {
    return (
      <AccessCode presentCode={presentCode} settings={settings} retry={() => gateway.retry()} />
    );
  }
  if (stopped && isOver(gateway.status) && role !== "owner" && !looksBack) {
    const look = () => lookBack(true);
    return (
      <Suspense fallback={null}>
        <ClassOver code={stopped} {...{ role, settings, look }} />
      </Suspense>
    );
  }
  return <Screens {...props} />;
}

type ScreensProps = Omit<AppProps, "presentCode">;

const titles: Record<ScreenId, string> = {
  talk: "Wireside",
  serve: "Serve, Wireside",
  class: "Class, Wireside",
};

/** What was gone to stays, behind the other: its terminals go on printing. */
function Screens(props: ScreensProps) {
  const { desk, student } = props;
  const screen = useValue(desk, () => desk.screen);
  // Somebody has gone there, or is talked with there since before the page was loaded anew.
  const served = useValue(desk, () => desk.serve !== null);
  usePlace(desk);
  useLeaveQuestion(useCallback(() => desk.dialogues, [desk]));
  useEffect(() => {
    document.title = titles[screen];
  }, [screen]);
  const strip = student && (
    <Suspense fallback={null}>
      <ClassStrip student={student} desk={desk} />
    </Suspense>
  );
  return (
    <>
      {desk.screens.includes("talk") && (
        <TalkScreen {...props} strip={screen === "talk" && strip} shown={screen === "talk"} />
      )}
      {(served || screen === "serve") && (
        <Suspense fallback={screen === "serve" && <p className="screen-loading">Loading…</p>}>
          <ServeScreen {...props} strip={screen === "serve" && strip} shown={screen === "serve"} />
        </Suspense>
      )}
      {screen === "class" && (
        <Suspense fallback={<p className="screen-loading">Loading…</p>}>
          <DeskContext value={desk}>
            <ClassScreen {...props} />
          </DeskContext>
        </Suspense>
      )}
    </>
  );
}

interface TalkScreenProps extends ScreensProps {
  /** What a class says, on a student's page. */
  strip: ReactNode;
  /** False while another screen is in front. */
  shown: boolean;
}

function TalkScreen({ desk, settings, gateway, strip, shown }: TalkScreenProps) {
  useFrames(desk);
  const { talks, current: talk } = desk;
  const terminals = usePanes();
  const pane = terminals.of(talk);
  const narrow = useNarrow();
  const [chosen, choose] = useState<PaneId>("ladder");
  const [folded, fold] = useState(false);
  const selected = useValue(talk.selection, () => talk.selection.selected);
  useRegions(pane, shown);
  useTabKeys(
    useMemo(() => keysOf(desk), [desk]),
    shown,
  );
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
    <div
      className={shown ? "sheet" : "sheet behind"}
      inert={!shown}
      data-panes={folded && narrow ? "shut" : "open"}
    >
      <Header settings={settings} desk={desk} />
      <main>
        {talks.length > 1 && (
          <Suspense fallback={null}>
            <TalkTabs desk={desk} />
          </Suspense>
        )}
        <AddressBar talk={talk} gateway={gateway} pane={pane} />
        <div className="strips">
          {strip}
          {desk.hasNotice && (
            <Suspense fallback={null}>
              <DeskNotices desk={desk} />
            </Suspense>
          )}
          <GatewayNotice talk={talk} gateway={gateway} />
          <RecordingStrips talk={talk} pane={pane} />
        </div>
        <div className="side">
          <TerminalStack
            {...{ dialogues: talks, current: talk, settings, panes: terminals }}
            focuses={shown}
            more={talks.length === 1 && <NewConversation desk={desk} />}
          />
          {selected && !narrow && <Inspector talk={talk} about={about} />}
        </div>
        <Explained talk={talk} pane={pane} />
        {!narrow && shown && <Leader talk={talk} />}
        {shown && <Panes {...{ talk, narrow, chosen, choose, folded, fold, panes }} />}
        {pane && <MessageField talk={talk} pane={pane} />}
      </main>
      <TitleBlock talk={talk} gateway={gateway} />
      {pane && <PasteQuestionPanel pane={pane} />}
      {shown && <DropTarget talk={talk} pane={pane} />}
      {shown && <Announcer talk={talk} pane={pane} />}
    </div>
  );
}

function keysOf(desk: Desk) {
  return { turn: (step: 1 | -1) => desk.turn(step), alt: { N: () => void desk.add() } };
}
