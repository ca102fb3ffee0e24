/** The bytes inspector's inside: what became of the bytes in words, the bytes, copying and searching. */
import {
  type FocusEvent,
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useEffect,
  useRef,
  useState,
} from "react";
import type { Match } from "../model/bytes-search.ts";
import { pieceStory, wholeStory } from "../model/bytes-story.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { clock } from "../model/format.ts";
import type { ByteRange, Selected } from "../model/selection.ts";
import { sentence } from "../model/sentences.ts";
import { overTransport } from "../model/sentences-sockets.ts";
import { InspectorCopy } from "./inspector-copy.tsx";
import { About, Closing, Head, type Scope, ScopeSwitch, type Story } from "./inspector-parts.tsx";
import { InspectorRows } from "./inspector-rows.tsx";
import { InspectorSearch } from "./inspector-search.tsx";
import { useFinder } from "./inspector-use-finder.ts";
import { inFront } from "./use-regions.ts";
import { useFrames, useValue } from "./use-store.ts";

export interface InspectorPanelProps {
  talk: Dialogue;
  conversation: Conversation;
  about: ReactNode;
  tab: boolean;
  /** True when the panel was gone to before it was loaded. */
  focused: RefObject<boolean>;
}

export function InspectorPanel({ talk, conversation, about, tab, focused }: InspectorPanelProps) {
  const version = useFrames(conversation);
  const selected = useValue(talk.selection, () => talk.selection.selected);
  const [scope, setScope] = useScope(selected);
  const search = useFinder(conversation);
  const scroller = useRef<HTMLElement>(null);
  const panel = useRef<HTMLElement>(null);
  const range = rangeOf(conversation, scope, selected);
  const hit = useValue(search.finder ?? talk.selection, () => search.finder?.hit ?? null);

  useEffect(() => {
    if (focused.current) scroller.current?.focus();
    focused.current = false;
  }, [focused]);
  const close = useClose(talk, panel);
  const go = (step: 1 | -1) => {
    const match = search.finder?.go(step, selected && asMatch(selected));
    if (!match) return;
    const calls = callsOf(conversation, match);
    talk.selection.select(calls);
    setScope(scope === "piece" ? "piece" : match.range.direction, calls);
  };
  const endSearch = () => {
    search.close();
    scroller.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isFind = event.key === "f" && (event.ctrlKey || event.metaKey) && !event.altKey;
    if (isFind || (event.key === "F3" && !search.finder)) search.open();
    else if (event.key === "F3") go(event.shiftKey ? -1 : 1);
    else if (event.key !== "Escape") return;
    else if (search.finder) endSearch();
    else close.close();
    event.preventDefault();
    event.stopPropagation();
  };
  const { role } = conversation.state;
  const story = storyOf(conversation, scope, selected, range);
  return (
    <section
      className="inspector"
      ref={panel}
      aria-labelledby="bytes-title"
      data-region="bytes"
      data-tone={range?.direction ?? story.said?.tone ?? "calm"}
      onKeyDown={onKeyDown}
      onFocus={close.onFocus}
    >
      <Head
        story={story}
        direction={range?.direction ?? null}
        search={search.open}
        close={tab ? null : close.close}
      />
      {range && range.end > range.start ? (
        <InspectorRows
          key={`${range.direction} ${scope === "piece" ? range.start : "all"}`}
          conversation={conversation}
          range={range}
          whole={scope !== "piece"}
          picked={scope === "piece" ? null : (selected?.range ?? null)}
          hit={hit}
          scroller={scroller}
          version={version}
        />
      ) : (
        <About scroller={scroller}>{selected && scope === "piece" ? about : null}</About>
      )}
      {range && range.end > range.start && !search.finder && <Closing story={story} role={role} />}
      {search.finder && (
        <InspectorSearch finder={search.finder} field={search.field} go={go} close={endSearch} />
      )}
      <div className="bytes-tools">
        <ScopeSwitch role={role} scope={scope} setScope={setScope} />
        {range && range.end > range.start && (
          <InspectorCopy conversation={conversation} range={range} />
        )}
      </div>
    </section>
  );
}

/** The scope, which is the piece again as soon as something else is picked out elsewhere. */
function useScope(selected: Selected | null) {
  const [scope, setScope] = useState<Scope>("piece");
  const [known, setKnown] = useState(selected);
  if (known !== selected) {
    setKnown(selected);
    setScope("piece");
  }
  const set = (to: Scope, because?: Selected) => {
    setScope(to);
    if (because) setKnown(because);
  };
  return [scope, set] as const;
}

function rangeOf(
  conversation: Conversation,
  scope: Scope,
  selected: Selected | null,
): ByteRange | null {
  if (scope === "piece") return selected?.range ?? null;
  return { direction: scope, start: 0, end: conversation.lengthOf(scope) };
}

const asMatch = ({ event, range }: Selected): Match => ({
  event,
  range: range ?? { direction: "out", start: 0, end: 0 },
});

/** The calls that carried a match, as what is picked out. */
function callsOf(conversation: Conversation, { event, range }: Match): Selected {
  const { direction, start, end } = range;
  const pieces = conversation.pieces(direction, "near", start, end);
  const last = pieces.at(-1);
  return {
    event,
    range: {
      direction,
      start: pieces[0]?.offset ?? start,
      end: last ? last.offset + last.length : end,
    },
  };
}

function storyOf(
  conversation: Conversation,
  scope: Scope,
  selected: Selected | null,
  range: ByteRange | null,
): Story {
  if (scope !== "piece") return { ...wholeStory(conversation, scope), said: null };
  if (selected && range) return { ...pieceStory(conversation, range, selected.event), said: null };
  const event = selected && conversation.event(selected.event);
  const { role, transport } = conversation.state;
  const said = event ? sentence(event, undefined, role) : null;
  const text = overTransport(said?.text ?? "Bytes", transport);
  return {
    headline: text.charAt(0).toUpperCase() + text.slice(1),
    figures: event ? `at ${clock(event.at)} s` : "",
    called: null,
    closing: "",
    said,
  };
}

/** Closing puts the focus back where it was before it came into the panel. */
function useClose(talk: Dialogue, panel: RefObject<HTMLElement | null>) {
  const before = useRef<HTMLElement | null>(null);
  const onFocus = ({ relatedTarget }: FocusEvent) => {
    if (!(relatedTarget instanceof HTMLElement)) return;
    if (!panel.current?.contains(relatedTarget)) before.current = relatedTarget;
  };
  const close = () => {
    const terminal = inFront('[data-region="terminal"] textarea');
    talk.selection.select(null);
    (before.current?.isConnected ? before.current : terminal)?.focus();
  };
  return { onFocus, close };
}
