/** The search field of the bytes panel: what is looked for, how it is read, and how much was found. */
import type { KeyboardEvent, RefObject } from "react";
import { MOST_MATCHES } from "../model/bytes-search.ts";
import { count } from "../model/format.ts";
import type { Finder } from "./inspector-find.ts";
import { useValue } from "./use-store.ts";

export interface InspectorSearchProps {
  finder: Finder;
  field: RefObject<HTMLInputElement | null>;
  go(step: 1 | -1): void;
  close(): void;
}

export function InspectorSearch({ finder, field, go, close }: InspectorSearchProps) {
  useValue(finder, () => finder.version);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    go(event.shiftKey ? -1 : 1);
  };
  return (
    <search className="bytes-search">
      <input
        ref={field}
        className="data"
        type="text"
        aria-label="Search both directions, text or hex"
        placeholder="text, or hex: 0d 0a"
        value={finder.text}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => finder.seek(event.target.value)}
        onKeyDown={onKeyDown}
      />
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a legend and a look of its own. */}
      <div className="switch" role="group" aria-label="Read the search as">
        <Choice on={finder.reading === "text"} name="Text" choose={() => finder.read("text")} />
        <Choice on={finder.reading === "hex"} name="Hex" choose={() => finder.read("hex")} />
        <button
          type="button"
          aria-pressed={!finder.ignoreCase}
          aria-label="Match case"
          title="Match case"
          disabled={finder.reading === "hex"}
          onClick={() => finder.foldCase(!finder.ignoreCase)}
        >
          Aa
        </button>
      </div>
      <div className="switch">
        <button type="button" aria-label="Previous match" onClick={() => go(-1)}>
          ↑
        </button>
        <button type="button" aria-label="Next match" onClick={() => go(1)}>
          ↓
        </button>
        {finder.progress !== null && (
          <button type="button" onClick={() => finder.cancel()}>
            Stop
          </button>
        )}
        <button type="button" onClick={close}>
          Done
        </button>
      </div>
      <span className="bytes-said" role="status">
        {foundWords(finder)}
      </span>
    </search>
  );
}

function Choice({ on, name, choose }: { on: boolean; name: string; choose(): void }) {
  return (
    <button type="button" aria-pressed={on} onClick={choose}>
      {name}
    </button>
  );
}

function foundWords(finder: Finder): string {
  if (finder.text === "") return "";
  if (finder.unreadable) return "Hex needs pairs of 0-9 and a-f.";
  const found = finder.more
    ? `more than ${count(MOST_MATCHES, "match", "matches")}`
    : count(finder.count, "match", "matches");
  if (finder.progress !== null) return `${Math.floor(finder.progress * 100)} %, ${found}`;
  const words = finder.position > 0 ? `${finder.position} of ${found}` : found;
  return finder.stopped ? `${words} so far` : words;
}
