/** One kept conversation in the teacher's list, and a question before anything is deleted for good. */
import { useEffect, useRef, useState } from "react";
import { bytes, count } from "../model/format.ts";
import type { KeptRecording } from "../model/kept-list.ts";

export interface KeptRowProps {
  recording: KeptRecording;
  /** Whose it is, as the class is shown now. */
  student: string;
  /** Of its file. */
  address: string;
  replay(id: string): void;
  remove(): void;
}

const when = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

export function KeptRow({ recording, student, address, replay, remove }: KeptRowProps) {
  const { id, address: target, startedAt, live } = recording;
  const name = `${student}, ${target}`;
  return (
    <li className="kept-row">
      <p className="kept-who">
        <strong>{student}</strong> <span className="data">{target}</span>
        {live && <span className="kept-live">still goes on</span>}
      </p>
      <p className="about">
        <time dateTime={startedAt}>{timeOf(startedAt)}</time>
        {`, ${count(recording.events, "event")}, ${bytes(recording.bytes)}`}
      </p>
      <div className="kept-buttons">
        <button
          type="button"
          className="button quiet"
          aria-label={`Replay ${name}`}
          onClick={() => replay(id)}
        >
          Replay
        </button>
        <a className="button quiet" href={address} download aria-label={`Save ${name}`}>
          Save
        </a>
        <Question
          button="Delete"
          label={`Delete ${name}`}
          question={live ? "Delete what is kept of it so far?" : "Delete it for good?"}
          yes={remove}
        />
      </div>
    </li>
  );
}

function timeOf(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : when.format(at);
}

export interface QuestionProps {
  button: string;
  /** The button's accessible name, where its words alone do not say what it is about. */
  label?: string;
  question: string;
  /** Finds out what has to be known before it can be asked; false: that cannot be known now. */
  before?: () => Promise<boolean>;
  yes(): void;
}

/** A button that asks before it does something that cannot be undone; Esc is no. */
export function Question({ button, label, question, before, yes }: QuestionProps) {
  const [asked, ask] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const keep = useRef<HTMLButtonElement>(null);
  const wasAsked = useRef(false);
  useEffect(() => {
    if (asked) keep.current?.focus();
    else if (wasAsked.current) first.current?.focus();
    wasAsked.current = asked;
  }, [asked]);
  if (!asked) {
    return (
      <button
        ref={first}
        type="button"
        className="button quiet"
        aria-label={label}
        onClick={async () => {
          if ((await before?.()) !== false) ask(true);
        }}
      >
        {button}
      </button>
    );
  }
  return (
    <fieldset
      className="kept-question"
      aria-label={question}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        ask(false);
      }}
    >
      <p role="alert">{question}</p>
      <button ref={keep} type="button" className="button" onClick={() => ask(false)}>
        Keep
      </button>
      <button
        type="button"
        className="button"
        onClick={() => {
          ask(false);
          yes();
        }}
      >
        Delete
      </button>
    </fieldset>
  );
}
