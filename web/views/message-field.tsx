/** The phone's line: the same line as the terminal's, in a field the phone's keyboard knows. */
import type { FormEvent } from "react";
import type { Dialogue } from "../model/dialogue.ts";
import { bytes } from "../model/format.ts";
import type { TerminalPane } from "../terminal/terminal.ts";
import { useValue } from "./use-store.ts";

const encoder = new TextEncoder();

export function MessageField({ talk, pane }: { talk: Dialogue; pane: TerminalPane }) {
  const line = useValue(pane, () => pane.line);
  const canSend = useValue(talk, () => talk.canSend);
  const busy = useValue(talk, () => talk.busy);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // A line typed after the end stays, to be sent when there is a connection again.
    if (busy) pane.submit();
    else talk.again();
  };
  const ending = talk.lineEnding === "none" ? 0 : talk.lineEnding === "lf" ? 1 : 2;
  const length = line === "" ? 0 : encoder.encode(line).length + ending;
  return (
    <form className="field" onSubmit={submit} aria-label="Message">
      <label className="field-frame">
        <span>Enter message</span>
        <input
          className="data out"
          type="text"
          value={line}
          onChange={(event) => pane.setLine(event.target.value)}
          placeholder={busy ? undefined : "not connected"}
          enterKeyHint={busy ? "send" : "go"}
          autoCapitalize="none"
          autoComplete="off"
          autoCorrect="off"
          spellCheck={false}
        />
      </label>
      <button type="submit" className="button main send" disabled={busy && !canSend}>
        {busy ? <SendFace /> : "Connect"}
      </button>
      <p className="about field-note">{`${bytes(length)} when sent`}</p>
    </form>
  );
}

function SendFace() {
  return (
    <>
      Send
      <svg width="26" height="12" viewBox="0 0 26 12" aria-hidden="true">
        <path d="M0 6h16" stroke="currentColor" strokeWidth="2.5" />
        <path d="M14 1v10l11-5z" fill="currentColor" />
      </svg>
    </>
  );
}
