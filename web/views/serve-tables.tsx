/** The tables: everybody who was accepted, one row each, in the order of being accepted. */
import { count } from "../model/format.ts";
import type { Serve } from "../model/serve.ts";
import { serveWords } from "../model/serve-words.ts";
import type { Visit } from "../model/visit.ts";
import { visitNote } from "../model/visit-note.ts";
import { ownSocket, plainSocket } from "../model/wire.ts";
import { AnswersPicker } from "./serve-tabs.tsx";
import { TraceLine } from "./serve-trace.tsx";
import { InArrow, OutArrow } from "./signs.tsx";
import { StateChip } from "./state-chip.tsx";
import { useFrames, useNow } from "./use-store.ts";
import { useTimeWait } from "./use-time-wait.ts";

export interface TablesProps {
  serve: Serve;
  /** A row was chosen. */
  onChoose(visit: Visit): void;
}

export function Tables({ serve, onChoose }: TablesProps) {
  useFrames(serve);
  const { visits, selected } = serve;
  const now = useNow(1000, visits.length > 0);
  return (
    <section className="serve-tables" aria-labelledby="tables-title" data-region="tables">
      <div className="section-head">
        <h2 className="label" id="tables-title">
          At the tables
        </h2>
        <p className="about">{headOf(serve)}</p>
        <span className="picker">
          <span aria-hidden="true">Answers</span>
          <AnswersPicker
            label="Answers to everybody"
            canned={serve.canned}
            choose={(canned) => serve.answerAll(canned)}
          />
        </span>
      </div>
      {visits.length === 0 ? (
        <p className="about tables-empty">{serveWords(serve.isUdp).noTables}</p>
      ) : (
        <ol className="visits">
          {visits.map((visit) => (
            <li key={visit.order}>
              <Row
                visit={visit}
                selected={visit === selected}
                now={Math.max(now, performance.now())}
                choose={() => onChoose(visit)}
              />
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

function headOf({ counts, visits, isUdp }: Serve): string {
  if (isUdp) return `${count(counts.open, "peer")}, all at one socket`;
  const sockets = `${counts.open} open ${counts.open === 1 ? "socket" : "sockets"}`;
  if (visits.length === 0) return sockets;
  const known = visits.some(({ guest }) => guest.fd !== null);
  return `${sockets}, number = ${known ? "file descriptor" : "order of coming"}`;
}

interface RowProps {
  visit: Visit;
  selected: boolean;
  now: number;
  choose(): void;
}

function Row({ visit, selected, now, choose }: RowProps) {
  useFrames(visit.table);
  const state = visit.table.live?.state ?? null;
  const { isOpen, last } = visit;
  const timeWait = useTimeWait(state?.kernel.near, true);
  const note = visitNote(visit, now, timeWait);
  return (
    <button
      type="button"
      className={isOpen ? "visit" : "visit is-over"}
      aria-current={selected ? "true" : undefined}
      data-region-focus={selected ? "" : undefined}
      onClick={choose}
    >
      <span className="visit-plug" aria-hidden="true" />
      <span className="visit-who">
        <span className="visit-name">{visit.name}</span>
        <span className="data visit-address">{visit.address}</span>
      </span>
      <span className="visit-wire">
        <span className={`visit-last data ${last?.direction ?? ""}`}>
          {last && (last.direction === "out" ? <OutArrow /> : <InArrow />)}
          <span className="visit-text">
            {last && (
              <span className="unseen">{last.direction === "out" ? "read: " : "sent: "}</span>
            )}
            {last?.text ?? ""}
          </span>
        </span>
        <TraceLine trace={visit.trace} now={now} open={isOpen} />
      </span>
      <span className="visit-state">
        <span className="data visit-chip">
          {plainSocket(state) ?? <StateChip state={ownSocket(state)} />}
        </span>
        <span className={note.urgent ? "visit-note urgent" : "visit-note"}>{note.text}</span>
      </span>
      <span className={isOpen ? "data fd" : "data fd fd-free"}>
        <span className="unseen">{isOpen ? "table " : "no table"}</span>
        {isOpen && visit.number}
      </span>
    </button>
  );
}
