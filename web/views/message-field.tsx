/** The phone's line: the same line as the terminal's, in a field the phone's keyboard knows. */
import { type CompositionEvent, type FormEvent, type KeyboardEvent, useState } from "react";
import { type Role, sends } from "../../shared/conversation.ts";
import type { Dialogue } from "../model/dialogue.ts";
import { bytes } from "../model/format.ts";
import { isOver } from "../model/status.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { useValue } from "./use-store.ts";

const labels: Record<Role, string> = { client: "Enter message", server: "Answer" };

export interface MessageFieldProps {
  talk: Dialogue;
  pane: TerminalPane;
}

export function MessageField({ talk, pane }: MessageFieldProps) {
  const { typing } = useValue(talk.lab, () => talk.lab.choices);
  const over = useValue(talk.carrier, () => isOver(talk.carrier.status));
  if (over && !talk.replay) return null;
  return typing === "raw" && !talk.replay ? (
    <KeysField talk={talk} pane={pane} />
  ) : (
    <LineField talk={talk} pane={pane} />
  );
}

/** Raw mode: what the phone's keyboard gives is sent at once, and the field is empty again. */
function KeysField({ talk, pane }: MessageFieldProps) {
  const busy = useValue(talk, () => talk.busy);
  const canSend = useValue(talk, () => talk.canSend);
  const frozen = useFrozen(talk);
  const canCall = !busy && talk.role === "client";
  /** A word that the keyboard is still putting together. */
  const [composed, compose] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (busy) pane.pressKeys("\r");
    else talk.again();
  };
  const onEnd = (event: CompositionEvent<HTMLInputElement>) => {
    compose("");
    pane.pressKeys(event.currentTarget.value);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Backspace" && composed === "") pane.pressKeys("\x7f");
  };
  return (
    <form className="field" onSubmit={submit} aria-label="Keys">
      <label className="field-frame">
        <span>Keys, sent at once</span>
        <input
          className={`data ${sends(talk.role)}`}
          type="text"
          value={composed}
          onChange={({ target, nativeEvent }) => {
            if ((nativeEvent as InputEvent).isComposing) compose(target.value);
            else pane.pressKeys(target.value);
          }}
          onCompositionEnd={onEnd}
          onKeyDown={onKeyDown}
          readOnly={frozen}
          placeholder={busy ? undefined : "not connected"}
          enterKeyHint={busy ? "enter" : "go"}
          autoCapitalize="none"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
        />
      </label>
      <button
        type="submit"
        className="button main send"
        disabled={(!canSend || frozen) && !canCall}
      >
        {canCall ? "Connect" : "Enter"}
      </button>
      <p className="about field-note">Raw mode</p>
    </form>
  );
}

function LineField({ talk, pane }: MessageFieldProps) {
  const line = useValue(pane, () => pane.line);
  const canSend = useValue(talk, () => talk.canSend);
  const busy = useValue(talk, () => talk.busy);
  const frozen = useFrozen(talk);
  // A server waits for others to call.
  const canCall = !busy && talk.role === "client";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A line typed after the end stays, to be sent when there is a connection again.
    if (busy) pane.submit();
    else talk.again();
  };
  useValue(talk.lab, () => talk.lab.choices);
  const read = talk.readLine(line);
  const length = line === "" || !read.ok ? 0 : read.bytes.length;
  return (
    <form className="field" onSubmit={submit} aria-label="Message">
      <label className="field-frame">
        <span>{labels[talk.role]}</span>
        <input
          className={`data ${sends(talk.role)}`}
          type="text"
          value={line}
          onChange={(event) => pane.setLine(event.target.value)}
          readOnly={frozen}
          placeholder={busy ? undefined : "not connected"}
          enterKeyHint={busy ? "send" : "go"}
          autoCapitalize="none"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
        />
      </label>
      <button
        type="submit"
        className="button main send"
        disabled={(!canSend || frozen) && !canCall}
      >
        {canCall ? "Connect" : <SendFace role={talk.role} />}
      </button>
      <p className="about field-note">
        {frozen ? "Your teacher has frozen typing" : `${bytes(length)} when sent`}
      </p>
    </form>
  );
}

/** A teacher has frozen typing: the line is kept, and takes no key. */
function useFrozen({ carrier }: Dialogue): boolean {
  return useValue(carrier, () => carrier.status.student?.frozen === true);
}

/** The arrow goes where the line will go. */
function SendFace({ role }: { role: Role }) {
  const turn = sends(role) === "in" ? "matrix(-1 0 0 1 26 0)" : undefined;
  return (
    <>
      Send
      <svg width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">
        <g transform={turn}>
          <path d="M0 6h16" stroke="currentColor" strokeWidth="2.5" />
          <path d="M14 1v10l11-5z" fill="currentColor" />
        </g>
      </svg>
    </>
  );
}
