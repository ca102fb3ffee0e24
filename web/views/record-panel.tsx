/** The menu to save a conversation in one of several formats, and to open one that was saved. */
import { type ChangeEvent, type ReactNode, useRef } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { count } from "../model/format.ts";
import type { Recording } from "../model/recording/recording.ts";
import { type Recorder, recorderOf } from "./recorder.ts";
import { accepted, formats, recordingOf } from "./recording-work.ts";
import { useFrames } from "./use-store.ts";

export interface RecordPanelProps {
  talk: Dialogue;
  shut(): void;
}

export default function RecordPanel({ talk, shut }: RecordPanelProps) {
  useFrames(talk);
  const recorder = recorderOf(talk);
  const recording = recordingOf(talk);
  const panel = useRef<HTMLDivElement>(null);
  const leave = () => {
    // What was chosen is gone with the menu: the focus goes back to the menu's button.
    const menu = panel.current?.closest(".menu");
    menu?.querySelector<HTMLElement>(".record-button")?.focus();
    shut();
  };
  return (
    <div className="record-panel" ref={panel}>
      <SaveList recorder={recorder} recording={recording} shut={leave} />
      <OpenButton recorder={recorder} shut={leave} />
    </div>
  );
}

interface SaveListProps {
  recorder: Recorder;
  recording: Recording | null;
  shut(): void;
}

function SaveList({ recorder, recording, shut }: SaveListProps) {
  const empty = recording === null;
  const saves = [
    ...formats.map(({ id, name, about, extension }) => ({ id, name, about, extension })),
    { id: "svg", name: "Ladder", about: "The ladder as a picture.", extension: "svg" },
  ] as const;
  return (
    <>
      <p className="record-head">
        <strong className="label">
          {empty ? "Save" : `Save ${count(recording.events.length, "event")}`}
        </strong>
      </p>
      <Honest recording={recording} />
      <ul className="record-list">
        {saves.map(({ id, name, about, extension }) => (
          <li key={id}>
            <Choice
              name={name}
              about={about}
              note={`.${extension}`}
              disabled={empty}
              choose={() => {
                shut();
                void recorder.save(id);
              }}
            />
          </li>
        ))}
        <li>
          <Choice
            name="Show as Python"
            about="A program that sends the same bytes."
            note=".py"
            disabled={empty}
            choose={() => {
              shut();
              recorder.showCode(true);
            }}
          />
        </li>
      </ul>
    </>
  );
}

/** What a file cannot have in it, said before it is saved. */
function Honest({ recording }: { recording: Recording | null }) {
  if (!recording) {
    return <p className="about">Nothing has happened yet, so there is nothing to save.</p>;
  }
  const cut = recording.events.some(
    (event) => event.kind === "data" && event.side === "near" && event.bytes.length < event.length,
  );
  return (
    <>
      {recording.forgotten > 0 && (
        <p className="about">
          {`The first ${count(recording.forgotten, "event")} are no longer kept: a file begins after them.`}
        </p>
      )}
      {cut && (
        <p className="about">
          Of the oldest large pieces only the beginning is kept, so a file has no more of them.
        </p>
      )}
    </>
  );
}

interface ChoiceProps {
  name: string;
  about: string;
  note?: string;
  disabled?: boolean;
  choose(): void;
}

function Choice({ name, about, note, disabled = false, choose }: ChoiceProps): ReactNode {
  return (
    <button type="button" className="record-choice" disabled={disabled} onClick={choose}>
      <span className="label">{name}</span>
      {note && <span className="data">{note}</span>}
      <span className="about">{about}</span>
    </button>
  );
}

function OpenButton({ recorder, shut }: { recorder: Recorder; shut(): void }) {
  const input = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    shut();
    if (file) void recorder.open(file);
  };
  return (
    <div className="record-open">
      <input
        ref={input}
        type="file"
        accept={accepted}
        hidden
        aria-label="Recording"
        onChange={chosen}
      />
      <Choice
        name="Open a recording…"
        about="A .jsonl file from here, or drop it on the page. A connection that is open stays open."
        choose={() => input.current?.click()}
      />
    </div>
  );
}
