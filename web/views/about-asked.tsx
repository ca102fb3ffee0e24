/** What somebody asked about: a state, or the event that is picked out. */
import { aboutEvent, aboutState } from "../model/about.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { About } from "./about.tsx";
import type { AboutStateProps } from "./about-lazy.tsx";
import { useFrames, useValue } from "./use-store.ts";

export function AboutSelected({ talk }: { talk: Dialogue }) {
  useFrames(talk);
  const selected = useValue(talk.selection, () => talk.selection.selected);
  const { conversation } = talk;
  const event = selected ? conversation?.event(selected.event) : undefined;
  if (!event || !conversation) return null;
  return <About about={aboutEvent(event, conversation.state)} />;
}

export function AboutState({ state, side, seen, role }: AboutStateProps) {
  return <About about={aboutState(state, side, seen, role)} />;
}
