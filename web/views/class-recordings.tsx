/** The teacher's list of kept conversations: replay, save, export and delete them. */
import { useContext, useEffect, useState } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { amountOf, type KeptRecording, keptOf, studentsOf } from "../model/kept-list.ts";
import { DeskContext } from "./desk-context.ts";
import { KeptRecordings } from "./kept-recordings.ts";
import { KeptRow, Question } from "./kept-row.tsx";
import { recorderOf } from "./recorder.ts";
import { useFrames } from "./use-store.ts";
import "../theme/kept.css";

/** Rows shown at once; the rest is a press away. */
const ROWS = 100;

/** A file that is replayed bears its name on the screen, and that has the student's in it. */
const NAMELESS_FILE = "conversation.jsonl";

export interface ClassRecordingsProps {
  /** Names are hidden: whoever sees the class on a projector sees this too. */
  hidden: boolean;
}

export default function ClassRecordings({ hidden }: ClassRecordingsProps) {
  const [kept] = useState(() => new KeptRecordings(document.baseURI));
  useFrames(kept);
  useEffect(() => void kept.load(), [kept]);
  const { state } = kept;
  return (
    <section className="kept" aria-label="Kept conversations">
      {state.name === "loading" && <p role="status">Loading…</p>}
      {state.name === "off" && (
        <p>
          Nothing is kept: conversations are gone when the class is over. To keep them in files,
          start Wireside with <code className="data">--data DIR</code>.
        </p>
      )}
      {state.name === "failed" && (
        <div className="kept-head">
          <p role="alert">The list could not be read. {state.why}</p>
          <button type="button" className="button" onClick={() => void kept.load()}>
            Try again
          </button>
        </div>
      )}
      {state.name === "ready" && <List kept={kept} list={state.list} hidden={hidden} />}
      {kept.problem && (
        <p className="wrong" role="alert">
          {kept.problem}
        </p>
      )}
    </section>
  );
}

interface ListProps extends ClassRecordingsProps {
  kept: KeptRecordings;
  list: readonly KeptRecording[];
}

function List({ kept, list, hidden }: ListProps) {
  const [student, setStudent] = useState("");
  const [limit, setLimit] = useState(ROWS);
  const replay = useReplay(kept, hidden);
  if (list.length === 0) {
    return (
      <div className="kept-head">
        <p>No conversation is kept yet. Each stands here as soon as it begins.</p>
        <Again kept={kept} />
      </div>
    );
  }
  const names = hidden ? [] : studentsOf(list);
  // Whose conversations were all deleted, or whose name is hidden, is chosen no longer.
  const chosen = names.includes(student) ? student : "";
  const shown = keptOf(list, chosen);
  return (
    <>
      <div className="kept-head">
        <label className="picker">
          <span>Conversations of</span>
          <select value={chosen} onChange={({ target }) => setStudent(target.value)}>
            <option value="">everybody</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <p className="about" role="status">
          {amountOf(shown)}
        </p>
        <Again kept={kept} />
      </div>
      <ul className="kept-list">
        {shown.slice(0, limit).map((recording) => (
          <KeptRow
            key={recording.id}
            recording={recording}
            student={hidden ? "A student" : recording.student}
            address={kept.address(recording.id)}
            replay={replay}
            remove={() => void kept.remove(recording.id)}
          />
        ))}
      </ul>
      {shown.length > limit && (
        <button type="button" className="button quiet" onClick={() => setLimit(shown.length)}>
          {`Show all ${shown.length}`}
        </button>
      )}
      <div className="kept-foot">
        <a className="button" href={kept.address()} download>
          {`Export all (zip): ${amountOf(list)}`}
        </a>
        <Question
          button="Delete all"
          // All are deleted, those of which this list does not know yet as well.
          before={() => kept.load()}
          question={`Delete ${amountOf(list)} for good?`}
          yes={() => void kept.remove()}
        />
      </div>
    </>
  );
}

function Again({ kept }: { kept: KeptRecordings }) {
  return (
    <button type="button" className="button quiet" onClick={() => void kept.load()}>
      Refresh
    </button>
  );
}

/** Puts a conversation on Talk, where recordings are replayed; whatever runs there goes on behind it. */
function useReplay(kept: KeptRecordings, hidden: boolean): (id: string) => void {
  const desk = useContext(DeskContext);
  return async (id) => {
    const file = await kept.file(id, hidden ? NAMELESS_FILE : undefined);
    if (!file || !desk) return;
    const talk = desk.current;
    window.location.hash = "#talk";
    await recorderOf(talk).open(file);
    if (talk.replay) comesBack(talk);
  };
}

/** Whoever came from the class is there again when the recording is left. */
function comesBack(talk: Dialogue): void {
  const stop = talk.subscribe(() => {
    if (talk.replay) return;
    stop();
    window.location.hash = "#class";
  });
}
