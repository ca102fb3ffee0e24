/** What opening, saving and replaying put on the page: strips under the address, and the code. */
import { lazy, Suspense, useEffect } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { orNotLoaded } from "./not-loaded.tsx";
import { recorderOf } from "./recorder.ts";
import { focusRegion } from "./use-regions.ts";
import { useFrames, useValue } from "./use-store.ts";

const ReplayBar = lazy(() => orNotLoaded(import("./replay-bar.tsx")));
const JobStrip = lazy(() => orNotLoaded(import("./job-strip.tsx")));
const CodePanel = lazy(() => orNotLoaded(import("./code-panel.tsx")));

export interface RecordingStripsProps {
  talk: Dialogue;
  pane: TerminalPane | null;
}

export function RecordingStrips({ talk, pane }: RecordingStripsProps) {
  const recorder = recorderOf(talk);
  const replay = useValue(talk, () => talk.replay);
  useFrames(recorder);
  // What was pointed at is gone with the recording: typing goes on where it was.
  useEffect(() => {
    if (replay) return () => pane?.focus();
    return undefined;
  }, [replay, pane]);
  const leave = () => {
    if (!focusRegion("replay", pane)) focusRegion("terminal", pane);
  };
  return (
    <Suspense fallback={null}>
      {(recorder.job || recorder.trouble) && <JobStrip recorder={recorder} leave={leave} />}
      {replay && <ReplayBar talk={talk} replay={replay} name={recorder.opened} />}
      {recorder.showsCode && <CodePanel talk={talk} recorder={recorder} />}
    </Suspense>
  );
}
