/** The tabs of those who were accepted, and what can be done with the one in front. */
import { type KeyboardEvent, type MouseEvent, type ReactNode, useEffect, useRef } from "react";
import { CANNED, type Canned } from "../model/canned.ts";
import type { Serve } from "../model/serve.ts";
import { serveWords } from "../model/serve-words.ts";
import type { Visit } from "../model/visit.ts";
import { StatePattern } from "./state-chip.tsx";
import { target } from "./tabs.tsx";
import { useFrames } from "./use-store.ts";

export interface VisitTabsProps {
  serve: Serve;
  /** Beside the tabs: what can be done with the one in front. */
  tools: ReactNode;
}

export function VisitTabs({ serve, tools }: VisitTabsProps) {
  useFrames(serve);
  const list = useRef<HTMLDivElement>(null);
  const { tabs, selected } = serve;
  // The one in front is brought into view, however it came there, and whenever its signs make it wider.
  useEffect(() => {
    const tab = selected && list.current?.querySelector("[aria-selected=true]");
    if (!tab) return;
    const show = () => tab.scrollIntoView({ block: "nearest", inline: "nearest" });
    const grown = new ResizeObserver(show);
    grown.observe(tab);
    return () => grown.disconnect();
  }, [selected]);
  if (!selected) return null;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Delete") {
      event.preventDefault();
      endOrDismiss(serve, selected);
      return;
    }
    const to = target(event.key, tabs.indexOf(selected), tabs.length);
    const next = tabs[to];
    if (!next) return;
    event.preventDefault();
    serve.select(next);
    list.current?.querySelectorAll<HTMLElement>("[role=tab]")[to]?.focus();
  };
  return (
    <div className="visit-tabs">
      <div
        role="tablist"
        aria-label={serve.isUdp ? "Those who were taken in" : "Those who were accepted"}
        className="visit-tab-list"
        ref={list}
        onKeyDown={onKeyDown}
      >
        {tabs.map((visit) => (
          <VisitTab key={visit.order} serve={serve} visit={visit} />
        ))}
      </div>
      {tools}
    </div>
  );
}

function VisitTab({ serve, visit }: { serve: Serve; visit: Visit }) {
  useFrames(visit.table);
  const selected = visit === serve.selected;
  const { isOpen } = visit;
  const owes = visit.owesSince !== null;
  const onAuxClick = (event: MouseEvent) => {
    if (event.button !== 1) return;
    event.preventDefault();
    endOrDismiss(serve, visit);
  };
  return (
    <button
      type="button"
      role="tab"
      className={isOpen ? "visit-tab" : "visit-tab is-over"}
      aria-selected={selected}
      tabIndex={selected ? 0 : -1}
      title={`${visit.name}, ${visit.address}`}
      onClick={() => serve.select(visit)}
      onAuxClick={onAuxClick}
      onMouseDown={(event) => event.button === 1 && event.preventDefault()}
    >
      <span className={isOpen ? "data tab-fd" : "data tab-fd fd-free"}>
        {isOpen ? visit.number : ""}
      </span>
      <span className="tab-name">{visit.name}</span>
      {owes && <span className="owed" aria-hidden="true" />}
      {owes && <span className="unseen">, waits for your answer</span>}
      {visit.hasHungUp && (
        <svg className="hung-up" width="9" height="14" viewBox="0 0 9 14" aria-hidden="true">
          <path d="M1.5 0v14M7.5 0v14" stroke="currentColor" strokeWidth="2.5" />
        </svg>
      )}
      {visit.hasHungUp && <span className="unseen">, has hung up</span>}
    </button>
  );
}

const answers: Record<Canned, string> = {
  off: "You type the answers",
  accepted: "Answer “accepted”",
  echo: "Echo",
  tutorial: "The tutorial's server",
};

export interface AnswersProps {
  label: string;
  canned: Canned;
  choose(canned: Canned): void;
}

export function AnswersPicker({ label, canned, choose }: AnswersProps) {
  return (
    <select
      aria-label={label}
      title={label}
      value={canned}
      onChange={(event) => {
        const chosen = CANNED.find((each) => each === event.target.value);
        if (chosen) choose(chosen);
      }}
    >
      {CANNED.map((each) => (
        <option key={each} value={each}>
          {answers[each]}
        </option>
      ))}
    </select>
  );
}

/** What can be done with the one in front: who answers it, and hanging up. */
export function VisitTools({ serve, visit }: { serve: Serve; visit: Visit }) {
  useFrames(visit.table);
  return (
    <div className="visit-tools">
      {visit.isOpen && (
        <AnswersPicker
          label={`Answers to ${visit.name}`}
          canned={visit.table.canned}
          choose={(canned) => {
            visit.table.canned = canned;
          }}
        />
      )}
      <button type="button" className="button" onClick={() => endOrDismiss(serve, visit)}>
        {visit.isOpen ? "Close" : "Remove"}
      </button>
    </div>
  );
}

/** An open connection is closed, and a peer let go; one that is over goes off the screen. */
function endOrDismiss(serve: Serve, visit: Visit): void {
  if (visit.isOpen) visit.table.close();
  else serve.dismiss(visit);
}

/** Nobody to talk to: what will stand here. */
export function NoVisit({ isUdp }: { isUdp: boolean }) {
  return (
    <div className="no-visit">
      {!isUdp && <StatePattern state="LISTEN" />}
      <p className="about">{serveWords(isUdp).noTable}</p>
    </div>
  );
}
