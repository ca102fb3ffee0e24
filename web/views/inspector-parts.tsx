/** What stands around the rows of the bytes inspector: head, closing words, the choice of bytes. */
import type { ReactNode, RefObject } from "react";
import { type Direction, type Role, sends } from "../../shared/conversation.ts";
import type { BytesStory } from "../model/bytes-story.ts";
import { peerOf } from "../model/ends.ts";
import type { Sentence } from "../model/sentences.ts";
import { EventSign } from "./signs.tsx";

/** What is shown: what is picked out, or all that went in a direction. */
export type Scope = "piece" | "out" | "in";

/** What is told of the bytes, or of what carries none. */
export type Story = BytesStory & { said: Sentence | null };

interface HeadProps {
  story: Story;
  direction: Direction | null;
  search(): void;
  /** Null where the panel has a place of its own. */
  close: (() => void) | null;
}

export function Head({ story, direction, search, close }: HeadProps) {
  return (
    <div className="bytes-head">
      <Sign story={story} direction={direction} />
      <h2 className="label" id="bytes-title">
        {story.headline}
      </h2>
      <p className="bytes-figures">{story.figures}</p>
      <button type="button" aria-label="Search the bytes" title="Search (Ctrl+F)" onClick={search}>
        <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
          <path d="M10 10l5 5" stroke="currentColor" strokeWidth="2" />
          <circle cx="6.5" cy="6.5" r="5" fill="none" stroke="currentColor" strokeWidth="2" />
        </svg>
      </button>
      {close && (
        <button type="button" className="bytes-close" aria-label="Close the bytes" onClick={close}>
          <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <path d="M1 1l12 12M13 1L1 13" stroke="currentColor" strokeWidth="2" />
          </svg>
        </button>
      )}
    </div>
  );
}

function Sign({ story, direction }: Pick<HeadProps, "story" | "direction">) {
  if (story.said) return <EventSign mark={story.said.mark} />;
  return direction && <EventSign mark={direction === "out" ? "send" : "receive"} />;
}

export function About({
  scroller,
  children,
}: {
  scroller: RefObject<HTMLElement | null>;
  children: ReactNode;
}) {
  return (
    <section
      className="bytes-about"
      ref={scroller}
      aria-label="About this"
      data-region-focus=""
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what may scroll must be reachable by keyboard.
      tabIndex={0}
    >
      {children ?? (
        <p className="about">Choose a message in the terminal or on the wire to see its bytes.</p>
      )}
    </section>
  );
}

export function Closing({ story: { called, closing }, role }: { story: Story; role: Role }) {
  return (
    <p className="bytes-closing">
      {called !== null && (
        <>
          {`The ${peerOf(role)} called `}
          <code className="data">{called}</code>.{" "}
        </>
      )}
      {closing}
    </p>
  );
}

const directions = ["out", "in"] as const;

/** In the order of the wire: what goes right, then what goes left. */
const scopesOf = (role: Role): { scope: Scope; name: string }[] => [
  { scope: "piece", name: "This piece" },
  ...directions.map((scope) => ({ scope, name: scope === sends(role) ? "All out" : "All in" })),
];

interface ScopeSwitchProps {
  role: Role;
  scope: Scope;
  setScope(scope: Scope): void;
}

export function ScopeSwitch({ role, scope, setScope }: ScopeSwitchProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset would bring a legend and a look of its own.
    <div className="switch" role="group" aria-label="Which bytes">
      {scopesOf(role).map(({ scope: one, name }) => (
        <button key={one} type="button" aria-pressed={one === scope} onClick={() => setScope(one)}>
          {name}
        </button>
      ))}
    </div>
  );
}
