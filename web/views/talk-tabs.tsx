/** The conversations that are open, as tabs. Loaded when there is a second one. */
import type { KeyboardEvent, MouseEvent } from "react";
import { useEffect, useRef } from "react";
import type { Desk } from "../model/desk.ts";
import type { Talk } from "../model/talk.ts";
import { ownSocket } from "../model/wire.ts";
import { NewConversation } from "./new-conversation.tsx";
import { StatePattern } from "./state-chip.tsx";
import { keyOf } from "./tab-keys.ts";
import { target } from "./tabs.tsx";
import { useFrames } from "./use-store.ts";

export default function TalkTabs({ desk }: { desk: Desk }) {
  useFrames(desk);
  const list = useRef<HTMLDivElement>(null);
  const { talks, current } = desk;
  // On a narrow screen the list scrolls: the tab in front is always in sight, whoever chose it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab in front, or one fewer, moves it.
  useEffect(() => {
    const tab = list.current?.querySelector('[aria-selected="true"]');
    tab?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [current, talks.length]);
  const onKeyDown = (event: KeyboardEvent) => {
    const at = talks.indexOf(current);
    if (event.key === "Delete") {
      event.preventDefault();
      desk.close(current);
      return;
    }
    const to = target(event.key, at, talks.length);
    const next = talks[to];
    if (!next) return;
    event.preventDefault();
    desk.choose(next);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus();
  };
  return (
    <div className="talk-tabs">
      <div
        role="tablist"
        aria-label="Conversations"
        className="talk-tab-list"
        ref={list}
        onKeyDown={onKeyDown}
      >
        {talks.map((talk) => (
          <TalkTab key={keyOf(talk)} desk={desk} talk={talk} />
        ))}
      </div>
      <CloseTab desk={desk} />
      <NewConversation desk={desk} />
    </div>
  );
}

function TalkTab({ desk, talk }: { desk: Desk; talk: Talk }) {
  useFrames(talk);
  const selected = talk === desk.current;
  const socket = ownSocket(talk.live?.state ?? null);
  const onAuxClick = (event: MouseEvent) => {
    if (event.button !== 1) return;
    event.preventDefault();
    desk.close(talk);
  };
  return (
    <button
      type="button"
      role="tab"
      className="talk-tab"
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      title={`${talk.addressText}, ${socket ?? "not connected"}. Delete or middle click closes it.`}
      onClick={() => desk.choose(talk)}
      onAuxClick={onAuxClick}
      // Else the middle button would scroll.
      onMouseDown={(event) => event.button === 1 && event.preventDefault()}
    >
      {socket ? <StatePattern state={socket} /> : <span className="tab-none" aria-hidden="true" />}
      <span className="data">{talk.addressText.replace(/^tcp:\/\//, "")}</span>
      <span className="unseen">, {socket ?? "not connected"}</span>
    </button>
  );
}

/** Beside the tabs, not inside one: a tab holds nothing else to press. */
function CloseTab({ desk }: { desk: Desk }) {
  return (
    <button
      type="button"
      className="tab-tool"
      aria-label="Close this conversation"
      title="Close this conversation"
      onClick={() => desk.close(desk.current)}
    >
      <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
        <path d="M2 2l10 10M12 2L2 12" stroke="currentColor" strokeWidth="2" />
      </svg>
    </button>
  );
}
