/** The screen Talk: the page as a client, with everything that belongs to one conversation. */
import { useRef, useState } from "react";
import type { Settings } from "../model/settings.ts";
import type { Talk } from "../model/talk.ts";
import { AccessCode } from "./access-code.tsx";
import { AddressBar } from "./address-bar.tsx";
import { Announcer } from "./announcer.tsx";
import { Events } from "./events.tsx";
import { Explained } from "./explained.tsx";
import type { Gateway } from "./gateway.ts";
import { GatewayNotice } from "./gateway-notice.tsx";
import { Header } from "./header.tsx";
import { MessageField } from "./message-field.tsx";
import { PasteQuestionPanel } from "./paste-question.tsx";
import { Terminal } from "./terminal.tsx";
import { TitleBlock } from "./title-block.tsx";
import { useAppearance } from "./use-appearance.ts";
import { useLeaveQuestion } from "./use-leave-question.ts";
import { useRegions } from "./use-regions.ts";
import { useFrames } from "./use-store.ts";
import { useTerminal } from "./use-terminal.ts";

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
  const [eventsOpen, setEventsOpen] = useState(true);
  useAppearance(settings, pane);
  useRegions(pane);
  useLeaveQuestion(talk);
  return (
    <div className="sheet" data-events={eventsOpen ? "open" : "shut"}>
      <Header settings={settings} />
      <main>
        <AddressBar talk={talk} gateway={gateway} pane={pane} />
        <GatewayNotice talk={talk} gateway={gateway} />
        <Terminal talk={talk} pane={pane} screen={screen} gutter={gutter} />
        <Explained talk={talk} pane={pane} />
        <Events talk={talk} open={eventsOpen} setOpen={setEventsOpen} />
        {pane && <MessageField talk={talk} pane={pane} />}
      </main>
      <TitleBlock talk={talk} gateway={gateway} />
      {pane && <PasteQuestionPanel pane={pane} />}
      <Announcer talk={talk} pane={pane} />
    </div>
  );
}
